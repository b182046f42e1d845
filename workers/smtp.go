package workers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
)

const (
	phaseTime = 30 * time.Second // for each phase of a conversation
	idleTime  = 30 * time.Second // after which a connection is closed; servers close them a little later
)

// smtpMailer sends over one connection, which it keeps for the next mail. It
// speaks the phases one by one, because only then an error can say what went wrong
// where, and because after the mail's text nothing may be repeated.
type smtpMailer struct {
	config    MailConfig
	phaseTime time.Duration
	idleTime  time.Duration
	tls       *tls.Config

	mu      sync.Mutex
	session *session // nil: not connected
	hangUp  *time.Timer
}

func newSMTPMailer(config MailConfig) *smtpMailer {
	return &smtpMailer{
		config: config, phaseTime: phaseTime, idleTime: idleTime,
		tls: &tls.Config{ServerName: config.Host, MinVersion: tls.VersionTLS12},
	}
}

// Server is host:port.
func (m *smtpMailer) Server() string {
	return net.JoinHostPort(m.config.Host, strconv.Itoa(m.config.Port))
}

// envelope is a mail as SMTP sees it.
type envelope struct {
	from, to string // in angle brackets
	text     []byte
}

// foreign is the address of the two that is not ASCII.
func (e *envelope) foreign() string {
	if isASCII(e.to) {
		return e.from
	}
	return e.to
}

func newEnvelope(msg *gomail.Msg) (*envelope, error) {
	from, err := msg.GetSender(false)
	if err != nil {
		return nil, fmt.Errorf("find sender: %w", err)
	}
	to, err := msg.GetRecipients()
	if err != nil || len(to) != 1 {
		return nil, fmt.Errorf("find the recipient among %d: %w", len(to), err)
	}
	text, err := sourceOf(msg)
	return &envelope{from, to[0], text}, err
}

// Send sends msg, over the kept connection where there is one.
func (m *smtpMailer) Send(ctx context.Context, msg *gomail.Msg) (string, error) {
	mail, err := newEnvelope(msg)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hangUp != nil {
		m.hangUp.Stop()
	}
	keep := false
	defer func() { m.release(keep) }()
	if err := m.begin(ctx, mail); err != nil {
		keep = m.session != nil && m.session.reset(ctx, err)
		return "", err
	}
	reply, err := m.session.transfer(ctx, mail)
	keep = err == nil || m.session.reset(ctx, err)
	return reply, err
}

// begin brings the conversation to an accepted MAIL FROM. A kept connection may have
// died or worn out since its last mail; nothing of this one was said then, so one
// new connection is tried. After this no step is ever repeated.
func (m *smtpMailer) begin(ctx context.Context, mail *envelope) error {
	if m.session != nil {
		err := m.session.begin(ctx, mail)
		if refusal, ok := errors.AsType[*MailError](err); err == nil || ok && refusal.Refused {
			return err
		}
		m.session.close()
		m.session = nil
	}
	session, err := m.connect(ctx)
	if err != nil {
		return err
	}
	m.session = session
	return session.begin(ctx, mail)
}

// release keeps the connection for a while, or closes it.
func (m *smtpMailer) release(keep bool) {
	if m.session == nil {
		return
	}
	if !keep {
		m.session.close()
		m.session = nil
		return
	}
	session := m.session
	session.lastUsed = time.Now()
	m.hangUp = time.AfterFunc(m.idleTime, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.session == session && time.Since(session.lastUsed) >= m.idleTime {
			session.quit()
			m.session = nil
		}
	})
}

// Close ends the kept connection.
func (m *smtpMailer) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hangUp != nil {
		m.hangUp.Stop()
	}
	if m.session != nil {
		m.session.quit()
		m.session = nil
	}
}
