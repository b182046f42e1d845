// Package sheets reads tables from the files that people upload, as spreadsheets write
// them, and writes those that they download: CSV and XLSX.
package sheets

import (
	"bytes"
	"strings"

	"digitalpath/problem"
)

// MaxRows is how many rows a file may have that is read, and maxColumns how many columns.
const (
	MaxRows    = 50_000
	maxColumns = 200
)

// What is wrong with a file, or a row of it.
var (
	errNoSheet = problem.Field("file", "This is neither a CSV file nor an Excel file (XLSX).")
	errQuotes  = problem.Field("file", "The quotes of this row do not match.")
	errLong    = problem.Field("file", "This row has more cells than the first line names. Put quotes around a cell with a comma in it.")
	errCut     = problem.Field("file", "A cell of this row is as long as Excel lets one be: its end may be missing. Take a CSV file.")
)

// Sheet is a table: its first line that is not blank names the columns.
type Sheet struct {
	Header []string
	Rows   []Row
}

// Row is one line of a table, or several where a cell holds line breaks.
type Row struct {
	Line  int // that it starts in, from 1
	Cells []string
	Fault string `json:",omitempty"` // why it cannot be read: an English sentence
}

// Read takes a CSV or XLSX file apart. Text that a spreadsheet could take for a formula
// has the quote that QuoteCell puts before it. The error is a problem of the field
// file.
func Read(file []byte) (*Sheet, error) {
	if bytes.HasPrefix(file, []byte("PK\x03\x04")) {
		return readXLSX(file)
	}
	return readCSV(file)
}

// add takes the next row of the file; a blank one is none.
func (s *Sheet) add(row Row) error {
	if strings.TrimSpace(strings.Join(row.Cells, "")) == "" {
		return nil
	}
	switch {
	case s.Header == nil && len(row.Cells) > maxColumns:
		return problem.Field("file", "A file may have at most %d columns.", maxColumns)
	case s.Header == nil:
		for i, name := range row.Cells {
			row.Cells[i] = strings.Trim(name, " \t\u00a0\ufeff")
		}
		s.Header = row.Cells
		return nil
	case len(s.Rows) == MaxRows:
		return problem.Field("file", "A file may have at most %d rows. Split it.", MaxRows)
	}
	if width := len(s.Header); len(row.Cells) > width {
		if row.Fault == "" && strings.TrimSpace(strings.Join(row.Cells[width:], "")) != "" {
			row.Fault = errLong.Message.Format
		}
		if row.Fault == "" {
			row.Cells = row.Cells[:width]
		}
	}
	s.Rows = append(s.Rows, row)
	return nil
}

// whole refuses a file without a line.
func (s *Sheet) whole() (*Sheet, error) {
	if s.Header == nil {
		return nil, errNoSheet
	}
	return s, nil
}

// Cells are those of a row by the columns that they are, one name or several for each
// cell: what several share is cut at its spaces. Of several cells for a column the first
// that says something counts.
func Cells(columns, row []string) map[string]string {
	cells := map[string]string{}
	for i, names := range columns {
		cell := ""
		if i < len(row) {
			cell = strings.TrimSpace(row[i])
		}
		parts := strings.Fields(names)
		for j, name := range parts {
			part := cell
			if j < len(parts)-1 {
				part, cell, _ = strings.Cut(cell, " ")
			}
			if cells[name] == "" {
				cells[name] = strings.TrimSpace(part)
			}
		}
	}
	return cells
}
