package models

import "strings"

// Truncate cuts s to at most n characters.
func Truncate(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n])
	}
	return s
}

// CSVMark begins a CSV file: without it Excel reads UTF-8 as if it were Windows-1252.
const CSVMark = "\uFEFF"

// formula is how a cell starts that a spreadsheet would run; Excel takes the wide signs
// for the others.
const formula = "=+-@\t\r＝＋－＠"

// QuoteCell keeps a spreadsheet from taking what a visitor wrote for a formula, with an
// apostrophe before it. What looks as if it had one already gets another, so that
// PlainCell gives back every text as it was.
func QuoteCell(cell string) string {
	if strings.IndexAny(strings.TrimLeft(cell, "'"), formula) == 0 {
		return "'" + cell
	}
	return cell
}

// PlainCell takes away what QuoteCell put before a cell.
func PlainCell(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && QuoteCell(rest) == cell {
		return rest
	}
	return cell
}
