package admin

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun/schema"

	"digitalpath/admin/kinds"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Inline is rows of another table that are edited and saved with the row that they
// belong to: a Tabular or a Stacked.
type Inline interface {
	resolve(c *checker, parent reflect.Type) *inline
}

// Tabular is many rows, one line each. The parent's type has exactly one field of
// type []T, which holds them.
type Tabular[T any] struct {
	Name, Title string // Name is that of the list in the faults of Save
	Fields      []string
	Order       string // number column that keeps the order of the rows; empty: they have none
	Labels      map[string]string
	Inputs      map[string]Input
}

// Stacked is one row or none, drawn as a panel. The parent's type has exactly one
// field of type *T. It is there once something of it is filled in.
type Stacked[T any] struct {
	Name, Title string
	Fields      []string
	Labels      map[string]string
	Inputs      map[string]Input
}

// inline is a resolved Inline.
type inline struct {
	name, title string
	single      bool
	of          []int // index of the parent's field
	rowType     reflect.Type
	schema      *schema.Table
	pk, order   *kinds.Column
	columns     []*kinds.Column
}

func (t Tabular[T]) resolve(c *checker, parent reflect.Type) *inline {
	in := resolveInline[T](c, parent, reflect.TypeFor[[]T](), t.Name, t.Title, t.Fields, t.Labels, t.Inputs)
	if t.Order != "" {
		in.order = in.check(c, t.Order, nil, nil)
		in.order.Label = "Place"
	}
	return in
}

func (s Stacked[T]) resolve(c *checker, parent reflect.Type) *inline {
	in := resolveInline[T](c, parent, reflect.TypeFor[*T](), s.Name, s.Title, s.Fields, s.Labels, s.Inputs)
	in.single = true
	return in
}

func resolveInline[T any](c *checker, parent, field reflect.Type, name, title string, fields []string, labels map[string]string, inputs map[string]Input) *inline {
	in := &inline{name: name, title: title, rowType: reflect.TypeFor[T](), schema: c.tables.Get(reflect.TypeFor[T]())}
	for _, f := range reflect.VisibleFields(parent) {
		if f.Type == field {
			c.check(in.of == nil, "inline %q: %s has two fields of type %s", name, parent, field)
			in.of = f.Index
		}
	}
	c.check(in.of != nil, "inline %q: %s has no field of type %s", name, parent, field)
	c.check(name != "" && title != "" && len(fields) > 0, "inline %q must have Name, Title and Fields", name)
	own := &checker{slug: c.slug, labels: labels, inputs: inputs, table: c.tables.Get(in.rowType), columns: map[string]*kinds.Column{}}
	in.pk = own.primaryKey()
	in.columns = own.all("Fields of inline "+name, fields, isEditable)
	own.all("Labels of inline "+name, slices.Sorted(maps.Keys(labels)), nil)
	own.all("Inputs of inline "+name, slices.Sorted(maps.Keys(inputs)), nil)
	if c.err == nil {
		c.err = own.err
	}
	return in
}

// check looks up one more column.
func (in *inline) check(c *checker, name string, labels map[string]string, inputs map[string]Input) *kinds.Column {
	own := &checker{slug: c.slug, labels: labels, inputs: inputs, table: c.tables.Get(in.rowType), columns: map[string]*kinds.Column{}}
	col := own.one("Order of inline "+in.name, name, isNumber)
	if c.err == nil {
		c.err = own.err
	}
	return col
}

// rows are the parent's rows, each a *T.
func (in *inline) rows(parent any) []any {
	value := reflect.ValueOf(parent).Elem().FieldByIndex(in.of)
	if in.single {
		if value.IsNil() {
			return nil
		}
		return []any{value.Interface()}
	}
	rows := make([]any, value.Len())
	for i := range rows {
		rows[i] = value.Index(i).Addr().Interface()
	}
	return rows
}

// put makes rows the parent's.
func (in *inline) put(parent any, rows []any) {
	value := reflect.ValueOf(parent).Elem().FieldByIndex(in.of)
	if in.single {
		value.SetZero()
		if len(rows) > 0 {
			value.Set(reflect.ValueOf(rows[0]))
		}
		return
	}
	list := reflect.MakeSlice(value.Type(), 0, len(rows))
	for _, row := range rows {
		list = reflect.Append(list, reflect.ValueOf(row).Elem())
	}
	value.Set(list)
}

// copyOf is a row that can be changed without changing row.
func (in *inline) copyOf(row any) any {
	fresh := reflect.New(in.rowType)
	fresh.Elem().Set(reflect.ValueOf(row).Elem())
	return fresh.Interface()
}

// isBlank tells whether nothing is filled in: no text, nothing ticked.
func (in *inline) isBlank(e *entry) bool {
	for _, c := range in.columns {
		always := len(c.Choices) > 0 && !c.Nullable // a select says something
		if text := e.get(c.Name); !always && text != "" && text != "false" {
			return false
		}
	}
	return true
}

