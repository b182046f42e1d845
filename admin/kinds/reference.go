package kinds

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"time"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// Reference is the id of another model's row, which is typed by its name. The engine
// looks for the row and puts RefMark and its id in place of the name.
type Reference struct{ Text }

// RefMark stands before an id, so that it is not taken for what somebody typed.
const RefMark = "#"

func (Reference) Claims(c *Column) bool { return c.Ref != "" && Integer{}.Claims(c) }

func (Reference) Traits(*Column) Traits { return Traits{} }

func (Reference) Texts(_ *Column, value reflect.Value) []string {
	if value.Int() == 0 {
		return nil
	}
	return []string{RefMark + strconv.FormatInt(value.Int(), 10)}
}

func (Reference) Set(_ *Column, value reflect.Value, texts []string) *problem.Text {
	text := typed(texts)
	number, marked := strings.CutPrefix(text, RefMark)
	id, ok := ParseID(number)
	if text != "" && (!marked || !ok || value.OverflowInt(id)) {
		return &problem.Text{Format: "Choose one that is offered: nothing, or more than one, is called that."}
	}
	value.SetInt(id)
	return nil
}

func (Reference) Words(_ context.Context, _ *Column, page Page, text string) string {
	if page.Named == nil {
		return text
	}
	return page.Named(text)
}

func (Reference) Cell(_ context.Context, c *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellText, Text: strings.Join(Reference{}.Texts(c, value), "")}
}

func (Reference) Control(_ context.Context, _ *Column, page Page, field *ui.Field) {
	field.Control, field.LookupURL, field.Links, field.Value = ui.ControlLookup, page.Lookup, page.Links, page.Named(field.Value)
}

func (Reference) Filter(ctx context.Context, c *Column, _ time.Time, known []models.Choice) []Option {
	options := equal(ctx, c, known)
	for i := range options {
		options[i].Value = strings.TrimPrefix(options[i].Value, RefMark)
		options[i].Args = []any{options[i].Value}
	}
	return append(options, optional(ctx, c)...)
}

func (Reference) Export(_ *Column, value reflect.Value) string {
	return strings.TrimPrefix(strings.Join(Reference{}.Texts(nil, value), ""), RefMark)
}

func (Reference) Import(cell string) []string {
	if cell == "" {
		return nil
	}
	return []string{RefMark + cell}
}

func (Reference) Key(word string) (any, error) { return Integer{}.Key(word) }
