package admin

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/admin/kinds"
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
	// The built-in actions.
	deleteAction = "delete"
	editAction   = "edit"
)

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
	if name == editAction && r.bulkEdits() {
		return &Action{Name: editAction, Label: "Edit", Done: "%d changed."}, nil
	}
	return nil, problem.New(problem.Invalid, "invalid", "This action does not exist.")
}

// act does an action to the selected rows of a list, or asks first.
func (h handler) act(c *fiber.Ctx) error {
	ctx := c.UserContext()
	form := posted(c)
	q := h.read(ctx, h.site.Now(), form)
	sel, err := h.selection(q, form)
	if err != nil {
		return err
	}
	if form.Get("action") == exportAction && !sel.empty() {
		return h.askColumns(c, form)
	}
	action, err := h.action(ctx, form.Get("action"))
	if err != nil {
		return err
	}
	if sel.empty() {
		return h.back(c, q.self(), models.ToneWarning, i18n.T(ctx, "Select at least one row first."))
	}
	ids, err := h.site.first(ctx, sel)
	if err != nil {
		return err
	}
	return h.proceed(c, &question{
		action: action, asked: readAsked(form), sel: sel, ids: ids, url: q.url(), back: q.self(), params: sel.params(action.Name), upTo: form.Get("up_to"),
	}, form)
}

// actOnOne does an action to the row of a detail page, or asks first.
func (h handler) actOnOne(c *fiber.Ctx) error {
	ctx, form := c.UserContext(), posted(c)
	row, err := h.site.row(ctx, h.resource, c.Params("id"))
	if err != nil {
		return err
	}
	action, err := h.action(ctx, form.Get("action"))
	if err != nil {
		return err
	}
	id, from := strconv.FormatInt(h.id(row), 10), originOf(c)
	if action.Name == deleteAction {
		return c.Redirect(from.url(h.url(id, "delete")), fiber.StatusSeeOther)
	}
	here := from.url(h.url(id))
	return h.proceed(c, &question{
		action: action, asked: readAsked(form), row: row, ids: []int64{h.id(row)}, url: here, back: here, params: []adminpages.Param{{Name: "action", Value: action.Name}},
	}, form)
}

// proceed does what was confirmed, or needs no confirmation, and else asks.
func (h handler) proceed(c *fiber.Ctx, q *question, form url.Values) error {
	ctx := c.UserContext()
	if err := h.site.prepare(ctx, h.resource, q); err != nil {
		return err
	}
	confirmed := form.Get("confirm") == "yes"
	if !confirmed && q.asks() || q.fault != nil {
		confirm, err := h.site.ask(ctx, h.resource, q, form.Has("preview") || confirmed)
		return h.askAgain(c, confirm, q.fault, err)
	}
	switch {
	case q.row != nil:
		return h.actIn(c, q.row, q)
	case !q.long():
		return h.do(c, q)
	}
	page, err := h.site.enqueue(ctx, q)
	if err != nil {
		return err
	}
	return c.Redirect(page, fiber.StatusSeeOther)
}

// ask answers with a page that asks once more.
func (h handler) ask(c *fiber.Ctx, confirm adminpages.Confirm, err error) error {
	return h.askAgain(c, confirm, nil, err)
}

// askAgain is ask where fault is what is wrong with what was typed.
func (h handler) askAgain(c *fiber.Ctx, confirm adminpages.Confirm, fault, err error) error {
	if err != nil {
		return err
	}
	if confirm.Frame, err = h.frame(c, confirm.Title); err != nil {
		return err
	}
	page := adminpages.ConfirmPage(confirm)
	if fault != nil {
		return &Rejected{Err: fault, Page: page}
	}
	return render(c, "", page, nil)
}

// do does an action and goes back with a sentence about it and, where it can be undone,
// the button that does.
func (h handler) do(c *fiber.Ctx, q *question) error {
	ctx, act := models.WithAct(c.UserContext())
	done, err := h.site.perform(ctx, h.resource, q.action, q.ids, q.asked)
	if q.refusedBy(err) {
		confirm, askErr := h.site.ask(ctx, h.resource, q, true)
		return h.askAgain(c, confirm, q.fault, askErr)
	}
	if err != nil {
		return err
	}
	if q.next != nil {
		if q.back, err = q.next(ctx); err != nil {
			return err
		}
	}
	sentence := i18n.T(ctx, q.action.Done, done)
	if done == 0 {
		return h.back(c, q.back, models.ToneWarning, sentence)
	}
	undo, err := h.undoURL(ctx, act)
	if err != nil {
		return err
	}
	if undo == "" {
		return h.back(c, q.back, models.TonePositive, sentence)
	}
	if err := h.site.FlashUndo(c, sentence, undo); err != nil {
		return err
	}
	return c.Redirect(q.back, fiber.StatusSeeOther)
}

// perform does an action to rows in one transaction and returns to how many.
func (s *Site) perform(ctx context.Context, r *resource, a *Action, ids []int64, in asked) (done int, err error) {
	if a.Name != editAction { // what it changed says more
		ctx = models.WithSummary(ctx, a.Label)
	}
	switch {
	case a.Run != nil:
		done, err = a.Run(ctx, ids)
	case a.RunAsked != nil:
		done, err = a.RunAsked(ctx, ids, in.Asked)
	default:
		var ch *change
		if ch, err = s.change(ctx, r, a, in); err == nil {
			done, err = ch.apply(ctx, ids)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("%s: action %s: %w", r.slug, a.Name, err)
	}
	return done, nil
}

// question is an action on rows that is about to be done, or asked about first.
type question struct {
	action    *Action
	asked     asked
	sel       *selection                            // of a list; nil: ids are all of the rows
	ids       []int64                               // the first of them, more than actionBatch where it is for a job
	row       any                                   // on whose page it is asked; nil: of a list
	url, back string                                // where the answer goes, and where one lands afterwards
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
	rows, err := r.byID(ctx, s.DB, first[:min(len(first), maxTitles)])
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
	rows, err := r.byID(ctx, s.DB, ids[:min(len(ids), maxTitles)])
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
