package waitlist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"regexp"
)

// csvRecord is one line of a CSV file, or several where quotes hold line breaks.
type csvRecord struct {
	line   int // that it starts in, from 1
	cells  []string
	broken bool // the quotes don't match
}

// sepLine is how a file tells Excel what is between its cells.
var sepLine = regexp.MustCompile(`(?i)\A"?sep=([,;|\t])"?\n`)

// csvRecords are the records of a CSV text with comma, semicolon or tab between the
// cells, or what a first line such as sep=| says. A quote within a cell that has none
// around it stands for itself. Where quotes don't match, the record is its first line
// alone and the next is read afresh, so that a quote which is never closed swallows
// no rows.
func csvRecords(text []byte) iter.Seq[csvRecord] {
	comma, above := delimiterOf(text), 0 // above: the lines before text
	if sep := sepLine.FindSubmatch(text); sep != nil {
		comma, above, text = rune(sep[1][0]), 1, text[len(sep[0]):]
	}
	return func(yield func(csvRecord) bool) {
		reader := newReader(text, comma)
		for {
			start := reader.InputOffset()
			cells, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			line, broken := 0, false
			if fault, ok := errors.AsType[*csv.ParseError](err); ok {
				first, rest, _ := bytes.Cut(bytes.TrimLeft(text[start:], "\n"), []byte("\n"))
				lazy := newReader(first, comma)
				lazy.LazyQuotes = true
				cells, _ = lazy.Read() // a lazy reader takes every line
				above += fault.StartLine
				line, broken = above, !errors.Is(err, csv.ErrBareQuote) || fault.Line != fault.StartLine
				text, reader = rest, newReader(rest, comma)
			} else {
				line, _ = reader.FieldPos(0)
				line += above
			}
			if !yield(csvRecord{line, cells, broken}) {
				return
			}
		}
	}
}

func newReader(text []byte, comma rune) *csv.Reader {
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma, reader.FieldsPerRecord = comma, -1
	reader.TrimLeadingSpace = comma != '\t' // a tab is a space too, and an empty cell would be trimmed away
	return reader
}

func delimiterOf(text []byte) rune {
	first, _, _ := bytes.Cut(bytes.TrimLeft(text, "\n"), []byte("\n"))
	best, most := ',', 0
	for _, candidate := range ",;\t" {
		if n := bytes.Count(first, []byte(string(candidate))); n > most {
			best, most = candidate, n
		}
	}
	return best
}
