package kinds

import (
	"context"

	"digitalpath/views/ui"
)

// Rights is a list of what may be done with which model, ticked in a table.
type Rights struct{ Ticks }

func (Rights) Claims(c *Column) bool { return c.Permissions && List{}.Claims(c) }

func (Rights) Control(_ context.Context, _ *Column, page Page, field *ui.Field) {
	field.Control, field.Grid = ui.ControlGrid, page.Grid(page.Values)
}
