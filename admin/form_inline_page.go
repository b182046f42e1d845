package admin

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"digitalpath/admin/kinds"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// tabular draws an inline of many rows, one blank row at its end, and one more for
// the script to copy.
func (f *form) tabular(ctx context.Context, in *inline) adminpages.FormInline {
	table := adminpages.FormInline{Name: in.name, Title: i18n.T(ctx, in.title), Ordered: in.order != nil}
	for _, c := range in.columns {
		table.Columns = append(table.Columns, c.title(ctx))
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
	if f.closed {
		return table
	}
	blank := in.blank()
	table.Rows = append(table.Rows, f.inlineRow(ctx, in, blank, strconv.Itoa(table.Count), -1))
	table.Blank = f.inlineRow(ctx, in, blank, "new", -1)
	return table
}

// blank is a new row, with the first of each column's choices.
func (in *inline) blank() *entry {
	e := &entry{values: map[string][]string{}}
	for _, c := range in.columns {
		if len(c.Choices) > 0 && !c.Nullable {
			e.values[c.name] = []string{c.Choices[len(c.Choices)-1].Value}
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
			fault = fmt.Sprintf("%s.%d.%s", in.name, kept, c.name)
		}
		field := f.field(ctx, c, e, prefix+c.name, fault)
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
	e := in.blank()
	if list := f.typed.lists[in]; len(list) > 0 {
		e = list[0]
	}
	row := f.inlineRow(ctx, in, e, "0", 0)
	panel := adminpages.FormPanel{Title: i18n.T(ctx, in.title), ID: in.name, Row: &row}
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
		if e.get(c.name) != "" {
			words = append(words, oneLine(f.words(ctx, c, e)))
		}
	}
	return strings.Join(words, " · ")
}
