package admin

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/views/adminpages"
)

// resolve looks up every column that the declaration names. What does not fit the
// table is one sentence that names the model and the column.
func (m *Model[T]) resolve(db *bun.DB) (*resource, error) {
	m.keepRows()
	c := &checker{slug: m.Slug, labels: m.Labels, inputs: m.Inputs, choices: m.Choices, columns: map[string]*kinds.Column{}}
	c.tables, c.table = db.Dialect().Tables(), db.Table(reflect.TypeFor[T]())
	r := &resource{
		slug: m.Slug, name: m.Name, plural: m.Plural, group: m.Group, icon: m.Icon, hint: m.Hint, rightsOf: cmp.Or(m.RightsOf, m.Slug),
		Table: listing.Table{
			Name: m.Slug, Schema: c.table, PK: c.primaryKey(), List: c.all("List", m.List, nil), Texts: c.all("Search", m.Search, isText),
			Dates: c.one("Dates", m.Dates, isDate), Key: c.one("Key", m.Key, isText),
		},
		filters: c.all("Filters", m.Filters, isFilter),
		excerpt: c.one("Excerpt", m.Excerpt, isText),
		mailTo:  c.one("MailTo", m.MailTo, isText),
		links:   m.Links, rowLinks: m.RowLinks, actions: m.Actions, defaults: m.Default, remove: m.Delete, related: m.Related, trash: m.Trash, revert: m.Revert, keeper: m.Rows != nil, beside: m.Beside, needs: m.Needs,
	}
	for _, set := range m.Fieldsets {
		r.fieldsets = append(r.fieldsets, fieldset{set, c.all("Fieldsets", set.Fields, nil)})
	}
	for _, option := range []struct {
		name    string
		columns []string
		need    *need
	}{
		{"Labels", slices.Sorted(maps.Keys(m.Labels)), nil}, {"Inputs", slices.Sorted(maps.Keys(m.Inputs)), nil},
		{"Bars", m.Bars, isNumber}, {"Worded", m.Worded, isText}, {"ReadOnly", m.ReadOnly, nil},
	} {
		c.all(option.name, option.columns, option.need)
	}
	if m.Trash != nil {
		r.links = append(slices.Clone(r.links), Link{Label: "Trash", URL: r.url("trash"), Needs: models.Delete})
	}
	m.resolveForm(c, r)
	c.check(m.Slug != "" && m.Name != "" && m.Plural != "", "Slug, Name and Plural must be set")
	c.check(len(m.List) > 0, "List must name a column")
	for _, col := range r.List {
		c.check(c.err != nil || m.Complete != nil || !col.Kept(), "List names %q, which no table holds: set Complete, which fills it in", col.Name)
	}
	c.defaults(r)
	c.actions(m.Actions)
	c.resolveSets(r)
	r.columns = c.columns
	if c.err != nil {
		return nil, c.err
	}
	r.Listable = r.mayList()
	r.findSpecial(c.columns)
	m.erase(r)
	return r, r.checkSchema(db, m.Unindexed)
}

// findSpecial finds the columns that stand out, and the relations that columns are read through.
func (r *resource) findSpecial(columns map[string]*kinds.Column) {
	r.segments = first(r.filters, isEnumerated)
	r.status = first(r.List, isEnumerated)
	if r.Key == nil {
		r.Key = first(r.List, isName)
	}
	for _, col := range columns {
		if col.Through != nil && !slices.Contains(r.Through, col.Through) {
			r.Through = append(r.Through, col.Through)
		}
	}
}

// keepRows lets the keeper of the table do what it can.
func (m *Model[T]) keepRows() {
	if m.Rows != nil {
		m.Load, m.Save, m.Trash = m.Rows.LoadAll, m.Rows.Save, m.Rows
	}
	if m.Trash != nil {
		m.Delete, m.Revert = m.Trash.Delete, m.Trash.Revert
	}
}

