package backoffice

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/waitlist"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
	"digitalpath/views/ui"
)

// The coded pages of the waitlist.
const (
	waitlistURL = "/admin/" + models.WaitlistSlug + "/"
	inviteURL   = waitlistURL + "invite/"
	growthURL   = waitlistURL + "growth/"
)

// suggestedRound is the number that the form of invitations starts with.
const suggestedRound = 100

// InvitePage asks how many of the line to invite, and shows how far the last rounds
// are. HTMX asks for the rounds alone.
func (b *Backoffice) InvitePage(c *fiber.Ctx) error {
	page, err := b.invitePage(c)
	if err != nil {
		return err
	}
	c.Vary("HX-Request")
	if c.Get("HX-Target") == "rounds" {
		return admin.Render(c, staff.InviteRounds(page))
	}
	return admin.Render(c, staff.InvitePage(page))
}

// InviteFirst invites the first of the line.
func (b *Backoffice) InviteFirst(c *fiber.Ctx) error {
	ctx := c.UserContext()
	typed := strings.TrimSpace(c.FormValue("count"))
	count, err := strconv.Atoi(typed)
	if err != nil {
		count = 0 // no number that could be invited: the service says what could
	}
	if count >= 1 && count <= waitlist.MaxInvite && c.FormValue("confirm") != "yes" {
		return b.askToInvite(c, count)
	}
	once := models.Idempotency{Key: c.FormValue("once"), RequestHash: fmt.Sprintf("%x", sha256.Sum256([]byte(typed)))}
	if count > waitlist.MaxInviteAtOnce && count <= waitlist.MaxInvite {
		job, err := b.Waitlist.QueueRound(ctx, count, once, i18n.Lang(ctx))
		if err != nil {
			return err
		}
		return c.Redirect(jobURL(job.ID), fiber.StatusSeeOther)
	}
	acting, act := models.WithAct(ctx)
	invited, err := b.Waitlist.InviteFirst(acting, count, once)
	if p, ok := problem.As(err); ok && p.Fields != nil {
		page, pageErr := b.invitePage(c)
		if pageErr != nil {
			return pageErr
		}
		page.Count.Value = typed
		page.Count.Errors = admin.AllWords(ctx, p)["count"]
		return &admin.Rejected{Err: err, Page: staff.InvitePage(page)}
	}
	if err != nil {
		return err
	}
	return b.invited(c, act, invited)
}

// askToInvite says to how many and to whom a round would go.
func (b *Backoffice) askToInvite(c *fiber.Ctx, count int) error {
	ctx := c.UserContext()
	mailing, err := b.Waitlist.RoundMails(ctx, count)
	if err != nil {
		return err
	}
	confirm := adminpages.Confirm{
		Title: i18n.T(ctx, "Invite %d people?", mailing.People), URL: inviteURL, CancelURL: inviteURL, Submit: i18n.T(ctx, "Invite"), Harmless: true,
		Params: []adminpages.Param{{Name: "count", Value: strconv.Itoa(count)}, {Name: "once", Value: c.FormValue("once")}, {Name: "confirm", Value: "yes"}},
	}
	admin.SayWhom(ctx, &confirm, mailing)
	if confirm.Frame, err = b.waitlistFrame(c, "Invite people"); err != nil {
		return err
	}
	return admin.Render(c, adminpages.ConfirmPage(confirm))
}

// invited says how many were invited, beside the button that takes it back.
func (b *Backoffice) invited(c *fiber.Ctx, act string, count int) error {
	ctx := c.UserContext()
	sentence := i18n.T(ctx, "%d people invited.", count)
	undo, err := b.Site.UndoURL(ctx, models.WaitlistSlug, act)
	if err != nil {
		return err
	}
	switch {
	case count == 0:
		err = b.flash(c, models.ToneWarning, sentence)
	case undo != "":
		err = b.flashUndo(c, sentence, undo)
	default:
		err = b.flash(c, models.TonePositive, sentence)
	}
	if err != nil {
		return err
	}
	return c.Redirect(inviteURL, fiber.StatusSeeOther)
}

func (b *Backoffice) invitePage(c *fiber.Ctx) (staff.Invite, error) {
	ctx := c.UserContext()
	counts, err := b.Waitlist.Counts(ctx)
	if err != nil {
		return staff.Invite{}, err
	}
	rounds, err := b.Waitlist.Rounds(ctx)
	if err != nil {
		return staff.Invite{}, err
	}
	frame, err := b.waitlistFrame(c, "Invite people")
	if err != nil {
		return staff.Invite{}, err
	}
	page := staff.Invite{
		Frame: frame, URL: inviteURL, Waiting: counts.Waiting, Once: rand.Text(), Tiles: waitlistTiles(ctx, counts),
		Count: ui.Field{
			Name: "count", Label: i18n.T(ctx, "How many"), Control: "number", Required: true,
			Value: strconv.Itoa(max(1, min(suggestedRound, counts.Waiting))),
			Help:  i18n.T(ctx, "The ones who joined first are invited first. Up to %d at a time.", waitlist.MaxInvite),
		},
	}
	if count := c.QueryInt("count"); count > 0 {
		page.Count.Value = strconv.Itoa(count)
	}
	for _, round := range rounds {
		page.Rounds = append(page.Rounds, staff.InviteRound{
			At: round.At, People: round.People, Delivered: round.Delivered, Queued: round.Queued,
			Failing: max(0, round.People-round.Delivered-round.Queued),
		})
	}
	return page, nil
}

func waitlistTiles(ctx context.Context, counts waitlist.Counts) []staff.Tile {
	return []staff.Tile{
		{Label: i18n.T(ctx, "Waiting"), Value: i18n.Number(ctx, counts.Waiting), URL: waitlistURL + "?invited_at=none&unsubscribed_at=none"},
		{Label: i18n.T(ctx, "Invited"), Value: i18n.Number(ctx, counts.Invited), URL: waitlistURL + "?invited_at=any"},
		{Label: i18n.T(ctx, "Unsubscribed"), Value: i18n.Number(ctx, counts.Unsubscribed), URL: waitlistURL + "?unsubscribed_at=any"},
		{Label: i18n.T(ctx, "On the list in all"), Value: i18n.Number(ctx, counts.Total), URL: waitlistURL},
	}
}

// waitlistFrame is the frame of a coded page below the list.
func (b *Backoffice) waitlistFrame(c *fiber.Ctx, title string) (layout.Frame, error) {
	ctx := c.UserContext()
	title = i18n.T(ctx, title)
	return b.frame(c, title, layout.Crumb{Label: i18n.T(ctx, "Waitlist"), URL: waitlistURL}, layout.Crumb{Label: title})
}
