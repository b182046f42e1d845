package admin

import "reflect"

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
	table       string
	pk, order   *column
	columns     []*column
}

func (t Tabular[T]) resolve(c *checker, parent reflect.Type) *inline {
	in := resolveInline[T](c, parent, reflect.TypeFor[[]T](), t.Name, t.Fields, t.Labels, t.Inputs)
	in.title = t.Title
	if t.Order != "" {
		in.order = in.check(c, t.Order, nil, nil)
	}
	return in
}

func (s Stacked[T]) resolve(c *checker, parent reflect.Type) *inline {
	in := resolveInline[T](c, parent, reflect.TypeFor[*T](), s.Name, s.Fields, s.Labels, s.Inputs)
	in.title, in.single = s.Title, true
	return in
}

func resolveInline[T any](c *checker, parent, field reflect.Type, name string, fields []string, labels map[string]string, inputs map[string]Input) *inline {
	in := &inline{name: name, rowType: reflect.TypeFor[T](), table: c.tables.Get(reflect.TypeFor[T]()).Name}
	for _, f := range reflect.VisibleFields(parent) {
		if f.Type == field {
			c.check(in.of == nil, "inline %q: %s has two fields of type %s", name, parent, field)
			in.of = f.Index
		}
	}
	c.check(in.of != nil, "inline %q: %s has no field of type %s", name, parent, field)
	c.check(name != "" && len(fields) > 0, "inline %q must have Name and Fields", name)
	own := &checker{slug: c.slug, labels: labels, inputs: inputs, table: c.tables.Get(in.rowType), columns: map[string]*column{}}
	in.pk = own.primaryKey()
	in.columns = own.all("Fields of inline "+name, fields, isEditable)
	own.editable(in.columns)
	if c.err == nil {
		c.err = own.err
	}
	return in
}

// check looks up one more column.
func (in *inline) check(c *checker, name string, labels map[string]string, inputs map[string]Input) *column {
	own := &checker{slug: c.slug, labels: labels, inputs: inputs, table: c.tables.Get(in.rowType), columns: map[string]*column{}}
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
		if text := e.get(c.name); !always && text != "" && text != "false" {
			return false
		}
	}
	return true
}
