package admin

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

const (
	// actionBatch is how many rows an action does while somebody waits; a job does more.
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
	if err := q.known(form); err != nil {
		return nil, err
	}
	for _, value := range form["id"] {
		id, ok := kinds.ParseID(value)
		if !ok {
			return nil, problem.ErrNotFound()
		}
		sel.ids = append(sel.ids, id)
	}
	slices.Sort(sel.ids)
	sel.ids = slices.Compact(sel.ids)
	return sel, nil
}

// known refuses to do anything where the list left out a part of what narrows it.
func (q *request) known(form url.Values) error {
	if q.err == nil && q.narrows(form) {
		return nil
	}
	return errors.Join(q.err, problem.New(problem.Invalid, "invalid", "This list has no such search or filter, so nothing was done."))
}

// narrows tells whether everything by which a posted form narrows the list is in the
// request. A page may leave out what it does not know; an action would then be done on
// rows that nobody meant.
func (q *request) narrows(form url.Values) bool {
	search := strings.TrimSpace(form.Get("q"))
	if len(form["q"]) > 1 || search != q.search {
		return false
	}
	return len(q.left) == 0
}

func (sel *selection) empty() bool { return !sel.all && len(sel.ids) == 0 }

// source is where the rows of a selection are: those that were there when upTo was the
// highest id.
func (s *Site) source(ctx context.Context, q *request, upTo int64) (listing.Source, error) {
	rows, _, err := q.find(ctx, s.DB)
	if err != nil {
		return rows, err
	}
	return rows.With(append(q.Conds(nil), listing.Where(q.pk.SQL+" <= ?", upTo))...), nil
}

// first are the ids of a selection that an action can do at once, in one transaction;
// more than actionBatch is for a job.
func (s *Site) first(ctx context.Context, sel *selection) ([]int64, error) {
	if !sel.all {
		return sel.ids, nil
	}
	rows, err := s.source(ctx, sel.request, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	return s.idsBehind(ctx, sel.resource, rows, 0, actionBatch+1)
}

func (s *Site) idsBehind(ctx context.Context, r *resource, src listing.Source, last int64, limit int) ([]int64, error) {
	var ids []int64
	behind := src.With(listing.Where(r.pk.SQL+" > ?", last))
	err := r.SelectFrom(s.DB, behind).ColumnExpr(r.pk.SQL).OrderExpr(r.pk.SQL).Limit(int64(limit)).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("select rows of %s: %w", r.slug, err)
	}
	return ids, nil
}

// run applies an action to rows and says in a sentence what it did.
func (r *resource) run(ctx context.Context, a *Action, ids []int64) (done int, sentence string, err error) {
	done, err = a.Run(models.WithSummary(ctx, a.Label), ids)
	if err != nil {
		return 0, "", fmt.Errorf("%s: action %s: %w", r.slug, a.Name, err)
	}
	return done, i18n.T(ctx, a.Done, done), nil
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
		return &Action{Name: deleteAction, Label: "Delete", Run: r.remove, Done: "%d deleted.", Needs: models.Delete}, nil
	}
	return nil, problem.New(problem.Invalid, "invalid", "This action does not exist.")
}

// confirmDeletion asks before rows are deleted, and names what goes with them.
func (s *Site) confirmDeletion(ctx context.Context, sel *selection, ids []int64) (adminpages.Confirm, error) {
	c := adminpages.Confirm{URL: sel.url(), CancelURL: sel.self(), Params: sel.confirmParams(deleteAction)}
	return c, s.describe(ctx, sel.resource, ids, &c)
}

// describe fills in what a deletion takes.
func (s *Site) describe(ctx context.Context, r *resource, ids []int64, c *adminpages.Confirm) error {
	rows, err := r.byID(ctx, s.DB, ids[:min(len(ids), maxTitles)])
	if err != nil {
		return fmt.Errorf("find rows of %s: %w", r.slug, err)
	}
	c.Objects = r.titles(ctx, rows, len(ids))
	if r.trash != nil && len(ids) > 0 {
		related, err := r.trash.Related(ctx, ids)
		if err != nil {
			return fmt.Errorf("find what goes with %s: %w", r.slug, err)
		}
		c.Objects = append(c.Objects, s.RelatedLines(ctx, related)...)
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
	if r.trash != nil {
		c.Question = i18n.T(ctx, "This goes into the trash, from where it can be restored:")
	}
	c.Submit = i18n.T(ctx, "Delete")
	return nil
}

// titles name rows, which are the first ones of total.
func (r *resource) titles(ctx context.Context, rows []any, total int) []string {
	var all []string
	for _, row := range rows {
		all = append(all, i18n.T(ctx, r.name)+": "+r.titleOf(row))
	}
	if more := total - len(rows); more > 0 {
		all = append(all, i18n.T(ctx, "and %d more", more))
	}
	return all
}

// confirmParams make the confirmation's form mean the same selection.
func (sel *selection) confirmParams(action string) []adminpages.Param {
	params := append(append(sel.formParams(""), sel.paging...), adminpages.Param{Name: "action", Value: action},
		adminpages.Param{Name: "confirm", Value: "yes"})
	if sel.all {
		return append(params, adminpages.Param{Name: "all", Value: "1"})
	}
	for _, id := range sel.ids {
		params = append(params, adminpages.Param{Name: "id", Value: strconv.FormatInt(id, 10)})
	}
	return params
}
