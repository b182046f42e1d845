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

func (l *composer) waitlistWelcome(ctx context.Context, id int64) (*mailMessage, error) {
	entry, words, err := l.waitlistMail(ctx, id)
	if err != nil {
		return nil, err
	}
	ctx = i18n.With(ctx, entry.Language)
	return &mailMessage{
		to: []string{entry.Email}, lang: entry.Language, unsubscribeURL: words.UnsubscribeURL,
		subject: i18n.T(ctx, "You are on the waitlist of DigitalPath AI"),
		html:    mail.WaitlistWelcomeHTML(words), text: mail.WaitlistWelcomeText(ctx, words),
	}, nil
}

func (l *composer) waitlistInvitation(ctx context.Context, id int64) (*mailMessage, error) {
	entry, words, err := l.waitlistMail(ctx, id)
	if err != nil {
		return nil, err
	}
	ctx = i18n.With(ctx, entry.Language)
	return &mailMessage{
		to: []string{entry.Email}, lang: entry.Language, unsubscribeURL: words.UnsubscribeURL,
		subject: i18n.T(ctx, "Your invitation to DigitalPath AI"),
		html:    mail.WaitlistInvitationHTML(words), text: mail.WaitlistInvitationText(ctx, words),
	}, nil
}

// waitlistLetter is what mails to the person of an entry have in common. Who has
// unsubscribed since the promise gets none.
func (l *composer) waitlistMail(ctx context.Context, id int64) (*models.WaitlistEntry, mail.WaitlistMessage, error) {
	entry, err := l.waitlistEntry(ctx, id)
	if err != nil {
		return nil, mail.WaitlistMessage{}, err
	}
	if !entry.UnsubscribedAt.IsZero() {
		return nil, mail.WaitlistMessage{}, &MailError{Refused: true, Reply: "The person unsubscribed."}
	}
	return entry, mail.WaitlistMessage{
		Name: oneLine(entry.FullName()), SiteURL: l.config.FrontendURL, UnsubscribeURL: l.config.Unsubscribe.URL(entry.Email),
	}, nil
}

func (l *composer) waitlistNotice(ctx context.Context, id int64) (*mailMessage, error) {
	entry, err := l.waitlistEntry(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(l.config.ContactRecipients) == 0 {
		return nil, &MailError{Refused: true, Reply: noRecipient}
	}
	notice := mail.WaitlistNotice{
		Email: entry.Email, Name: oneLine(entry.FullName()), Company: oneLine(entry.Company), Description: entry.Description,
		Source: oneLine(entry.UTMSource), JoinedAt: entry.CreatedAt,
		AdminURL: l.config.BackendURL + "/admin/" + models.WaitlistSlug + "/" + strconv.FormatInt(id, 10) + "/",
	}
	if notice.Source == "" {
		notice.Source = oneLine(entry.Referrer)
	}
	return &mailMessage{
		to: l.config.ContactRecipients, replyTo: entry.Email, subject: "New on the waitlist: " + entry.Email,
		html: mail.WaitlistNoticeHTML(notice), text: mail.WaitlistNoticeText(notice),
	}, nil
}

func (l *composer) waitlistEntry(ctx context.Context, id int64) (*models.WaitlistEntry, error) {
	entry := new(models.WaitlistEntry)
	err := l.db.NewSelect().Model(entry).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &MailError{Refused: true, Reply: "The entry was deleted."}
	}
	if err != nil {
		return nil, fmt.Errorf("read waitlist entry: %w", err)
	}
	return entry, nil
}
