package listing

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"digitalpath/admin/kinds"
	"digitalpath/views/i18n"
)

// Drill is the date drill-down: a year, a month of it, a day of that; 0 where open.
type Drill struct{ Year, Month, Day int }

// DrillNames are the parameters of a drill-down by a column.
func DrillNames(c *kinds.Column) [3]string {
	return [3]string{c.Field.Name + "__year", c.Field.Name + "__month", c.Field.Name + "__day"}
}

// ReadDrill stops at the first part that is not a date.
func ReadDrill(c *kinds.Column, params url.Values) Drill {
	var d Drill
	names := DrillNames(c)
	bounds := [3]int{9999, 12, 31}
	for i, part := range []*int{&d.Year, &d.Month, &d.Day} {
		n, err := strconv.Atoi(params.Get(names[i]))
		if err != nil || n < 1 || n > bounds[i] {
			break
		}
		*part = n
	}
	if time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC).Day() != d.Day {
		d.Day = 0 // 31 February
	}
	return d
}

// Set writes the drill-down into params, over what they said.
func (d Drill) Set(c *kinds.Column, params url.Values) {
	for i, name := range DrillNames(c) {
		params.Del(name)
		if n := [3]int{d.Year, d.Month, d.Day}[i]; n > 0 {
			params.Set(name, strconv.Itoa(n))
		}
	}
}

// Span is the time that the drill-down leaves.
func (d Drill) Span(zone *time.Location) (from, to time.Time) {
	from = time.Date(d.Year, time.Month(max(d.Month, 1)), max(d.Day, 1), 0, 0, 0, 0, zone)
	switch {
	case d.Day > 0:
		return from, from.AddDate(0, 0, 1)
	case d.Month > 0:
		return from, from.AddDate(0, 1, 0)
	}
	return from, from.AddDate(1, 0, 0)
}

// Below lists the next finer dates that touch the time from oldest to newest,
// newest first. Finer than a day there is nothing.
func (d Drill) Below(oldest, newest time.Time) []Drill {
	var all []Drill
	switch {
	case d.Day > 0:
	case d.Month > 0:
		for day := 31; day > 0; day-- {
			all = append(all, Drill{d.Year, d.Month, day})
		}
	case d.Year > 0:
		for month := 12; month > 0; month-- {
			all = append(all, Drill{d.Year, month, 0})
		}
	default:
		for year := newest.Year(); year >= max(oldest.Year(), newest.Year()-30); year-- {
			all = append(all, Drill{year, 0, 0})
		}
	}
	return slices.DeleteFunc(all, func(d Drill) bool {
		from, to := d.Span(oldest.Location())
		return from.After(newest) || !to.After(oldest) || (d.Day > 0 && from.Day() != d.Day)
	})
}

// Up is the drill-down without its finest part.
func (d Drill) Up() Drill {
	switch {
	case d.Day > 0:
		return Drill{d.Year, d.Month, 0}
	case d.Month > 0:
		return Drill{Year: d.Year}
	}
	return Drill{}
}

// Label names the finest part.
func (d Drill) Label(ctx context.Context) string {
	switch {
	case d.Day > 0:
		return i18n.Day(ctx, time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC))
	case d.Month > 0:
		return i18n.T(ctx, time.Month(d.Month).String())
	case d.Year > 0:
		return strconv.Itoa(d.Year)
	}
	return i18n.T(ctx, "All dates")
}
