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
	choices := page.Options
	if field.Value != "" && !slices.ContainsFunc(choices, func(known models.Choice) bool { return known.Value == field.Value }) {
		choices = append(slices.Clone(choices), models.Choice{Value: field.Value, Label: field.Value}) // stored once, and not offered any more
	}
	selectOne(ctx, c, choices, field)
}

func (Listed) Filter(ctx context.Context, c *Column, _ time.Time, known []models.Choice) []Option {
	return equal(ctx, c, known)
}
