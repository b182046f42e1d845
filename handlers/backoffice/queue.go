package backoffice

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/services/contact"
	"digitalpath/services/outbox"
	"digitalpath/services/waitlist"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
	"digitalpath/workers"
)

const (
	queueURL = "/admin/queue/"
	mailsURL = "/admin/" + outbox.QueueSlug + "/"
)

// QueuePage shows what waits to be mailed, what is in its way, and who works on it.
func (b *Backoffice) QueuePage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	health, err := b.Outbox.Health(ctx)
	if err != nil {
		return err
	}
	frame, err := b.frame(c, i18n.T(ctx, "Mail queue"), layout.Crumb{Label: i18n.T(ctx, "System")}, layout.Crumb{Label: i18n.T(ctx, "Mail queue")})
	if err != nil {
		return err
	}
	waiting := b.waitingTile(ctx, health)
	waiting.URL = "" // this is the page
	page := staff.Queue{Frame: frame, Tiles: []staff.Tile{waiting, {
		Label: i18n.T(ctx, "Failed"), Value: countText(ctx, health.Failed), Alarm: health.Failed > 0,
	}, b.workersTile(ctx, health)}}
	page.Tiles[2].URL = ""
	if models.ActorOf(ctx).Rights.May(models.View, outbox.QueueSlug) {
		page.Tiles[0].URL, page.Tiles[1].URL = mailsURL+"?state="+string(models.MailPending), mailsURL+"?state="+string(models.MailFailed)
		if page.Causes, err = b.causes(ctx); err != nil {
			return err
		}
		if page.Dead, err = b.deadCauses(ctx); err != nil {
			return err
		}
	}
	throughput, err := b.Outbox.Throughput(ctx, b.Now())
	if err != nil {
		return err
	}
	page.Throughput = staff.Chart{Title: i18n.T(ctx, "Sent in the last hour"), Step: i18n.T(ctx, "Since"), Parts: []staff.Part{{Label: i18n.T(ctx, "Sent"), Tone: models.TonePositive}}}
	for _, step := range throughput {
		page.Throughput.Bars = append(page.Throughput.Bars, staff.Bar{Label: step.Since.In(i18n.Zone(ctx)).Format("15:04"), Values: []int{step.Sent}})
	}
	sending, err := b.Outbox.Sending(ctx)
	if err != nil {
		return err
	}
	status, err := b.Queue.Status(ctx)
	if err != nil {
		page.Notice = i18n.T(ctx, "Redis does not answer. Mail goes out from the web process meanwhile.")
	}
	for _, w := range status.Workers {
		mails, err := b.mailsOf(ctx, w, sending)
		if err != nil {
			return err
		}
		page.Workers = append(page.Workers, staff.Worker{
			Name: fmt.Sprintf("%s:%d", w.Host, w.PID), Mails: mails, Started: w.StartedAt, LastBeat: w.LastBeat, Senders: w.Senders, Busy: w.Busy, Gone: !w.Alive(b.Now()),
		})
	}
	return admin.Render(c, staff.QueuePage(page))
}

// mailsOf are the mails that the senders of a process are at.
func (b *Backoffice) mailsOf(ctx context.Context, w workers.MailWorker, sending map[string][]models.OutboxMessage) ([]string, error) {
	var mails []*models.OutboxMessage
	for sender, messages := range sending {
		for i := range messages {
			if strings.HasPrefix(sender, fmt.Sprintf("%.60s:%d ", w.Host, w.PID)) {
				mails = append(mails, &messages[i])
			}
		}
	}
	if err := b.sayAbout(ctx, mails); err != nil {
		return nil, err
	}
	var words []string
	for _, m := range mails {
		words = append(words, m.About+" · "+i18n.T(ctx, mailKinds[m.Kind].label))
	}
	slices.Sort(words)
	return words, nil
}

// causes are what keeps mail back, each with the list of those mails.
func (b *Backoffice) causes(ctx context.Context) ([]staff.Item, error) {
	causes, err := b.Outbox.Causes(ctx)
	if err != nil {
		return nil, err
	}
	items := make([]staff.Item, len(causes))
	for i, cause := range causes {
		items[i] = staff.Item{
			Title: i18n.T(ctx, "%d × %s", cause.Number, cmp.Or(causeWords(ctx, cause.Cause), i18n.T(ctx, "Unknown"))), URL: mailsURL + "?cause=" + url.QueryEscape(cause.Cause),
		}
		if cause.Cause == "" {
			items[i].URL = mailsURL + "?state=" + string(models.MailFailed)
		}
	}
	return items, nil
}

// mailKinds are what mails are for, and the model of the row that they are about; of the
// others, which have no page, the address that they go to says more.
var mailKinds = map[models.MailKind]struct{ label, slug string }{
	contact.MailNotice: {label: "Notice of a contact message", slug: models.ContactSlug}, waitlist.MailWelcome: {label: "Welcome mail", slug: models.WaitlistSlug},
	waitlist.MailInvitation: {label: "Invitation", slug: models.WaitlistSlug}, waitlist.MailNotice: {label: "Notice to staff", slug: models.WaitlistSlug},
	accounts.MailVerification: {label: "Confirmation of an address", slug: models.UsersSlug}, accounts.MailVerificationAgain: {label: "Confirmation of an address", slug: models.UsersSlug},
	accounts.MailSignup: {label: "Confirmation of a sign-up"}, accounts.MailAlreadyRegistered: {label: "Sign-up with a known address", slug: models.UsersSlug},
	accounts.MailPasswordReset: {label: "Password reset", slug: models.UsersSlug}, accounts.MailResetHere: {label: "Password reset", slug: models.UsersSlug},
	accounts.MailPasswordChanged: {label: "Password changed", slug: models.UsersSlug}, accounts.MailEmailChange: {label: "Confirmation of a new address"},
	accounts.MailEmailChanged: {label: "Address changed"},
}

