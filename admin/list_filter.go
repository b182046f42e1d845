package admin

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"digitalpath/models"
	"digitalpath/views/adminpages"
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
	alarm        bool // rows with it need somebody
}

// picked is a filter with the choice that applies: -1 is All.
type picked struct {
	column    *column
	choices   []choice
	index     int
	byDefault string // the value that applies while the URL names none; empty for All
	err       error
}

// allValue turns a default off.
const allValue = "all"

// pick reads a filter's value; one that the filter does not know counts as none.
func (r *resource) pick(ctx context.Context, now time.Time, c *column, params url.Values) picked {
	p := picked{column: c, byDefault: r.defaults[c.name]}
	p.choices, p.err = c.filterChoices(ctx, now)
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
		return []cond{{p.column.sql + " IN (FALSE, TRUE)", nil}}
	}
	return nil
}

// excludes tells whether no row that the pick leaves has value, as a form spells it.
func (p picked) excludes(value string) bool {
	if p.index < 0 {
		return false
	}
	chosen := p.choices[p.index].value
	if p.column.kind == adminpages.CellBool {
		chosen = strconv.FormatBool(chosen == "1")
	}
	return chosen != value
}

// filterChoices lists a filter's values besides All.
func (c *column) filterChoices(ctx context.Context, now time.Time) ([]choice, error) {
	switch c.kind {
	case adminpages.CellBool:
		return []choice{
			{value: "1", label: i18n.T(ctx, "Yes"), where: cond{c.sql + " = TRUE", nil}},
			{value: "0", label: i18n.T(ctx, "No"), where: cond{c.sql + " = FALSE", nil}},
		}, nil
	case adminpages.CellTime:
		return c.dateChoices(ctx, now), nil
	}
	known := c.choices
	if c.options != nil {
		var err error
		if known, err = c.options(ctx); err != nil {
			return nil, fmt.Errorf("choices of %s: %w", c.name, err)
		}
	}
	var all []choice
	for _, v := range known {
		all = append(all, choice{v.Value, i18n.T(ctx, v.Label), cond{c.sql + " = ?", []any{v.Value}}, v.Tone == models.ToneNegative})
	}
	return all, nil
}

// labelIn is what choices call a value; one that they don't know stays as it is.
func labelIn(choices []choice, value string) string {
	for _, c := range choices {
		if c.value == value {
			return c.label
		}
	}
	return value
}

// dateChoices are Django's date filters.
func (c *column) dateChoices(ctx context.Context, now time.Time) []choice {
	today := models.StartOfDay(now)
	month := today.AddDate(0, 0, 1-today.Day())
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, now.Location())
	all := []choice{
		{value: "today", label: i18n.T(ctx, "Today"), where: c.between(today, today.AddDate(0, 0, 1))},
		{value: "7days", label: i18n.T(ctx, "Past 7 days"), where: c.between(today.AddDate(0, 0, -7), today.AddDate(0, 0, 1))},
		{value: "month", label: i18n.T(ctx, "This month"), where: c.between(month, month.AddDate(0, 1, 0))},
		{value: "year", label: i18n.T(ctx, "This year"), where: c.between(year, year.AddDate(1, 0, 0))},
	}
	if c.nullable {
		all = append(all,
			choice{value: "none", label: i18n.T(ctx, "No date"), where: cond{c.sql + " IS NULL", nil}},
			choice{value: "any", label: i18n.T(ctx, "Has date"), where: cond{c.sql + " IS NOT NULL", nil}})
	}
	return all
}

func (c *column) between(from, to time.Time) cond {
	return cond{c.sql + " >= ? AND " + c.sql + " < ?", []any{from, to}}
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
