package models

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold is what searches compare: a text without case and accents. PostgreSQL's
// search_fold does the same, and SQLite's is this.
func Fold(s string) string {
	if len(s) == utf8.RuneCountInString(s) {
		return strings.ToLower(s) // ASCII
	}
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f { // combining diacritical marks
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// MaxSearch is how many characters of a search count.
const MaxSearch = 200

// SearchWords are the words of a search that count, at most 10. Every one must be found.
func SearchWords(search string) []string {
	words := strings.Fields(Truncate(search, MaxSearch))
	return words[:min(len(words), 10)]
}

// TrigramPhrase is a word of a search as SQLite's full-text tables are asked for it. Not
// every word can be: they know three characters in a row, and fold Latin letters alone.
func TrigramPhrase(word string) (phrase string, ok bool) {
	folded := Fold(word)
	latin := !strings.ContainsFunc(folded, func(r rune) bool { return r > 0x24f })
	return `"` + strings.ReplaceAll(folded, `"`, `""`) + `"`, latin && utf8.RuneCountInString(folded) >= 3
}

var escapeLike = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Like is the LIKE pattern, escaped by \, of what holds a text.
func Like(text string) string { return "%" + escapeLike.Replace(text) + "%" }

// Contains is the condition that a word of a search, whose characters stand for
// themselves, is in one of the columns.
func Contains(word string, columns ...string) (sql string, args []any) {
	either := make([]string, len(columns))
	for i, column := range columns {
		either[i] = "search_fold(" + column + `) LIKE ? ESCAPE '\'`
		args = append(args, Like(Fold(word)))
	}
	return "(" + strings.Join(either, " OR ") + ")", args
}
