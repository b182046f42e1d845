package models

import (
	"time"
	"unicode"
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
