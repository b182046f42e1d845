package admin

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// What the page that asks adds to a list's form: values by column, the columns that a
// bulk edit changes, and the box for those who were mailed before.
const (
	typedPrefix   = "set."
	chosenParam   = "edit"
	alsoSentParam = "also_sent"
)

// Asked is what somebody answered before an action runs.
type Asked struct {
	Typed    url.Values // of Action.Form, as the controls hold it: references as "#7"
	AlsoSent bool       // mail those again who were reached
}

// asked is Asked with what only the engine needs.
type asked struct {
	Asked
	chosen   []string // columns of a bulk edit
	answered bool     // by whom was asked
}

func readAsked(form url.Values) asked {
	in := asked{Asked: Asked{Typed: url.Values{}, AlsoSent: form.Get(alsoSentParam) == "yes"}, chosen: form[chosenParam]}
	for name, values := range form {
		if column, typed := strings.CutPrefix(name, typedPrefix); typed {
			in.Typed[column] = values
		}
	}
	in.answered = form.Has("preview") || form.Get("confirm") == "yes"
	return in
}

// values are what readAsked reads, for a job.
func (in asked) values() url.Values {
	values := url.Values{}
	for column, texts := range in.Typed {
		values[typedPrefix+column] = texts
	}
	if len(in.chosen) > 0 {
		values[chosenParam] = in.chosen
	}
	if in.AlsoSent {
		values.Set(alsoSentParam, "yes")
	}
	return values
}

// change is what becomes of some columns of rows. Its form holds the values.
type change struct {
	form    *form
	asks    []*kinds.Column // those that are typed
	columns []*kinds.Column // those that are set
}

// change reads what an action sets.
func (s *Site) change(ctx context.Context, r *resource, a *Action, in asked) (*change, error) {
	f, err := s.open(ctx, r, 0)
	if err != nil {
		return nil, err
	}
	ch := &change{form: f}
	names := a.Form
	if a.Name == editAction {
		ch.asks, names = r.bulkColumns(ctx), in.chosen
		f.many = true
	}
	typed := url.Values{}
	for _, c := range r.editable() {
		if text, set := r.set[a.Name][c.Name]; set {
			typed[c.Name], ch.columns = text, append(ch.columns, c)
		}
		if !slices.Contains(names, c.Name) || a.Name == editAction && !slices.Contains(ch.asks, c) {
			continue
		}
		typed[c.Name], ch.columns = in.Typed[c.Name], append(ch.columns, c)
		if a.Name != editAction {
			ch.asks = append(ch.asks, c)
		}
	}
	return ch, f.fill(ctx, typed)
}

// check tells what is wrong with what was typed, whatever row it is for.
func (ch *change) check() error {
	row := ch.form.newRow()
	faults := ch.put(row)
	if p, ok := problem.As(models.Validate(row)); ok {
		for _, c := range ch.columns {
			if len(faults[c.Name]) == 0 && len(p.Fields[c.Name]) > 0 {
				faults[c.Name] = p.Fields[c.Name]
			}
		}
	}
	switch {
	case len(faults) > 0:
		return faults.Problem()
	case len(ch.columns) == 0:
		return problem.New(problem.Invalid, "invalid", "Choose at least one field to change.")
	}
	return nil
}

// put sets the columns of a row and says what cannot be.
func (ch *change) put(row any) problem.Fields {
	faults := problem.Fields{}
	for _, c := range ch.columns {
		faults.Note(c.Name, ch.form.typed.set(c, row))
	}
	return faults
}

// apply changes rows, all or none, and returns how many were not so before.
func (ch *change) apply(ctx context.Context, ids []int64) (done int, err error) {
	r := ch.form.resource
	err = models.InTx(ctx, ch.form.site.DB, func(ctx context.Context, _ bun.Tx) error {
		for _, id := range ids {
			changes := false
			_, err := r.save(ctx, id, func(row any) error {
				if err := r.mayChange(ctx, row, ch.columns); err != nil {
					return err
				}
				before := entryOf(ch.columns, row)
				faults := ch.put(row)
				changes = !reflect.DeepEqual(before, entryOf(ch.columns, row))
				return models.ValidateWith(row, faults)
			})
			if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
				continue // deleted meanwhile
			}
			if err != nil {
				return err
			}
			if changes {
				done++
			}
		}
		return nil
	})
	return done, err
}

