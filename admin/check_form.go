package admin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun/schema"

	"digitalpath/admin/imports"
	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/problem"
)

// resolveForm looks up what the form of a row is made of.
func (m *Model[T]) resolveForm(c *checker, r *resource) {
	for _, col := range c.all("Bars", m.Bars, isNumber) {
		col.Bar = true
	}
	for _, col := range c.all("Worded", m.Worded, isText) {
		col.Worded = true
	}
	for _, col := range c.all("ReadOnly", m.ReadOnly, nil) {
		col.ReadOnly = true
	}
	for _, in := range m.Inlines {
		resolved := in.resolve(c, reflect.TypeFor[T]())
		c.check(!slices.ContainsFunc(r.inlines, func(known *inline) bool { return known.name == resolved.name }),
			"inline %q is declared twice", resolved.name)
		r.inlines = append(r.inlines, resolved)
	}
	if m.Save == nil {
		c.check(len(m.Inlines) == 0 && m.Load == nil && m.New == nil && m.Import == nil, "Inlines, Load, New and Import are for a form, which takes Save")
		return
	}
	c.check(len(r.fieldsets) > 0, "Rows and Save take Fieldsets, of which the form is made")
	for _, col := range r.shown() {
		c.check(col.ReadOnly || isEditable.fits(col), "Fieldsets names %q, which is not what a form takes: %s", col.Name, isEditable.words)
		c.check(!slices.Contains([]string{"action", "csrf_token"}, col.Name), "a form cannot have a field %q", col.Name)
	}
	r.adds, r.saveAsNew = !m.NoAdd, m.SaveAsNew
	m.eraseForm(r)
	m.resolveImport(c, r)
}

// eraseForm wraps the hooks of the form, so that they take rows of any type.
func (m *Model[T]) eraseForm(r *resource) {
	r.newRow = func() any {
		if m.New != nil {
			return m.New()
		}
		return new(T)
	}
	if m.Load != nil {
		r.load = func(ctx context.Context, ids []int64) (map[int64]any, error) {
			rows, err := m.Load(ctx, ids)
			if err == nil && m.Complete != nil {
				err = m.Complete(ctx, rows)
			}
			byID := make(map[int64]any, len(rows))
			for _, row := range rows {
				byID[r.ID(row)] = row
			}
			return byID, err
		}
	}
	r.save = func(ctx context.Context, id int64, edit func(any) error) (any, error) {
		return m.Save(ctx, id, func(row *T) error { return edit(row) })
	}
	if m.Locked != nil {
		r.locked = func(ctx context.Context, row any) []string { return m.Locked(ctx, row.(*T)) }
	}
	if m.Warnings != nil {
		r.warnings = func(row any) problem.Fields { return m.Warnings(row.(*T)) }
	}
}

// through is the relation that the name of another row's column begins with: "project" of
// "project.name".
func (c *checker) through(name string) *schema.Relation {
	if relation, _, dotted := strings.Cut(name, "."); dotted {
		for _, r := range c.table.Relations {
			if r.Type == schema.BelongsToRelation && r.Field.Name == relation {
				return r
			}
		}
	}
	return nil
}

// checkRefs holds every Ref against the models that there are.
func (s *Site) checkRefs() error {
	for _, r := range s.resources {
		columns := slices.Collect(maps.Values(r.columns))
		for _, in := range r.inlines {
			columns = append(columns, in.columns...)
		}
		for _, c := range columns {
			if c.Ref == "" {
				continue
			}
			target := s.resource(c.Ref)
			if target == nil || len(target.Texts) == 0 {
				return fmt.Errorf("admin: model %q: column %q refers to %q, which is no model with Search, by which its rows are found: Register it, or set its Search", r.slug, c.Name, c.Ref)
			}
			c.Options = func(ctx context.Context) ([]models.Choice, error) { return s.choices(ctx, target) }
		}
	}
	return nil
}

// resource finds a model by its slug; nil where there is none.
func (s *Site) resource(slug string) *resource {
	if i := slices.IndexFunc(s.resources, func(r *resource) bool { return r.slug == slug }); i >= 0 {
		return s.resources[i]
	}
	return nil
}

// editable are the columns of the form's own row, in its order; none without a form.
func (r *resource) editable() []*kinds.Column {
	var columns []*kinds.Column
	if !r.edits() {
		return nil
	}
	for _, set := range r.fieldsets {
		for _, c := range set.columns {
			if !c.ReadOnly {
				columns = append(columns, c)
			}
		}
	}
	return columns
}

