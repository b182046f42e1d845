package models_test

import (
	"strings"
	"testing"
	"unicode"

	"digitalpath/models"
)

// An address that is taken is one line, the same when it is normalised again and
// still an address, so that no look-alike of a stored one passes for another.
func FuzzAddress(f *testing.F) {
	for _, address := range []string{"", "a@b", "Ann@Example.COM", "ann@b\u00fccher.example", "ann@xn--bcher-kva.example", "\uff41nn@example.com", "a@b.c\r\nBcc: x@y.z", "\"a b\"@example.com", "ann@stra\u00dfe.example", "\u212aate@example.com", "a@\u3002", strings.Repeat("a", 300) + "@b.example"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		normal := models.NormalizeEmail(address)
		if again := models.NormalizeEmail(normal); again != normal {
			t.Errorf("%q is %q and then %q", address, normal, again)
		}
		models.DisplayEmail(address)
		if models.IsEmail(normal) && (strings.ContainsFunc(normal, unicode.IsControl) || len([]rune(normal)) > 254 || !strings.Contains(normal, "@")) {
			t.Errorf("%q is taken for an address", normal)
		}
	})
}
