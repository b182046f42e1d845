package adminpages

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Text is "1,284", or "10,000+" where counting stopped.
func (c Count) Text(ctx context.Context) string {
	if c.Capped {
		return i18n.Number(ctx, c.N) + "+"
	}
	return i18n.Number(ctx, c.N)
}

// swapTo makes a link that works as it is and, with HTMX, only changes the list.
func swapTo(l Link) templ.Attributes {
	attrs := templ.Attributes{"href": l.URL, "hx-get": l.URL, "hx-push-url": "true"}
	if l.Selected {
		attrs["aria-current"] = "true"
	}
	return attrs
}

// columnKind is the kind of a column's values, judged by the first row.
func (l List) columnKind(index int) CellKind {
	if len(l.Rows) == 0 {
		return CellText
	}
	return l.Rows[0].Cells[index].Kind
}

// name is what a row is called aloud.
func (r Row) name() string {
	if len(r.Cells) > 0 && r.Cells[0].Text != "" {
		return r.Cells[0].Text
	}
	return r.ID
}

func (f Filter) label(ctx context.Context) string {
	if f.Title != "" {
		return f.Title
	}
	return i18n.T(ctx, "Filter")
}

// actionAttributes give the button an id, so that it keeps the focus when the page
// refreshes itself.
func actionAttributes(a Action) templ.Attributes {
	return templ.Attributes{"id": "action-" + a.Name, "name": "action", "value": a.Name, "data-key": a.Key}
}

// stands tells whether an action has a button of its own: beside Save none has.
func (f Form) stands(a Action) bool { return a.Primary && f.Closed }

// replyKind makes the answer the first thing to do where no action is.
func (f Form) replyKind() ui.Kind {
	if !f.Closed || slices.ContainsFunc(f.Actions, f.stands) {
		return ui.Plain
	}
	return ui.Primary
}

// hasMenu tells whether anything is left for the menu.
func (f Form) hasMenu() bool {
	return f.DeleteURL != "" || slices.ContainsFunc(f.Links, func(l Link) bool { return l.Alarm }) || slices.ContainsFunc(f.Actions, func(a Action) bool { return !f.stands(a) })
}

// anchor names a panel in the page, so that it stays open over a refresh.
func (p FormPanel) anchor() string { return strings.ReplaceAll(strings.ToLower(p.ID), " ", "-") }

// faulty tells whether something in the panel is wrong, which must be in sight.
func (p FormPanel) faulty() bool {
	return slices.ContainsFunc(p.Fields, func(f FormField) bool { return len(f.Errors) > 0 || f.Theirs != "" })
}

// shown tells whether nothing of the panel can be changed.
func (p FormPanel) shown() bool {
	return !slices.ContainsFunc(p.Fields, func(f FormField) bool { return f.Cell == nil })
}
