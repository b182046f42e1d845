package workers

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/uptrace/bun"
	gomail "github.com/wneessen/go-mail"

	"digitalpath/models"
	"digitalpath/views/i18n"
)

// Composer writes mails. A message of the outbox holds only a kind and an id, so that
// what a mail says is as true as at the moment of sending.
type Composer struct {
	db     *bun.DB
	config MailConfig
	kinds  map[models.MailKind]mailKind
}

// NewComposer makes a composer of all kinds of mail.
func NewComposer(db *bun.DB, config MailConfig) *Composer {
	c := &Composer{db: db, config: config}
	c.kinds = c.mailKinds()
	return c
}

// mailMessage is a mail without its envelope.
type mailMessage struct {
	to      string
	replyTo string // an address, or nothing
	subject string
	html    templ.Component
	text    string

	lang           string // of the reader; empty: English
	unsubscribeURL string // for one click, as RFC 8058 has it; or nothing
}

// noRecipient is why a notice to staff goes nowhere.
const noRecipient = "No recipient: set CONTACT_RECIPIENTS or EMAIL_HOST_USER."

// compose writes the mail of an outbox message.
func (c *Composer) compose(ctx context.Context, message *models.OutboxMessage) (*gomail.Msg, error) {
	kind, ok := c.kinds[message.Kind]
	if !ok {
		return nil, errOutdated(fmt.Sprintf("This version does not know mails of the kind %q.", message.Kind))
	}
	mail, err := kind.compose(ctx, message.ObjectID)
	if err != nil {
		return nil, err
	}
	if kind.ToStaff {
		// Releases before recipients addressed one message to all; the first one gets it.
		staff := append([]string{message.Recipient}, c.config.ContactRecipients...)
		if mail.to = cmp.Or(staff...); mail.to == "" {
			return nil, errOutdated(noRecipient)
		}
	}
	return c.config.compose(ctx, mail, message.MessageID, message.CreatedAt)
}

// compose puts the mail into its envelope. The default headers of the library
// would tell its version and this machine's name.
func (c MailConfig) compose(ctx context.Context, m *mailMessage, messageID string, now time.Time) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, &MailError{Reply: "DEFAULT_FROM_EMAIL is not an address: " + c.From, Err: err}
	}
	from.Address = models.NormalizeEmail(from.Address)
	if err := msg.From(from.String()); err != nil {
		return nil, &MailError{Reply: "DEFAULT_FROM_EMAIL is not an address: " + c.From, Err: err}
	}
	if err := msg.To(models.NormalizeEmail(m.to)); err != nil {
		return nil, &MailError{Refused: true, Reply: "The recipient is not an address: " + m.to, Err: err}
	}
	// An address that mail programs cannot parse, or that is not ASCII even with its domain
	// in punycode, is left out; it stands in the text.
	if replyTo := models.NormalizeEmail(m.replyTo); replyTo != "" && isASCII(replyTo) {
		_ = msg.ReplyTo(replyTo)
	}
	msg.SetGenHeaderPreformatted(gomail.HeaderSubject, foldSubject(oneLine(m.subject)))
	msg.SetMessageIDWithValue(messageID)
	msg.SetDateWithValue(now)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // keeps holiday notes from answering
	if m.unsubscribeURL != "" {
		msg.SetListUnsubscribe(m.unsubscribeURL)
		msg.SetListUnsubscribePost()
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.text)
	var html bytes.Buffer
	if err := m.html.Render(i18n.With(ctx, m.lang), &html); err != nil {
		return nil, fmt.Errorf("render mail: %w", err)
	}
	msg.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return msg, nil
}

// oneLine makes what a visitor wrote fit for a header.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

const (
	lineLimit = 76 // of a header's line (RFC 2047 section 2)
	wordBytes = 39 // that make an encoded word of 64, with room for "Subject: " before it
)

// foldSubject encodes and folds a subject.
func foldSubject(subject string) string {
	if isASCII(subject) && !strings.Contains(subject, "=?") { // which would be read as encoded
		return fold("Subject: ", strings.Split(subject, " "))
	}
	return fold("Subject: ", encodedWords(subject))
}

func encodedWords(text string) []string {
	var words []string
	for rest := text; rest != ""; {
		end := min(wordBytes, len(rest))
		for end > 1 && end < len(rest) && !utf8.RuneStart(rest[end]) {
			end--
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(rest[:end]))+"?=")
		rest = rest[end:]
	}
	return words
}

// fold puts words behind a header's name, in as many lines as they need.
func fold(name string, words []string) string {
	folded := words[0]
	used := len(name) + len(folded)
	for _, word := range words[1:] {
		if used += len(" ") + len(word); used > lineLimit {
			folded += "\r\n"
			used = len(" ") + len(word)
		}
		folded += " " + word
	}
	return folded
}

var (
	fromHeader  = regexp.MustCompile(`(?m)^From:[^\r]*(\r\n [^\r]*)*`)
	emptyBehind = regexp.MustCompile(`(?m)^([!-9;-~]+:)\r\n `)
)

// sourceOf is a mail as it is sent. The library folds right behind a header's colon
// where the first word is long; some mail programs then show the header as empty.
func sourceOf(msg *gomail.Msg) ([]byte, error) {
	var text bytes.Buffer
	if _, err := msg.WriteTo(&text); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	head, body, _ := bytes.Cut(text.Bytes(), []byte("\r\n\r\n"))
	for _, from := range msg.GetFrom() {
		if !isASCII(from.Name) {
			address := (&netmail.Address{Address: from.Address}).String()
			head = fromHeader.ReplaceAllLiteral(head, []byte("From: "+fold("From: ", append(encodedWords(from.Name), address))))
		}
	}
	return slices.Concat(emptyBehind.ReplaceAll(head, []byte("$1 ")), []byte("\r\n\r\n"), body), nil
}
