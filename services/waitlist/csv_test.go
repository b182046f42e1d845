package waitlist

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

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
		{"tabs, with empty cells", "email\tfirst_name\tlast_name\nann@example.com\t\tSmith\n\tBob\t\n", "2 ann@example.com||Smith||||26-11-23 12:00; 3 bad email"},
		{"lines of the old Mac", "email,first_name\rann@example.com,Ann\rbob@example.com,Bob", "2 ann@example.com|Ann|||||26-11-23 12:00; 3 bob@example.com|Bob|||||26-11-23 12:00"},
		{"lines of several kinds", "email,first_name\r\nann@example.com,Ann\rbob@example.com,Bob\n", "2 ann@example.com|Ann|||||26-11-23 12:00; 3 bob@example.com|Bob|||||26-11-23 12:00"},
		{"UTF-16, little end first", utf16(unicode.LittleEndian, "email\tfirst_name\r\njose@example.com\tJos\u00e9\r\n"), "2 jose@example.com|José|||||26-11-23 12:00"},
		{"UTF-16, big end first", utf16(unicode.BigEndian, "email;first_name\njose@example.com;José\n"), "2 jose@example.com|José|||||26-11-23 12:00"},
		{"UTF-16 without a mark", utf16(unicode.LittleEndian, "email,first_name\njose@example.com,José\n")[2:], "2 jose@example.com|José|||||26-11-23 12:00"},
		{"the other one", utf16(unicode.BigEndian, "email,first_name\njose@example.com,José\n")[2:], "2 jose@example.com|José|||||26-11-23 12:00"},
		{"half a letter of it", utf16(unicode.LittleEndian, "email,first_name\njose@example.com,José\n")[2:] + "x", "2 jose@example.com|José|||||26-11-23 12:00; 3 bad email"},
		{"sep=", "sep=;\nemail;company\nann@example.com;Acme, Ltd, and, sons\n", "3 ann@example.com|||Acme, Ltd, and, sons|||26-11-23 12:00"},
		{"sep= with a mark at the start", "\ufeff\"sep=|\"\r\nemail|company\r\nann@example.com|Acme\r\n", "3 ann@example.com|||Acme|||26-11-23 12:00"},
		{"blank lines before the columns", "\n\nemail;company\nann@example.com;Acme, Ltd\n", "4 ann@example.com|||Acme, Ltd|||26-11-23 12:00"},
		{"columns of one name", "email,email,company,company\nann@example.com,,,Acme\n", "2 ann@example.com|||Acme|||26-11-23 12:00"},
		{"a quote within a cell", "email,company\nann@example.com,5\" pipes\nbob@example.com,\"The \"\"Co\"\"\"\n", "2 ann@example.com|||5\" pipes|||26-11-23 12:00; 3 bob@example.com|||The \"Co\"|||26-11-23 12:00"},
		{"a quote that is never closed", "email,message\nann@example.com,\"one\nbob@example.com,two\ncy@example.com,three\n",
			"3 bob@example.com||||two||26-11-23 12:00; 4 cy@example.com||||three||26-11-23 12:00; 2 bad file"},
		{"one that another row's quote would close", "email,message\nann@example.com,\"one\nbob@example.com,\"two\"\ncy@example.com,three\n",
			"3 bob@example.com||||two||26-11-23 12:00; 4 cy@example.com||||three||26-11-23 12:00; 2 bad file"},
		{"quotes around several rows", "email,company\nann@example.com,\"Acme\nbob@example.com,\"\ncy@example.com,\n", "4 cy@example.com||||||26-11-23 12:00; 2 bad company"},
		{"more cells than columns", "email,company\nann@example.com,Acme,, \nbob@example.com,Acme, Ltd\n", "2 ann@example.com|||Acme|||26-11-23 12:00; 3 bad file"},
		{"bad rows beside good ones", "email,date\nnobody,\nann@example.com,\nbob@example.com,tomorrow\ncy@example.com,2027-01-01\n",
			"3 ann@example.com||||||26-11-23 12:00; 2 bad email; 4 bad created_at; 5 bad created_at"},
		{"lines of two encodings", "email,first_name\nann@example.com,José\nbob@example.com,Jos\xe9\n", "2 ann@example.com|José|||||26-11-23 12:00; 3 bob@example.com|José|||||26-11-23 12:00"},
		{"columns behind marks and odd spaces", "\ufeff\ufeffemail\u00a0,\ufefffirst_name\nann@example.com,Ann\n", "2 ann@example.com|Ann|||||26-11-23 12:00"},
		{"years before there were lists", "email,date\nann@example.com,0000-01-01\nbob@example.com,0001-01-01\ncy@example.com,1969-12-31\n", "2 bad created_at; 3 bad created_at; 4 bad created_at"},
		{"spam that is neither", "email,is_spam\nann@example.com,perhaps\nbob@example.com,FALSO\n", "3 bob@example.com||||||26-11-23 12:00; 2 bad is_spam"},
		{"the header alone", "email\n", ""},
		{"nothing", "", none}, {"a NUL", "email\na\x00@example.com\n", none},
		{"a mark alone", "\ufeff", none}, {"UTF-32", "e\x00\x00\x00m\x00\x00\x00", none}, {"a picture", "\x89PNG\r\n\x1a\n\x00\x00", none},
		{"sep= alone", "sep=;\n", none}, {"columns in broken quotes", "email,\"name\nann@example.com,Ann\n", "refused: The quotes of this row do not match."},
		{"no address", "first_name\nAnn\n", noEmail}, {"no header", "ann@example.com,Ann\n", noEmail},
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

