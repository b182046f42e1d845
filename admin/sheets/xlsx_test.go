package sheets_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"digitalpath/admin/sheets"
)

func workbook(t *testing.T, columns []sheets.Column, rows ...[]string) []byte {
	t.Helper()
	x, err := sheets.NewXLSX(columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := x.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if _, err := x.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestWorkbookIsReadAsItWasWritten(t *testing.T) {
	columns := []sheets.Column{{"name", sheets.Text}, {"price", sheets.Number}, {"ready", sheets.Bool}, {"day", sheets.Date}, {"at", sheets.Time}, {"id", sheets.Number}}
	rows := [][]string{
		{"'=1+1", "1234.56", "true", "2026-11-30", "2026-11-30T14:05:09Z", "7"},
		{"''=quoted", "-0.1", "false", "1999-12-31", "2026-03-29T00:30:00Z", "900719925474099312"},
		{"007", "0", "", "", "", ""},
		{"two\nlines", "1.1", "true", "0099-01-01", "2026-01-01T00:00:01Z", "123456789012345"},
	}
	file := workbook(t, columns, rows...)
	sheet, err := sheets.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range sheet.Rows {
		want := strings.NewReplacer("T", " ", "Z", "").Replace(strings.Join(rows[i], "|"))
		want = strings.TrimRight(want, "|")
		if got := strings.Join(row.Cells, "|"); got != want || row.Line != i+2 {
			t.Errorf("line %d is read as %q, want %q", row.Line, got, want)
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "C2": excelize.CellTypeBool, "D2": excelize.CellTypeUnset, "F3": excelize.CellTypeInlineString} {
		if got, err := book.GetCellType("Sheet1", cell); err != nil || got != want {
			t.Errorf("%s is of the type %v (%v)", cell, got, err)
		}
	}
	if formula, err := book.GetCellFormula("Sheet1", "A2"); err != nil || formula != "" {
		t.Errorf("a formula: %q (%v)", formula, err)
	}
	if panes, err := book.GetPanes("Sheet1"); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header is not frozen: %+v (%v)", panes, err)
	}
}

// What Excel makes of a day hangs on the format of its cell.
func TestDaysOfAWorkbookAreReadByTheirFormat(t *testing.T) {
	book := excelize.NewFile()
	for i, format := range []string{"", "m/d/yy", "dd/mm/yyyy", "d-mmm-yy", "#,##0.00", "0%", "hh:mm"} {
		cell := "B" + strconv.Itoa(i+2)
		style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if format == "" {
			style, err = book.NewStyle(&excelize.Style{NumFmt: 14})
		}
		if err != nil || book.SetCellValue("Sheet1", cell, 46356.5) != nil || book.SetCellStyle("Sheet1", cell, cell, style) != nil || book.SetCellValue("Sheet1", "A"+strconv.Itoa(i+2), format) != nil {
			t.Fatal(err)
		}
	}
	_ = book.SetCellValue("Sheet1", "A1", "format")
	_ = book.SetCellValue("Sheet1", "B1", "value")
	file, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := sheets.Read(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range sheet.Rows {
		want := "2026-11-30 12:00:00"
		if strings.ContainsAny(row.Cells[0], "#%") {
			want = "46356.5"
		}
		if row.Cells[1] != want {
			t.Errorf("%q is read as %s", row.Cells[0], row.Cells[1])
		}
	}
}

func TestWhatIsNoSheetIsRefused(t *testing.T) {
	for _, file := range []string{"PK\x03\x04", "PK\x03\x04garbage of a zip file", "", "a\x00b"} {
		if _, err := sheets.Read([]byte(file)); err == nil || !strings.Contains(err.Error(), "neither a CSV file nor an Excel file") {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// A long export must not take the program's memory.
func TestLongWorkbookIsWrittenInLittleMemory(t *testing.T) {
	columns := make([]sheets.Column, 12)
	cells := make([]string, len(columns))
	for i := range columns {
		columns[i] = sheets.Column{Name: fmt.Sprint("column ", i), Type: sheets.Type(i % 3)}
		cells[i] = []string{"some words of a row that is not short", "1234.5", "true"}[i%3]
	}
	x, err := sheets.NewXLSX(columns)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = x.Close() }()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	started := time.Now()
	most := uint64(0)
	for i := range 100_000 {
		if err := x.Add(cells); err != nil {
			t.Fatal(err)
		}
		if i%10_000 == 0 {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	if _, err := x.WriteTo(io.Discard); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&now)
	most = max(most, now.HeapAlloc) - min(before.HeapAlloc, most)
	t.Logf("%d MB more, in %s", most>>20, time.Since(started))
	if most > 100<<20 {
		t.Errorf("100,000 rows took %d MB", most>>20)
	}
}

// Excel cuts what is longer than its cells can be: what was exported so must not replace
// the whole.
func TestCutOffCellOfAWorkbookIsRefused(t *testing.T) {
	for text, fault := range map[string]bool{strings.Repeat("é", 40_000): true, strings.Repeat("😀", 20_000): true, strings.Repeat("é", 32_765): false} {
		sheet, err := sheets.Read(workbook(t, []sheets.Column{{"name", sheets.Text}}, []string{text}))
		if err != nil || len(sheet.Rows) != 1 || (sheet.Rows[0].Fault != "") != fault {
			t.Errorf("%d letters: %+v (%v)", len([]rune(text)), len(sheet.Rows), err)
		}
	}
}
