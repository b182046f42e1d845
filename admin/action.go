package admin

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

const (
	// actionBatch is how many rows an action gets at a time.
	actionBatch = 500
	// maxTitles is how many rows a confirmation names.
	maxTitles = 20
	// deleteAction is the built-in action's name.
	deleteAction = "delete"
)

// selection is the rows that a posted list form means: those ticked, or every row
// that matches the list's search and filters.
type selection struct {
	*request
	ids []int64
	all bool
}

func (r *resource) selection(q *request, form url.Values) (*selection, error) {
	sel := &selection{request: q, all: form.Get("all") == "1"}
	if sel.all && (q.err != nil || !q.narrows(form)) {
		return nil, errors.Join(q.err, problem.New(problem.Invalid, "invalid", "This list has no such search or filter, so nothing was done."))
	}
	for _, value := range form["id"] {
		id, ok := parseID(value)
		if !ok {
			return nil, problem.ErrNotFound()
		}
		sel.ids = append(sel.ids, id)
	}
	slices.Sort(sel.ids)
	sel.ids = slices.Compact(sel.ids)
	return sel, nil
}

// narrows tells whether everything by which a posted form narrows the list is in the
// request. A page may leave out what it does not know; an action would then be done on
// rows that nobody meant.
func (q *request) narrows(form url.Values) bool {
	search := strings.TrimSpace(form.Get("q"))
	if len(form["q"]) > 1 || search != q.search {
		return false
	}
	for _, p := range q.picks {
		values := form[p.column.name]
		if len(values) > 1 || len(values) == 1 && values[0] != "" && values[0] != allValue && p.find(values[0]) < 0 {
			return false
		}
	}
	if q.dates == nil {
		return true
	}
	parts := [3]int{q.drill.year, q.drill.month, q.drill.day}
	for i, name := range drillNames(q.dates) {
		if form.Get(name) != "" && parts[i] == 0 {
			return false
		}
	}
	return true
}

func (sel *selection) empty() bool { return !sel.all && len(sel.ids) == 0 }

// batches calls run with up to actionBatch ids at a time. Rows that run takes out
// of the list don't shift the others: each batch starts behind the last id.
func (s *Site) batches(ctx context.Context, sel *selection, run func([]int64) error) error {
	if !sel.all {
		for batch := range slices.Chunk(sel.ids, actionBatch) {
			if err := run(batch); err != nil {
				return err
			}
		}
		return nil
	}
	rows, _, err := sel.find(ctx, s.DB, sel.words)
	if err != nil {
		return err
	}
	rows = rows.with(sel.conds(s.Now().Location(), nil)...)
	for last := int64(0); ; {
		ids, err := s.idsBehind(ctx, sel.resource, rows, last)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := run(ids); err != nil || len(ids) < actionBatch {
			return err
		}
		last = ids[len(ids)-1]
	}
}

func (s *Site) idsBehind(ctx context.Context, r *resource, src source, last int64) ([]int64, error) {
	var ids []int64
	behind := src.with(cond{r.pk.sql + " > ?", []any{last}})
	err := r.selectFrom(s.DB, behind).ColumnExpr(r.pk.sql).OrderExpr(r.pk.sql).Limit(actionBatch).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("select rows of %s: %w", r.slug, err)
	}
	return ids, nil
}

// run applies an action to a selection and says in a sentence what it did.
func (s *Site) run(ctx context.Context, sel *selection, a *Action) (done int, sentence string, err error) {
	labelled := models.WithSummary(ctx, a.Label)
	err = s.batches(ctx, sel, func(ids []int64) error {
		n, err := a.Run(labelled, ids)
		done += n
		if err != nil {
			return fmt.Errorf("%s: action %s: %w", sel.slug, a.Name, err)
		}
		return nil
	})
	return done, i18n.T(ctx, a.Done, done), err
}

// action finds an action by the name that a form posts, for who may do it.
func (r *resource) action(ctx context.Context, name string) (*Action, error) {
	a, err := r.findAction(name)
	if err != nil {
		return nil, err
	}
	return a, r.need(ctx, a.verb())
}

func (r *resource) findAction(name string) (*Action, error) {
	for i := range r.actions {
		if r.actions[i].Name == name {
			return &r.actions[i], nil
		}
	}
	if name == deleteAction && r.remove != nil {
		return &Action{Name: deleteAction, Run: r.remove, Done: "%d deleted.", Needs: models.Delete}, nil
	}
	return nil, problem.New(problem.Invalid, "invalid", "This action does not exist.")
}

// confirm asks before a selection is deleted, and names what goes with it as far
// as one batch shows.
func (s *Site) confirm(ctx context.Context, sel *selection) (adminpages.Confirm, error) {
	ids := sel.ids
	if sel.all {
		rows, _, err := sel.find(ctx, s.DB, sel.words)
		if err != nil {
			return adminpages.Confirm{}, err
		}
		rows = rows.with(sel.conds(s.Now().Location(), nil)...)
		if ids, err = s.idsBehind(ctx, sel.resource, rows, 0); err != nil {
			return adminpages.Confirm{}, err
		}
	}
	c := adminpages.Confirm{URL: sel.url(), CancelURL: sel.self(), Params: sel.confirmParams()}
	if len(ids) >= actionBatch {
		c.Title = i18n.T(ctx, "Delete everything selected?")
		c.Question = i18n.T(ctx, "At least %d rows will be deleted, with everything that belongs to them. This cannot be undone.", len(ids))
		c.Submit = i18n.T(ctx, "Delete all")
		return c, nil
	}
	return c, s.describe(ctx, sel.resource, ids, &c)
}

// describe fills in what a deletion takes.
func (s *Site) describe(ctx context.Context, r *resource, ids []int64, c *adminpages.Confirm) error {
	rows, err := r.byID(ctx, s.DB, ids[:min(len(ids), maxTitles)])
	if err != nil {
		return fmt.Errorf("find rows of %s: %w", r.slug, err)
	}
	for _, row := range rows {
		c.Objects = append(c.Objects, i18n.T(ctx, r.name)+": "+r.titleOf(row))
	}
	if more := len(ids) - maxTitles; more > 0 {
		c.Objects = append(c.Objects, i18n.T(ctx, "and %d more", more))
	}
	if r.related != nil && len(ids) > 0 {
		related, err := r.related(ctx, ids)
		if err != nil {
			return fmt.Errorf("find what goes with %s: %w", r.slug, err)
		}
		c.Objects = append(c.Objects, related...)
	}
	c.Title = i18n.T(ctx, "Delete the %d selected?", len(ids))
	if len(ids) == 1 && len(rows) == 1 {
		c.Title = i18n.T(ctx, "Delete %s?", r.titleOf(rows[0]))
	}
	c.Question = i18n.T(ctx, "This will be deleted and cannot be brought back:")
	c.Submit = i18n.T(ctx, "Delete")
	return nil
}

// confirmParams make the confirmation's form mean the same selection.
func (sel *selection) confirmParams() []adminpages.Param {
	params := append(append(sel.formParams(""), sel.paging...), adminpages.Param{Name: "action", Value: deleteAction},
		adminpages.Param{Name: "confirm", Value: "yes"})
	if sel.all {
		return append(params, adminpages.Param{Name: "all", Value: "1"})
	}
	for _, id := range sel.ids {
		params = append(params, adminpages.Param{Name: "id", Value: strconv.FormatInt(id, 10)})
	}
	return params
}
