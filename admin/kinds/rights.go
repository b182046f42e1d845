package kinds

import (
	"context"
	"reflect"
	"slices"

	"digitalpath/views/ui"
)

// Rights is a list of what may be done with which model, ticked in a table.
type Rights struct{ List }

func (Rights) Claims(c *Column) bool { return c.Permissions && List{}.Claims(c) }

func (Rights) Texts(_ *Column, value reflect.Value) []string {
	return slices.Sorted(slices.Values(texts(value)))
}

func (Rights) Control(_ context.Context, _ *Column, page Page, field *ui.Field) {
	field.Control, field.Grid = ui.ControlGrid, page.Grid(page.Values)
}

func (Rights) Import(cell string) []string { return Ticks{}.Import(cell) }
