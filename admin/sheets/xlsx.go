package sheets

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"digitalpath/models"
)

const (
	// maxUnpacked bounds what an uploaded file may unpack to, in bytes.
	maxUnpacked = 64 << 20
	// maxDigits is how many digits of a number Excel keeps.
	maxDigits = 15
	// widest is how wide a column is made, in characters.
	widest = 60
)

// dated tells a number that is shown as a day or a time of day.
var dated = regexp.MustCompile(`^\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3,})[-/. ]\d{2,4}|\d:\d\d|[A-Za-z]{3,}.*\d{4}`)

// readXLSX reads the first sheet. Numbers come as they are stored, whatever their format
// shows of them, but for days, which are told by it.
func readXLSX(file []byte) (*Sheet, error) {
	options := excelize.Options{UnzipSizeLimit: maxUnpacked, ShortDatePattern: "yyyy-mm-dd"}
	book, err := excelize.OpenReader(bytes.NewReader(file), options)
	if err != nil {
		return nil, errNoSheet
	}
	defer func() { _ = book.Close() }() // it was only read
	stored, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return nil, errNoSheet
	}
	shown, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return nil, errNoSheet
	}
	sheet := new(Sheet)
	for line := 1; stored.Next() && shown.Next(); line++ {
		raw, err := stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, errNoSheet
		}
		words, err := shown.Columns(options)
		if err != nil {
			return nil, errNoSheet
		}
		row := Row{Line: line, Cells: raw}
		for i := range raw {
			if len(utf16.Encode([]rune(raw[i]))) >= excelize.TotalCellChars-1 { // where it may end within a letter
				row.Fault = errCut.Message.Format
			}
			if i < len(words) {
				raw[i] = cellText(raw[i], words[i])
			}
		}
		if err := sheet.add(row); err != nil {
			return nil, err
		}
	}
	if stored.Error() != nil || shown.Error() != nil {
		return nil, errNoSheet
	}
	return sheet.whole()
}

// cellText is a cell by what is stored and what is shown of it.
func cellText(raw, shown string) string {
	number, err := strconv.ParseFloat(raw, 64)
	switch {
	case shown == "TRUE" || shown == "FALSE":
		return strings.ToLower(shown)
	case err != nil:
		return QuoteCell(strings.ReplaceAll(raw, "\r\n", "\n"))
	case raw != shown && dated.MatchString(shown):
		at, err := excelize.ExcelDateToTime(number, false)
		if err != nil {
			return shown
		}
		if at = at.Round(time.Second); at.Equal(models.StartOfDay(at)) {
			return at.Format(time.DateOnly)
		}
		return at.Format(time.DateTime)
	case len(raw) > maxDigits && strings.ContainsAny(raw, ".E"): // 1.1 is stored as 1.1000000000000001
		number, _ = strconv.ParseFloat(strconv.FormatFloat(number, 'g', maxDigits, 64), 64)
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return raw
}

// Type is what the cells of a column are to Excel.
type Type int

// The types of columns.
const (
	Text Type = iota
	Number
	Bool
	Date // 2026-11-30
	Time // RFC 3339
)

// Column is a column of a file that is written.
type Column struct {
	Name string
	Type Type
}

// XLSX writes a workbook row by row. What grows beyond some megabytes is kept in a
// temporary file until Close.
type XLSX struct {
	book    *excelize.File
	stream  *excelize.StreamWriter
	columns []Column
	styles  map[Type]int
	row     int
}

// NewXLSX begins a workbook of one sheet, whose first row names the columns and stays in
// sight.
func NewXLSX(columns []Column) (*XLSX, error) {
	x := &XLSX{book: excelize.NewFile(), columns: columns, styles: map[Type]int{}}
	day, moment := "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
	bold, err := x.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	for kind, style := range map[Type]*excelize.Style{Date: {CustomNumFmt: &day}, Time: {CustomNumFmt: &moment}} {
		if err == nil {
			x.styles[kind], err = x.book.NewStyle(style)
		}
	}
	if err == nil {
		x.stream, err = x.book.NewStreamWriter(x.book.GetSheetName(0))
	}
	head := make([]any, len(columns))
	for i, c := range columns {
		head[i] = excelize.Cell{StyleID: bold, Value: c.Name}
		if err == nil {
			err = x.stream.SetColWidth(i+1, i+1, float64(max(12, min(len(c.Name)+4, widest))))
		}
	}
	if err == nil {
		err = x.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	}
	if err == nil {
		err = x.setRow(head)
	}
	if err != nil {
		return nil, fmt.Errorf("begin workbook: %w", err)
	}
	return x, nil
}

// Add writes a row of cells as a CSV file has them.
func (x *XLSX) Add(cells []string) error {
	row := make([]any, len(cells))
	for i, cell := range cells {
		row[i] = x.value(x.columns[i].Type, PlainCell(cell))
	}
	return x.setRow(row)
}

func (x *XLSX) setRow(row []any) error {
	x.row++
	if err := x.stream.SetRow("A"+strconv.Itoa(x.row), row); err != nil {
		return fmt.Errorf("write row of workbook: %w", err)
	}
	return nil
}

// value is a cell of that type; what is none, or not exactly, stays text, which Excel
// takes for no formula.
func (x *XLSX) value(kind Type, cell string) any {
	switch kind {
	case Number:
		if n, err := strconv.ParseFloat(cell, 64); err == nil && len(strings.Trim(cell, "-.0")) <= maxDigits {
			return n
		}
	case Bool:
		if b, err := strconv.ParseBool(cell); err == nil {
			return b
		}
	case Date, Time:
		layout := map[Type]string{Date: time.DateOnly, Time: time.RFC3339}[kind]
		if at, err := time.Parse(layout, cell); err == nil && at.Year() >= 1901 { // Excel knows no earlier days
			return excelize.Cell{StyleID: x.styles[kind], Value: at.UTC()}
		}
	}
	if cell == "" {
		return nil
	}
	return cell
}

// WriteTo writes the workbook, once all its rows are in.
func (x *XLSX) WriteTo(w io.Writer) (int64, error) {
	if err := x.stream.Flush(); err != nil {
		return 0, fmt.Errorf("finish workbook: %w", err)
	}
	return x.book.WriteTo(w)
}

// Close lets go of the temporary file.
func (x *XLSX) Close() error { return x.book.Close() }
