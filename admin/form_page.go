package admin

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// page draws the form but for its frame.
func (f *form) page(ctx context.Context) (adminpages.Form, error) {
	if err := f.nameRefs(ctx); err != nil {
		return adminpages.Form{}, err
	}
	p := adminpages.Form{
		Title: i18n.T(ctx, "Add %s", strings.ToLower(i18n.T(ctx, f.name))), URL: f.from.url(f.url("add")), ListURL: f.listURL(f.from),
		Version: f.version, Closed: f.closed, Unsaved: f.unsaved, AddAnother: f.adds && f.may(ctx, models.Add), ShownAt: f.shownAt,
	}
	switch {
	case f.gone != nil:
		f.drawGone(ctx, &p)
	case f.id != 0:
		if err := f.existing(ctx, &p); err != nil {
			return p, err
		}
	}
	if f.theirs != nil {
		p.Force = f.forced
	}
	for _, set := range f.fieldsets {
		panel := f.panel(ctx, set)
		if len(panel.Fields) == 0 {
			continue // of a new row there is nothing to show yet
		}
		if set.Aside {
			p.Aside = append(p.Aside, panel)
		} else {
			p.Fieldsets = append(p.Fieldsets, panel)
		}
	}
	for _, in := range f.inlines {
		if in.single {
			if panel := f.stacked(ctx, in); len(panel.Fields) > 0 {
				p.Fieldsets = append(p.Fieldsets, panel)
			}
		} else {
			p.Inlines = append(p.Inlines, f.tabular(ctx, in))
		}
	}
	f.summary(ctx, &p)
	return p, nil
}

// existing adds what only a stored row has.
func (f *form) existing(ctx context.Context, p *adminpages.Form) error {
	badges, err := f.badgesOf(ctx, []any{f.row})
	if err != nil {
		return err
	}
	badge, here := badges[f.id], f.url(strconv.FormatInt(f.id, 10))
	p.Title, p.URL = f.titleOf(f.row), f.from.url(here)
	p.Actions = f.actionsOn(ctx, f.row)
	p.Live = f.closed && badge.Live // what is being typed must stay
	p.SaveAsNew = f.saveAsNew && f.may(ctx, models.Add)
	p.Links = append([]adminpages.Link{{Label: i18n.T(ctx, "History"), URL: here + "history/"}}, linksOf(ctx, f.resource, f.rowLinks, here, f.row)...)
	if f.Schema.Type == reflect.TypeFor[models.HistoryEntry]() {
		p.Links = p.Links[1:] // history has none of its own
	}
	for i := range p.Links {
		p.Links[i].URL = f.from.url(p.Links[i].URL)
	}
	if f.status != nil {
		if shown := f.cell(ctx, f.status, f.row, badge); shown.Kind == adminpages.CellBadge {
			p.Badge = &shown.Badge
		}
	}
	if f.remove != nil && f.may(ctx, models.Delete) {
		p.DeleteURL = f.from.url(here + "delete/")
	}
	if f.mailTo != nil && f.mailTo.Text(f.row) != "" {
		p.MailTo = ui.MailTo(f.mailTo.Text(f.row))
	}
	if f.from != nil {
		list, err := f.site.opened(ctx, f.resource, f.from)
		if err != nil {
			return err
		}
		beside, err := list.Beside(ctx, f.site.DB, list.rows, list.counts, f.row)
		if err != nil {
			return err
		}
		p.Pager = f.pager(beside, f.from)
		if f.beside {
			if p.Beside, err = list.around(ctx, f.site, f.from, f.row, beside.Here); err != nil {
				return err
			}
			p.BesideTitle = i18n.T(ctx, f.plural)
		}
	}
	if f.side != nil {
		if p.Side, err = f.side(ctx, f.row); err != nil {
			return fmt.Errorf("side of %s: %w", f.slug, err)
		}
	}
	return nil
}

