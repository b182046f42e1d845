package kinds

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Time is a date and a time, typed in the zone of who types it and else in UTC.
type Time struct{ Text }

const toTheMinute = "2006-01-02T15:04"

func (Time) Claims(c *Column) bool { return c.Field.IndirectType == reflect.TypeFor[time.Time]() }

func (Time) Traits(*Column) Traits { return Traits{Times: true, Needs: true, Range: "date"} }

func (Time) Texts(_ *Column, value reflect.Value) []string {
	if t := value.Interface().(time.Time).UTC(); !t.IsZero() {
		return []string{Time{}.shown(t)}
	}
	return nil
}

// shown is what a control holds of what a clock shows.
func (Time) shown(t time.Time) string {
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format(toTheMinute)
	}
	return t.Format("2006-01-02T15:04:05.999")
}

// Posted is in UTC what was typed in the reader's zone. What its clocks skip or show
// twice stays as it is, with the zone's name, for Set: it knows what is stored.
func (Time) Posted(ctx context.Context, texts []string) []string {
	text, zone := strings.TrimSpace(typed(texts)), i18n.Zone(ctx)
	wall, ok := readWall(text)
	if !ok {
		return texts
	}
	if at := instants(wall, zone); len(at) == 1 {
		return Time{}.Texts(nil, reflect.ValueOf(at[0]))
	}
	return []string{text + " " + zone.String()}
}

// Set leaves alone what was not changed: a control has no microseconds.
func (Time) Set(c *Column, value reflect.Value, texts []string) *problem.Text {
	text := strings.TrimSpace(typed(texts))
	var at []time.Time
	if wall, zone, ok := readZoned(text); ok {
		if at = instants(wall, zone); len(at) == 0 {
			return &problem.Text{Format: "The clocks of %s skip this time. Enter one an hour later.", Args: []any{zone.String()}}
		}
	} else if t, ok := readTime(text); ok {
		at = []time.Time{t}
	} else {
		return &problem.Text{Format: "Enter a date and a time, such as 2026-11-30 14:05."}
	}
	stored := strings.Join(Time{}.Texts(c, value), "")
	if !slices.ContainsFunc(at, func(t time.Time) bool { return strings.Join(Time{}.Texts(c, reflect.ValueOf(t)), "") == stored }) {
		value.Set(reflect.ValueOf(at[0]))
	}
	return nil
}

func (Time) Words(ctx context.Context, _ *Column, _ Page, text string) string {
	if t, ok := readTime(text); ok {
		t = t.In(i18n.Zone(ctx))
		return i18n.Date(ctx, t) + t.Format(", 15:04 MST")
	}
	return text
}

func (Time) Cell(_ context.Context, _ *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellTime, Time: value.Interface().(time.Time)}
}

func (Time) Control(ctx context.Context, _ *Column, _ Page, field *ui.Field) {
	field.Control = ui.ControlDateTime
	if wall, _, ok := readZoned(field.Value); ok {
		field.Value = Time{}.shown(wall)
	} else if t, ok := readTime(field.Value); ok {
		field.Value = Time{}.shown(t.In(i18n.Zone(ctx)))
	}
	if len(field.Value) > len(toTheMinute) {
		field.Step = "any" // else a control that shows seconds would refuse them
	}
	field.Help = strings.TrimSpace(field.Help + " " + i18n.T(ctx, "Time zone: %s.", i18n.Zone(ctx)))
}

// Filter is Django's filter of dates.
func (Time) Filter(ctx context.Context, c *Column, now time.Time, _ []models.Choice) []Option {
	today := models.StartOfDay(now)
	month := today.AddDate(0, 0, 1-today.Day())
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, now.Location())
	span := func(value, label string, from, to time.Time) Option {
		where, args := c.Between(from, to)
		return Option{Value: value, Label: label, Where: where, Args: args}
	}
	options := []Option{
		span("today", i18n.T(ctx, "Today"), today, today.AddDate(0, 0, 1)),
		span("7days", i18n.T(ctx, "Past 7 days"), today.AddDate(0, 0, -7), today.AddDate(0, 0, 1)),
		span("30days", i18n.T(ctx, "Past 30 days"), today.AddDate(0, 0, -30), today.AddDate(0, 0, 1)),
		span("month", i18n.T(ctx, "This month"), month, month.AddDate(0, 1, 0)),
		span("year", i18n.T(ctx, "This year"), year, year.AddDate(1, 0, 0)),
	}
	if c.Nullable {
		options = append(options,
			Option{Value: "none", Label: i18n.T(ctx, "No date"), Where: c.SQL + " IS NULL"},
			Option{Value: "any", Label: i18n.T(ctx, "Has date"), Where: c.SQL + " IS NOT NULL"})
	}
	return options
}

// Between is the condition that the column's time is in a span.
func (c *Column) Between(from, to time.Time) (where string, args []any) {
	return c.SQL + " >= ? AND " + c.SQL + " < ?", []any{from, to}
}

// maxDaysAgo is far enough back for any table.
const maxDaysAgo = 100_000

// Range takes days of the zone that now is in.
func (Time) Range(ctx context.Context, c *Column, now time.Time, b Bounds) (Option, bool) {
	var o Option
	add := func(condition string, at time.Time) {
		if o.Where != "" {
			o.Where += " AND "
		}
		o.Where, o.Args = o.Where+c.SQL+condition, append(o.Args, at)
	}
	from, fromErr := time.ParseInLocation(time.DateOnly, b.From, now.Location())
	to, toErr := time.ParseInLocation(time.DateOnly, b.To, now.Location())
	days, daysErr := strconv.Atoi(b.Older)
	if b.From != "" && (fromErr != nil || from.Year() == 0) || b.To != "" && toErr != nil || b.Older != "" && (daysErr != nil || days < 0 || days > maxDaysAgo) {
		return o, false
	}
	if b.From != "" {
		add(" >= ?", from)
	}
	if b.To != "" {
		add(" < ?", to.AddDate(0, 0, 1))
	}
	if o.Label = between(ctx, b.From, b.To, i18n.Date(ctx, from), i18n.Date(ctx, to)); b.Older != "" {
		add(" < ?", models.StartOfDay(now).AddDate(0, 0, -days))
		o.Label = strings.Trim(o.Label+", "+i18n.T(ctx, "older than %d days", days), ", ")
	}
	return o, true
}

// between says a range in words, of which either end may be open.
func between(ctx context.Context, from, to, fromWords, toWords string) string {
	switch {
	case from != "" && to != "":
		return fromWords + " – " + toWords
	case from != "":
		return i18n.T(ctx, "from %s", fromWords)
	case to != "":
		return i18n.T(ctx, "up to %s", toWords)
	}
	return ""
}

func (Time) Export(_ *Column, value reflect.Value) string {
	if t := value.Interface().(time.Time); !t.IsZero() {
		return t.UTC().Format(time.RFC3339)
	}
	return ""
}

// Import takes a time as RFC 3339, Django, Python's isoformat, psql, our mails and
// spreadsheets write it; without a zone it is UTC.
func (Time) Import(cell string) []string {
	if at, ok := readCell(cell); ok {
		return []string{at.Format(time.RFC3339Nano)}
	}
	return []string{cell}
}

func (Time) Key(word string) (any, error) { return time.Parse(time.RFC3339Nano, word) }
