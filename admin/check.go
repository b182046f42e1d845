package admin

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/views/ui"
)

// resolve looks up every column that the declaration names. What does not fit the
// table is one sentence that names the model and the column.
func (m *Model[T]) resolve(db *bun.DB) (*resource, error) {
	declared := *m
	m = &declared
	misplaced := m.keepRows()
	c := &checker{slug: m.Slug, labels: m.Labels, inputs: m.Inputs, choices: m.Choices, columns: map[string]*kinds.Column{}}
	c.sqlite = !models.IsPostgres(db)
	c.tables, c.table = db.Dialect().Tables(), db.Table(reflect.TypeFor[T]())
	r := &resource{
		slug: m.Slug, name: m.Name, plural: m.Plural, group: m.Group, icon: m.Icon, hint: m.Hint, rightsOf: cmp.Or(m.RightsOf, m.Slug),
		Table: listing.Table{
			Name: m.Slug, Schema: c.table, PK: c.primaryKey(), List: c.all("List", m.List, nil), Texts: c.all("Search", m.Search, isStored),
			Dates: c.one("Dates", m.Dates, isDate), Key: c.one("Key", m.Key, isStored),
		},
		filters: c.all("Filters", m.Filters, isFilter),
		excerpt: c.one("Excerpt", m.Excerpt, isText),
		mailTo:  c.one("MailTo", m.MailTo, isText),
		links:   m.Links, rowLinks: m.RowLinks, actions: m.Actions, defaults: m.Default, remove: m.Delete, related: m.Related, trash: m.Trash, revert: m.Revert, keeper: m.Rows != nil, beside: m.Beside, needs: m.Needs,
	}
	c.check(misplaced == "", "%s, which does that", misplaced)
	c.fieldsets(r, m.Fieldsets)
	for _, option := range []struct {
		name    string
		columns []string
		need    *need
	}{
		{"Labels", slices.Sorted(maps.Keys(m.Labels)), nil}, {"Inputs", slices.Sorted(maps.Keys(m.Inputs)), nil},
		{"Choices", slices.Sorted(maps.Keys(m.Choices)), isListed},
	} {
		c.all(option.name, option.columns, option.need)
	}
	if m.Trash != nil {
		r.links = append(slices.Clone(r.links), Link{Label: "Trash", URL: r.url("trash"), Needs: models.Delete})
	}
	m.resolveForm(c, r)
	m.checkNames(c, r)
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
	if m.Trash != nil {
		if err := m.Trash.Fits(m.Slug, r.inlineNames()); err != nil {
			return nil, fmt.Errorf("admin: model %q: %w", m.Slug, err)
		}
	}
	return r, r.checkSchema(db, m.Unindexed)
}

// checkNames holds what the model, its columns and its links are called against what
// the pages can show.
func (m *Model[T]) checkNames(c *checker, r *resource) {
	c.check(m.Slug != "" && m.Name != "" && m.Plural != "", "Slug, Name and Plural must be set")
	c.check(slug.MatchString(m.Slug), "Slug must be of small letters, digits and hyphens, as in the URL")
	c.check(m.Icon == "" || ui.HasIcon(m.Icon), "Icon %q is none of views/ui/icon.templ", m.Icon)
	c.check(len(m.List) > 0, "List must name a column")
	if c.err == nil {
		c.check(m.Title != nil || isTelling.fits(r.List[0]), "List begins with %q, which tells no row from others: set Title", r.List[0].Name)
	}
	for _, col := range r.List {
		c.check(c.err != nil || m.Complete != nil || !col.Kept(), "List names %q, which no table holds: set Complete, which fills it in", col.Name)
	}
	for _, col := range r.shown() {
		c.check(c.err != nil || m.Complete != nil || m.Load != nil || !col.Kept(), "Fieldsets names %q, which no table holds: set Complete, which fills it in", col.Name)
	}
	for _, link := range slices.Concat(m.Links, m.RowLinks) {
		c.check(link.Label != "" && link.URL != "", "link %q must have Label and URL", link.Label+link.URL)
	}
	for _, link := range m.RowLinks {
		c.check(!strings.HasPrefix(link.URL, "/"), "RowLinks has the URL %q, which must be what comes below that of a row", link.URL)
	}
}