// panel draws what one may change as controls, and all else as it stands.
func (f *form) panel(ctx context.Context, set fieldset) adminpages.FormPanel {
	panel := adminpages.FormPanel{Title: i18n.T(ctx, set.Title), ID: set.Title, Collapsed: set.Collapsed}
	for _, c := range set.columns {
		shown := adminpages.FormField{Wide: c.Wide(set.Aside)}
		switch {
		case !c.ReadOnly && !f.closed && !slices.Contains(f.locked, c.Name):
			shown.Field = f.field(ctx, c, f.typed.entry, c.Name, c.Name)
			if f.theirs != nil {
				shown.Theirs = f.other(ctx, c, f.typed.entry, f.theirs.entry)
			}
		case f.id == 0 && c.ReadOnly, c.Password:
			continue // there is nothing to show
		case c.Permissions:
			shown.Field = f.field(ctx, c, f.typed.entry, c.Name, c.Name)
			shown.Disabled = true // a table of ticks is read best as one
		default:
			cell := f.namedCell(ctx, f.names, c, f.row, Badge{})
			if c.Ticked {
				cell.Text = c.Kind.Words(ctx, c, kinds.Page{Options: f.options[c]}, strings.Join(c.Texts(f.row), "\n"))
			}
			cell.Badge.ID = "" // the one beside the title has it
			shown.Field, shown.Cell = ui.Field{Name: c.Name, Label: c.Title(ctx)}, &cell
		}
		shown.Warnings = inWords(ctx, f.warnings[c.Name])
		panel.Fields = append(panel.Fields, shown)
	}
	return panel
}

// field is one control: name is that of the control, fault that of its faults.
func (f *form) field(ctx context.Context, c *kinds.Column, e *entry, name, fault string) ui.Field {
	field := ui.Field{
		Name: name, Label: c.Title(ctx), Value: e.get(c.Name), Errors: inWords(ctx, f.faults[fault]), Autocomplete: "off",
	}
	help := c.Help
	if f.id == 0 && c.NewHelp != "" {
		help = c.NewHelp
	}
	if help != "" {
		field.Help = i18n.T(ctx, help)
	}
	c.Control(ctx, f.around(ctx, c, e.values[c.Name]), &field)
	if offered, ok := e.offered[c.Name]; ok {
		field.Options = offered
	}
	return field
}

// around is what a column's control takes from the form.
func (f *form) around(ctx context.Context, c *kinds.Column, values []string) kinds.Page {
	page := kinds.Page{
		Values: values, Options: f.options[c], Many: f.many,
		Grid:  func(held []string) *ui.Grid { return f.site.grid(ctx, held) },
		Named: func(text string) string { return f.names.Named(c, text) },
	}
	if c.Ref != "" {
		target := f.site.resource(c.Ref)
		page.Lookup, page.Links = target.url("autocomplete"), target.linksBeside(ctx, values, page.Named)
	}
	return page
}

// linksBeside are the ways from a reference to its row and to a new one.
func (r *resource) linksBeside(ctx context.Context, values []string, named func(string) string) []ui.FieldLink {
	var links []ui.FieldLink
	if id, marked := strings.CutPrefix(strings.Join(values, ""), kinds.RefMark); marked && r.may(ctx, models.View) {
		links = append(links, ui.FieldLink{URL: r.url(id), Label: i18n.T(ctx, "Open %s", named(kinds.RefMark+id)), Icon: "right"})
	}
	if r.adds && r.may(ctx, models.Add) {
		links = append(links, ui.FieldLink{URL: r.url("add"), Label: i18n.T(ctx, "Add %s", strings.ToLower(i18n.T(ctx, r.name))), Icon: "plus"})
	}
	return links
}

// other is what the other side has in a column, where it differs.
func (f *form) other(ctx context.Context, c *kinds.Column, ours, theirs *entry) string {
	mine, stored := f.words(ctx, c, ours), f.words(ctx, c, theirs)
	if mine == stored {
		return ""
	}
	return i18n.T(ctx, "Stored now: %s", shorten(ctx, stored))
}

// words are a control's text as people read it.
func (f *form) words(ctx context.Context, c *kinds.Column, e *entry) string {
	return c.Kind.Words(ctx, c, f.around(ctx, c, nil), e.get(c.Name))
}

// shorten is the beginning of words, or a word for none.
func shorten(ctx context.Context, words string) string {
	if words == "" {
		return i18n.T(ctx, "nothing")
	}
	return kinds.OneLine(words)
}

