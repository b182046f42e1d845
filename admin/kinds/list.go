package kinds

import (
	"context"
	"reflect"
	"strings"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// List is a list of texts, typed one a line.
type List struct{ Text }

func (List) Claims(c *Column) bool { return isListOf(c, reflect.String) }

func isListOf(c *Column, element reflect.Kind) bool {
	list := c.Field.IndirectType
	return list.Kind() == reflect.Slice && list.Elem().Kind() == element && list.Elem().PkgPath() == ""
}

func (List) Traits(*Column) Traits { return Traits{Unsorted: true, Wide: true, Lines: true} }

func (List) Texts(_ *Column, value reflect.Value) []string {
	if value.Len() == 0 {
		return nil // as of one that is null
	}
	return []string{strings.Join(texts(value), "\n")}
}

func texts(value reflect.Value) []string {
	return value.Convert(reflect.TypeFor[[]string]()).Interface().([]string)
}

func (List) Set(_ *Column, value reflect.Value, texts []string) *problem.Text {
	value.Set(reflect.ValueOf(linesOf(typed(texts))).Convert(value.Type()))
	return nil
}

// linesOf are the lines of a text that hold something.
func linesOf(text string) []string {
	lines := []string{}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Words names each element, by the page's options where it has some.
func (List) Words(ctx context.Context, _ *Column, page Page, text string) string {
	lines := linesOf(unix.Replace(text))
	for i := range lines {
		lines[i] = labelIn(ctx, page.Options, lines[i])
	}
	return strings.Join(lines, ", ")
}

func (List) Cell(_ context.Context, c *Column, value reflect.Value) adminpages.Cell {
	// The kind's own texts: those of a list that is ticked are sorted.
	text := strings.ReplaceAll(strings.Join(c.Kind.Texts(c, value), ", "), "\n", ", ")
	return adminpages.Cell{Kind: adminpages.CellList, Text: text}
}

func (List) Control(_ context.Context, _ *Column, _ Page, field *ui.Field) {
	field.Control = ui.ControlTextarea
}

func (List) Filter(ctx context.Context, c *Column, _ time.Time, _ []models.Choice) []Option {
	return presence(ctx, c, "CAST("+c.SQL+" AS text) IN ('[]', '{}', 'null')")
}

func (List) Export(c *Column, value reflect.Value) string {
	return sheets.QuoteCell(strings.Join(c.Kind.Texts(c, value), "\n"))
}
