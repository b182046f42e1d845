package djangoimport

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"digitalpath/models"
)

// row is one row of the source. What does not fit is made to fit, and noted.
type row struct {
	at     map[string]int
	values []any
	notes  []string
}

func (r *row) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// value is nil for a column that is null or missing.
func (r *row) value(column string) any {
	i, ok := r.at[column]
	if !ok {
		return nil
	}
	if bytes, ok := r.values[i].([]byte); ok {
		return string(bytes)
	}
	return r.values[i]
}

// text is a text of at most so many characters, all of which every engine keeps; 0: any
// number.
func (r *row) text(column string, most int) string {
	var s string
	switch v := r.value(column).(type) {
	case nil:
		return ""
	case string:
		s = v
	case time.Time:
		s = v.UTC().Format(time.RFC3339Nano)
	default:
		s = fmt.Sprint(v)
	}
	clean := strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if clean != s {
		r.note("%s: characters that no text may hold were taken out", column)
	}
	if most > 0 {
		if cut := models.Truncate(clean, most); cut != clean {
			r.note("%s: cut to its first %d characters", column, most)
			return cut
		}
	}
	return clean
}

func (r *row) id(column string) int64 {
	switch v := r.value(column).(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		if err == nil {
			return n
		}
	}
	return 0
}

// number is a whole number from least to most; what lies beyond is moved to the nearer
// end.
func (r *row) number(column string, least, most int64) int {
	n := r.id(column)
	if fits := max(least, min(n, most)); fits != n {
		r.note("%s: %d is not between %d and %d, so it is %d", column, n, least, most, fits)
		return int(fits)
	}
	return int(n)
}

func (r *row) count(column string) int { return r.number(column, 0, math.MaxInt32) }

func (r *row) bool(column string) bool {
	switch v := r.value(column).(type) {
	case bool:
		return v
	case string:
		return v == "t" || v == "true" || v == "1" || v == "True"
	}
	return r.id(column) != 0
}

// naive are the spellings of times in SQLite; without a zone they are UTC.
var naive = []string{"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02"}

// time is zero where there is none.
func (r *row) time(column string) time.Time {
	switch v := r.value(column).(type) {
	case time.Time:
		return v.UTC().Truncate(time.Microsecond)
	case string:
		for _, layout := range naive {
			if at, err := time.Parse(layout, v); err == nil {
				return at.UTC().Truncate(time.Microsecond)
			}
		}
		if v != "" {
			r.note("%s: %q is no time", column, models.Truncate(v, 40))
		}
	}
	return time.Time{}
}

// timeOr is the time of the first column that has one, else the standard.
func (r *row) timeOr(standard time.Time, columns ...string) time.Time {
	for _, column := range columns {
		if at := r.time(column); !at.IsZero() {
			return at
		}
	}
	r.note("%s: missing, so it is the time of the import", columns[0])
	return standard
}

// json reads a column of JSON, which is text in SQLite and was text in old tables.
func (r *row) json(column string, into any) bool {
	switch v := r.value(column).(type) {
	case nil:
		return false
	case string:
		var text string // old tables of allauth: JSON in a text in JSON
		if json.Unmarshal([]byte(v), &text) == nil {
			v = text
		}
		return json.Unmarshal([]byte(v), into) == nil
	default:
		encoded, err := json.Marshal(v)
		return err == nil && json.Unmarshal(encoded, into) == nil
	}
}