// summary names every fault above the form, those too that have no control.
func (f *form) summary(ctx context.Context, p *adminpages.Form) {
	p.Sentence, p.Note = f.sentence, f.note
	drawn := map[string]bool{}
	add := func(fields []ui.Field, within string) {
		for _, field := range fields {
			drawn[field.Name] = true
			if len(field.Errors) > 0 {
				if within != "" {
					field.Label = within + ", " + field.Label
				}
				p.Faults = append(p.Faults, field)
			}
		}
	}
	for _, panel := range slices.Concat(p.Fieldsets, p.Aside) {
		for _, field := range panel.Fields {
			add([]ui.Field{field.Field}, "")
		}
	}
	for _, in := range p.Inlines {
		for i, row := range in.Rows {
			add(row.Fields, fmt.Sprintf("%s %d", in.Title, i+1))
		}
	}
	for name, texts := range f.faults {
		if _, column := f.columns[name]; !column && !strings.Contains(name, ".") || strings.HasSuffix(name, ".id") {
			fault := ui.Field{Label: i18n.T(ctx, kinds.LabelOf(name)), Errors: inWords(ctx, texts)}
			if i := slices.IndexFunc(p.Inlines, func(in adminpages.FormInline) bool { return in.Name == name }); i >= 0 {
				fault.Name, fault.Label = name+"-title", p.Inlines[i].Title
			}
			p.Faults = append(p.Faults, fault)
		}
	}
}

// opened is the list that a row was opened from, and where its rows and their counts are.
type opened struct {
	*request
	rows, counts listing.Source
}

func (s *Site) opened(ctx context.Context, r *resource, from *origin) (*opened, error) {
	params, err := url.ParseQuery(from.query)
	if err != nil {
		return nil, fmt.Errorf("read origin: %w", err)
	}
	list := &opened{request: r.read(ctx, s.Now(), params)}
	if list.rows, list.counts, err = list.find(ctx, s.DB); err != nil {
		return nil, err
	}
	return list, list.limitOrder(ctx, s.DB, list.counts, adminpages.Count{Capped: true})
}

// neighbours looks beside a row in the list that it was opened from.
func (s *Site) neighbours(ctx context.Context, r *resource, from *origin, row any) (*listing.Beside, error) {
	list, err := s.opened(ctx, r, from)
	if err != nil {
		return nil, err
	}
	return list.Beside(ctx, s.DB, list.rows, list.counts, row)
}

// shownAround is how many rows stand before and behind one in the list beside it.
const shownAround = 12

// around draws the part of the list that a row stands in, or stood in.
func (o *opened) around(ctx context.Context, s *Site, from *origin, row any, here bool) ([]adminpages.BesideRow, error) {
	before, after, err := o.Around(ctx, s.DB, o.rows, o.counts, row, shownAround)
	if err != nil {
		return nil, err
	}
	all := before
	if here {
		all = append(all, row)
	}
	all = append(all, after...)
	badges, err := o.badgesOf(ctx, all)
	if err != nil {
		return nil, err
	}
	shown := make([]adminpages.BesideRow, len(all))
	for i, other := range all {
		id := o.ID(other)
		shown[i] = adminpages.BesideRow{Title: o.titleOf(other), URL: from.url(o.url(strconv.FormatInt(id, 10))), Here: id == o.ID(row)}
		if o.excerpt != nil {
			shown[i].Excerpt = kinds.OneLine(o.excerpt.Text(other))
		}
		if o.status != nil {
			shown[i].Badge = o.cell(ctx, o.status, other, badges[id]).Badge
			shown[i].Badge.ID = "" // the one beside the title has it
		}
	}
	return shown, nil
}

// pager draws the way to the neighbours, and where among them the row is.
func (r *resource) pager(beside *listing.Beside, from *origin) *adminpages.RowPager {
	pager := &adminpages.RowPager{List: r.listURL(from)}
	if beside.Previous != 0 {
		pager.Previous = from.url(r.url(strconv.FormatInt(beside.Previous, 10)))
	}
	if beside.Next != 0 {
		pager.Next = from.url(r.url(strconv.FormatInt(beside.Next, 10)))
	}
	if beside.Here && beside.Before < listing.CountCap {
		total := beside.Before + 1 + beside.After
		pager.Number, pager.Total = beside.Before+1, adminpages.Count{N: min(total, listing.CountCap), Capped: total > listing.CountCap}
	}
	return pager
}
