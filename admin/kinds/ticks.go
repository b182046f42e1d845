package kinds

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/ui"
)

// Ticks is a list of ids, or of texts with Options, of which elements are ticked.
type Ticks struct{ List }

func (Ticks) Claims(c *Column) bool {
	return isListOf(c, reflect.Int64) || c.Ticked && List{}.Claims(c)
}

func (Ticks) Texts(c *Column, value reflect.Value) []string {
	if (List{}).Claims(c) {
		return slices.Sorted(slices.Values(texts(value)))
	}
	ids := value.Convert(reflect.TypeFor[[]int64]()).Interface().([]int64)
	var all []string
	for _, id := range slices.Sorted(slices.Values(ids)) {
		all = append(all, strconv.FormatInt(id, 10))
	}
	return all
}

func (Ticks) Set(c *Column, value reflect.Value, texts []string) *problem.Text {
	if (List{}).Claims(c) {
		return List{}.Set(c, value, texts)
	}
	ids := []int64{}
	for _, text := range texts {
		if id, ok := ParseID(text); ok {
			ids = append(ids, id)
		}
	}
	value.Set(reflect.ValueOf(ids).Convert(value.Type()))
	return nil
}

// ParseID reads a row's id; ok is false for what cannot be one.
func ParseID(text string) (id int64, ok bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0
}

// Words are in one order, whatever the page's is.
func (Ticks) Words(ctx context.Context, c *Column, page Page, text string) string {
	lines := linesOf(text)
	slices.Sort(lines)
	return List{}.Words(ctx, c, page, strings.Join(lines, "\n"))
}

func (Ticks) Control(_ context.Context, _ *Column, page Page, field *ui.Field) {
	field.Control, field.Values = ui.ControlTicks, page.Values
	for _, option := range page.Options {
		field.Options = append(field.Options, ui.Option{Value: option.Value, Label: option.Label})
	}
}

func (Ticks) Filter(ctx context.Context, c *Column, now time.Time, known []models.Choice) []Option {
	if c.Having == "" {
		return List{}.Filter(ctx, c, now, known)
	}
	options := make([]Option, len(known))
	for i, choice := range known {
		options[i] = Option{
			Value: choice.Value, Label: choice.Label, Text: choice.Value, IDs: c.Having, Args: []any{choice.Value},
			Where: "(SELECT count(*) FROM (" + c.Having + ") AS ticked WHERE ticked.id = " + c.SQL + ") > 0",
		}
	}
	return options
}

func (Ticks) Import(cell string) []string { return strings.Split(Text{}.Import(cell)[0], "\n") }
