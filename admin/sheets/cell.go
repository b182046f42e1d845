package sheets

import "regexp"

// CSVMark begins a CSV file: without it Excel reads UTF-8 as if it were Windows-1252.
const CSVMark = "\uFEFF"

// A formula is what a spreadsheet would run: at the beginning of a cell, and behind a
// semicolon, which is where a cell ends to an Excel whose decimals have a comma. Excel
// takes the wide signs for the others.
const formula = `('*[=+\-@\t\r＝＋－＠])`

var (
	plainFormula  = regexp.MustCompile(`(^|;)` + formula)
	quotedFormula = regexp.MustCompile(`(^|;)'` + formula)
)

// QuoteCell keeps a spreadsheet from taking what a visitor wrote for a formula, with an
// apostrophe before it. What looks as if it had one already gets another, so that
// PlainCell gives back every text as it was.
func QuoteCell(cell string) string { return plainFormula.ReplaceAllString(cell, "$1'$2") }

// PlainCell takes away what QuoteCell put into a cell.
func PlainCell(cell string) string { return quotedFormula.ReplaceAllString(cell, "$1$2") }