// slug is what is safe in a URL, in rights and in history.
var slug = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// fieldsets looks up the panels of a row's page, each column once.
func (c *checker) fieldsets(r *resource, sets []Fieldset) {
	titles, shown := map[string]bool{"": true}, map[string]bool{}
	for _, set := range sets {
		c.check(!titles[set.Title], "Fieldsets must each have a Title of its own")
		titles[set.Title] = true
		for _, name := range set.Fields {
			c.check(!shown[name], "Fieldsets names %q twice", name)
			shown[name] = true
		}
		r.fieldsets = append(r.fieldsets, fieldset{set, c.all("Fieldsets", set.Fields, nil)})
	}
}

// keepRows lets the keeper of the table do what it can. It names what is set beside it.
func (m *Model[T]) keepRows() (misplaced string) {
	if m.Rows != nil {
		if m.Load != nil || m.Save != nil || m.Trash != nil {
			misplaced = "Load, Save or Trash is set beside Rows"
		}
		m.Load, m.Save, m.Trash = m.Rows.LoadAll, m.Rows.Save, m.Rows
	}
	if m.Trash != nil {
		if m.Delete != nil || m.Revert != nil {
			misplaced = "Delete or Revert is set beside Rows or Trash"
		}
		m.Delete, m.Revert = m.Trash.Delete, m.Trash.Revert
	}
	return misplaced
}

