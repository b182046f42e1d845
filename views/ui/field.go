package ui

import (
	"strings"

	"github.com/a-h/templ"
)

// Control says how a field is filled in.
type Control string

// The controls; any other value is the type of an input element.
const (
	ControlText     Control = "text"
	ControlEmail    Control = "email"
	ControlPassword Control = "password"
	ControlURL      Control = "url"
	ControlDate     Control = "date"
	ControlDateTime Control = "datetime-local"
	ControlTextarea Control = "textarea"
	ControlSelect   Control = "select"
	ControlNumber   Control = "number"
	ControlCheckbox Control = "checkbox" // Value "true": ticked
	ControlTicks    Control = "ticks"    // of Options those in Values are ticked
	ControlGrid     Control = "grid"     // of Grid
	ControlLookup   Control = "lookup"   // text with suggestions from LookupURL
)

// Grid is a table of things to tick.
type Grid struct {
	Columns []string
	Rows    []GridRow
}

// GridRow is one line of a Grid, with a cell for each column.
type GridRow struct {
	Label string
	Cells []GridCell
}

// GridCell is one thing to tick; Label names it for those who hear the page.
type GridCell struct {
	Value, Label     string
	Offered, Checked bool
}

// Option is one choice of a select.
type Option struct{ Value, Label string }

// FieldLink leads from a lookup to what it is about; Label names it aloud.
type FieldLink struct{ URL, Label, Icon string }

// Field is one labelled control with its help and its errors, all of it already in
// the reader's language.
type Field struct {
	Name, Label  string
	Control      Control
	Value        string
	Options      []Option // of a select; of a lookup what it found
	Help         string
	Errors       []string
	Required     bool
	Autofocus    bool
	Autocomplete string

	Values    []string // ticked, of ControlTicks
	Grid      *Grid
	LookupURL string
	Links     []FieldLink // beside a lookup, each to a page of its own
	Min, Max  string      // of a number its bounds; Max of a text its length
	Step      string      // of a number or a time; empty: the browser's
	Warnings  []string    // odd, but not refused
	Theirs    string      // what somebody else saved meanwhile
	Disabled  bool
	Short     bool // a text area of one line that grows
}

const controlClass = "block w-full rounded-md border bg-panel px-2.5 text-sm text-ink text-ellipsis disabled:bg-subtle disabled:opacity-100"

func (f Field) class() string {
	class := controlClass + " border-edge enabled:hover:border-soft"
	if len(f.Errors) > 0 {
		class = controlClass + " border-danger-edge"
	}
	switch {
	case f.Control == ControlTextarea && f.Short:
		return class + " field-sizing-content min-h-8 py-[5px] resize-none"
	case f.Control == ControlTextarea:
		return class + " field-sizing-content min-h-24 max-h-96 py-1.5"
	}
	return class + " h-8"
}

// describedBy names the help and the errors for those who hear the page.
func (f Field) describedBy() string {
	var ids []string
	if f.Help != "" {
		ids = append(ids, f.Name+"-help")
	}
	if len(f.Errors)+len(f.Warnings) > 0 || f.Theirs != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// notes tie the help and the errors to a control.
func (f Field) notes() templ.Attributes {
	attrs := templ.Attributes{}
	if len(f.Errors) > 0 && f.Control != ControlTicks && f.Control != ControlGrid { // which are groups
		attrs["aria-invalid"] = "true"
	}
	if ids := f.describedBy(); ids != "" {
		attrs["aria-describedby"] = ids
	}
	return attrs
}

// offered names what a lookup found.
func (f Field) offered() string {
	names := make([]string, len(f.Options))
	for i, o := range f.Options {
		names[i] = o.Value
	}
	return strings.Join(names, ", ")
}

func (f Field) attributes() templ.Attributes {
	attrs := f.notes()
	attrs["required"], attrs["autofocus"], attrs["disabled"] = f.Required, f.Autofocus, f.Disabled
	switch {
	case f.Control == ControlNumber:
		f.bound(attrs, "min", f.Min)
		f.bound(attrs, "max", f.Max)
	case f.Control != ControlSelect:
		f.bound(attrs, "maxlength", f.Max)
	}
	f.bound(attrs, "step", f.Step)
	if f.Control == ControlLookup {
		attrs["list"] = f.Name + "-options"
	}
	if f.Autocomplete != "" {
		attrs["autocomplete"] = f.Autocomplete
	}
	return attrs
}

func (f Field) bound(attrs templ.Attributes, name, value string) {
	if value != "" {
		attrs[name] = value
	}
}

// lookup makes an input ask for suggestions while somebody types.
func (f Field) lookup() templ.Attributes {
	if f.Control != ControlLookup {
		return nil
	}
	return templ.Attributes{
		"hx-get": f.LookupURL, "hx-trigger": "input changed delay:150ms, focus once", "hx-target": "next datalist", "hx-sync": "this:replace",
		"hx-params": f.Name, "data-lookup": true,
	}
}

// rows is the height of a text area where the browser can't fit it to its text.
func (f Field) rows() string {
	if f.Short {
		return "1"
	}
	return "4"
}

// inputType is the type of an input element.
func (f Field) inputType() string {
	if f.Control == ControlLookup {
		return string(ControlText)
	}
	return string(f.Control)
}

// LabelClass dresses the label above a control.
func LabelClass() string { return "mb-1.5 block text-sm font-medium" }

// InputClass dresses an input that stands alone.
func InputClass() string { return Field{}.class() }