// mayChange refuses columns that are locked for who asks.
func (r *resource) mayChange(ctx context.Context, row any, columns []*kinds.Column) error {
	if r.locked == nil {
		return nil
	}
	for _, name := range r.locked(ctx, row) {
		if slices.ContainsFunc(columns, func(c *kinds.Column) bool { return c.Name == name }) {
			return problem.New(problem.Forbidden, "forbidden", "%s: you may not change this here.", r.titleOf(row))
		}
	}
	return nil
}

// ask draws the controls, or what would become of the rows.
func (ch *change) ask(ctx context.Context, s *Site, q *question, c *adminpages.Confirm, total int, preview bool) error {
	if err := ch.form.nameRefs(ctx); err != nil {
		return err
	}
	bulk := q.action.Name == editAction
	if bulk && preview && q.fault == nil {
		return ch.preview(ctx, s, q, c, total)
	}
	c.Answer = adminpages.Param{Name: "confirm", Value: "yes"}
	if bulk {
		c.Answer, c.Submit = adminpages.Param{Name: "preview", Value: "1"}, i18n.T(ctx, "Preview")
		c.Title = i18n.T(ctx, "Edit %d rows", total)
		c.Question = i18n.T(ctx, "Tick what to change. All of the rows get the same value.")
	}
	for _, col := range ch.asks {
		field := ch.form.field(ctx, col, ch.form.typed.entry, col.Name, col.Name)
		field.Name = typedPrefix + col.Name
		shown := adminpages.ConfirmField{Field: field}
		if bulk {
			shown.Choose, shown.Chosen = col.Name, slices.Contains(ch.columns, col)
			shown.Required = false // only where it is ticked
		}
		if len(field.Errors) > 0 {
			c.Faults = append(c.Faults, field)
		}
		c.Fields = append(c.Fields, shown)
	}
	if p, ok := problem.As(q.fault); ok && len(c.Faults) == 0 {
		c.Sentence = Words(ctx, p.Message)
		for name, words := range AllWords(ctx, p) { // of a row's other columns
			if name != "" {
				c.Sentence = ch.form.changeLabel(ctx, name) + ": " + strings.Join(words, " ")
			}
		}
	}
	return nil
}

// changing finds the rows that would change and are to be shown, and how many there are.
// Of more rows than fit into a request those are counted that can be told apart in the
// database; atMost tells that some of them may be so already.
func (ch *change) changing(ctx context.Context, s *Site, q *question) (rows []any, n int, atMost bool, err error) {
	ids := q.ids
	if q.long() {
		var src listing.Source
		if src, err = s.source(ctx, q.sel.request, q.bound()); err != nil {
			return nil, 0, false, err
		}
		if !q.sel.all {
			src = src.With(listing.Where(q.sel.PK.SQL+" IN (?)", bun.List(q.ids)))
		}
		differs, whole := ch.differs()
		src, atMost = src.With(differs...), !whole
		if err = ch.form.SelectFrom(s.DB, src).ColumnExpr("count(*)").Scan(ctx, &n); err != nil {
			return nil, 0, false, fmt.Errorf("count what changes of %s: %w", ch.form.slug, err)
		}
		if ids, err = s.idsBehind(ctx, ch.form.resource, src, 0, maxTitles); err != nil {
			return nil, 0, false, err
		}
	}
	all, err := ch.form.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, 0, false, fmt.Errorf("find rows of %s: %w", ch.form.slug, err)
	}
	rows = slices.DeleteFunc(all, func(row any) bool { return !ch.changes(row) })
	if !q.long() {
		n = len(rows)
	}
	return rows[:min(len(rows), maxTitles)], n, atMost, nil
}

