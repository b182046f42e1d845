package kinds

import (
	"context"
	"reflect"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// Email is an address: a text that validate:"email" checks.
type Email struct{ Text }

func (Email) Claims(c *Column) bool {
	_, email := c.Rule("email")
	return email && Text{}.Claims(c)
}

func (Email) Words(_ context.Context, _ *Column, _ Page, text string) string {
	return models.DisplayEmail(text)
}

func (Email) Cell(_ context.Context, _ *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellEmail, Text: models.DisplayEmail(value.String())}
}

func (Email) Control(ctx context.Context, c *Column, page Page, field *ui.Field) {
	Text{}.Control(ctx, c, page, field)
	field.Control = ui.ControlEmail
}
