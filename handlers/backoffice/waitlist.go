package backoffice

import (
	"context"
	"time"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/waitlist"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// waitlistModel declares the list of those who want in.
func (b *Backoffice) waitlistModel() *admin.Model[models.WaitlistEntry] {
	list := b.Waitlist
	mails := delivery{list.Outbox, waitlist.Mails}
	return &admin.Model[models.WaitlistEntry]{
		Slug: models.WaitlistSlug, Name: "Waitlist entry", Plural: "Waitlist",
		Group: "Inbox", Icon: "clock",
		List:    []string{"email", "first_name", "last_name", "company", "notified", "invited_at", "created_at"},
		Filters: []string{"notified", "invited_at", "created_at", "unsubscribed_at", "is_spam"},
		Default: map[string]string{"is_spam": "0"},
		Search:  []string{"email", "first_name", "last_name", "company", "description"},
		Dates:   "created_at",
		Needs:   func(time.Time) (string, []any) { return waitlist.Waiting, nil },
		Fieldsets: []admin.Fieldset{
			{Title: "Person", Fields: []string{"email", "first_name", "last_name", "company", "description"}},
			{Title: "Status", Fields: []string{"notified", "invited_at", "unsubscribed_at"}},
			{Title: "Source", Fields: []string{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "language", "ip_address"}},
			{Title: "Timestamps", Fields: []string{"created_at", "updated_at"}, Collapsed: true},
		},
		Labels: map[string]string{
			"email": "E-mail", "invited_at": "Invited", "unsubscribed_at": "Unsubscribed", "created_at": "Joined", "updated_at": "Updated",
			"is_spam": "Spam", "utm_source": "Campaign source", "utm_medium": "Campaign medium", "utm_campaign": "Campaign",
			"utm_term": "Campaign term", "utm_content": "Campaign content", "ip_address": "IP address",
		},
		Excerpt: "company",
		MailTo:  "email",
		Hint:    "People who join the waitlist on the website appear here. You can also import a CSV file.",
		Side:    mails.waitlistTimeline,
		Links: []admin.Link{
			{Label: "Growth", URL: growthURL, Get: b.GrowthPage},
			{Label: "Invite people…", URL: inviteURL, Needs: models.Change, Get: b.InvitePage, Post: b.InviteFirst,
				Number: &admin.Number{Label: "Invite the first %d…", Param: "count"}},
		},
		Actions: []admin.Action{
			{Name: "invite", Label: "Invite", Primary: true, Run: list.Invite, Mails: list.InviteMails, Done: "%d people invited."},
			{Name: "resend", Label: "Send again", RunAsked: func(ctx context.Context, ids []int64, answer admin.Asked) (int, error) {
				return list.Resend(ctx, ids, answer.AlsoSent)
			}, Mails: list.ResendMails, Done: "%d mails will be sent again."},
			{Name: "not-spam", Label: "Not spam", Only: map[string]string{"is_spam": "true"}, Run: list.MarkNotSpam, Mails: list.NotSpamMails,
				Done: "%d entries are not spam any more."},
		},
		Rows: list.Rows(), RowLinks: []admin.Link{b.eraseLink(models.WaitlistSlug)},
		Import: &admin.Import[models.WaitlistEntry]{
			Key: "email", Columns: waitlist.ImportColumns, Names: waitlist.ImportNames, Check: list.CheckImported, Merge: list.MergeImported,
		},
		ReadOnly: []string{
			"notified", "invited_at", "unsubscribed_at", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
			"referrer", "language", "ip_address", "created_at", "updated_at",
		},
	}
}

// mailTitles are the panels beside an entry.
var mailTitles = map[models.MailKind]string{
	waitlist.MailWelcome: "Welcome mail", waitlist.MailInvitation: "Invitation", waitlist.MailNotice: "Notice to staff",
}

// waitlistTimeline tells of each kind of mail what became of it.
func (d delivery) waitlistTimeline(ctx context.Context, row *models.WaitlistEntry) ([]adminpages.Timeline, error) {
	var panels []adminpages.Timeline
	for _, kind := range d.kinds {
		deliveries, err := d.outbox.History(ctx, row.ID, kind)
		if err != nil {
			return nil, err
		}
		if len(deliveries) > 0 {
			panels = append(panels, adminpages.Timeline{Title: i18n.T(ctx, mailTitles[kind]), Events: d.events(ctx, deliveries)})
		}
	}
	return panels, nil
}