// erase wraps the hooks, so that they take rows of any type.
func (m *Model[T]) erase(r *resource) {
	r.title = func(row any) string {
		if m.Title != nil {
			return m.Title(row.(*T))
		}
		return kinds.OneLine(r.List[0].Text(row))
	}
	if m.Complete != nil {
		r.Complete = func(ctx context.Context, rows any) error { return m.Complete(ctx, rows.([]*T)) }
	}
	if m.Badge != nil {
		r.badges = func(ctx context.Context, rows []any) (map[int64]Badge, error) {
			typed := make([]*T, len(rows))
			for i, row := range rows {
				typed[i] = row.(*T)
			}
			return m.Badge(ctx, typed)
		}
	}
	if m.Side != nil {
		r.side = func(ctx context.Context, row any) ([]adminpages.Timeline, error) { return m.Side(ctx, row.(*T)) }
	}
}

// checkSchema refuses a column that a migration of the engine lacks, and a search without
// its index.
func (r *resource) checkSchema(db *bun.DB, unindexed bool) (err error) {
	if r.unique, err = r.Unique(db); err != nil {
		return err
	}
	column, err := r.Lacks(db)
	if err != nil {
		return err
	}
	if column != "" {
		engine := "sqlite"
		if models.IsPostgres(db) {
			engine = "postgres"
		}
		return fmt.Errorf("admin: model %q: the table %s has no column %q: a migration in migrations/%s must add it", r.slug, r.Schema.Name, column, engine)
	}
	if err := r.FindOrders(db, slices.Sorted(maps.Keys(r.defaults))); err != nil || unindexed || len(r.Texts) == 0 {
		return err
	}
	lacking, err := r.FindSearch(db)
	if err == nil && lacking != "" {
		err = fmt.Errorf("admin: model %q: Search has no index: a migration must make %s, or set Unindexed where the table stays small", r.slug, lacking)
	}
	return err
}

// checkWords refuses what a model or a page says that would stay English.
func (s *Site) checkWords() error {
	if s.Translated == nil {
		return nil
	}
	said := map[string][]string{}
	for _, r := range s.resources {
		said[fmt.Sprintf("model %q", r.slug)] = r.words()
	}
	for _, p := range s.Pages {
		if p.Label != "" {
			said[fmt.Sprintf("page %q", p.URL)] = []string{p.Label}
		}
	}
	for _, where := range slices.Sorted(maps.Keys(said)) {
		words := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(said[where]))), s.Translated)
		if len(words) > 0 {
			return fmt.Errorf("admin: %s says %q, which have no Spanish: add them to its catalogue in views/i18n", where, words)
		}
	}
	return nil
}

// checker looks up columns and keeps the first fault.
type checker struct {
	slug    string
	labels  map[string]string
	inputs  map[string]Input
	choices map[string]func(context.Context) ([]models.Choice, error)
	table   *schema.Table
	tables  *schema.Tables
	columns map[string]*kinds.Column // looked up so far: each is one
	err     error
}

func (c *checker) check(ok bool, format string, args ...any) {
	if !ok && c.err == nil {
		c.err = fmt.Errorf("admin: model %q: "+format, append([]any{c.slug}, args...)...)
	}
}

func (c *checker) primaryKey() *kinds.Column {
	ok := len(c.table.PKs) == 1 && c.table.PKs[0].IndirectType.Kind() == reflect.Int64
	c.check(ok, "table %s must have one int64 primary key", c.table.Name)
	if !ok {
		return nil
	}
	return c.column(c.table.PKs[0].Name, c.table.PKs[0], nil)
}

// need is what a column must be for one of the declaration's options.
type need struct {
	fits  func(*kinds.Column) bool
	words string
}

var (
	isFilter = &need{func(c *kinds.Column) bool {
		return c.Having != "" || !c.Kept() && (c.Ref != "" || c.Listed || len(c.Kind.Filter(context.Background(), c, time.Time{}, nil)) > 0)
	}, "a column that can be filtered by"}
	isName       = &need{func(c *kinds.Column) bool { return c.Kind == kinds.Text{} || c.Kind == kinds.Email{} }, "a short text"}
	isText       = &need{func(c *kinds.Column) bool { return c.Field.IndirectType.Kind() == reflect.String }, "a text column"}
	isDate       = &need{func(c *kinds.Column) bool { return c.Kind.Traits(c).Times && !c.Nullable }, "a time column that is never null"}
	isNumber     = &need{func(c *kinds.Column) bool { return c.Kind == kinds.Integer{} }, "a number column"}
	isEditable   = &need{func(c *kinds.Column) bool { return !c.Kind.Traits(c).Fixed }, "a column that a form can change; list it in ReadOnly"}
	isEnumerated = &need{func(c *kinds.Column) bool { return c.Kind == kinds.Choice{} }, "an enumerated column"}
)

