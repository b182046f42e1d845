package kinds

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun/schema"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Column is one column of a table, as much as the engine needs to know of it.
type Column struct {
	Name     string // as the declaration says it: "status", "project.name"
	Field    *schema.Field
	SQL      string // quoted and qualified with the table's alias
	Own      string // the column of the table that SQL reads
	Kind     Kind
	Nullable bool
	Choices  []models.Choice // of an enumerated type
	Through  *schema.Field   // the relation that leads to the column's row; nil: it is the row's own

	// What the declaration says of it.
	Label       string // in English, as all its words
	Help        string
	NewHelp     string                                         // instead of Help while the row is still to be added
	ReadOnly    bool                                           // forms only show it
	Options     func(context.Context) ([]models.Choice, error) // the values of a Ticked, Listed or Ref one
	Bar         bool                                           // drawn as one
	Worded      bool                                           // words of ours, to be translated
	Password    bool                                           // never shown, only set
	Ref         string                                         // slug of the model whose row's id this is
	Ticked      bool                                           // a list of which elements are ticked
	Having      string                                         // of such a list: the query of the "id" of rows, as SQL is then, with the element "?"
	Permissions bool                                           // a list of what may be done with which model
	Listed      bool                                           // has Choices
}

// Claim looks for the column's kind; false where none takes it.
func (c *Column) Claim() bool {
	c.Nullable = c.Field.NullZero || c.Field.IsPtr || c.Through != nil
	if e, ok := reflect.Zero(c.Field.IndirectType).Interface().(models.Enumerated); ok {
		c.Choices = e.Choices()
	}
	for _, kind := range all {
		if kind.Claims(c) {
			c.Kind = kind
			return true
		}
	}
	return false
}

// Reach makes the column that of the row which a relation leads to. It is looked up where
// a query names it, so that no query needs to join.
func (c *Column) Reach(table *schema.Table, through *schema.Relation) {
	c.SQL = fmt.Sprintf("(SELECT reached.%s FROM %s AS reached WHERE reached.%s = %s.%s)",
		c.Field.SQLName, through.JoinTable.SQLName, through.JoinPKs[0].SQLName, table.SQLAlias, through.BasePKs[0].SQLName)
	c.Own = string(table.SQLAlias) + "." + string(through.BasePKs[0].SQLName)
	field := *c.Field
	field.Name, c.Field, c.Through, c.ReadOnly = c.Name, &field, through.Field, true
}

// Title is the column's label in the reader's language.
func (c *Column) Title(ctx context.Context) string { return i18n.T(ctx, c.Label) }

// Known are the values that the declaration lists for the column.
func (c *Column) Known(ctx context.Context) ([]models.Choice, error) {
	if c.Options == nil {
		return nil, nil
	}
	choices, err := c.Options(ctx)
	if err != nil {
		return nil, fmt.Errorf("choices of %s: %w", c.Name, err)
	}
	return choices, nil
}

// Wide tells whether the column needs the whole width of its panel.
func (c *Column) Wide(narrow bool) bool {
	traits := c.Kind.Traits(c)
	return traits.Wide || narrow && !traits.Narrow
}

// Value is the column's field in row, a pointer to its model; invalid where a relation
// leads nowhere.
func (c *Column) Value(row any) reflect.Value {
	value := reflect.ValueOf(row).Elem()
	if c.Through != nil {
		if value = reflect.Indirect(c.Through.Value(value)); !value.IsValid() {
			return value
		}
	}
	return c.Field.Value(value)
}

// Kept tells whether the column's values are not in the table, but where the model's Load
// or Complete finds them.
func (c *Column) Kept() bool { return c.Field.Tag.HasOption("scanonly") }

// Sorts tells whether rows can be sorted by the column.
func (c *Column) Sorts() bool { return !c.Kept() && !c.Kind.Traits(c).Unsorted }

// Stored is the column's value in row; false for null.
func (c *Column) Stored(row any) (reflect.Value, bool) {
	value := reflect.Indirect(c.Value(row))
	return value, value.IsValid() && !(c.Field.NullZero && value.IsZero())
}

// Texts is the column's value in row as its control holds it.
func (c *Column) Texts(row any) []string {
	if value, ok := c.Stored(row); ok {
		return c.Kind.Texts(c, value)
	}
	return nil
}

// Text is Texts of a column that has one.
func (c *Column) Text(row any) string { return strings.Join(c.Texts(row), "\n") }

// Set puts what the control holds into row, or says what is wrong with it.
func (c *Column) Set(row any, texts []string) *problem.Text {
	value := c.Value(row)
	if c.Nullable && !c.Password && strings.TrimSpace(strings.Join(texts, "")) == "" && value.Kind() != reflect.Slice {
		value.SetZero()
		return nil
	}
	if value.Kind() != reflect.Pointer {
		return c.Kind.Set(c, value, texts)
	}
	// The row keeps its pointer's value where the new one is refused: other rows may share it.
	fresh := reflect.New(value.Type().Elem())
	if !value.IsNil() {
		fresh.Elem().Set(value.Elem())
	}
	fault := c.Kind.Set(c, fresh.Elem(), texts)
	if fault == nil {
		value.Set(fresh)
	}
	return fault
}