// differs is the condition that a row would change; whole tells that all columns are in
// it, where false those that the database compares by more than their value are not, and
// any row may be one.
func (ch *change) differs() (conds []listing.Cond, whole bool) {
	row := ch.form.newRow()
	ch.put(row)
	var either listing.Cond
	for _, c := range ch.columns {
		if slices.Contains([]reflect.Kind{reflect.Slice, reflect.Map, reflect.Struct}, c.Field.IndirectType.Kind()) && !c.Kind.Traits(c).Times {
			return nil, false
		}
		if either.SQL != "" {
			either.SQL += " OR "
		}
		either.SQL += c.SQL + " IS DISTINCT FROM ?"
		var value any
		if stored, ok := c.Stored(row); ok {
			value = stored.Interface()
		}
		either.Args = append(either.Args, value)
	}
	return []listing.Cond{{SQL: "(" + either.SQL + ")", Args: either.Args}}, true
}

// preview shows the first rows with what would become of them.
func (ch *change) preview(ctx context.Context, s *Site, q *question, c *adminpages.Confirm, total int) error {
	rows, changing, atMost, err := ch.changing(ctx, s, q)
	if err != nil {
		return err
	}
	names, err := s.namesIn(ctx, ch.columns, rows, ch.form.options)
	if err != nil {
		return err
	}
	for _, row := range rows {
		c.Changes = append(c.Changes, ch.rowChange(ctx, names, row))
	}
	c.Objects = nil
	if more := changing - len(rows); more > 0 {
		c.Objects = []string{i18n.T(ctx, "and %d more", more)}
	}
	c.Title = i18n.T(ctx, "Edit %d rows", total)
	c.Answer, c.Submit = adminpages.Param{Name: "confirm", Value: "yes"}, i18n.T(ctx, "Change %d rows", changing)
	switch {
	case atMost:
		c.Question = i18n.T(ctx, "At most these change: those that are so already stay as they are. The first ones:")
		c.Submit = i18n.T(ctx, "Change at most %d rows", changing)
	case changing < total:
		c.Question = i18n.T(ctx, "%d of them change, the others are so already.", changing)
	}
	for name, texts := range q.asked.values() {
		for _, text := range texts {
			c.Params = append(c.Params, adminpages.Param{Name: name, Value: text})
		}
	}
	return nil
}

// changes tells whether a row would change; it does.
func (ch *change) changes(row any) bool {
	before := entryOf(ch.columns, row)
	fresh := kinds.Copy(row)
	ch.put(fresh)
	return !reflect.DeepEqual(before, entryOf(ch.columns, fresh))
}

// rowChange is what would become of a row, in words.
func (ch *change) rowChange(ctx context.Context, names *listing.Names, row any) adminpages.RowChange {
	shown := adminpages.RowChange{Title: ch.form.titleOf(row)}
	before := entryOf(ch.columns, row)
	for _, c := range ch.columns {
		from := c.Kind.Words(ctx, c, ch.form.around(ctx, c, nil), names.Named(c, before.get(c.Name)))
		to := ch.form.words(ctx, c, ch.form.typed.entry)
		if from != to {
			shown.Changes = append(shown.Changes, adminpages.Change{Field: c.Title(ctx), From: shorten(ctx, from), To: shorten(ctx, to)})
		}
	}
	return shown
}

// bulkEdits tells whether many rows can be edited at once.
func (r *resource) bulkEdits() bool { return r.keeper && r.save != nil }

// bulkColumns are the columns that many rows may be given the same value of.
func (r *resource) bulkColumns(ctx context.Context) []*kinds.Column {
	var locked []string
	if r.locked != nil {
		locked = r.locked(ctx, r.newRow())
	}
	return slices.DeleteFunc(slices.Clone(r.editable()), func(c *kinds.Column) bool {
		return !slices.Contains(r.Schema.DataFields, c.Field) || slices.Contains(r.unique, c.Name) || slices.Contains(locked, c.Name) || c.Password
	})
}
