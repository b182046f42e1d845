package kinds

import (
	"context"
	"reflect"

	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// LongText is a text of many lines: a column of the SQL type text.
type LongText struct{ Text }

func (LongText) Claims(c *Column) bool { return Text{}.Claims(c) && c.isA("text") }

func (LongText) Traits(*Column) Traits { return Traits{Unsorted: true, Wide: true, Lines: true} }

func (LongText) Cell(ctx context.Context, c *Column, value reflect.Value) adminpages.Cell {
	cell := Text{}.Cell(ctx, c, value)
	cell.Kind = adminpages.CellLong
	return cell
}

func (LongText) Control(ctx context.Context, c *Column, page Page, field *ui.Field) {
	Text{}.Control(ctx, c, page, field)
	field.Control = ui.ControlTextarea
}
