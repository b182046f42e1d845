package kinds

import (
	"context"
	"reflect"
	"strings"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Date is a day, in no time zone: a time of the SQL type date.
type Date struct{ Time }

func (Date) Claims(c *Column) bool { return Time{}.Claims(c) && c.isA("date") }

func (Date) Traits(*Column) Traits {
	return Traits{Times: true, Needs: true, Narrow: true, Range: "date", Sheet: sheets.Date}
}

func (Date) Texts(_ *Column, value reflect.Value) []string {
	if t := value.Interface().(time.Time); !t.IsZero() {
		return []string{t.Format(time.DateOnly)}
	}
	return nil
}

func (Date) Posted(_ context.Context, texts []string) []string { return texts }

func (Date) Set(_ *Column, value reflect.Value, texts []string) *problem.Text {
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(typed(texts)))
	if err != nil || day.Year() == 0 || day.IsZero() {
		return &problem.Text{Format: "Enter a date, such as 2026-11-30."}
	}
	value.Set(reflect.ValueOf(day))
	return nil
}

func (Date) Words(ctx context.Context, _ *Column, _ Page, text string) string {
	day, _, _ := strings.Cut(text, "T") // of a time, its date
	if t, err := time.Parse(time.DateOnly, day); err == nil {
		return i18n.Date(ctx, t)
	}
	return text
}

func (Date) Cell(ctx context.Context, _ *Column, value reflect.Value) adminpages.Cell {
	day := value.Interface().(time.Time)
	return adminpages.Cell{Kind: adminpages.CellDate, Time: day, Text: i18n.Date(ctx, day)}
}

func (Date) Control(_ context.Context, _ *Column, _ Page, field *ui.Field) {
	field.Control = ui.ControlDate
}

// Filter and Range go by the days of whoever looks, which are stored without their zone.
func (Date) Filter(ctx context.Context, c *Column, now time.Time, known []models.Choice) []Option {
	return Time{}.Filter(ctx, c, inUTC(now), known)
}

func (Date) Range(ctx context.Context, c *Column, now time.Time, b Bounds) (Option, bool) {
	return Time{}.Range(ctx, c, inUTC(now), b)
}

func inUTC(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
}

func (Date) Export(c *Column, value reflect.Value) string {
	return strings.Join(Date{}.Texts(c, value), "")
}

// Import takes days as spreadsheets write them.
func (Date) Import(cell string) []string {
	if day, ok := readCell(cell); ok {
		return []string{day.Format(time.DateOnly)}
	}
	return []string{cell}
}
