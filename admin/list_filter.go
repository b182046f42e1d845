package admin

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"digitalpath/models"
	"digitalpath/views/i18n"
)

// cond is one condition of a WHERE clause; columns are qualified with the table's
// alias.
type cond struct {
	sql  string
	args []any
}

// choice is one value of a filter.
type choice struct {
	value, label string
	where        cond
	text         string // what a form holds for it; empty: many things
	alarm        bool   // rows with it need somebody
}

// picked is a filter with the choice that applies: -1 is All.
type picked struct {
	column    *column
	choices   []choice
	known     []models.Choice // what the declaration lists
	index     int
	byDefault string // the value that applies while the URL names none; empty for All
	err       error
}

// allValue turns a default off.
const allValue = "all"

// pick reads a filter's value; one that the filter does not know counts as none.
func (r *resource) pick(ctx context.Context, now time.Time, c *column, params url.Values) picked {
	p := picked{column: c, byDefault: r.defaults[c.name]}
	p.known, p.err = c.known(ctx)
	for _, o := range c.Kind.Filter(ctx, &c.Column, now, p.known) {
		p.choices = append(p.choices, choice{o.Value, o.Label, cond{o.Where, o.Args}, o.Text, o.Alarm})
	}
	p.index = p.find(params.Get(c.name))
	if p.index < 0 && params.Get(c.name) != allValue {
		p.index = p.find(p.byDefault)
	}
	return p
}

func (p picked) find(value string) int {
	return slices.IndexFunc(p.choices, func(c choice) bool { return c.value == value })
}

// value is what the URL says for this pick; empty where it need not say anything.
func (p picked) value() string {
	switch {
	case !p.active():
		return ""
	case p.index < 0:
		return allValue
	}
	return p.choices[p.index].value
}

// active tells whether the pick differs from what the bare list shows.
func (p picked) active() bool { return p.index != p.find(p.byDefault) }

// where is the pick's condition. All of a default filter names every value, because
// the indexes start with its column.
func (p picked) where() []cond {
	if p.index >= 0 {
		return []cond{p.choices[p.index].where}
	}
	if p.byDefault != "" {
		return []cond{{p.column.SQL + " IN (FALSE, TRUE)", nil}}
	}
	return nil
}

// excludes tells whether no row that the pick leaves has value, as a form spells it.
func (p picked) excludes(value string) bool {
	if p.index < 0 {
		return false
	}
	chosen := p.choices[p.index].text
	return chosen != "" && chosen != value
}

// known are the values that the declaration lists for the column.
func (c *column) known(ctx context.Context) ([]models.Choice, error) {
	if c.options == nil {
		return nil, nil
	}
	choices, err := c.options(ctx)
	if err != nil {
		return nil, fmt.Errorf("choices of %s: %w", c.name, err)
	}
	return choices, nil
}

// drill is the date drill-down: a year, a month of it, a day of that; 0 where open.
type drill struct{ year, month, day int }

func drillNames(c *column) [3]string {
	return [3]string{c.name + "__year", c.name + "__month", c.name + "__day"}
}

// readDrill stops at the first part that is not a date.
func readDrill(c *column, params url.Values) drill {
	var d drill
	names := drillNames(c)
	bounds := [3]int{9999, 12, 31}
	for i, part := range []*int{&d.year, &d.month, &d.day} {
		n, err := strconv.Atoi(params.Get(names[i]))
		if err != nil || n < 1 || n > bounds[i] {
			break
		}
		*part = n
	}
	if time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC).Day() != d.day {
		d.day = 0 // 31 February
	}
	return d
}

// span is the time that the drill-down leaves.
func (d drill) span(zone *time.Location) (from, to time.Time) {
	from = time.Date(d.year, time.Month(max(d.month, 1)), max(d.day, 1), 0, 0, 0, 0, zone)
	switch {
	case d.day > 0:
		return from, from.AddDate(0, 0, 1)
	case d.month > 0:
		return from, from.AddDate(0, 1, 0)
	}
	return from, from.AddDate(1, 0, 0)
}

// below lists the next finer dates that touch the time from oldest to newest,
// newest first. Finer than a day there is nothing.
func (d drill) below(oldest, newest time.Time) []drill {
	var all []drill
	switch {
	case d.day > 0:
	case d.month > 0:
		for day := 31; day > 0; day-- {
			all = append(all, drill{d.year, d.month, day})
		}
	case d.year > 0:
		for month := 12; month > 0; month-- {
			all = append(all, drill{d.year, month, 0})
		}
	default:
		for year := newest.Year(); year >= max(oldest.Year(), newest.Year()-30); year-- {
			all = append(all, drill{year, 0, 0})
		}
	}
	return slices.DeleteFunc(all, func(d drill) bool {
		from, to := d.span(oldest.Location())
		return from.After(newest) || !to.After(oldest) || (d.day > 0 && from.Day() != d.day)
	})
}

// up is the drill-down without its finest part.
func (d drill) up() drill {
	switch {
	case d.day > 0:
		return drill{d.year, d.month, 0}
	case d.month > 0:
		return drill{year: d.year}
	}
	return drill{}
}

// label names the finest part.
func (d drill) label(ctx context.Context) string {
	switch {
	case d.day > 0:
		return i18n.Day(ctx, time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC))
	case d.month > 0:
		return i18n.T(ctx, time.Month(d.month).String())
	case d.year > 0:
		return strconv.Itoa(d.year)
	}
	return i18n.T(ctx, "All dates")
}
