package kinds

import (
	"slices"
	"strings"
	"time"

	"digitalpath/models"
)

// readWall takes what a clock shows, as controls and people write it, for a time in UTC.
func readWall(text string) (time.Time, bool) {
	for _, layout := range []string{toTheMinute, "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
			return t, true
		}
	}
	return time.Time{}, false
}

// readZoned takes what a clock shows with the name of its zone.
func readZoned(text string) (wall time.Time, zone *time.Location, ok bool) {
	i := strings.LastIndexByte(text, ' ')
	if zone, ok = models.TimeZone(text[i+1:]); !ok || i < 0 {
		return wall, nil, false
	}
	wall, ok = readWall(text[:i])
	return wall, zone, ok
}

// instants are the times at which a zone's clocks show wall: none in the hour that they
// skip in spring, two in that of autumn, else one.
func instants(wall time.Time, zone *time.Location) []time.Time {
	var found []time.Time
	for _, day := range []int{-1, 1} {
		_, offset := wall.AddDate(0, 0, day).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if _, shown := at.In(zone).Zone(); shown == offset && !slices.ContainsFunc(found, at.Equal) {
			found = append(found, at)
		}
	}
	return found
}

// readTime takes what controls, exports and people write.
func readTime(text string) (time.Time, bool) {
	if wall, zone, ok := readZoned(text); ok {
		if at := instants(wall, zone); len(at) > 0 {
			return at[0], true
		}
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil && t.Year() > 0 {
		return t.UTC(), true
	}
	return readWall(text)
}

func readCell(cell string) (time.Time, bool) {
	if utc, ok := strings.CutSuffix(cell, " UTC"); ok {
		cell = utc + "Z"
	}
	cell = strings.Replace(cell, " ", "T", 1)
	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05",
		"2006-01-02T15:04Z07:00", toTheMinute, time.DateOnly, "2/1/2006T15:04:05", "2/1/2006T15:04", "2/1/2006",
	} {
		if t, err := time.Parse(layout, cell); err == nil && t.Year() > 0 {
			return t.UTC().Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}
