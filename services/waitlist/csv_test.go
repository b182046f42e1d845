package waitlist

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"digitalpath/problem"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// described is what a file came to: each good row, each bad one with its line, or why
// there are none.
func described(file string) string {
	parsed, err := parseCSV([]byte(file), today)
	if p, ok := problem.As(err); ok {
		return "refused: " + p.Fields["file"][0].String()
	}
	if err != nil {
		return err.Error()
	}
	var told []string
	for _, row := range parsed.rows {
		e := row.entry
		told = append(told, fmt.Sprintf("%d %s", row.line, strings.Join([]string{e.Email, e.FirstName, e.LastName, e.Company, e.Description, e.Language, e.CreatedAt.Format("06-01-02 15:04")}, "|")))
	}
	for _, bad := range parsed.bad {
		for field := range bad.Why.Fields {
			told = append(told, fmt.Sprintf("%d bad %s", bad.Line, field))
		}
	}
	return strings.Join(told, "; ")
}

func TestFileIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	const none, noEmail = "refused: This is not a CSV file.", "refused: The first line must name the columns, and one of them must be email."
	for _, file := range []struct{ what, text, want string }{
		{"commas", "email,first_name\nAnn@Example.com,Ann\n", "2 ann@example.com|Ann|||||26-11-23 12:00"},
		{"semicolons and Windows' lines", "email;first_name\r\nann@example.com;Ann, the first\r\n", "2 ann@example.com|Ann, the first|||||26-11-23 12:00"},
		{"tabs", "email\tcompany\nann@example.com\tAcme; Ltd\n", "2 ann@example.com|||Acme; Ltd|||26-11-23 12:00"},
		{"a mark at the start, Spanish names", "\ufeffNombre;Apellidos;Correo Electrónico;Empresa\nJosé;Díaz;jose@example.com;Ñandú\n", "2 jose@example.com|José|Díaz|Ñandú|||26-11-23 12:00"},
		{"Windows-1252", "email;first_name\njose@example.com;Jos\xe9\n", "2 jose@example.com|José|||||26-11-23 12:00"},
		{"one column for the name", "name,email\nAnn van Lee,ann@example.com\n", "2 ann@example.com|Ann|van Lee||||26-11-23 12:00"},
		{"unknown columns, missing cells", "id,email,company\n7,ann@example.com\n", "2 ann@example.com||||||26-11-23 12:00"},
		{"of two columns of one meaning the first that says something", "mail,e-mail\n,ann@example.com\nbob@example.com,\n", "2 ann@example.com||||||26-11-23 12:00; 3 bob@example.com||||||26-11-23 12:00"},
		{"a line break in quotes: lines are the file's", "email,message\nann@example.com,\"one\ntwo\"\nbob@example.com,three\n", "2 ann@example.com||||one\ntwo||26-11-23 12:00; 4 bob@example.com||||three||26-11-23 12:00"},
		{"what an export had put before a formula", "email,company\nann@example.com,'=1+1\nbob@example.com,'tis\n", "2 ann@example.com|||=1+1|||26-11-23 12:00; 3 bob@example.com|||'tis|||26-11-23 12:00"},
		{"languages that there are", "email,language\nann@example.com,ES\nbob@example.com,fr\n", "2 ann@example.com|||||es|26-11-23 12:00; 3 bob@example.com||||||26-11-23 12:00"},
		{"dates of four kinds", "email,date\na@example.com,2026-01-02\nb@example.com,2026-01-02 03:04\nc@example.com,31/01/2026\nd@example.com,2026-01-02T03:04:05+01:00\n",
			"2 a@example.com||||||26-01-02 00:00; 3 b@example.com||||||26-01-02 03:04; 4 c@example.com||||||26-01-31 00:00; 5 d@example.com||||||26-01-02 02:04"},
		{"bad rows beside good ones", "email,date\nnobody,\nann@example.com,\nbob@example.com,tomorrow\ncy@example.com,2027-01-01\n",
			"3 ann@example.com||||||26-11-23 12:00; 2 bad email; 4 bad created_at; 5 bad created_at"},
		{"the header alone", "email\n", ""},
		{"nothing", "", none}, {"a NUL", "email\na\x00@example.com\n", none},
		{"no address", "first_name\nAnn\n", noEmail}, {"no header", "ann@example.com,Ann\n", noEmail},
	} {
		if got := described(file.text); got != file.want {
			t.Errorf("%s:\n%q, want\n%q", file.what, got, file.want)
		}
	}
}

func TestFileOfTooManyRowsIsRefusedWhole(t *testing.T) {
	rows := strings.Repeat("ann@example.com\n", MaxImport)
	if got := described("email\n" + rows); strings.Count(got, ";") != MaxImport-1 {
		t.Errorf("the most rows: %.80s", got)
	}
	if got := described("email\n" + rows + "nobody\n"); got != fmt.Sprintf("refused: A file may have at most %d rows. Split it.", MaxImport) {
		t.Errorf("one more: %.80s", got)
	}
}