// tabular draws an inline of many rows, one blank row at its end, and one more for
// the script to copy.
func (f *form) tabular(ctx context.Context, in *inline) adminpages.FormInline {
	table := adminpages.FormInline{Name: in.name, Title: i18n.T(ctx, in.title), Ordered: in.order != nil && !f.closed, Errors: inWords(ctx, f.faults[in.name])}
	for _, c := range in.columns {
		table.Columns = append(table.Columns, c.Title(ctx))
	}
	if f.closed {
		for _, row := range in.rows(f.row) {
			table.Rows = append(table.Rows, adminpages.InlineRow{Cells: f.cells(ctx, in, row)})
		}
		table.Count = len(table.Rows)
		return table
	}
	kept := 0 // the index by which Save knows the row
	for i, e := range f.typed.lists[in] {
		table.Rows = append(table.Rows, f.inlineRow(ctx, in, e, strconv.Itoa(i), kept))
		if !e.removed {
			kept++
		}
	}
	table.Count = len(table.Rows)
	if f.theirs != nil {
		table.Theirs = f.otherRows(ctx, in)
	}
	blank := in.blank()
	table.Rows = append(table.Rows, f.inlineRow(ctx, in, blank, strconv.Itoa(table.Count), -1))
	table.Blank = f.inlineRow(ctx, in, blank, "new", -1)
	return table
}

// cells draw a row that is only shown.
func (f *form) cells(ctx context.Context, in *inline, row any) []adminpages.Cell {
	cells := make([]adminpages.Cell, len(in.columns))
	for i, c := range in.columns {
		cells[i] = f.namedCell(ctx, f.names, c, row, Badge{})
	}
	return cells
}

// blank is a new row, with the first of each column's choices.
func (in *inline) blank() *entry {
	e := &entry{values: map[string][]string{}}
	for _, c := range in.columns {
		if len(c.Choices) > 0 && !c.Nullable {
			e.values[c.Name] = []string{c.Choices[len(c.Choices)-1].Value}
		}
	}
	return e
}

func (f *form) inlineRow(ctx context.Context, in *inline, e *entry, index string, kept int) adminpages.InlineRow {
	prefix := in.name + "." + index + "."
	row := adminpages.InlineRow{Prefix: prefix, Removed: e.removed, Stored: e.id != 0}
	if e.id != 0 {
		row.ID = strconv.FormatInt(e.id, 10)
	}
	if number, err := strconv.Atoi(index); err == nil {
		row.Order = strconv.Itoa(number + 1)
	}
	for _, c := range in.columns {
		fault := ""
		if kept >= 0 && !e.removed {
			fault = fmt.Sprintf("%s.%d.%s", in.name, kept, c.Name)
		}
		field := f.field(ctx, c, e, prefix+c.Name, fault)
		field.Required = false // the row itself is not
		if field.Control == ui.ControlTextarea && c.Kind == (kinds.LongText{}) {
			field.Short = true
		}
		row.Fields = append(row.Fields, field)
	}
	return row
}

// stacked draws an inline of one row as a panel.
func (f *form) stacked(ctx context.Context, in *inline) adminpages.FormPanel {
	panel := adminpages.FormPanel{Title: i18n.T(ctx, in.title), ID: in.name}
	if f.closed {
		for _, row := range in.rows(f.row) {
			for i, cell := range f.cells(ctx, in, row) {
				field := ui.Field{Name: in.name + "." + in.columns[i].Name, Label: in.columns[i].Title(ctx)}
				panel.Fields = append(panel.Fields, adminpages.FormField{Field: field, Cell: &cell})
			}
		}
		return panel
	}
	e := in.blank()
	if list := f.typed.lists[in]; len(list) > 0 {
		e = list[0]
	}
	row := f.inlineRow(ctx, in, e, "0", 0)
	panel.Row = &row
	for i, c := range in.columns {
		field := row.Fields[i]
		if f.theirs != nil {
			theirs := in.blank()
			if list := f.theirs.lists[in]; len(list) > 0 {
				theirs = list[0]
			}
			field.Theirs = f.other(ctx, c, e, theirs)
		}
		panel.Fields = append(panel.Fields, adminpages.FormField{Field: field, Wide: c.Kind == kinds.Bool{}})
	}
	return panel
}

// otherRows are the stored rows of an inline, one line each, where they are not what
// was typed.
func (f *form) otherRows(ctx context.Context, in *inline) []string {
	var typed, stored []string
	for _, e := range f.typed.lists[in] {
		if !e.removed {
			typed = append(typed, f.line(ctx, in, e))
		}
	}
	for _, e := range f.theirs.lists[in] {
		stored = append(stored, f.line(ctx, in, e))
	}
	if strings.Join(typed, "\n") == strings.Join(stored, "\n") {
		return nil
	}
	if stored == nil {
		return []string{i18n.T(ctx, "nothing")}
	}
	return stored
}

func (f *form) line(ctx context.Context, in *inline, e *entry) string {
	var words []string
	for _, c := range in.columns {
		if e.get(c.Name) != "" {
			words = append(words, kinds.OneLine(f.words(ctx, c, e)))
		}
	}
	return strings.Join(words, " · ")
}