// Cell is the column's value in row, ready to draw.
func (c *Column) Cell(ctx context.Context, row any) adminpages.Cell {
	value, ok := c.Stored(row)
	if !ok || strings.Join(c.Kind.Texts(c, value), "") == "" {
		return adminpages.Cell{Kind: adminpages.CellEmpty}
	}
	return c.Kind.Cell(ctx, c, value)
}

// Export is the column's value in row for programs; null is nothing.
func (c *Column) Export(row any) string {
	if value, ok := c.Stored(row); ok {
		return c.Kind.Export(c, value)
	}
	return ""
}

// Import is Set of what Export writes.
func (c *Column) Import(row any, cell string) *problem.Text { return c.Set(row, c.Kind.Import(cell)) }

// Control is how the column is filled in on a page.
func (c *Column) Control(ctx context.Context, page Page, field *ui.Field) {
	_, required := c.Rule("required")
	field.Required = required || !c.Nullable && c.Kind.Traits(c).Needs
	c.Kind.Control(ctx, c, page, field)
}

// Rule is the parameter of one of the column's validate tags, such as max.
func (c *Column) Rule(name string) (param string, found bool) {
	for rule := range strings.SplitSeq(c.Field.StructField.Tag.Get("validate"), ",") {
		if key, value, _ := strings.Cut(rule, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// isA tells whether the column's SQL type is one of names.
func (c *Column) isA(names ...string) bool {
	typed, _, _ := strings.Cut(strings.ToLower(c.Field.UserSQLType), "(")
	return slices.Contains(names, typed)
}

// presence is a filter on whether there is something; empty is the condition that
// there is nothing.
func presence(ctx context.Context, c *Column, empty string) []Option {
	if c.Nullable {
		empty = c.SQL + " IS NULL OR " + empty
	}
	return []Option{
		{Value: "any", Label: i18n.T(ctx, "Filled in"), Where: "NOT (" + empty + ")"},
		{Value: "none", Label: i18n.T(ctx, "Empty"), Where: "(" + empty + ")"},
	}
}

// optional is a filter on whether a column that may be null is.
func optional(ctx context.Context, c *Column) []Option {
	if !c.Nullable {
		return nil
	}
	return []Option{
		{Value: "any", Label: i18n.T(ctx, "Filled in"), Where: c.SQL + " IS NOT NULL"},
		{Value: "none", Label: i18n.T(ctx, "Empty"), Where: c.SQL + " IS NULL"},
	}
}

// selectOne makes field a choice of choices. Nothing is chosen before somebody does.
func selectOne(ctx context.Context, c *Column, choices []models.Choice, field *ui.Field) {
	field.Control = ui.ControlSelect
	known := slices.ContainsFunc(choices, func(choice models.Choice) bool { return choice.Value == field.Value })
	if c.Nullable || !known {
		field.Options = []ui.Option{{Label: "—"}}
		field.Required = field.Required || !c.Nullable
	}
	for _, choice := range choices {
		field.Options = append(field.Options, ui.Option{Value: choice.Value, Label: i18n.T(ctx, choice.Label)})
	}
}

// labelIn is what choices call a value; one that they lack is left as it is.
func labelIn(ctx context.Context, choices []models.Choice, value string) string {
	if i := slices.IndexFunc(choices, func(choice models.Choice) bool { return choice.Value == value }); i >= 0 {
		return i18n.T(ctx, choices[i].Label)
	}
	return value
}

// equal are filter options of which each is one value.
func equal(ctx context.Context, c *Column, choices []models.Choice) []Option {
	options := make([]Option, len(choices))
	for i, choice := range choices {
		options[i] = Option{
			Value: choice.Value, Label: i18n.T(ctx, choice.Label), Where: c.SQL + " = ?", Args: []any{choice.Value},
			Text: choice.Value, Alarm: choice.Tone == models.ToneNegative,
		}
	}
	return options
}

// Names are those of columns.
func Names(columns []*Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// Copy is a copy of a row, whose columns are set and never changed within.
func Copy(row any) any {
	fresh := reflect.New(reflect.TypeOf(row).Elem())
	fresh.Elem().Set(reflect.ValueOf(row).Elem())
	return fresh.Interface()
}

// excerptLength is how much of a text a list carries; the column is narrower.
const excerptLength = 160

// OneLine is the beginning of a text, without line breaks.
func OneLine(s string) string {
	if len(s) > 8*excerptLength {
		s = strings.ToValidUTF8(s[:8*excerptLength], "")
	}
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > excerptLength {
		return string(runes[:excerptLength]) + "…"
	}
	return string(runes)
}