// resolveImport looks up what a file may hold.
func (m *Model[T]) resolveImport(c *checker, r *resource) {
	if m.Import == nil {
		return
	}
	in := &imports.Importer{Key: c.one("Import.Key", m.Import.Key, isText), Names: m.Import.Names, HasChildren: len(r.inlines) > 0}
	for _, col := range slices.Concat(r.editable(), c.all("Import.Columns", m.Import.Columns, isImportable)) {
		if !col.Password && !col.Kept() && !slices.Contains(in.Columns, col) {
			in.Columns = append(in.Columns, col)
		}
	}
	c.check(in.Key == nil || slices.Contains(in.Columns, in.Key), "Import.Key names %q, which no file may hold", m.Import.Key)
	for said, names := range m.Import.Names {
		c.check(said == strings.ToLower(said), "Import.Names has %q, which is not in lower case", said)
		for _, col := range c.all("Import.Names", strings.Fields(names), nil) {
			c.check(slices.Contains(in.Columns, col), "Import.Names names %q, which no file may hold", col.Name)
		}
	}
	if m.Import.Check != nil {
		in.CheckRow = func(row any) problem.Fields { return m.Import.Check(row.(*T)) }
	}
	if m.Import.Merge != nil {
		in.Merge = func(stored, row any) { m.Import.Merge(stored.(*T), row.(*T)) }
	}
	r.imports = in
	r.links = append(slices.Clone(r.links), Link{Label: "Import…", URL: r.url("import"), Needs: models.Add})
}

// resolveSets turns what actions set into what a form would hold.
func (c *checker) resolveSets(r *resource) {
	r.set = map[string]url.Values{}
	for _, a := range r.actions {
		if len(a.Set)+len(a.Form) == 0 {
			continue
		}
		c.check(r.save != nil, "action %q has Set or Form, which takes Rows or Save", a.Name)
		if c.err != nil {
			return
		}
		row := r.newRow()
		r.set[a.Name] = url.Values{}
		for name, value := range a.Set {
			col := c.formColumn(r, a.Name, name)
			if col == nil {
				return
			}
			ok := setAny(col, row, value) == nil
			texts := col.Texts(row)
			if p, faulty := problem.As(models.Validate(row)); faulty {
				ok = ok && len(p.Fields[name]) == 0
			}
			c.check(ok && col.Set(row, texts) == nil, "action %q sets %q to %v, which it cannot be", a.Name, name, value)
			r.set[a.Name][name] = texts
		}
		for _, name := range a.Form {
			c.formColumn(r, a.Name, name)
		}
	}
}

func (c *checker) formColumn(r *resource, action, name string) *kinds.Column {
	i := slices.IndexFunc(r.editable(), func(col *kinds.Column) bool { return col.Name == name })
	c.check(i >= 0, "action %q has the column %q, which the form of a row cannot change", action, name)
	if i < 0 {
		return nil
	}
	return r.editable()[i]
}

// setAny gives a column a value of the declaration.
func setAny(c *kinds.Column, row, value any) error {
	field, given := c.Value(row), reflect.ValueOf(value)
	if value == nil && c.Nullable {
		field.SetZero()
		return nil
	}
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	if !given.IsValid() || !given.CanConvert(field.Type()) || given.Kind() != reflect.String && field.Kind() == reflect.String || given.CanFloat() && !field.CanFloat() {
		return errors.New("another type")
	}
	field.Set(given.Convert(field.Type()))
	return nil
}

// Importer takes files into the model of that slug, for who may see and add its rows.
func (s *Site) Importer(ctx context.Context, slug string) (*imports.Importer, error) {
	r := s.resource(slug)
	if r == nil || r.imports == nil {
		return nil, problem.ErrNotFound()
	}
	im := *r.imports
	im.DB, im.Table, im.New, im.Save, im.Locked, im.TitleOf = s.DB, &r.Table, r.newRow, r.save, r.locked, r.titleOf
	im.Reference, im.Permissions = s.referenceOf, s.permissions
	im.MayChange = func(ctx context.Context) error { return r.need(ctx, models.Change) }
	im.Words = func(ctx context.Context, columns []*kinds.Column, rows []any) (func(*kinds.Column, any) string, error) {
		names, err := s.namesIn(ctx, columns, rows, nil)
		return func(c *kinds.Column, row any) string { return names.Words(ctx, c, row) }, err
	}
	return &im, errors.Join(r.need(ctx, models.View), r.need(ctx, models.Add))
}
