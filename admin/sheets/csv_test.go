package sheets_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"digitalpath/admin/sheets"
	"digitalpath/problem"
)

// described is what a file came to: each row with its line, or why there are none.
func described(file string) string {
	sheet, err := sheets.Read([]byte(file))
	if p, ok := problem.As(err); ok {
		return "refused: " + p.Fields["file"][0].String()
	}
	if err != nil {
		return err.Error()
	}
	told := []string{strings.Join(sheet.Header, "|")}
	for _, row := range sheet.Rows {
		words := fmt.Sprintf("%d %s", row.Line, strings.Join(row.Cells, "|"))
		if row.Fault != "" {
			words = fmt.Sprintf("%d refused", row.Line)
		}
		told = append(told, words)
	}
	return strings.Join(told, "; ")
}

func TestFileIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	const none = "refused: This is neither a CSV file nor an Excel file (XLSX)."
	for _, file := range []struct{ what, text, want string }{
		{"commas", "email,first_name\nAnn@Example.com,Ann\n", "email|first_name; 2 Ann@Example.com|Ann"},
		{"semicolons and Windows' lines", "email;name\r\nann@example.com;Ann, the first\r\n", "email|name; 2 ann@example.com|Ann, the first"},
		{"tabs", "email\tcompany\nann@example.com\tAcme; Ltd\n", "email|company; 2 ann@example.com|Acme; Ltd"},
		{"tabs, with empty cells", "email\tfirst_name\tlast_name\nann@example.com\t\tSmith\n\tBob\t\n", "email|first_name|last_name; 2 ann@example.com||Smith; 3 |Bob|"},
		{"a mark at the start", "\ufeffNombre;Correo Electrónico\nJosé;jose@example.com\n", "Nombre|Correo Electrónico; 2 José|jose@example.com"},
		{"Windows-1252", "email;first_name\njose@example.com;Jos\xe9\n", "email|first_name; 2 jose@example.com|José"},
		{"UTF-16, little end first", utf16(unicode.LittleEndian, "email\tname\r\njose@example.com\tJos\u00e9\r\n"), "email|name; 2 jose@example.com|José"},
		{"UTF-16, big end first", utf16(unicode.BigEndian, "email;name\njose@example.com;José\n"), "email|name; 2 jose@example.com|José"},
		{"UTF-16 without a mark", utf16(unicode.LittleEndian, "email,name\njose@example.com,José\n")[2:], "email|name; 2 jose@example.com|José"},
		{"the other one", utf16(unicode.BigEndian, "email,name\njose@example.com,José\n")[2:], "email|name; 2 jose@example.com|José"},
		{"half a letter of it", utf16(unicode.LittleEndian, "email,name\njose@example.com,José\n")[2:] + "x", "email|name; 2 jose@example.com|José; 3 \ufffd"},
		{"missing cells", "id,email,company\n7,ann@example.com\n", "id|email|company; 2 7|ann@example.com"},
		{"a line break in quotes: lines are the file's", "email,message\nann,\"one\ntwo\"\nbob,three\n", "email|message; 2 ann|one\ntwo; 4 bob|three"},
		{"lines of the old Mac", "email,name\rann,Ann\rbob,Bob", "email|name; 2 ann|Ann; 3 bob|Bob"},
		{"lines of several kinds", "email,name\r\nann,Ann\rbob,Bob\n", "email|name; 2 ann|Ann; 3 bob|Bob"},
		{"sep=", "sep=;\nemail;company\nann;Acme, Ltd, and, sons\n", "email|company; 3 ann|Acme, Ltd, and, sons"},
		{"sep= with a mark at the start", "\ufeff\"sep=|\"\r\nemail|company\r\nann|Acme\r\n", "email|company; 3 ann|Acme"},
		{"blank lines before the columns", "\n\nemail;company\nann;Acme, Ltd\n", "email|company; 4 ann|Acme, Ltd"},
		{"blank rows", "email;company\n;;;\nann;Acme\n ; \n", "email|company; 3 ann|Acme"},
		{"a quote within a cell", "email,company\nann,5\" pipes\nbob,\"The \"\"Co\"\"\"\n", "email|company; 2 ann|5\" pipes; 3 bob|The \"Co\""},
		{"a quote that is never closed", "email,message\nann,\"one\nbob,two\ncy,three\n", "email|message; 2 refused; 3 bob|two; 4 cy|three"},
		{"one that another row's quote would close", "email,message\nann,\"one\nbob,\"two\"\ncy,three\n", "email|message; 2 refused; 3 bob|two; 4 cy|three"},
		{"more cells than columns", "email,company\nann,Acme,, \nbob,Acme, Ltd\n", "email|company; 2 ann|Acme; 3 refused"},
		{"lines of two encodings", "email,name\nann,José\nbob,Jos\xe9\n", "email|name; 2 ann|José; 3 bob|José"},
		{"columns behind marks and odd spaces", "\ufeff\ufeffemail\u00a0,\ufeffname\nann,Ann\n", "email|name; 2 ann|Ann"},
		{"the header alone", "email\n", "email"},
		{"nothing", "", none}, {"a NUL", "email\na\x00@example.com\n", none},
		{"a mark alone", "\ufeff", none}, {"UTF-32", "e\x00\x00\x00m\x00\x00\x00", none}, {"a picture", "\x89PNG\r\n\x1a\n\x00\x00", none},
		{"sep= alone", "sep=;\n", none}, {"columns in broken quotes", "email,\"name\nann,Ann\n", "refused: The quotes of this row do not match."},
		{"very many columns", strings.Repeat("a,", 200) + "a\n", "refused: A file may have at most 200 columns."},
	} {
		if got := described(file.text); got != file.want {
			t.Errorf("%s:\n%q, want\n%q", file.what, got, file.want)
		}
	}
}

// utf16 is text in UTF-16 behind a mark.
func utf16(order unicode.Endianness, text string) string {
	encoded, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return encoded
}

func TestFileOfTooManyRowsIsRefusedWhole(t *testing.T) {
	rows := strings.Repeat("ann@example.com\n", sheets.MaxRows)
	if got := described("email\n" + rows); strings.Count(got, ";") != sheets.MaxRows {
		t.Errorf("the most rows: %.80s", got)
	}
	if got := described("email\n" + rows + "nobody\n"); got != fmt.Sprintf("refused: A file may have at most %d rows. Split it.", sheets.MaxRows) {
		t.Errorf("one more: %.80s", got)
	}
}

func TestHeadersAreGuessedByWhatTheyAreAlike(t *testing.T) {
	known := map[string]string{"first_name": "first_name", "Nombre": "first_name", "email": "email", "Correo electrónico": "email", "status": "status", "due_date": "due_date"}
	for header, want := range map[string]string{
		"First Name|E-MAIL|Status": "first_name|email|status", "nombre|CORREO ELECTRONICO": "first_name|email", "Frist name|emial": "first_name|", "Firstname|Emails": "first_name|email",
		"Duedate|Statuses|note": "due_date||", "email|email": "email|email", "emails|email": "|email", "": "",
	} {
		if got := strings.Join(sheets.Guess(strings.Split(header, "|"), known), "|"); got != want {
			t.Errorf("%s is guessed as %s, want %s", header, got, want)
		}
	}
}
