package waitlist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

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
	"utm_content": "utm_content", "referrer": "referrer", "language": "language",
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

// CSVText is a file as UTF-8, which it is or else what Excel writes in western
// countries.
func CSVText(file []byte) ([]byte, error) {
	text, err := bytes.TrimPrefix(file, []byte("\ufeff")), error(nil)
	if !utf8.Valid(text) {
		text, err = charmap.Windows1252.NewDecoder().Bytes(text)
	}
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return nil, problem.Field("file", "This is not a CSV file.")
	}
	return text, nil
}

// parseCSV takes a CSV file apart: comma, semicolon or tab between the cells, the
// first line naming the columns.
func parseCSV(file []byte, now time.Time) (*parsedCSV, error) {
	text, err := CSVText(file)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes, reader.TrimLeadingSpace = delimiterOf(text), -1, true, true
	s := new(parsedCSV)
	var columns []string
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, problem.Field("file", "This is not a CSV file.")
		}
		line, _ := reader.FieldPos(0)
		if columns == nil {
			if columns = columnsOf(record); !slices.Contains(columns, "email") {
				return nil, problem.Field("file", "The first line must name the columns, and one of them must be email.")
			}
			s.header = record
			continue
		}
		if len(s.rows)+len(s.bad) == MaxImport {
			return nil, problem.Field("file", "A file may have at most %d rows. Split it.", MaxImport)
		}
		s.add(line, record, columns, now)
	}
	if columns == nil {
		return nil, problem.Field("file", "This is not a CSV file.")
	}
	return s, nil
}

func delimiterOf(text []byte) rune {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, candidate := range ",;\t" {
		if n := bytes.Count(first, []byte(string(candidate))); n > most {
			best, most = candidate, n
		}
	}
	return best
}

func columnsOf(header []string) []string {
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = importColumns[strings.ToLower(strings.TrimSpace(name))]
	}
	return columns
}

// add takes one row in, or sets it aside with what is wrong with it.
func (s *parsedCSV) add(line int, record, columns []string, now time.Time) {
	cells := map[string]string{}
	for i, cell := range record {
		if i < len(columns) && columns[i] != "" && cells[columns[i]] == "" {
			cells[columns[i]] = strings.TrimSpace(plainCell(cell))
		}
	}
	entry, err := entryOf(cells, now)
	if err == nil {
		err = models.Validate(entry)
	}
	if p, ok := problem.As(err); ok {
		s.bad = append(s.bad, BadRow{line, record, p})
		return
	}
	s.rows = append(s.rows, importRow{line, record, entry})
}

// plainCell takes away the apostrophe that an export put before what a spreadsheet
// would take for a formula.
func plainCell(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(cell[1])) {
		return cell[1:]
	}
	return cell
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
	if cells["created_at"] == "" {
		return entry, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly, "2006-01-02 15:04", "02/01/2006"} {
		if at, err := time.Parse(layout, cells["created_at"]); err == nil && !at.After(now) {
			entry.CreatedAt = at.UTC().Truncate(time.Microsecond)
			return entry, nil
		}
	}
	return nil, problem.Field("created_at", "Enter a past date such as 2026-11-23.")
}
