package kinds

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Choice is one of the values that the column's type lists, texts or whole numbers.
type Choice struct{ Text }

func (Choice) Claims(c *Column) bool {
	return c.Choices != nil && (Text{}.Claims(c) || Integer{}.Claims(c))
}

func (Choice) Traits(*Column) Traits { return Traits{Few: true} }

func (Choice) Texts(c *Column, value reflect.Value) []string {
	if value.CanInt() {
		return Integer{}.Texts(c, value)
	}
	return []string{value.String()}
}

func (Choice) Set(c *Column, value reflect.Value, texts []string) *problem.Text {
	text := typed(texts)
	if !slices.ContainsFunc(c.Choices, func(known models.Choice) bool { return known.Value == text }) {
		return &problem.Text{Format: "Choose one of the options."}
	}
	if value.CanInt() {
		return Integer{}.Set(c, value, texts)
	}
	value.SetString(text)
	return nil
}

// Words takes a label too: history keeps these, in English.
func (Choice) Words(ctx context.Context, c *Column, _ Page, text string) string {
	if label := labelIn(ctx, c.Choices, text); label != text || text == "" {
		return label
	}
	return i18n.T(ctx, text)
}

func (Choice) Cell(ctx context.Context, c *Column, value reflect.Value) adminpages.Cell {
	text := strings.Join(Choice{}.Texts(c, value), "")
	choice := models.Choice{Value: text, Label: text, Tone: models.ToneNeutral}
	if i := slices.IndexFunc(c.Choices, func(known models.Choice) bool { return known.Value == text }); i >= 0 {
		choice = c.Choices[i]
	}
	return adminpages.Cell{Kind: adminpages.CellBadge, Badge: adminpages.Badge{
		Value: choice.Value, Label: i18n.T(ctx, choice.Label), Tone: choice.Tone,
	}}
}

func (Choice) Control(ctx context.Context, c *Column, _ Page, field *ui.Field) {
	selectOne(ctx, c, c.Choices, field)
}

func (Choice) Filter(ctx context.Context, c *Column, _ time.Time, _ []models.Choice) []Option {
	options := equal(ctx, c, c.Choices)
	if c.Nullable {
		options = append(options, optional(ctx, c)[1])
	}
	return options
}

func (Choice) Export(c *Column, value reflect.Value) string {
	return sheets.QuoteCell(strings.Join(Choice{}.Texts(c, value), ""))
}

func (Choice) Key(word string) (any, error) { return Text{}.Key(word) }

// ValueOf is the value of the choice that is called so, in any language; empty where
// none is.
func ValueOf(choices []models.Choice, text string) string {
	for _, choice := range choices {
		if choice.Value == text {
			return text
		}
	}
	for _, choice := range choices {
		for _, lang := range i18n.Languages {
			if strings.EqualFold(choice.Value, text) || strings.EqualFold(i18n.T(i18n.With(context.Background(), lang), choice.Label), text) {
				return choice.Value
			}
		}
	}
	return ""
}
