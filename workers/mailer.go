package workers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"digitalpath/services/accounts"
	"digitalpath/services/waitlist"
	"digitalpath/views/mail"
)

// Mailer gives mails to a server, or to what stands in for one. Each worker has its
// own.
type Mailer interface {
	// Send returns what the server said when it took the mail. The error is a
	// *MailError where the mail was not taken.
	Send(ctx context.Context, msg *gomail.Msg) (reply string, err error)
	Server() string // host:port, or the backend's name
	Close()
}

// MailError is why a mail was not taken.
type MailError struct {
	Refused bool   // for good: trying again cannot help
	Reply   string // the server's words, or a sentence that names the cause
	Err     error  // the cause, if any; Reply says it already
}

func (e *MailError) Error() string { return e.Reply }

func (e *MailError) Unwrap() error { return e.Err }

// The backends, Django's under shorter names.
const (
	BackendSMTP    = "smtp"
	BackendConsole = "console"
	BackendFile    = "file"
)

// MailConfig is how and as whom mail is sent.
type MailConfig struct {
	Backend           string // BackendSMTP, BackendConsole or BackendFile
	Host              string
	Port              int
	User, Password    string // log in where User is set
	UseTLS            bool   // STARTTLS, or nothing is sent
	UseSSL            bool   // TLS from the first byte
	From              string // "a@b.example" or "Name <a@b.example>"
	ContactRecipients []string
	FilePath          string // directory of BackendFile
	BackendURL        string // where links into the back office lead, without a slash at its end
	FrontendURL       string // where links for people lead, likewise
	Unsubscribe       waitlist.UnsubscribeLinks
	Keys              *accounts.MailKeys // of links to an account's owner
}

// mailers returns what makes the Mailer of each worker.
func (c MailConfig) mailers() (func() Mailer, error) {
	switch c.Backend {
	case BackendSMTP:
		return func() Mailer { return newSMTPMailer(c) }, nil
	case BackendConsole:
		console := &consoleMailer{out: os.Stdout}
		return func() Mailer { return console }, nil
	case BackendFile:
		if c.FilePath == "" {
			return nil, errors.New("the file backend needs a directory")
		}
		return func() Mailer { return fileMailer{c.FilePath} }, nil
	}
	return nil, fmt.Errorf("there is no mail backend %q", c.Backend)
}

// SendTest sends the test mail to an address and returns what the server said. The
// mail's Message-ID is of the sender's domain.
func (c *Composer) SendTest(ctx context.Context, to string) (reply string, err error) {
	newMailer, err := c.config.mailers()
	if err != nil {
		return "", err
	}
	now := time.Now()
	msg, err := c.config.compose(ctx, &mailMessage{
		to: to, subject: "DigitalPath test mail", html: mail.TestMailHTML(now), text: mail.TestMailText(now),
	}, strings.ToLower(rand.Text())+"@"+domainOf(c.config.From), now)
	if err != nil {
		return "", err
	}
	mailer := newMailer()
	defer mailer.Close()
	return mailer.Send(ctx, msg)
}

// Connect brings a conversation with the mail server to the point where a mail would
// begin, ends it there, and returns how far that was.
func (c *Composer) Connect(ctx context.Context) (reached string, err error) {
	m := newSMTPMailer(c.config)
	session, err := m.connect(ctx)
	if err != nil {
		return "", err
	}
	session.quit()
	reached = m.Server()
	switch {
	case c.config.UseTLS:
		reached += " (STARTTLS)"
	case c.config.UseSSL:
		reached += " (TLS)"
	}
	return reached, nil
}

// domainOf returns the domain of an address in ASCII, as SMTP's greeting has it, or
// localhost.
func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	domain, err := idna.Lookup.ToASCII(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(address[at+1:]), ">")))
	if at < 0 || domain == "" || err != nil {
		return "localhost"
	}
	return domain
}

// replyText makes a server's words fit for a row and a page: one line, no control
// characters (PostgreSQL refuses NUL), of a bounded length.
func replyText(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(words, "?"))
	words = strings.TrimSpace(words)
	if runes := []rune(words); len(runes) > 500 {
		return string(runes[:500]) + " ..."
	}
	return words
}

// consoleMailer shows mails on the terminal, with a line between them as Django does.
type consoleMailer struct {
	mu  sync.Mutex // all workers share it
	out io.Writer
}

func (m *consoleMailer) Send(_ context.Context, msg *gomail.Msg) (string, error) {
	text, err := sourceOf(msg)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := fmt.Fprintf(m.out, "%s\n%s\n", text, strings.Repeat("-", 79)); err != nil {
		return "", &MailError{Reply: fmt.Sprintf("The mail could not be written to the terminal: %v.", err), Err: err}
	}
	return "Written to the terminal.", nil
}

// Server is the backend's name.
func (*consoleMailer) Server() string { return BackendConsole }

// Close has nothing to do.
func (*consoleMailer) Close() {}
