package waitlist

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"digitalpath/models"
	"digitalpath/problem"
)

// MaxImport is how many rows one file may have.
const MaxImport = 50_000

// importColumns are the columns that an import reads, by the names that files give
// them; others are left out.
var importColumns = map[string]string{
	"email": "email", "e-mail": "email", "email address": "email", "mail": "email", "correo": "email",
	"correo electrónico": "email", "first_name": "first_name", "first name": "first_name", "nombre": "first_name",
	"last_name": "last_name", "last name": "last_name", "apellido": "last_name", "apellidos": "last_name",
	"name": "name", "full name": "name", "nombre completo": "name",
	"company": "company", "organization": "company", "empresa": "company",
	"description": "description", "message": "description", "descripción": "description",
	"utm_source": "utm_source", "utm_medium": "utm_medium", "utm_campaign": "utm_campaign", "utm_term": "utm_term",
	"utm_content": "utm_content", "referrer": "referrer", "language": "language", "is_spam": "is_spam",
	"created_at": "created_at", "timestamp": "created_at", "joined": "created_at", "date": "created_at", "fecha": "created_at",
}

// BadRow is a row of a file that cannot be taken in.
type BadRow struct {
	Line   int // of the file, from 1
	Record []string
	Why    *problem.Problem
}

// parsedCSV is a file taken apart.
type parsedCSV struct {
	header []string // as the file has it
	rows   []importRow
	bad    []BadRow
}

// importRow is one good row.
type importRow struct {
	line   int
	record []string
	entry  *models.WaitlistEntry
}

// CSVText is a file as UTF-8 with one kind of line end: from UTF-8 or UTF-16 with a
// mark at its start or not, or of Windows-1252.
func CSVText(file []byte) ([]byte, error) {
	text, _, err := transform.Bytes(unicode.BOMOverride(unmarked(file).NewDecoder()), western(file))
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return nil, problem.Field("file", "This is not a CSV file.")
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

// parseCSV takes a CSV file apart: the first line names the columns. Every other one
// ends in rows or in bad. Times without a zone are those of now's.
func parseCSV(file []byte, now time.Time) (*parsedCSV, error) {
	text, err := CSVText(file)
	if err != nil {
		return nil, err
	}
	s := new(parsedCSV)
	var columns []string
	for record := range csvRecords(text) {
		if columns == nil {
			if record.broken {
				return nil, errQuotes
			}
			if columns = columnsOf(record.cells); !slices.Contains(columns, "email") {
				return nil, problem.Field("file", "The first line must name the columns, and one of them must be email.")
			}
			s.header = record.cells
			continue
		}
		if len(s.rows)+len(s.bad) == MaxImport {
			return nil, problem.Field("file", "A file may have at most %d rows. Split it.", MaxImport)
		}
		entry, err := record.entry(columns, now)
		if p, ok := problem.As(err); ok {
			s.bad = append(s.bad, BadRow{record.line, record.cells, p})
			continue
		}
		if err != nil {
			return nil, err
		}
		s.rows = append(s.rows, importRow{record.line, record.cells, entry})
	}
	if columns == nil {
		return nil, problem.Field("file", "This is not a CSV file.")
	}
	return s, nil
}

func columnsOf(header []string) []string {
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = importColumns[strings.ToLower(strings.Trim(name, " \t\u00a0\ufeff"))]
	}
	return columns
}

var errQuotes = problem.Field("file", "The quotes of this row do not match.")

// entry is what a record says, or a problem.
func (r csvRecord) entry(columns []string, now time.Time) (*models.WaitlistEntry, error) {
	if r.broken {
		return nil, errQuotes
	}
	cells := map[string]string{}
	for i, cell := range r.cells {
		cell = strings.TrimSpace(models.PlainCell(cell))
		switch {
		case i >= len(columns):
			if cell != "" {
				return nil, problem.Field("file", "This row has more cells than the first line names. Put quotes around a cell with a comma in it.")
			}
		case columns[i] == "" || cells[columns[i]] != "":
		case columns[i] != "description" && strings.Contains(cell, "\n"): // the quotes may have swallowed rows
			return nil, problem.Field(columns[i], "This must be one line. Look for a missing quote.")
		default:
			cells[columns[i]] = cell
		}
	}
	entry, err := entryOf(cells, now)
	if err != nil {
		return nil, err
	}
	return entry, models.Validate(entry)
}

// spamWords are what Excel, Django, psql and people write for yes and no.
var spamWords = map[string]bool{
	"true": true, "1": true, "t": true, "yes": true, "sí": true, "verdadero": true,
	"": false, "false": false, "0": false, "f": false, "no": false, "falso": false,
}

func entryOf(cells map[string]string, now time.Time) (*models.WaitlistEntry, error) {
	if name := cells["name"]; name != "" && cells["first_name"]+cells["last_name"] == "" {
		cells["first_name"], cells["last_name"], _ = strings.Cut(name, " ")
	}
	entry := Input{
		Email: cells["email"], FirstName: cells["first_name"], LastName: cells["last_name"], Company: cells["company"],
		Description: cells["description"], UTMSource: cells["utm_source"], UTMMedium: cells["utm_medium"],
		UTMCampaign: cells["utm_campaign"], UTMTerm: cells["utm_term"], UTMContent: cells["utm_content"], Referrer: cells["referrer"],
	}.entry(now)
	if language := strings.ToLower(cells["language"]); language == "en" || language == "es" {
		entry.Language = language
	}
	spam, known := spamWords[strings.ToLower(cells["is_spam"])]
	if !known {
		return nil, problem.Field("is_spam", "Enter true or false.")
	}
	entry.IsSpam = spam
	if cells["created_at"] == "" {
		return entry, nil
	}
	at, ok := timeOf(cells["created_at"], now.Location())
	if !ok || at.After(now) || at.Year() < 1970 {
		return nil, problem.Field("created_at", "Enter a past date such as 2026-11-23.")
	}
	entry.CreatedAt = at.UTC().Truncate(time.Microsecond)
	return entry, nil
}

// timeOf reads a time as RFC 3339, Django, Python's isoformat, psql, our mails and
// spreadsheets write it.
func timeOf(cell string, zone *time.Location) (time.Time, bool) {
	if utc, ok := strings.CutSuffix(cell, " UTC"); ok {
		cell = utc + "Z"
	}
	cell = strings.Replace(cell, " ", "T", 1)
	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05",
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.DateOnly,
		"2/1/2006T15:04:05", "2/1/2006T15:04", "2/1/2006",
	} {
		if at, err := time.ParseInLocation(layout, cell, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
