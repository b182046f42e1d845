package backoffice

import (
	"strings"
	"testing"

	"digitalpath/admin"
)

func TestPartThatNobodySetStopsTheStartByName(t *testing.T) {
	b := &Backoffice{Site: &admin.Site{}}
	if err := b.Open([]string{"secret"}); err == nil || !strings.Contains(err.Error(), "Waitlist is not set; wire.go says who gets what") {
		t.Errorf("got %v", err)
	}
}
