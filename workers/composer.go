package workers

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"
	"github.com/uptrace/bun"
	gomail "github.com/wneessen/go-mail"

	"digitalpath/models"
	"digitalpath/views/i18n"
	"digitalpath/views/mail"
)

// letters writes promised mails. A promise holds only a kind and an id, so that
// what a mail says is as true as at the moment of sending.
type composer struct {
	db     *bun.DB
	config MailConfig
	now    func() time.Time
	kinds  map[models.MailKind]composeFunc
}

type composeFunc func(ctx context.Context, objectID int64) (*mailMessage, error)

// letter is a mail without its envelope.
type mailMessage struct {
	to      []string
	replyTo string // an address, or nothing
	subject string
	html    templ.Component
	text    string

	lang           string // of the reader; empty: English
	unsubscribeURL string // for one click, as RFC 8058 has it; or nothing
}

// noRecipient is why a notice to staff goes nowhere.
const noRecipient = "No recipient: set CONTACT_RECIPIENTS or EMAIL_HOST_USER."

func newComposer(db *bun.DB, config MailConfig, now func() time.Time) *composer {
	l := &composer{db: db, config: config, now: now}
	l.kinds = map[models.MailKind]composeFunc{
		models.MailContactNotice:      l.contactNotice,
		models.MailVerification:       l.toOwner(l.verification),
		models.MailAlreadyRegistered:  l.toOwner(l.alreadyRegistered),
		models.MailPasswordReset:      l.toOwner(l.passwordReset),
		models.MailPasswordChanged:    l.toOwner(l.passwordChanged),
		models.MailEmailChange:        l.emailChange,
		models.MailEmailChanged:       l.emailChanged,
		models.MailWaitlistWelcome:    l.waitlistWelcome,
		models.MailWaitlistNotice:     l.waitlistNotice,
		models.MailWaitlistInvitation: l.waitlistInvitation,
	}
	return l
}

// write makes the mail that was promised.
func (l *composer) compose(ctx context.Context, promise *models.OutboxMessage) (*gomail.Msg, error) {
	writer, ok := l.kinds[promise.Kind]
	if !ok {
		return nil, &MailError{Refused: true, Reply: fmt.Sprintf("This version does not know mails of the kind %q.", promise.Kind)}
	}
	letter, err := writer(ctx, promise.ObjectID)
	if err != nil {
		return nil, err
	}
	return l.config.compose(ctx, letter, promise.MessageID, l.now())
}

func (l *composer) contactNotice(ctx context.Context, id int64) (*mailMessage, error) {
	var message models.ContactMessage
	err := l.db.NewSelect().Model(&message).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &MailError{Refused: true, Reply: "The message was deleted."}
	}
	if err != nil {
		return nil, fmt.Errorf("read contact message: %w", err)
	}
	if len(l.config.ContactRecipients) == 0 {
		return nil, &MailError{Refused: true, Reply: noRecipient}
	}
	notice := mail.ContactNotice{
		Name: oneLine(message.Name), Email: message.Email, Message: message.Message, SubmittedAt: message.CreatedAt,
		AdminURL: l.config.BackendURL + "/admin/contact-messages/" + strconv.FormatInt(id, 10) + "/",
	}
	return &mailMessage{
		to:      l.config.ContactRecipients,
		replyTo: message.Email,
		subject: "New Contact Form Submission from " + notice.Name,
		html:    mail.ContactNoticeHTML(notice),
		text:    mail.ContactNoticeText(notice),
	}, nil
}

// compose puts the letter into its envelope. The default headers of the library
// would tell its version and this machine's name.
func (c MailConfig) compose(ctx context.Context, l *mailMessage, messageID string, now time.Time) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(c.From); err != nil {
		return nil, &MailError{Reply: "DEFAULT_FROM_EMAIL is not an address: " + c.From, Err: err}
	}
	if err := msg.To(l.to...); err != nil {
		return nil, &MailError{Refused: true, Reply: "A recipient is not an address: " + strings.Join(l.to, ", "), Err: err}
	}
	if l.replyTo != "" {
		_ = msg.ReplyTo(l.replyTo) // one that mail programs cannot parse is left out; it stands in the text
	}
	msg.Subject(oneLine(l.subject))
	msg.SetMessageIDWithValue(messageID)
	msg.SetDateWithValue(now)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // keeps holiday notes from answering
	if l.unsubscribeURL != "" {
		msg.SetListUnsubscribe(l.unsubscribeURL)
		msg.SetListUnsubscribePost()
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.text)
	var html bytes.Buffer
	if err := l.html.Render(i18n.With(ctx, l.lang), &html); err != nil {
		return nil, fmt.Errorf("render mail: %w", err)
	}
	msg.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return msg, nil
}

// oneLine makes what a visitor wrote fit for a header.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
