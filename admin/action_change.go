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
		if slices.Contains(ch.form.typed.refused, c.Name) {
			faults.Note(c.Name, &problem.Text{Format: "Choose one of the options."})
			continue
		}
		faults.Note(c.Name, c.Set(row, ch.form.typed.values[c.Name]))
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
func (ch *change) ask(ctx context.Context, s *Site, q *question, c *adminpages.Confirm, rows []any, total int, preview bool) error {
	if err := ch.form.nameRefs(ctx); err != nil {
		return err
	}
	bulk := q.action.Name == editAction
	if bulk && preview && q.fault == nil {
		return ch.preview(ctx, s, q, c, rows, total)
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

// preview shows the first rows with what would become of them. More rows than fit into a
// request are not counted one by one.
func (ch *change) preview(ctx context.Context, s *Site, q *question, c *adminpages.Confirm, rows []any, total int) error {
	changing := total
	if !q.long() {
		all, err := ch.form.ByID(ctx, s.DB, q.ids)
		if err != nil {
			return fmt.Errorf("find rows of %s: %w", ch.form.slug, err)
		}
		rows = slices.DeleteFunc(all, func(row any) bool { return !ch.changes(row) })
		changing, rows = len(rows), rows[:min(len(rows), maxTitles)]
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
	if changing < total {
		c.Question = i18n.T(ctx, "%d of them change, the others are so already.", changing)
	}
	if q.long() {
		c.Question = i18n.T(ctx, "Those that are so already stay as they are. The first ones:")
	}
	c.Answer, c.Submit = adminpages.Param{Name: "confirm", Value: "yes"}, i18n.T(ctx, "Change %d rows", changing)
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
func (ch *change) rowChange(ctx context.Context, names *names, row any) adminpages.RowChange {
	shown := adminpages.RowChange{Title: ch.form.titleOf(row)}
	before := entryOf(ch.columns, row)
	for _, c := range ch.columns {
		from := c.Kind.Words(ctx, c, ch.form.around(ctx, c, nil), names.named(c, before.get(c.Name)))
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
