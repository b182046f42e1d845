package models_test

import (
	"strings"
	"testing"

	"digitalpath/models"
)

func TestAddressIsStoredInOneSpelling(t *testing.T) {
	for typed, stored := range map[string]string{
		" Ann.Lee@Example.COM\t": "ann.lee@example.com", "ann+news@example.com": "ann+news@example.com", "\u00a0ann@example.com": "ann@example.com", "": "",
	} {
		if got := models.NormalizeEmail(typed); got != stored {
			t.Errorf("%q is stored as %q, want %q", typed, got, stored)
		}
	}
}

func TestAddressIsOneThatMailCanGoTo(t *testing.T) {
	long := strings.Repeat("a", 60) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "com"
	for address, good := range map[string]bool{
		"ann@example.com": true, "a.b+c@sub.example.co": true, "o'brien@example.com": true, long: true,
		"": false, "ann": false, "ann@": false, "@example.com": false, "ann@@example.com": false, "ann lee@example.com": false,
		"ann@example.com,eve@example.com": false, "ann@example.com\nBcc: eve@example.com": false, "Ann <ann@example.com>": false,
		long + strings.Repeat("m", 254): false,
	} {
		if models.IsEmail(address) != good {
			t.Errorf("%q: %v", address, !good)
		}
	}
}

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
