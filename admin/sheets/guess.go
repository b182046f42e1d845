package sheets

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// slipEvery is in how many letters one may be wrong.
const slipEvery = 5

// Guess tells what each header of a file means by the names that are known: as they are,
// and then with a slip or two. A header that means nothing has "".
func Guess(header []string, known map[string]string) []string {
	plain := map[string]string{}
	for name, meaning := range known {
		plain[plainName(name)] = meaning
	}
	guesses := make([]string, len(header))
	for i, name := range header {
		guesses[i] = plain[plainName(name)]
	}
	for i, name := range header {
		if guesses[i] == "" {
			guesses[i] = alike(plainName(name), plain, guesses)
		}
	}
	return guesses
}

// alike is what the nearest name means that no other header has; of two as near, neither.
func alike(header string, known map[string]string, taken []string) string {
	best, found := len(header), ""
	for name, meaning := range known {
		slips := min(utf8.RuneCountInString(header), utf8.RuneCountInString(name)) / slipEvery
		distance := levenshtein.ComputeDistance(header, name)
		switch {
		case distance > slips || distance > best || slices.Contains(taken, meaning):
		case distance == best && meaning != found:
			found = ""
		default:
			best, found = distance, meaning
		}
	}
	return found
}

// plainName is a header without what people write in many ways.
func plainName(name string) string {
	name = strings.NewReplacer("_", " ", "-", " ", ".", " ", "á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u").Replace(strings.ToLower(name))
	return strings.Join(strings.Fields(name), " ")
}
