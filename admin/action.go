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
	if len(ids) == 0 {
		return h.back(c, q.self(), models.ToneWarning, i18n.T(ctx, "Nothing matches."))
	}
	return h.proceed(c, &question{
		action: action, asked: readAsked(form), sel: sel, from: q.origin(), ids: ids, url: q.url(), back: q.self(), params: sel.params(action.Name), upTo: form.Get("up_to"),
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
	id, from := strconv.FormatInt(h.ID(row), 10), originOf(c)
	if action.Name == deleteAction {
		return c.Redirect(from.url(h.url(id, "delete")), fiber.StatusSeeOther)
	}
	here := from.url(h.url(id))
	return h.proceed(c, &question{
		action: action, asked: readAsked(form), row: row, from: from, ids: []int64{h.ID(row)}, url: here, back: here, params: []adminpages.Param{{Name: "action", Value: action.Name}},
	}, form)
}

// proceed does what was confirmed, or needs no confirmation, and else asks.
func (h handler) proceed(c *fiber.Ctx, q *question, form url.Values) error {
	ctx := c.UserContext()
	if err := h.site.prepare(ctx, h.resource, q); err != nil {
		return err
	}
	confirmed := form.Get("confirm") == "yes"
	if !confirmed && q.asks() || q.fault != nil || len(q.leftOut) > 0 {
		if confirmed && len(q.ids) == 0 {
			q.fault = q.leftOut[0].Why
		}
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
	q.back = h.seen(ctx, q.back)
	sentence := i18n.T(ctx, q.action.Done, done)
	if done > 0 && q.row != nil && q.action.Name == deleteAction {
		sentence = i18n.T(ctx, "%s is deleted.", h.titleOf(q.row)) // which the page that follows shows no more
	}
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
	if err := h.site.FlashUndo(c, sentence, q.from.url(undo)); err != nil {
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

// actIn does an action to a row and goes on: where the list that the row was opened from
// has lost it, with the next one there, so that a list is worked through row by row.
func (h handler) actIn(c *fiber.Ctx, row any, q *question) error {
	ctx, from := c.UserContext(), originOf(c)
	q.back = from.url(h.url(strconv.FormatInt(h.ID(row), 10)))
	switch {
	case from != nil:
		before, err := h.site.neighbours(ctx, h.resource, from, row)
		if err != nil {
			return err
		}
		q.next = func(ctx context.Context) (string, error) { return h.goOn(ctx, from, row, before) }
	case q.action.Name == deleteAction:
		q.back = h.url()
	}
	return h.do(c, q)
}

// goOn is the page after an act on row: its own while the list has it and is not worked
// through beside it, else that of the next one, at whose end the list.
func (h handler) goOn(ctx context.Context, from *origin, row any, before *listing.Beside) (string, error) {
	here, id := false, h.ID(row)
	rows, err := h.ByID(ctx, h.site.DB, []int64{id})
	if err != nil {
		return "", err
	}
	if len(rows) > 0 {
		now, err := h.site.neighbours(ctx, h.resource, from, rows[0])
		if err != nil {
			return "", err
		}
		here = (now.Here || !before.Here) && (!h.beside || before.Next == 0)
	}
	switch {
	case here:
		return from.url(h.url(strconv.FormatInt(id, 10))), nil
	case before.Next != 0 && h.may(ctx, models.View):
		return from.url(h.url(strconv.FormatInt(before.Next, 10))), nil
	}
	return h.listURL(from), nil
}

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

	leftOut []models.Refusal // rows that were chosen too, and why it cannot be done with them
	change  *change          // what becomes of the rows' columns; nil: that is up to Run
	mailing *models.Mailing  // nil: nobody is mailed
	fault   error            // what is wrong with what was typed
}

func (q *question) long() bool { return len(q.ids) > actionBatch }

// asks tells whether somebody has to say yes before.
func (q *question) asks() bool {
	return q.long() || q.action.Final || q.action.Name == deleteAction || q.action.Name == editAction || len(q.action.Form) > 0 ||
		q.mailing != nil && q.mailing.Mails+q.mailing.Sent > 0
}

// leaveOut takes the rows out of the question that the rules keep from the action. A job
// tells of each that it could not do.
func (s *Site) leaveOut(ctx context.Context, r *resource, q *question) (err error) {
	if q.long() {
		return nil
	}
	if r.trash != nil {
		if q.leftOut, err = r.trash.Refusals(ctx, q.action.verb(), q.ids); err != nil {
			return fmt.Errorf("%s: find what %s is refused for: %w", r.slug, q.action.Name, err)
		}
	}
	if q.action.Refuses != nil {
		more, err := q.action.Refuses(ctx, q.ids)
		if err != nil {
			return fmt.Errorf("%s: find what %s is refused for: %w", r.slug, q.action.Name, err)
		}
		q.leftOut = append(q.leftOut, more...)
	}
	if len(q.leftOut) == 0 {
		return nil
	}
	q.ids = slices.DeleteFunc(slices.Clone(q.ids), func(id int64) bool {
		return slices.ContainsFunc(q.leftOut, func(refusal models.Refusal) bool { return refusal.ID == id })
	})
	if q.sel != nil {
		q.sel = &selection{request: q.sel.request, ids: q.ids}
		q.params = q.sel.params(q.action.Name)
	}
	return nil
}

// prepare finds out what the action would do to the rows, and whom it would mail.
func (s *Site) prepare(ctx context.Context, r *resource, q *question) (err error) {
	if err := s.leaveOut(ctx, r, q); err != nil || len(q.ids) == 0 {
		return err
	}
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
		rows = r.SelectFrom(s.DB, all).ColumnExpr(r.PK.SQL)
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
