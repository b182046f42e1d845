package kinds

import (
	"context"
	"reflect"
	"slices"
	"time"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// Listed is a text for which the declaration lists Choices at run time.
type Listed struct{ Text }

func (Listed) Claims(c *Column) bool { return c.Listed && Text{}.Claims(c) }

func (Listed) Traits(*Column) Traits { return Traits{Few: true} }

func (Listed) Words(ctx context.Context, _ *Column, page Page, text string) string {
	return labelIn(ctx, page.Options, text)
}

func (Listed) Cell(_ context.Context, _ *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellText, Text: value.String()}
}

func (Listed) Control(ctx context.Context, c *Column, page Page, field *ui.Field) {
	selectOne(ctx, c, Offering(page.Options, field.Value), field)
}

// Offering is choices with a value that need not be among them: it was stored once and is
// not offered any more, or they are the first or commonest of more.
func Offering(choices []models.Choice, value string) []models.Choice {
	if value == "" || slices.ContainsFunc(choices, func(known models.Choice) bool { return known.Value == value }) {
		return choices
	}
	return append(slices.Clone(choices), models.Choice{Value: value, Label: value})
}

func (Listed) Filter(ctx context.Context, c *Column, _ time.Time, known []models.Choice) []Option {
	return equal(ctx, c, known)
}
