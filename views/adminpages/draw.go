package adminpages

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// countText is "1,284", or "10,000+" where counting stopped.
func countText(ctx context.Context, c Count) string {
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

func anyLive(badges []Badge) bool {
	return slices.ContainsFunc(badges, func(b Badge) bool { return b.Live })
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
	return templ.Attributes{"id": "action-" + a.Name, "name": "action", "value": a.Name}
}

func hasSecondary(actions []Action) bool {
	return slices.ContainsFunc(actions, func(a Action) bool { return !a.Primary })
}

// anchor names a fieldset in the page, so that it stays open over a refresh.
func (f Fieldset) anchor() string { return strings.ReplaceAll(strings.ToLower(f.Title), " ", "-") }

// kind is the weight of the button that does it.
func (c Confirm) kind() ui.Kind {
	if c.Harmless {
		return ui.Primary
	}
	return ui.Destroy
}

func (c Confirm) objectsLabel(ctx context.Context) string {
	if c.Harmless {
		return i18n.T(ctx, "Selected")
	}
	return i18n.T(ctx, "What will be gone")
}
