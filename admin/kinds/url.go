package kinds

import (
	"context"
	"reflect"

	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// URL is an address of the web: a text that validate:"http_url" checks.
type URL struct{ Text }

func (URL) Claims(c *Column) bool {
	_, url := c.Rule("http_url")
	return url && Text{}.Claims(c)
}

func (URL) Traits(*Column) Traits { return Traits{Wide: true} }

func (URL) Cell(_ context.Context, _ *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellURL, Text: value.String()}
}

func (URL) Control(ctx context.Context, c *Column, page Page, field *ui.Field) {
	Text{}.Control(ctx, c, page, field)
	field.Control = ui.ControlURL
}
