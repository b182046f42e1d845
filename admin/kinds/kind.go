// Package kinds holds what the back-office engine knows of each kind of column, one
// file a kind: whether a column is of it, how its values are typed, read, drawn,
// filtered and exported. The engine asks; it never switches on a type.
package kinds

import (
	"context"
	"reflect"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// Kind is all that is done with the values of one kind of column. Values are never
// pointers: a Column deals with what is null. Most kinds are Text but for what they
// say themselves.
type Kind interface {
	// Claims tells whether a column is of this kind, by its Go type, its bun and
	// validate tags, and the declaration.
	Claims(c *Column) bool
	Traits(c *Column) Traits
	// Texts is a value as its control holds it, of a list each element; Posted makes
	// such texts of what came of a control, by where the reader is; Set is the way back.
	// What cannot be the column's value is a fault in words; what merely should
	// not be is left to validation.
	Texts(c *Column, value reflect.Value) []string
	Posted(ctx context.Context, texts []string) []string
	Set(c *Column, value reflect.Value, texts []string) *problem.Text
	// Words is what people read for what a control holds, in history too.
	Words(ctx context.Context, c *Column, page Page, text string) string
	Cell(ctx context.Context, c *Column, value reflect.Value) adminpages.Cell
	// Control completes a field that has its name, label, value and notes.
	Control(ctx context.Context, c *Column, page Page, field *ui.Field)
	// Filter lists the filter's choices besides All; known are those that the
	// declaration gives. None: the column is no filter.
	Filter(ctx context.Context, c *Column, now time.Time, known []models.Choice) []Option
	// Range is the choice of what lies between bounds; false where they are none.
	Range(ctx context.Context, c *Column, now time.Time, b Bounds) (Option, bool)
	// Export is a value for programs; Import gives what Set takes for it.
	Export(c *Column, value reflect.Value) string
	Import(cell string) []string
	// Key reads what fmt, and for times RFC 3339, wrote of a value.
	Key(word string) (any, error)
}

// Traits are how the engine treats a kind's columns.
type Traits struct {
	Fixed    bool // no form can change it
	Unsorted bool // too long for an index
	Few      bool // few values, many rows of each: indexes go on by date
	Times    bool // newest first
	Needs    bool // an empty control is no value unless the column may be null
	Wide     bool // takes the whole width of a panel
	Narrow   bool // takes half the width even of a narrow one

	Range string // type of the two inputs of a range; empty: there is none
	Lines bool   // may hold several lines
	Sheet sheets.Type
}

// Bounds are what the inputs of a range hold, both included; empty: open. Older is how
// many days ago days must be over, which stays relative.
type Bounds struct{ From, To, Older string }

// Page is what a control takes from the page that it is on.
type Page struct {
	Many    bool            // the control is for many rows at once, beside a box that chooses it
	Values  []string        // what the control holds
	Options []models.Choice // to choose from, where the declaration asks for them
	Grid    func(held []string) *ui.Grid
	Lookup  string                   // URL that suggests rows
	Links   []ui.FieldLink           // to the row that a reference leads to, and to a new one
	Named   func(text string) string // what the row is called that a reference leads to
}

// Option is one choice of a filter; Where is its condition.
type Option struct {
	Value, Label string
	Where        string
	IDs          string // the query, with Args, of those that Where asks about each row; empty: an index finds them by Where
	Args         []any
	Text         string // what the control holds for it; empty: many things
	Alarm        bool   // rows with it need somebody
}

// all are asked in this order: the first that claims a column has it.
var all = []Kind{
	Password{}, Reference{}, Rights{}, Ticks{}, Choice{}, Listed{}, Bool{}, Date{}, Time{}, Changes{}, List{},
	Decimal{}, Integer{}, JSON{}, Email{}, URL{}, LongText{}, Text{},
}
