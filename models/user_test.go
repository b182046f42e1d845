package models_test

import (
	"testing"

	"digitalpath/models"
)

func TestUsernameHoldsLettersDigitsAndFiveSigns(t *testing.T) {
	for name, good := range map[string]bool{
		"ann": true, "Ann.Lee@home+1-2_3": true, "Zoë": true, "安": true,
		"": false, "ann lee": false, "ann/lee": false, "ann\nlee": false, "ann\n": false, "ann%": false, "😀": false,
	} {
		if models.ValidUsername(name) != good {
			t.Errorf("%q: %v", name, !good)
		}
	}
	if got := models.NormalizeUsername("Ａｎｎ＠ｅｘ"); got != "Ann@ex" {
		t.Errorf("full width becomes %q", got)
	}
}
