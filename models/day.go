package models

import (
	"database/sql/driver"
	"fmt"
	"sync"
	"time"
	"unicode"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// TimeZone finds a zone of the IANA's database by a name that browsers and PostgreSQL
// know too, such as Europe/Madrid.
func TimeZone(name string) (zone *time.Location, ok bool) {
	if name == "" || !unicode.IsUpper(rune(name[0])) || name == "Local" || name == "Factory" {
		return nil, false // posix/UTC and localtime are files of some machines
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// StartOfDay is when t's day began, in t's zone.
func StartOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// DayOf is the day of a time column in a zone, as time.DateOnly.
func DayOf(db bun.IDB, column string, zone *time.Location) schema.QueryWithArgs {
	if IsPostgres(db) {
		return bun.SafeQuery("to_char(? AT TIME ZONE ?, 'YYYY-MM-DD')", bun.Ident(column), zone.String())
	}
	return bun.SafeQuery("day_in_zone(?, ?)", bun.Ident(column), zone.String())
}

// zones are those that dayInZone has met: it is called for every row.
var zones sync.Map

// dayInZone is DayOf for SQLite, which knows no zones.
func dayInZone(args []driver.Value) (driver.Value, error) {
	text, _ := args[0].(string)
	name, _ := args[1].(string)
	zone, known := zones.Load(name)
	if !known {
		loaded, ok := TimeZone(name)
		if !ok {
			return nil, fmt.Errorf("there is no time zone %q", name)
		}
		zone, _ = zones.LoadOrStore(name, loaded)
	}
	at, err := time.Parse("2006-01-02 15:04:05Z07:00", text)
	if err != nil {
		return nil, fmt.Errorf("read the time of a day: %w", err)
	}
	return at.In(zone.(*time.Location)).Format(time.DateOnly), nil
}
