package djangoimport

import "testing"

func TestRowThatIsNotAccountedForStopsTheImport(t *testing.T) {
	for _, test := range []struct {
		imported int
		good     bool
	}{{2, false}, {3, true}, {4, false}} {
		ledger, err := newLedger(nil)
		if err != nil {
			t.Fatal(err)
		}
		ledger.open("auth_user", 5)
		ledger.add("auth_user", Imported, test.imported)
		ledger.add("auth_user", Present, 1)
		if err := ledger.tell("auth_user", 7, LeftOut, "one reason", "another"); err != nil {
			t.Fatal(err)
		}
		if err := ledger.check(); (err == nil) != test.good {
			t.Errorf("%d imported, 1 there already and 1 left out of 5: %v", test.imported, err)
		}
	}
}
