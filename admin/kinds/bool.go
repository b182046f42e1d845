package kinds

import (
	"context"
	"reflect"
	"slices"
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

// Bool is yes or no; one that may be null is not known as well.
type Bool struct{ Text }

func (Bool) Claims(c *Column) bool { return c.Field.IndirectType.Kind() == reflect.Bool }

func (Bool) Traits(*Column) Traits { return Traits{Few: true, Narrow: true, Sheet: sheets.Bool} }

func (Bool) Texts(_ *Column, value reflect.Value) []string {
	return []string{strconv.FormatBool(value.Bool())}
}

func (Bool) Set(_ *Column, value reflect.Value, texts []string) *problem.Text {
	text := typed(texts)
	if !slices.Contains([]string{"", "true", "false"}, text) {
		return &problem.Text{Format: "Choose one of the options."}
	}
	value.SetBool(text == "true")
	return nil
}

func (Bool) Words(ctx context.Context, c *Column, _ Page, text string) string {
	switch {
	case text == "true":
		return i18n.T(ctx, "Yes")
	case text == "" && c.Nullable:
		return ""
	}
	return i18n.T(ctx, "No")
}

func (Bool) Cell(_ context.Context, _ *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellBool, Bool: value.Bool()}
}

func (Bool) Control(ctx context.Context, c *Column, page Page, field *ui.Field) {
	field.Control = ui.ControlCheckbox
	if page.Many && !c.Nullable && field.Value == "" {
		field.Value = "true"
	}
	if c.Nullable || page.Many {
		selectOne(ctx, c, []models.Choice{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}, field)
	}
}

func (Bool) Filter(ctx context.Context, c *Column, _ time.Time, _ []models.Choice) []Option {
	options := []Option{
		{Value: "1", Label: i18n.T(ctx, "Yes"), Where: c.SQL + " = TRUE", Text: "true"},
		{Value: "0", Label: i18n.T(ctx, "No"), Where: c.SQL + " = FALSE", Text: "false"},
	}
	if c.Nullable {
		options = append(options, optional(ctx, c)[1])
	}
	return options
}

func (Bool) Export(_ *Column, value reflect.Value) string { return strconv.FormatBool(value.Bool()) }

// Import takes what spreadsheets and people write for yes and no.
func (Bool) Import(cell string) []string {
	switch word := strings.ToLower(cell); word {
	case "1", "t", "x", "y", "yes", "si", "sí", "verdadero":
		return []string{"true"}
	case "0", "f", "n", "no", "falso":
		return []string{"false"}
	default:
		return []string{word}
	}
}

func (Bool) Key(word string) (any, error) { return strconv.ParseBool(word) }