// checkSchema refuses a column that a migration of the engine lacks, and a search without
// its index.
func (r *resource) checkSchema(db *bun.DB, unindexed bool) (err error) {
	if r.unique, err = r.Unique(db); err != nil {
		return err
	}
	tables := []*listing.Table{&r.Table}
	for _, in := range r.inlines {
		tables = append(tables, &listing.Table{Schema: in.schema})
	}
	for _, table := range tables {
		if err := r.checkColumns(db, table); err != nil {
			return err
		}
	}
	if err := r.checkQueries(db); err != nil {
		return err
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

// checkColumns refuses a column that a migration of the engine lacks, or that the engine
// would not keep as it is.
func (r *resource) checkColumns(db *bun.DB, t *listing.Table) error {
	engine := "sqlite"
	if models.IsPostgres(db) {
		engine = "postgres"
	}
	column, err := t.Lacks(db)
	if err == nil && column != "" {
		err = fmt.Errorf("admin: model %q: the table %s has no column %q: a migration in migrations/%s must add it", r.slug, t.Schema.Name, column, engine)
	}
	return err
}

// checkQueries lets the engine read what the declaration says in SQL.
func (r *resource) checkQueries(db *bun.DB) error {
	ask := func(what string, query *bun.SelectQuery) error {
		if _, err := query.Limit(0).Exec(context.Background()); err != nil {
			return fmt.Errorf("admin: model %q: %s is no SQL that can be asked: %w", r.slug, what, err)
		}
		return nil
	}
	if r.needs != nil {
		where, args := r.needs(time.Now())
		if err := ask("Needs", r.SelectFrom(db, listing.Source{}.With(listing.Where(where, args...))).ColumnExpr("1")); err != nil {
			return err
		}
	}
	for name, col := range r.columns {
		if col.Having != "" {
			if err := ask("Having of "+name, db.NewSelect().ColumnExpr("id").TableExpr("("+col.Having+") AS ticked", "0")); err != nil {
				return err
			}
		}
	}
	return nil
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
	sqlite  bool
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
	isText       = &need{func(c *kinds.Column) bool { return kinds.Text{}.Claims(c) && c.Kind != kinds.Decimal{} && !c.Password }, "a text column"}
	isStored     = &need{func(c *kinds.Column) bool { return isText.fits(c) && !c.Kept() }, "a text column of a table"}
	isListed     = &need{func(c *kinds.Column) bool { return c.Kind == kinds.Listed{} }, "a text column whose type lists none"}
	isDate       = &need{func(c *kinds.Column) bool { return c.Kind.Traits(c).Times && !c.Nullable }, "a time column that is never null"}
	isNumber     = &need{func(c *kinds.Column) bool { return c.Kind == kinds.Integer{} }, "a number column"}
	isEditable   = &need{func(c *kinds.Column) bool { return !c.Kind.Traits(c).Fixed && !c.Field.IsPK }, "a column that a form can change; list it in ReadOnly"}
	isImportable = &need{func(c *kinds.Column) bool { return isEditable.fits(c) && c.Through == nil && !c.Password && !c.Kept() }, "a column of the table that a form could change"}
	isTelling    = &need{func(c *kinds.Column) bool {
		return kinds.Text{}.Claims(c) && c.Kind != kinds.Choice{} || c.Kind == kinds.Integer{}
	}, "a text or a number"}
	isEnumerated = &need{func(c *kinds.Column) bool { return c.Kind == kinds.Choice{} }, "an enumerated column"}
)

func (c *checker) all(option string, names []string, n *need) []*kinds.Column {
	columns := make([]*kinds.Column, 0, len(names))
	for i, name := range names {
		c.check(name != "", "%s has an empty name", option)
		c.check(!slices.Contains(names[:i], name), "%s names %q twice", option, name)
		if col := c.one(option, name, n); col != nil {
			columns = append(columns, col)
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
		return &kinds.Column{Name: name, Field: new(schema.Field), Kind: kinds.Text{}} // to go on with
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
	if in.Having != "" {
		col.SQL = string(c.table.SQLAlias) + "." + string(c.table.PKs[0].SQLName)
	}
	if col.Own = col.SQL; through != nil {
		col.Reach(c.table, through)
	}
	claimed := col.Claim()
	c.check(!claimed || !c.sqlite || kinds.Digits(col) <= kinds.MaxDigits, "column %q has more than %d digits, and SQLite rounds such numbers", name, kinds.MaxDigits)
	c.check(claimed, "column %q has the type %s, which no kind of column takes: see admin/kinds", name, f.IndirectType)
	c.check(!claimed || in.Ref == "" || col.Kind == kinds.Reference{}, "column %q has a Ref and is no whole number", name)
	c.check(!claimed || !in.Permissions || col.Kind == kinds.Rights{}, "column %q has Permissions and is no list of texts", name)
	c.check(!claimed || in.Options == nil || col.Kind == kinds.Ticks{}, "column %q has Options or Permissions and is no list", name)
	c.check(!claimed || !in.Password || col.Kind == kinds.Password{}, "column %q is a Password and no text", name)
	c.check(!in.Password || col.Kept() || f.StructField.Tag.Get("json") == "-", "column %q is a Password: tag it json:\"-\", or the history tells it", name)
	c.check(in.Having == "" || in.Options != nil, "column %q has Having, which takes Options", name)
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
		c.check(a.Done == "" || strings.Contains(a.Done, "%d"), "action %q must say in Done how many rows there were: %%d", a.Name)
		c.check(len([]rune(a.Key)) <= 1, "action %q has the Key %q, which is not a single one", a.Name, a.Key)
		c.check(len(a.Form) == 0 || a.Run == nil, "action %q has Form, whose answers RunAsked would get", a.Name)
		c.check(len(a.Set) == 0 || a.Run == nil && a.RunAsked == nil, "action %q has Set, and a function that would not do it", a.Name)
		c.values("Stands of action "+a.Name, a.Stands)
		c.values("Only of action "+a.Name, a.Only)
		seen[a.Name] = true
	}
}

// values holds what rows must have against what they can have.
func (c *checker) values(option string, values map[string]string) {
	for _, col := range c.all(option, slices.Sorted(maps.Keys(values)), nil) {
		value, can := values[col.Name], true
		switch {
		case col.Choices != nil:
			can = slices.ContainsFunc(col.Choices, func(choice models.Choice) bool { return choice.Value == value })
		case col.Kind == kinds.Bool{}:
			can = value == "true" || value == "false"
		}
		c.check(can, "%s wants %q to be %q, which it never is", option, col.Name, value)
	}
}

func needWords(n *need) string {
	if n == nil {
		return ""
	}
	return n.words
}
