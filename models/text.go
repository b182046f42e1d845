package models

import "strings"

// Truncate cuts s to at most n characters.
func Truncate(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n])
	}
	return s
}

// SearchWords are the words of a search that count: at most 10, of its first 200
// characters.
func SearchWords(search string) []string {
	words := strings.Fields(Truncate(search, 200))
	return words[:min(len(words), 10)]
}
