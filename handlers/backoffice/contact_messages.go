package backoffice

import (
	"context"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/contact"
)

// contactModel declares the inbox. Messages come from the public form only.
func (b *Backoffice) contactModel() *admin.Model[models.ContactMessage] {
	mails := delivery{b.Outbox, []models.MailKind{contact.MailNotice}}
	return &admin.Model[models.ContactMessage]{
		Slug: models.ContactSlug, Name: "Contact message", Plural: "Contact messages",
		Group: "Inbox", Icon: "inbox",
		List:    []string{"name", "email", "message", "status", "created_at", "sent_at"},
		Filters: []string{"status", "created_at", "sent_at", "is_spam"},
		Default: map[string]string{"is_spam": "0"},
		Search:  []string{"name", "email", "message"},
		Dates:   "created_at",
		Fieldsets: []admin.Fieldset{
			{Title: "Contact information", Fields: []string{"name", "email", "message"}},
			{Title: "Status", Fields: []string{"status", "is_spam", "error_message"}},
			{Title: "Timestamps", Fields: []string{"created_at", "updated_at", "sent_at"}, Collapsed: true},
		},
		Labels: map[string]string{
			"created_at": "Received", "updated_at": "Updated", "sent_at": "Sent",
			"email": "E-mail", "error_message": "Error", "is_spam": "Spam",
		},
		Excerpt: "message",
		MailTo:  "email",
		Beside:  true,
		Hint:    "Messages from the website's contact form appear here.",
		Badge:   mails.contactBadges,
		Side:    mails.contactTimeline,
		Actions: []admin.Action{
			{Name: "resend", Label: "Send again", Primary: true, Only: map[string]string{"is_spam": "false"}, Stands: map[string]string{"status": "failed"},
				RunAsked: func(ctx context.Context, ids []int64, answer admin.Asked) (int, error) {
					return b.Contact.Resend(ctx, ids, answer.AlsoSent)
				}, Mails: b.Contact.ResendMails, Done: "%d messages will be sent again."},
			{Name: "spam", Label: "Mark as spam", Key: "s", Only: map[string]string{"is_spam": "false"}, Run: b.Contact.MarkSpam, Done: "%d messages marked as spam."},
			{Name: "not-spam", Label: "Not spam", Key: "s", Only: map[string]string{"is_spam": "true"}, Run: b.Contact.MarkNotSpam, Mails: b.Contact.NotSpamMails,
				Done: "%d messages are not spam any more."},
		},
		Trash: b.Contact.Rows(), RowLinks: []admin.Link{b.eraseLink(models.ContactSlug)},
	}
}
