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

// Text is one line.
type Text struct{}

// wideFrom is the length from which a text takes the whole width of its panel.
const wideFrom = 255

func (Text) Claims(c *Column) bool { return c.Field.IndirectType.Kind() == reflect.String }

func (Text) Traits(c *Column) Traits {
	length, _ := c.Rule("max")
	n, err := strconv.Atoi(length)
	return Traits{Wide: err == nil && n >= wideFrom}
}

func (Text) Texts(_ *Column, value reflect.Value) []string { return []string{value.String()} }

func (Text) Posted(_ context.Context, texts []string) []string { return texts }

func (Text) Set(_ *Column, value reflect.Value, texts []string) *problem.Text {
	value.SetString(typed(texts))
	return nil
}

// unix takes out what browsers add to the ends of lines, and what no column takes.
var unix = strings.NewReplacer("\r\n", "\n", "\x00", "")

// typed is what a control sent that has one text.
func typed(texts []string) string { return unix.Replace(strings.Join(texts, "\n")) }

func (Text) Words(ctx context.Context, c *Column, _ Page, text string) string {
	if c.Worded {
		return i18n.T(ctx, text)
	}
	return unix.Replace(text)
}

func (Text) Cell(ctx context.Context, c *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellText, Text: Text{}.Words(ctx, c, Page{}, value.String())}
}

func (Text) Control(_ context.Context, c *Column, _ Page, field *ui.Field) {
	field.Control = ui.ControlText
	field.Max, _ = c.Rule("max")
}

func (Text) Filter(ctx context.Context, c *Column, _ time.Time, _ []models.Choice) []Option {
	return presence(ctx, c, c.SQL+" = ''")
}

func (Text) Range(context.Context, *Column, time.Time, Bounds) (Option, bool) {
	return Option{}, false
}

func (Text) Export(_ *Column, value reflect.Value) string { return sheets.QuoteCell(value.String()) }

func (Text) Import(cell string) []string { return []string{sheets.PlainCell(cell)} }

func (Text) Key(word string) (any, error) { return strings.ReplaceAll(word, "\x00", ""), nil }