func (c *checker) all(option string, names []string, n *need) []*kinds.Column {
	columns := make([]*kinds.Column, 0, len(names))
	for _, name := range names {
		if col := c.one(option, name, n); col != nil {
			columns = append(columns, col)
		} else {
			c.check(false, "%s has an empty name", option)
		}
	}
	return columns
}

// one looks up a column; an option that is not set has none.
func (c *checker) one(option, name string, n *need) *kinds.Column {
	if name == "" {
		return nil
	}
	field, ok := c.table.FieldMap[name]
	through := c.through(name)
	if through != nil {
		_, of, _ := strings.Cut(name, ".")
		field, ok = through.JoinTable.FieldMap[of]
	}
	if !ok {
		c.check(through != nil || !strings.Contains(name, "."), "%s names %q, and %s has no field of that name with bun:\"rel:belongs-to,...\" which leads there", option, name, c.table.Type.Name())
		c.check(false, "%s names the column %q, which %s does not have", option, name, c.table.Name)
		return &kinds.Column{Name: name}
	}
	col := c.columns[name]
	if col == nil {
		col = c.column(name, field, through)
		c.columns[name] = col
	}
	c.check(n == nil || n.fits(col), "%s names %q, which is not what it takes: %s", option, name, needWords(n))
	return col
}

// column is a field of the table or, by the name of the relation and its own, of the one
// that a relation leads to.
func (c *checker) column(name string, f *schema.Field, through *schema.Relation) *kinds.Column {
	label, in := c.labels[name], c.inputs[name]
	if label == "" {
		said := strings.ReplaceAll(name, ".", "_")
		if in.Ref != "" {
			said = strings.TrimSuffix(said, "_id")
		}
		label = kinds.LabelOf(said)
	}
	col := &kinds.Column{
		Name: name, Label: label, Help: in.Help, NewHelp: in.NewHelp, Field: f, SQL: string(c.table.SQLAlias) + "." + string(f.SQLName),
		Password: in.Password, Ref: in.Ref, Having: in.Having, Ticked: in.Options != nil, Permissions: in.Permissions, Listed: c.choices[name] != nil,
	}
	if col.Options = c.choices[name]; col.Ticked {
		col.Options = in.Options
	}
	if through != nil {
		col.Reach(c.table, through)
	}
	if in.Having != "" {
		col.SQL = string(c.table.SQLAlias) + "." + string(c.table.PKs[0].SQLName)
	}
	c.check(col.Claim(), "column %q has the type %s, which no kind of column takes: see admin/kinds", name, f.IndirectType)
	return col
}

func (c *checker) defaults(r *resource) {
	for _, name := range slices.Sorted(maps.Keys(r.defaults)) {
		i := slices.IndexFunc(r.filters, func(col *kinds.Column) bool { return col.Name == name })
		c.check(i >= 0 && r.filters[i].Kind == kinds.Bool{}, "Default names %q, which is not a bool filter", name)
		c.check(r.defaults[name] == "0" || r.defaults[name] == "1", `Default for %q must be "0" or "1"`, name)
	}
}

func (c *checker) actions(actions []Action) {
	seen := map[string]bool{"": true, deleteAction: true, editAction: true, exportAction: true}
	for _, a := range actions {
		c.check(!seen[a.Name], "action %q has an empty, reserved or repeated name", a.Name)
		c.check(a.Label != "" && a.Done != "", "action %q must have Label and Done", a.Name)
		c.check((a.Run != nil) != (a.RunAsked != nil) || a.Run == nil && len(a.Set)+len(a.Form) > 0, "action %q must have one of Run, RunAsked, and Set or Form", a.Name)
		c.check(len(a.Set) == 0 || a.Run == nil && a.RunAsked == nil, "action %q has Set, and a function that would not do it", a.Name)
		c.all("Stands of action "+a.Name, slices.Sorted(maps.Keys(a.Stands)), nil)
		c.all("Only of action "+a.Name, slices.Sorted(maps.Keys(a.Only)), nil)
		seen[a.Name] = true
	}
}

func needWords(n *need) string {
	if n == nil {
		return ""
	}
	return n.words
}
