package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// wideFrom is the length from which a text field takes the whole width of its panel.
const wideFrom = 255

// page draws the form but for its frame.
func (f *form) page(ctx context.Context) (adminpages.Form, error) {
	if err := f.nameRefs(ctx); err != nil {
		return adminpages.Form{}, err
	}
	p := adminpages.Form{
		Title: i18n.T(ctx, "Add %s", strings.ToLower(i18n.T(ctx, f.name))), URL: f.url("add"), Version: f.version, Closed: f.closed,
		AddAnother: f.adds && f.may(ctx, models.Add), ShownAt: f.shownAt,
	}
	if f.id != 0 {
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
			p.Fieldsets = append(p.Fieldsets, f.stacked(ctx, in))
		} else {
			p.Inlines = append(p.Inlines, f.tabular(ctx, in))
		}
	}
	f.summary(ctx, &p)
	return p, nil
}

// existing adds what only a stored row has.
func (f *form) existing(ctx context.Context, p *adminpages.Form) error {
	d, err := f.site.detail(ctx, f.resource, f.row)
	if err != nil {
		return err
	}
	p.Title, p.URL, p.Badge, p.Actions, p.DeleteURL, p.Side, p.Links = d.Title, d.URL, d.Badge, d.Actions, d.DeleteURL, d.Side, d.Links
	p.SaveAsNew = f.saveAsNew && f.may(ctx, models.Add)
	return nil
}

func (f *form) panel(ctx context.Context, set fieldset) adminpages.FormPanel {
	panel := adminpages.FormPanel{Title: i18n.T(ctx, set.Title), ID: set.Title, Collapsed: set.Collapsed}
	for _, c := range set.columns {
		if c.readOnly {
			if f.id == 0 {
				continue
			}
			cell := f.cell(ctx, c, f.row, Badge{})
			cell.Badge.ID = ""
			panel.Fields = append(panel.Fields, adminpages.FormField{Field: ui.Field{Name: c.name, Label: c.title(ctx)}, Cell: &cell, Wide: set.Aside})
			continue
		}
		field := f.field(ctx, c, f.typed.entry, c.name, c.name)
		field.Disabled = slices.Contains(f.locked, c.name)
		field.Warnings = inWords(ctx, f.warnings[c.name])
		if f.theirs != nil {
			field.Theirs = f.other(ctx, c, f.typed.entry, f.theirs.entry)
		}
		panel.Fields = append(panel.Fields, adminpages.FormField{Field: field, Wide: c.wide(set.Aside)})
	}
	return panel
}

// wide tells whether a column needs the whole width of its panel.
func (c *column) wide(narrow bool) bool {
	switch c.kind {
	case adminpages.CellNumber, adminpages.CellBool:
		return false
	case adminpages.CellLong, adminpages.CellList:
		return true
	}
	length, _ := c.rule("max")
	n, err := strconv.Atoi(length)
	return narrow || err == nil && n >= wideFrom
}

// field is one control: name is that of the control, fault that of its faults.
func (f *form) field(ctx context.Context, c *column, e *entry, name, fault string) ui.Field {
	field := ui.Field{
		Name: name, Label: c.title(ctx), Value: e.get(c.name), Errors: inWords(ctx, f.faults[fault]), Autocomplete: "off",
	}
	help := c.input.Help
	if f.id == 0 && c.input.NewHelp != "" {
		help = c.input.NewHelp
	}
	if help != "" {
		field.Help = i18n.T(ctx, help)
	}
	_, field.Required = c.rule("required")
	if c.kind == adminpages.CellNumber && c.input.Ref == "" {
		field.Min, _ = c.rule("min")
	}
	field.Max, _ = c.rule("max")
	f.control(ctx, c, e, &field)
	return field
}

func (f *form) control(ctx context.Context, c *column, e *entry, field *ui.Field) {
	switch {
	case c.input.Password:
		field.Control, field.Value, field.Autocomplete = ui.ControlPassword, "", "new-password"
	case c.input.Ref != "":
		field.Control, field.LookupURL, field.Value = ui.ControlLookup, f.site.resource(c.input.Ref).url("autocomplete"), f.named(c, field.Value)
	case c.input.Permissions:
		field.Control, field.Grid = ui.ControlGrid, f.site.grid(ctx, e.values[c.name])
	case c.input.Options != nil:
		field.Control, field.Values = ui.ControlTicks, e.values[c.name]
		for _, option := range f.options[c] {
			field.Options = append(field.Options, ui.Option{Value: option.Value, Label: option.Label})
		}
	case c.kind == adminpages.CellBadge:
		field.Control = ui.ControlSelect
		for _, choice := range c.choices {
			field.Options = append(field.Options, ui.Option{Value: choice.Value, Label: i18n.T(ctx, choice.Label)})
		}
	case c.kind == adminpages.CellBool:
		field.Control = ui.ControlCheckbox
	case c.kind == adminpages.CellNumber:
		field.Control = ui.ControlNumber
	case c.kind == adminpages.CellEmail:
		field.Control = ui.ControlEmail
	case c.kind == adminpages.CellLong, c.kind == adminpages.CellList:
		field.Control = ui.ControlTextarea
	default:
		field.Control = ui.ControlText
	}
}

// other is what the other side has in a column, where it differs.
func (f *form) other(ctx context.Context, c *column, ours, theirs *entry) string {
	mine, stored := ours.get(c.name), theirs.get(c.name)
	if strings.ReplaceAll(mine, "\r\n", "\n") == stored || c.input.Password || c.kind == adminpages.CellBool && mine == "" && stored == "false" {
		return ""
	}
	return i18n.T(ctx, "Stored now: %s", f.shown(ctx, c, stored))
}

// shown is a control's text as people read it.
func (f *form) shown(ctx context.Context, c *column, text string) string {
	for _, choice := range slices.Concat(c.choices, f.options[c]) {
		if choice.Value == text {
			return i18n.T(ctx, choice.Label)
		}
	}
	switch {
	case c.kind == adminpages.CellBool && text == "true":
		return i18n.T(ctx, "Yes")
	case c.kind == adminpages.CellBool:
		return i18n.T(ctx, "No")
	case text == "":
		return i18n.T(ctx, "nothing")
	case c.input.Ref != "":
		return f.named(c, text)
	}
	return oneLine(strings.ReplaceAll(text, "\n", ", "))
}

// summary names every fault above the form, those too that have no control.
func (f *form) summary(ctx context.Context, p *adminpages.Form) {
	p.Sentence = f.sentence
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
			p.Faults = append(p.Faults, ui.Field{Label: i18n.T(ctx, labelOf(name)), Errors: inWords(ctx, texts)})
		}
	}
}
