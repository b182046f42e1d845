package workers

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// session is one SMTP connection.
type session struct {
	server    string
	conn      net.Conn
	client    *smtp.Client
	phaseTime time.Duration
	lastUsed  time.Time
}

// connect opens a connection, encrypted and logged in as configured.
func (m *smtpMailer) connect(ctx context.Context) (*session, error) {
	s := &session{server: m.Server(), phaseTime: m.phaseTime}
	dialer := net.Dialer{Timeout: m.phaseTime}
	conn, err := dialer.DialContext(ctx, "tcp", s.server)
	if err != nil {
		return nil, s.explain(connecting, err)
	}
	s.conn = conn
	if err := s.open(ctx, m.config, m.tls); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// open greets, encrypts and logs in.
func (s *session) open(ctx context.Context, config MailConfig, secure *tls.Config) error {
	if config.UseSSL {
		encrypted := tls.Client(s.conn, secure)
		if err := s.during(ctx, startingTLS, encrypted.Handshake); err != nil {
			return err
		}
		s.conn = encrypted
	}
	if err := s.during(ctx, greeting, func() (err error) {
		s.client, err = smtp.NewClient(s.conn, config.Host)
		return err
	}); err != nil {
		return err
	}
	if err := s.during(ctx, hello, func() error { return s.client.Hello(domainOf(config.From)) }); err != nil {
		return err
	}
	if config.UseTLS {
		if offered, _ := s.client.Extension("STARTTLS"); !offered {
			return &MailError{Reply: "EMAIL_USE_TLS is set but " + s.server + " does not offer STARTTLS; nothing was sent."}
		}
		if err := s.during(ctx, startingTLS, func() error { return s.client.StartTLS(secure) }); err != nil {
			return err
		}
	}
	if config.User == "" {
		return nil
	}
	return s.logIn(ctx, config)
}

// logIn uses the mechanism that suits the connection best.
func (s *session) logIn(ctx context.Context, config MailConfig) error {
	_, offered := s.client.Extension("AUTH")
	mechanisms := strings.Fields(offered)
	allow := !config.UseTLS && !config.UseSSL // who asks for no encryption gets what Django does
	choice := []struct {
		name string
		auth smtp.Auth
	}{
		{"PLAIN", smtp.PlainAuth("", config.User, config.Password, config.Host, allow)},
		{"LOGIN", smtp.LoginAuth(config.User, config.Password, config.Host, allow)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(config.User, config.Password)},
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(config.User, config.Password)},
	}
	if allow {
		slices.Reverse(choice) // first what does not show the password
	}
	for _, c := range choice {
		if slices.Contains(mechanisms, c.name) {
			err := s.during(ctx, loggingIn, func() error { return s.client.Auth(c.auth) })
			if refusal, ok := errors.AsType[*textproto.Error](err); ok {
				return &MailError{Reply: "The login as EMAIL_HOST_USER was refused: " + words(refusal), Err: err}
			}
			return err
		}
	}
	return &MailError{Reply: "EMAIL_HOST_USER is set but " + s.server + " offers no login that we know; nothing was sent."}
}

// begin says who sends.
func (s *session) begin(ctx context.Context, mail *envelope) error {
	plain := isASCII(mail.from) && isASCII(mail.to)
	if offered, _ := s.client.Extension("SMTPUTF8"); !plain && !offered {
		return &MailError{Refused: true, Reply: "The address " + mail.foreign() + " has letters beyond ASCII before its @, and " + s.server +
			" does not take such addresses (SMTPUTF8); nothing was sent."}
	}
	s.client.SkipSMTPUTF8(plain)
	return s.during(ctx, mailFrom, func() error { return s.client.Mail(mail.from) })
}

// transfer says to whom and sends the text.
func (s *session) transfer(ctx context.Context, mail *envelope) (string, error) {
	if err := s.during(ctx, rcptTo, func() error { return s.client.Rcpt(mail.to) }); err != nil {
		return "", err
	}
	var reply string
	if err := s.during(ctx, takingMail, func() error {
		w, err := s.client.Data()
		if err != nil {
			return err
		}
		if _, err := w.Write(mail.text); err != nil {
			return err
		}
		err = w.Close()
		reply = w.(*smtp.DataCloser).ServerResponse()
		return err
	}); err != nil {
		return "", err
	}
	return replyText("250 " + reply), nil
}

// reset readies the connection for the next mail after err; false: it is no good.
func (s *session) reset(ctx context.Context, err error) bool {
	refusal, answered := errors.AsType[*textproto.Error](err)
	return answered && refusal.Code != 421 && s.during(ctx, resetting, s.client.Reset) == nil
}

// quit says good-bye, but does not wait long for the answer.
func (s *session) quit() {
	s.conn.SetDeadline(time.Now().Add(time.Second))
	s.client.Quit() // closing is all that matters
	s.close()
}

func (s *session) close() { s.conn.Close() }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 })
}
