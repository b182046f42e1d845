package kinds

import (
	"context"
	"reflect"
	"strings"
	"time"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Time is a date and a time, typed in UTC.
type Time struct{ Text }

const toTheMinute = "2006-01-02T15:04"

func (Time) Claims(c *Column) bool { return c.Field.IndirectType == reflect.TypeFor[time.Time]() }

func (Time) Traits(*Column) Traits { return Traits{Times: true, Needs: true} }

func (Time) Texts(_ *Column, value reflect.Value) []string {
	t := value.Interface().(time.Time).UTC()
	switch {
	case t.IsZero():
		return nil
	case t.Second() == 0 && t.Nanosecond() == 0:
		return []string{t.Format(toTheMinute)}
	}
	return []string{t.Format("2006-01-02T15:04:05.999")}
}

// Set leaves alone what was not changed: a control has no microseconds.
func (Time) Set(c *Column, value reflect.Value, texts []string) *problem.Text {
	text := strings.TrimSpace(typed(texts))
	if text != "" && text == strings.Join(Time{}.Texts(c, value), "") {
		return nil
	}
	t, ok := readTime(text)
	if !ok {
		return &problem.Text{Format: "Enter a date and a time, such as 2026-11-30 14:05."}
	}
	value.Set(reflect.ValueOf(t))
	return nil
}

// readTime takes what controls, exports and people write.
func readTime(text string) (time.Time, bool) {
	for _, layout := range []string{toTheMinute, "2006-01-02T15:04:05", time.RFC3339, "2006-01-02 15:04", time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func (Time) Words(ctx context.Context, _ *Column, _ Page, text string) string {
	if t, ok := readTime(text); ok {
		return i18n.Date(ctx, t) + t.Format(", 15:04 UTC")
	}
	return text
}

func (Time) Cell(_ context.Context, _ *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellTime, Time: value.Interface().(time.Time)}
}

func (Time) Control(ctx context.Context, _ *Column, _ Page, field *ui.Field) {
	field.Control = ui.ControlDateTime
	if len(field.Value) > len(toTheMinute) {
		field.Step = "any" // else a control that shows seconds would refuse them
	}
	field.Help = strings.TrimSpace(field.Help + " " + i18n.T(ctx, "In UTC."))
}

// Filter is Django's filter of dates.
func (Time) Filter(ctx context.Context, c *Column, now time.Time, _ []models.Choice) []Option {
	today := models.StartOfDay(now)
	month := today.AddDate(0, 0, 1-today.Day())
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, now.Location())
	between := func(value, label string, from, to time.Time) Option {
		where, args := c.Between(from, to)
		return Option{Value: value, Label: label, Where: where, Args: args}
	}
	options := []Option{
		between("today", i18n.T(ctx, "Today"), today, today.AddDate(0, 0, 1)),
		between("7days", i18n.T(ctx, "Past 7 days"), today.AddDate(0, 0, -7), today.AddDate(0, 0, 1)),
		between("month", i18n.T(ctx, "This month"), month, month.AddDate(0, 1, 0)),
		between("year", i18n.T(ctx, "This year"), year, year.AddDate(1, 0, 0)),
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

func (Time) Export(_ *Column, value reflect.Value) string {
	if t := value.Interface().(time.Time); !t.IsZero() {
		return t.UTC().Format(time.RFC3339)
	}
	return ""
}

func (Time) Import(cell string) []string { return []string{cell} }

func (Time) Key(word string) (any, error) { return time.Parse(time.RFC3339Nano, word) }
