package workers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"digitalpath/models"
	"digitalpath/views/i18n"
	"digitalpath/views/mail"
)

func (c *Composer) waitlistWelcome(ctx context.Context, id int64) (*mailMessage, error) {
	entry, words, err := c.waitlistMail(ctx, id)
	if err != nil {
		return nil, err
	}
	ctx = i18n.With(ctx, entry.Language)
	return &mailMessage{
		to: entry.Email, lang: entry.Language, unsubscribeURL: words.UnsubscribeURL,
		subject: i18n.T(ctx, "You are on the waitlist of DigitalPath AI"),
		html:    mail.WaitlistWelcomeHTML(words), text: mail.WaitlistWelcomeText(ctx, words),
	}, nil
}

func (c *Composer) waitlistInvitation(ctx context.Context, id int64) (*mailMessage, error) {
	entry, words, err := c.waitlistMail(ctx, id)
	if err != nil {
		return nil, err
	}
	ctx = i18n.With(ctx, entry.Language)
	return &mailMessage{
		to: entry.Email, lang: entry.Language, unsubscribeURL: words.UnsubscribeURL,
		subject: i18n.T(ctx, "Your invitation to DigitalPath AI"),
		html:    mail.WaitlistInvitationHTML(words), text: mail.WaitlistInvitationText(ctx, words),
	}, nil
}

// waitlistMail is what mails to the person of an entry have in common. Who has
// unsubscribed meanwhile gets none.
func (c *Composer) waitlistMail(ctx context.Context, id int64) (*models.WaitlistEntry, mail.WaitlistMessage, error) {
	entry, err := c.waitlistEntry(ctx, id)
	if err != nil {
		return nil, mail.WaitlistMessage{}, err
	}
	if !entry.UnsubscribedAt.IsZero() {
		return nil, mail.WaitlistMessage{}, errOutdated("The person unsubscribed.")
	}
	return entry, mail.WaitlistMessage{
		Name: oneLine(entry.FullName()), SiteURL: c.config.FrontendURL, UnsubscribeURL: c.config.Unsubscribe.URL(entry.Email),
	}, nil
}

func (c *Composer) waitlistNotice(ctx context.Context, id int64) (*mailMessage, error) {
	entry, err := c.waitlistEntry(ctx, id)
	if err != nil {
		return nil, err
	}
	notice := mail.WaitlistNotice{
		Email: entry.Email, Name: oneLine(entry.FullName()), Company: oneLine(entry.Company), Description: entry.Description,
		Source: oneLine(entry.UTMSource), JoinedAt: entry.CreatedAt,
		AdminURL: c.config.BackendURL + "/admin/" + models.WaitlistSlug + "/" + strconv.FormatInt(id, 10) + "/",
	}
	if notice.Source == "" {
		notice.Source = oneLine(entry.Referrer)
	}
	return &mailMessage{
		replyTo: entry.Email, subject: "New on the waitlist: " + entry.Email,
		html: mail.WaitlistNoticeHTML(notice), text: mail.WaitlistNoticeText(notice),
	}, nil
}

func (c *Composer) waitlistEntry(ctx context.Context, id int64) (*models.WaitlistEntry, error) {
	entry := new(models.WaitlistEntry)
	err := c.db.NewSelect().Model(entry).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errOutdated("The entry was deleted.")
	}
	if err != nil {
		return nil, fmt.Errorf("read waitlist entry: %w", err)
	}
	return entry, nil
}
