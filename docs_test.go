package main

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

var (
	namedTest   = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`")
	writtenTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w+)\(`)
)

// docs/security.md and docs/faults.md say which test holds what: a row whose test was
// renamed or deleted holds nothing.
func TestDocumentsNameTestsThatExist(t *testing.T) {
	var all []string
	for _, pkg := range ownPackages(t) {
		for _, file := range slices.Concat(pkg.TestGoFiles, pkg.XTestGoFiles) {
			text, err := os.ReadFile(pkg.Dir + "/" + file) // #nosec G304 -- our own tests
			if err != nil {
				t.Fatal(err)
			}
			for _, test := range writtenTest.FindAllStringSubmatch(string(text), -1) {
				all = append(all, test[1])
			}
		}
	}
	for _, name := range []string{"docs/security.md", "docs/faults.md"} {
		named := namedTest.FindAllStringSubmatch(readFile(t, name), -1)
		if len(named) < 20 {
			t.Errorf("%s names %d tests", name, len(named))
		}
		for _, test := range named {
			if !slices.Contains(all, test[1]) {
				t.Errorf("%s names %s, which is not there", name, test[1])
			}
		}
	}
}
