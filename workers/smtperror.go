package workers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"syscall"
	"time"
)

// phase is what the server was doing, in words for staff.
type phase string

const (
	connecting  phase = "connecting"
	startingTLS phase = "starting TLS"
	greeting    phase = "waiting for its greeting"
	hello       phase = "saying EHLO"
	loggingIn   phase = "logging in"
	mailFrom    phase = "answering MAIL FROM"
	rcptTo      phase = "answering RCPT TO"
	takingMail  phase = "taking the mail"
	resetting   phase = "answering RSET"
)

// during lets talk take its time, but no more, and ends it when ctx does. A server
// that is silent does not notice a context, only a deadline on the connection.
func (s *session) during(ctx context.Context, doing phase, talk func() error) error {
	conn := s.conn
	if err := conn.SetDeadline(time.Now().Add(s.phaseTime)); err != nil {
		return s.explain(doing, err)
	}
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	return s.explain(doing, talk())
}

// explain says what went wrong while the server was doing something, in words for
// staff.
func (s *session) explain(doing phase, err error) error {
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return &MailError{Refused: refusedForGood(doing, answer.Code), Reply: words(answer), Err: err}
	}
	if known, ok := errors.AsType[*MailError](err); ok {
		return known
	}
	return &MailError{Reply: replyText(s.cause(doing, err)), Err: err}
}

// refusedForGood: a 5xx about the mail is final. One before the mail, or one that
// wants a login or encryption, is about our configuration, which can be mended.
func refusedForGood(doing phase, code int) bool {
	switch doing {
	case mailFrom, rcptTo, takingMail:
		switch code {
		case 523, 530, 534, 535, 538: // RFC 4954: authentication and encryption
			return false
		}
		return code >= 500
	}
	return false
}

// words are the server's own.
func words(answer *textproto.Error) string {
	return replyText(fmt.Sprintf("%d %s", answer.Code, answer.Msg))
}

func (s *session) cause(doing phase, err error) string {
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Sprintf("The certificate of %s is not trusted: %v. Nothing was sent.", s.server, certificate.Err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Sprintf("%s does not speak TLS here. EMAIL_USE_SSL wants an SSL port (often 465), EMAIL_USE_TLS a STARTTLS port (often 587).", s.server)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("The name %s cannot be looked up: %s.", dns.Name, dns.Err)
	}
	network, isNetwork := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "The attempt was ended while " + s.server + " was " + string(doing) + "."
	case isNetwork && network.Timeout():
		hint := ""
		if _, encrypted := s.conn.(*tls.Conn); doing == greeting && !encrypted {
			hint = " A server that waits for TLS from the first byte (often on port 465) wants EMAIL_USE_SSL=1 and EMAIL_USE_TLS=0."
		}
		return fmt.Sprintf("%s did not answer within %v (%s).%s", s.server, s.phaseTime, doing, hint)
	case errors.Is(err, syscall.ECONNREFUSED):
		return s.server + " refused the connection."
	case isNetwork || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("The connection to %s broke (%s): %v.", s.server, doing, err)
	}
	return fmt.Sprintf("The conversation with %s failed (%s): %v.", s.server, doing, err)
}
