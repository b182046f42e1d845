package sheets_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"digitalpath/admin/sheets"
	"digitalpath/problem"
)

// wantSheet holds that a file is a bounded table of text, or a problem for people.
func wantSheet(t *testing.T, file []byte) {
	t.Helper()
	sheet, err := sheets.Read(file)
	if err != nil {
		if _, forPeople := errors.AsType[*problem.Problem](err); !forPeople {
			t.Fatalf("not a sentence for people: %v", err)
		}
		return
	}
	if len(sheet.Header) == 0 || len(sheet.Rows) > sheets.MaxRows {
		t.Fatalf("%d columns, %d rows", len(sheet.Header), len(sheet.Rows))
	}
	last := 0
	for _, row := range sheet.Rows {
		if row.Line <= last {
			t.Fatalf("line %d follows line %d", row.Line, last)
		}
		last = row.Line
		if row.Fault == "" && len(row.Cells) > len(sheet.Header) {
			t.Fatalf("line %d has %d cells under %d names", row.Line, len(row.Cells), len(sheet.Header))
		}
		if text := strings.Join(row.Cells, ""); !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			t.Fatalf("line %d is no text: %q", row.Line, text)
		}
		sheets.Cells(sheet.Header, row.Cells)
	}
	sheets.Guess(sheet.Header, map[string]string{"name": "name", "e-mail": "email"})
}

func FuzzCSV(f *testing.F) {
	for _, text := range []string{
		"name,email\nAda,ada@example.com\n", "sep=;\r\na;b\r\n\"x\r\ny\";=1+1\r\n", "a\tb\n\tc\n", "a,b\n\"never closed,1\nnext,2\n", "\ufeffa\rb\r", "\xff\xfea\x00\n\x00b\x00", "caf\xe9\n\xe9\n", "a\n\x00",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if !bytes.HasPrefix(file, []byte("PK")) {
			wantSheet(t, file)
		}
	})
}

// What is written is read again as it was.
func FuzzWrittenCSV(f *testing.F) {
	f.Add("name", "=1+1", "two\nlines, \"quoted\"")
	f.Add("", "\t", "'")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		records := [][]string{{"x" + a, b, c}, {"x", c, a}}
		text := sheets.CSV(records...)
		if strings.Contains(a+b+c, "\r") {
			return // the reader of Go makes one kind of line end of them
		}
		read, err := sheets.ParseCSV(text)
		if err != nil || !slices.EqualFunc(read, records, slices.Equal) {
			t.Errorf("%q is read as %q: %v", records, read, err)
		}
	})
}

func FuzzXLSX(f *testing.F) {
	columns := []sheets.Column{{"name", sheets.Text}, {"price", sheets.Number}, {"day", sheets.Date}}
	x, err := sheets.NewXLSX(columns)
	if err != nil {
		f.Fatal(err)
	}
	var file bytes.Buffer
	err = x.Add([]string{"'=1+1", "12.5", "2026-11-30"})
	if _, writeErr := x.WriteTo(&file); err != nil || writeErr != nil {
		f.Fatal(err, writeErr)
	}
	f.Add([]byte("<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c></row></sheetData></worksheet>"), true)
	f.Add([]byte("<worksheet><sheetData><row r=\"1048577\"><c r=\"XFE1\" t=\"s\"><v>-1</v></c></row></sheetData></worksheet>"), true)
	f.Add(file.Bytes(), false)
	f.Fuzz(func(t *testing.T, text []byte, isSheet bool) {
		if isSheet { // put where a checksum of the archive would keep the fuzzer out
			text = withSheet(t, file.Bytes(), text)
		}
		wantSheet(t, append([]byte("PK\x03\x04"), bytes.TrimPrefix(text, []byte("PK\x03\x04"))...))
	})
}

// withSheet is a workbook with another text of its first sheet.
func withSheet(t *testing.T, workbook, text []byte) []byte {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	to := zip.NewWriter(&file)
	for _, part := range from.File {
		if part.Name != "xl/worksheets/sheet1.xml" {
			err = errors.Join(err, to.Copy(part))
		}
	}
	part, createErr := to.Create("xl/worksheets/sheet1.xml")
	if err = errors.Join(err, createErr); err != nil {
		t.Fatal(err)
	}
	_, err = part.Write(text)
	if err = errors.Join(err, to.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
