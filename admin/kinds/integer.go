package kinds

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Integer is a whole number.
type Integer struct{ Text }

// fewNumbers is up to how many numbers between min and max are choices of a filter.
const fewNumbers = 12

func (Integer) Claims(c *Column) bool { return reflect.Zero(c.Field.IndirectType).CanInt() }

func (Integer) Traits(*Column) Traits {
	return Traits{Needs: true, Narrow: true, Range: "number", Sheet: sheets.Number}
}

func (Integer) Texts(_ *Column, value reflect.Value) []string {
	return []string{strconv.FormatInt(value.Int(), 10)}
}

func (Integer) Set(_ *Column, value reflect.Value, texts []string) *problem.Text {
	n, err := strconv.ParseInt(strings.TrimSpace(typed(texts)), 10, 64)
	if err != nil || value.OverflowInt(n) {
		return &problem.Text{Format: "Enter a whole number."}
	}
	value.SetInt(n)
	return nil
}

func (Integer) Words(ctx context.Context, _ *Column, _ Page, text string) string {
	if n, err := strconv.Atoi(text); err == nil {
		return i18n.Number(ctx, n)
	}
	return text
}

func (Integer) Cell(ctx context.Context, c *Column, value reflect.Value) adminpages.Cell {
	cell := adminpages.Cell{Kind: adminpages.CellNumber, Text: i18n.Number(ctx, int(value.Int()))}
	if c.Bar {
		cell.Kind = adminpages.CellBar
	}
	return cell
}

func (Integer) Control(_ context.Context, c *Column, _ Page, field *ui.Field) {
	field.Control, field.Step = ui.ControlNumber, "1"
	field.Min, _ = c.Rule("min")
	field.Max, _ = c.Rule("max")
}

// Filter offers each number where there are few, else whether it is zero.
func (Integer) Filter(ctx context.Context, c *Column, _ time.Time, _ []models.Choice) []Option {
	from, _ := c.Rule("min")
	to, _ := c.Rule("max")
	low, noLow := strconv.Atoi(from)
	high, noHigh := strconv.Atoi(to)
	if noLow != nil || noHigh != nil || high-low >= fewNumbers {
		return append(zeroOrNot(ctx, c), optional(ctx, c)...)
	}
	var options []Option
	for n := low; n <= high; n++ {
		options = append(options, Option{
			Value: strconv.Itoa(n), Label: i18n.Number(ctx, n), Where: c.SQL + " = ?", Args: []any{n}, Text: strconv.Itoa(n),
		})
	}
	return append(options, optional(ctx, c)...)
}

func (Integer) Range(ctx context.Context, c *Column, _ time.Time, b Bounds) (Option, bool) {
	return Decimal{}.Range(ctx, c, time.Time{}, b)
}

func zeroOrNot(ctx context.Context, c *Column) []Option {
	return []Option{
		{Value: "zero", Label: i18n.T(ctx, "Zero"), Where: c.SQL + " = 0", Text: "0"},
		{Value: "nonzero", Label: i18n.T(ctx, "Not zero"), Where: c.SQL + " <> 0"},
	}
}

func (Integer) Export(_ *Column, value reflect.Value) string {
	return strconv.FormatInt(value.Int(), 10)
}

// Import takes a whole number as a spreadsheet may write it.
func (Integer) Import(cell string) []string { return []string{strings.TrimSuffix(number(cell), ".0")} }

func (Integer) Key(word string) (any, error) { return strconv.ParseInt(word, 10, 64) }