func TestTimesAreReadAsProgramsWriteThem(t *testing.T) {
	zone := time.FixedZone("Madrid", 3600)
	for written, want := range map[string]string{
		"2026-01-02T03:04:05.678901+00:00": "03:04:05.678901", // Python's isoformat
		"2026-01-02T03:04:05.678901":       "02:04:05.678901",
		"2026-01-02 03:04:05.678901+00:00": "03:04:05.678901", // Django, str
		"2026-01-02T03:04:05.678Z":         "03:04:05.678",    // Django, JSON
		"2026-01-02 03:04:05.678901+00":    "03:04:05.678901", // psql
		"2026-01-02 03:04:05-05":           "08:04:05",
		"2026-01-02 03:04:05+05:30":        "2026-01-01 21:34:05",
		"2026-01-02 03:04:05+0000":         "03:04:05",
		"2026-01-02 03:04:05 UTC":          "03:04:05", // our mails
		"2026-01-02 03:04":                 "02:04:00",
		"2026-01-02T03:04Z":                "03:04:00",
		"02/01/2026 03:04:05":              "02:04:05", // Excel
		"2/1/2026 3:04":                    "02:04:00",
		"2026-01-02":                       "2026-01-01 23:00:00",
		"2026-02-30":                       "none", "02-01-2026": "none", "yesterday": "none", "2026": "none",
	} {
		got := "none"
		if at, ok := timeOf(written, zone); ok {
			got = strings.TrimPrefix(at.UTC().Format("2006-01-02 15:04:05.999999"), "2026-01-02 ")
		}
		if got != want {
			t.Errorf("%s is read as %s, want %s", written, got, want)
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

func TestSpamIsReadAsProgramsWriteIt(t *testing.T) {
	for written, spam := range map[string]bool{"true": true, "TRUE": true, "1": true, "t": true, "Yes": true, "Sí": true, "f": false, "0": false, "No": false, "": false} {
		parsed, err := parseCSV([]byte("email,is_spam\nann@example.com,"+written+"\n"), today)
		if err != nil || len(parsed.rows) != 1 || parsed.rows[0].entry.IsSpam != spam {
			t.Errorf("%q: %+v, %v", written, parsed, err)
		}
	}
}