// sayAbout names the row that each mail is about, and what keeps it back.
func (b *Backoffice) sayAbout(ctx context.Context, mails []*models.OutboxMessage) error {
	ids, labels := map[string][]int64{}, map[string]map[int64]string{}
	for _, m := range mails {
		slug := mailKinds[m.Kind].slug
		ids[slug] = append(ids[slug], m.ObjectID)
	}
	for slug, some := range ids {
		var err error
		if labels[slug], err = b.Site.RowLabels(ctx, slug, some); err != nil {
			return err
		}
	}
	for _, m := range mails {
		m.Cause = causeWords(ctx, m.Cause)
		m.About = cmp.Or(labels[mailKinds[m.Kind].slug][m.ObjectID], m.Recipient, fmt.Sprintf("#%d", m.ObjectID))
	}
	return nil
}

// hasSubject tells whether a mail is about a row whose page who asks may see.
func hasSubject(ctx context.Context, mail any) bool {
	slug := mailKinds[mail.(*models.OutboxMessage).Kind].slug
	return slug != "" && models.ActorOf(ctx).Rights.May(models.View, slug)
}

// showSubject leads to the page of the row that a mail is about.
func (b *Backoffice) showSubject(c *fiber.Ctx) error {
	mail := new(models.OutboxMessage)
	err := b.Site.DB.NewSelect().Model(mail).Column("kind", "object_id").Where("id = ?", c.Params("id")).Scan(c.UserContext())
	if errors.Is(err, sql.ErrNoRows) || err == nil && !hasSubject(c.UserContext(), mail) {
		return problem.ErrNotFound()
	}
	if err != nil {
		return fmt.Errorf("read mail: %w", err)
	}
	return c.Redirect(fmt.Sprintf("/admin/%s/%d/", mailKinds[mail.Kind].slug, mail.ObjectID), fiber.StatusSeeOther)
}

// mailModel declares the mails themselves: what waits, failed and went out.
func (b *Backoffice) mailModel() *admin.Model[models.OutboxMessage] {
	return &admin.Model[models.OutboxMessage]{
		Slug: outbox.QueueSlug, Name: "Mail", Plural: "Mails", Group: "System", Icon: "mail",
		List:    []string{"about", "kind", "state", "cause", "created_at"},
		Filters: []string{"state", "cause", "created_at", "superseded"},
		Default: map[string]string{"superseded": "0"},
		Dates:   "created_at",
		Choices: map[string]func(context.Context) ([]models.Choice, error){"cause": b.causeChoices, "kind": kindChoices},
		Fieldsets: []admin.Fieldset{
			{Title: "Status", Fields: []string{"about", "kind", "recipient", "state", "cause", "error_message", "attempts", "max_attempts", "next_attempt_at", "superseded"}},
			{Title: "Timestamps", Fields: []string{"created_at", "updated_at", "sent_at"}},
		},
		Labels: map[string]string{
			"about": "About", "kind": "Purpose", "created_at": "Queued", "updated_at": "Updated", "sent_at": "Sent", "error_message": "Error", "superseded": "Replaced",
			"max_attempts": "Attempts at most", "next_attempt_at": "Next attempt", "state": "Status",
		},
		Excerpt: "cause", Beside: true, Hint: "Mails that the program sends appear here.",
		Title: func(m *models.OutboxMessage) string { return m.About }, Complete: b.sayAbout,
		Side: func(ctx context.Context, m *models.OutboxMessage) ([]adminpages.Timeline, error) {
			deliveries, err := b.Outbox.Deliveries(ctx, []models.OutboxMessage{*m})
			return []adminpages.Timeline{{Title: i18n.T(ctx, "Delivery"), Events: delivery{outbox: b.Outbox}.events(ctx, deliveries)}}, err
		},
		Links:    []admin.Link{{Label: "Workers and throughput", URL: queueURL, Of: models.ContactSlug}},
		RowLinks: []admin.Link{{Label: "What it is about", URL: "about/", Get: b.showSubject, Leads: hasSubject}},
		Revert:   b.Outbox.Revert,
		Actions: []admin.Action{
			{Name: "retry", Label: "Send again", Primary: true, Only: map[string]string{"superseded": "false"}, Stands: map[string]string{"state": "failed"}, Run: b.Outbox.Retry, Mails: b.Outbox.RetryMails, Done: "%d mails will be sent again."},
			{Name: "cancel", Label: "Cancel", Danger: true, Only: map[string]string{"superseded": "false"}, Run: b.Outbox.CancelMessages, Done: "%d mails cancelled."},
		},
	}
}

// causeWords are a cause as the outbox keeps it, in the reader's words.
func causeWords(ctx context.Context, cause string) string {
	switch said, server, found := strings.Cut(cause, " from "); {
	case !found:
		return cause
	case said == "No answer":
		return i18n.T(ctx, "No answer from %s", server)
	default:
		return i18n.T(ctx, "%s from %s", said, server)
	}
}

func kindChoices(context.Context) ([]models.Choice, error) {
	var choices []models.Choice
	for kind, is := range mailKinds {
		choices = append(choices, models.Choice{Value: string(kind), Label: is.label})
	}
	return choices, nil
}

func (b *Backoffice) causeChoices(ctx context.Context) ([]models.Choice, error) {
	causes, err := b.Outbox.Causes(ctx)
	var choices []models.Choice
	for _, cause := range causes {
		if cause.Cause != "" {
			choices = append(choices, models.Choice{Value: cause.Cause, Label: causeWords(ctx, cause.Cause)})
		}
	}
	return choices, err
}
