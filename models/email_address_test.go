package models_test

import (
	"strings"
	"testing"

	"digitalpath/models"
)

func TestAddressIsStoredInOneSpelling(t *testing.T) {
	for typed, stored := range map[string]string{
		" Ann.Lee@Example.COM\t": "ann.lee@example.com", "ann+news@example.com": "ann+news@example.com", "\u00a0ann@example.com": "ann@example.com", "": "",
		"ana@españa.es": "ana@xn--espaa-rta.es", "ANA@ESPAÑA.es": "ana@xn--espaa-rta.es", "Ana@XN--ESPAA-RTA.ES": "ana@xn--espaa-rta.es",
		"ana@espan\u0303a.es": "ana@xn--espaa-rta.es", "bob@ｅxample.com": "bob@example.com", "bob@example。com": "bob@example.com", "bob@exam\u00adple.com": "bob@example.com",
		"Zoë@example.com": "zoë@example.com", "jo@straße.de": "jo@xn--strae-oqa.de",
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
		"zoë@example.com":               true, "ana@españa.es": true, "ana@xn--espaa-rta.es": true, "用户@example.com": true,
		"mia\u200b@example.com": false, "mia\u00ad@example.com": false, "mia\ufe0f@example.com": false, "mia\u3164@example.com": false, "mia\u2800@example.com": false,
		"mia\u202e@example.com": false, "mia\u00a0lee@example.com": false, "mia\u034f@example.com": false,
		"ａｎｎ@example.com": false, "ann＠example.com": false, "zoe\u0308@example.com": false, "ﬁn@example.com": false,
		"\u212aann@example.com": false, "\u0130ann@example.com": false, "ſam@example.com": false, // which become k, i and s
		"ann@-example.com": false, "ann@xn--a.com": false, "ann@exa\u202emple.com": false,
	} {
		if models.IsEmail(models.NormalizeEmail(address)) != good {
			t.Errorf("%q: %v", address, !good)
		}
	}
}

func TestAddressIsShownAsPeopleWriteIt(t *testing.T) {
	for stored, shown := range map[string]string{
		"ana@xn--espaa-rta.es": "ana@españa.es", "ann@example.com": "ann@example.com", "nobody": "nobody", "ann@xn--a.com": "ann@xn--a.com",
	} {
		if got := models.DisplayEmail(stored); got != shown {
			t.Errorf("%q is shown as %q, want %q", stored, got, shown)
		}
	}
}
