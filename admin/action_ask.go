package admin

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// question is an action on rows that is about to be done, or asked about first.
type question struct {
	action    *Action
	asked     asked
	sel       *selection                            // of a list; nil: ids are all of the rows
	ids       []int64                               // the first of them, more than actionBatch where it is for a job
	row       any                                   // on whose page it is asked; nil: of a list
	url, back string                                // where the answer goes, and where one lands afterwards
	from      *origin                               // the list that it is asked in, or that the row was opened from
	next      func(context.Context) (string, error) // where instead of back, once it is done; nil: back
	params    []adminpages.Param
	upTo      string // of a job: the highest id that was there when it was asked

	change  *change         // what becomes of the rows' columns; nil: that is up to Run
	mailing *models.Mailing // nil: nobody is mailed
	fault   error           // what is wrong with what was typed
}

func (q *question) long() bool { return len(q.ids) > actionBatch }

// asks tells whether somebody has to say yes before.
func (q *question) asks() bool {
	return q.long() || q.action.Name == deleteAction || q.action.Name == editAction || len(q.action.Form) > 0 ||
		q.mailing != nil && q.mailing.Mails+q.mailing.Sent > 0
}

// prepare finds out what the action would do to the rows, and whom it would mail.
func (s *Site) prepare(ctx context.Context, r *resource, q *question) (err error) {
	if q.action.Name == editAction || len(q.action.Set)+len(q.action.Form) > 0 {
		if q.change, err = s.change(ctx, r, q.action, q.asked); err != nil {
			return err
		}
	}
	if q.change != nil && q.asked.answered {
		q.refusedBy(q.change.check())
	}
	if q.action.Mails == nil {
		return nil
	}
	var rows schema.QueryAppender = bun.List(q.ids)
	if q.long() && q.sel.all {
		all, err := s.source(ctx, q.sel.request, q.bound())
		if err != nil {
			return err
		}
		rows = r.SelectFrom(s.DB, all).ColumnExpr(r.pk.SQL)
	}
	mailing, err := q.action.Mails(ctx, rows, q.asked.AlsoSent)
	if err != nil {
		return fmt.Errorf("%s: whom %s mails: %w", r.slug, q.action.Name, err)
	}
	q.mailing = &mailing
	return nil
}

// bound is the highest id that the rows of a long action may have.
func (q *question) bound() int64 {
	if bound, ok := kinds.ParseID(q.upTo); ok {
		return bound
	}
	return math.MaxInt64
}

// refusedBy keeps what err finds wrong with what was typed; false for any other error.
func (q *question) refusedBy(err error) bool {
	p, ok := problem.As(err)
	if !ok || q.change == nil || p.Kind != problem.Invalid && p.Kind != problem.Conflict {
		return false
	}
	q.fault, q.change.form.faults = err, p.Fields
	return true
}

// ask draws the page that asks; with preview a bulk edit shows what would become of the
// rows, and else asks what to change.
func (s *Site) ask(ctx context.Context, r *resource, q *question, preview bool) (adminpages.Confirm, error) {
	c := adminpages.Confirm{URL: q.url, CancelURL: q.back, Params: q.params, Submit: i18n.T(ctx, q.action.Label), Harmless: true}
	total, upTo, first := len(q.ids), int64(0), q.ids
	if q.long() {
		var err error
		if total, upTo, first, err = s.extent(ctx, q.sel, q.bound()); err != nil {
			return c, err
		}
		c.Params = append(c.Params, adminpages.Param{Name: "up_to", Value: strconv.FormatInt(upTo, 10)})
		c.Note = i18n.T(ctx, "This goes on in the background: you can watch it, and stop it. Rows that come from now on are not among these.")
	}
	if q.action.Name == deleteAction {
		return c, s.describe(ctx, r, first, total, &c)
	}
	rows, err := r.ByID(ctx, s.DB, first[:min(len(first), maxTitles)])
	if err != nil {
		return c, fmt.Errorf("find rows of %s: %w", r.slug, err)
	}
	label := i18n.T(ctx, q.action.Label)
	if c.Title = i18n.T(ctx, "%s: all %d?", label, total); total == 1 && len(rows) == 1 {
		c.Title = i18n.T(ctx, "%s: %s?", label, r.titleOf(rows[0]))
	}
	c.Objects = r.titles(ctx, rows, total)
	if q.mailing != nil {
		SayWhom(ctx, &c, *q.mailing)
	}
	if q.asked.AlsoSent {
		c.Params = append(c.Params, adminpages.Param{Name: alsoSentParam, Value: "yes"})
	}
	if q.change == nil {
		c.Params = append(c.Params, adminpages.Param{Name: "confirm", Value: "yes"})
		return c, nil
	}
	return c, q.change.ask(ctx, s, q, &c, rows, total, preview)
}

// SayWhom says to how many and to whom mail would go, and offers to mail those again who
// were reached.
func SayWhom(ctx context.Context, c *adminpages.Confirm, m models.Mailing) {
	c.Question = i18n.T(ctx, "Nobody is mailed.")
	if m.Mails > 0 {
		c.Question = i18n.T(ctx, "%d mails will be sent, to:", m.Mails)
		c.To = m.To
		if more := m.People - len(m.To); more > 0 {
			c.To = append(slices.Clone(m.To), i18n.T(ctx, "and %d more", more))
		}
	}
	if m.Sent > 0 {
		c.AlsoSent = i18n.T(ctx, "Also the %d that were sent", m.Sent)
	}
}

// describe fills in what a deletion takes.
func (s *Site) describe(ctx context.Context, r *resource, ids []int64, total int, c *adminpages.Confirm) error {
	c.Params, c.Harmless = append(c.Params, adminpages.Param{Name: "confirm", Value: "yes"}), false
	rows, err := r.ByID(ctx, s.DB, ids[:min(len(ids), maxTitles)])
	if err != nil {
		return fmt.Errorf("find rows of %s: %w", r.slug, err)
	}
	c.Objects = r.titles(ctx, rows, total)
	if total > actionBatch {
		c.Title, c.Submit = i18n.T(ctx, "Delete everything selected?"), i18n.T(ctx, "Delete all")
		c.Question = i18n.T(ctx, "%d rows will be deleted, with everything that belongs to them. This cannot be undone.", total)
		if r.trash != nil {
			c.Question = i18n.T(ctx, "%d rows will go into the trash, with everything that belongs to them. They can be restored from there.", total)
		}
		return nil
	}
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
