package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

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
	left := make([]int64, len(q.leftOut))
	for i, refusal := range q.leftOut {
		left[i] = refusal.ID
		c.Refused = append(c.Refused, refusal.Label+": "+Words(ctx, refusal.Why.Message))
	}
	switch {
	case q.action.Name == deleteAction && total > 0:
		return c, s.describe(ctx, r, first, total, &c)
	case q.action.Name == deleteAction: // it says what stands in the way
		err := s.describe(ctx, r, left, len(left), &c)
		c.Question, c.Submit = "", ""
		return c, err
	case total == 0:
		c.Title, c.Submit = i18n.T(ctx, q.action.Label), ""
		return c, nil
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
	if q.action.Final {
		c.Harmless, c.Final = false, i18n.T(ctx, "This cannot be undone.")
	}
	if q.asked.AlsoSent {
		c.Params = append(c.Params, adminpages.Param{Name: alsoSentParam, Value: "yes"})
	}
	if q.change == nil {
		c.Params = append(c.Params, adminpages.Param{Name: "confirm", Value: "yes"})
		return c, nil
	}
	return c, q.change.ask(ctx, s, q, &c, total, preview)
}

// SayWhom says to how many and to whom mail would go, and offers to mail those again who
// were reached.
func SayWhom(ctx context.Context, c *adminpages.Confirm, m models.Mailing) {
	c.Question = i18n.T(ctx, "Nobody is mailed.")
	switch more := m.People - len(m.To); {
	case m.Mails > 0 && len(m.To) == 0:
		c.Question = i18n.T(ctx, "%d mails will be sent.", m.Mails)
	case m.Mails > 0:
		c.Question = i18n.T(ctx, "%d mails will be sent, to:", m.Mails)
		c.To = m.To
		if more > 0 {
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

func (h handler) confirmDelete(c *fiber.Ctx) error {
	ctx := c.UserContext()
	row, err := h.site.row(ctx, h.resource, c.Params("id"))
	if err != nil {
		return err
	}
	action, err := h.action(ctx, deleteAction)
	if err != nil {
		return err
	}
	id, from := strconv.FormatInt(h.ID(row), 10), originOf(c)
	here := from.url(h.url(id))
	q := &question{action: action, ids: []int64{h.ID(row)}, url: from.url(h.url(id, "delete")), back: here}
	if err := h.site.leaveOut(ctx, h.resource, q); err != nil {
		return err
	}
	confirm, err := h.site.ask(ctx, h.resource, q, false)
	if err != nil {
		return err
	}
	crumb := layout.Crumb{Label: h.titleOf(row), URL: here}
	if confirm.Frame, err = h.frame(c, i18n.T(ctx, "Delete"), crumb); err != nil {
		return err
	}
	return render(c, "", adminpages.ConfirmPage(confirm), nil)
}

func (h handler) deleteOne(c *fiber.Ctx) error {
	row, err := h.site.row(c.UserContext(), h.resource, c.Params("id"))
	if err != nil {
		return err
	}
	if posted(c).Get("confirm") != "yes" {
		return h.confirmDelete(c)
	}
	action, err := h.action(c.UserContext(), deleteAction)
	if err != nil {
		return err
	}
	return h.actIn(c, row, &question{action: action, row: row, ids: []int64{h.ID(row)}})
}
