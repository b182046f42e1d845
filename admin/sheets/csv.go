package sheets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"regexp"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// record is one line of a CSV file, or several where quotes hold line breaks.
type record struct {
	line   int // that it starts in, from 1
	cells  []string
	broken bool // the quotes don't match
}

// readCSV is Read of a CSV file.
func readCSV(file []byte) (*Sheet, error) {
	text, err := textOf(file)
	if err != nil {
		return nil, err
	}
	sheet := new(Sheet)
	for record := range records(text) {
		row := Row{Line: record.line, Cells: record.cells}
		if record.broken {
			row.Fault = errQuotes.Message.Format
		}
		if sheet.Header == nil && record.broken {
			return nil, errQuotes
		}
		if err := sheet.add(row); err != nil {
			return nil, err
		}
	}
	return sheet.whole()
}

// textOf is a file as UTF-8 with one kind of line end: from UTF-8 or UTF-16 with a
// mark at its start or not, or of Windows-1252.
func textOf(file []byte) ([]byte, error) {
	text, _, err := transform.Bytes(unicode.BOMOverride(unmarked(file).NewDecoder()), western(file))
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return nil, errNoSheet
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n")), nil
}

// unmarked is the encoding of a file without a mark: UTF-16 where every other byte of
// its first letters is none, else UTF-8.
func unmarked(file []byte) encoding.Encoding {
	switch {
	case len(file) > 3 && file[0] != 0 && file[1] == 0 && file[2] != 0 && file[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case len(file) > 3 && file[0] == 0 && file[1] != 0 && file[2] == 0 && file[3] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return encoding.Nop
}

// western makes lines UTF-8 that are none, and so of what Excel writes in western
// countries. A file may have both, put together from two.
func western(file []byte) []byte {
	if utf8.Valid(file) || unmarked(file) != encoding.Nop || bytes.HasPrefix(file, []byte("\xff\xfe")) || bytes.HasPrefix(file, []byte("\xfe\xff")) {
		return file
	}
	var text []byte
	for line := range bytes.Lines(file) {
		if !utf8.Valid(line) {
			line, _ = charmap.Windows1252.NewDecoder().Bytes(line) // which has a letter for every byte
		}
		text = append(text, line...)
	}
	return text
}

// sepLine is how a file tells Excel what is between its cells.
var sepLine = regexp.MustCompile(`(?i)\A"?sep=([,;|\t])"?\n`)

// records are the records of a CSV text with comma, semicolon or tab between the
// cells, or what a first line such as sep=| says. A quote within a cell that has none
// around it stands for itself. Where quotes don't match, the record is its first line
// alone and the next is read afresh, so that a quote which is never closed swallows
// no rows.
func records(text []byte) iter.Seq[record] {
	comma, above := delimiterOf(text), 0 // above: the lines before text
	if sep := sepLine.FindSubmatch(text); sep != nil {
		comma, above, text = rune(sep[1][0]), 1, text[len(sep[0]):]
	}
	return func(yield func(record) bool) {
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
			if !yield(record{line, cells, broken}) {
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

// CSV writes records with commas between the cells.
func CSV(records ...[]string) []byte {
	var text bytes.Buffer
	_ = csv.NewWriter(&text).WriteAll(records) // a buffer takes everything
	return text.Bytes()
}

// ParseCSV reads what CSV wrote, with or without a mark.
func ParseCSV(text []byte) ([][]string, error) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte(CSVMark))))
	reader.FieldsPerRecord = -1
	return reader.ReadAll()
}
