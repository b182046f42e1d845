package workers

import (
	"bytes"
	"errors"
	"io"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// smtpServer is a real SMTP server, except that a test tells it what to answer and
// when to break the connection.
type smtpServer struct {
	*smtp.Server
	host string
	port int

	mu          sync.Mutex
	answers     []error // to the texts of the next mails, in turn; then all are taken
	mails       []receivedMail
	connections int
	password    string
	refuse      func(recipient string) error
	onText      func()                             // a mail's text has come
	onWrite     func(c net.Conn, line string) bool // before the server says line; false: it stays unsaid
}

type receivedMail struct {
	from   string
	to     []string
	source string
	header netmail.Header
}

// nobodysPort refuses connections. The port of a server that was closed may be that of
// another test by now.
const nobodysPort = 1

func newSMTPServer(t testing.TB) *smtpServer {
	s := new(smtpServer)
	s.Server = smtp.NewServer(s)
	s.Domain, s.AllowInsecureAuth, s.ErrorLog = "mail.test", true, quietLog{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	s.host, s.port = address.IP.String(), address.Port
	go s.Serve(faultyListener{listener, s})
	t.Cleanup(func() { s.Close() })
	return s
}

func (s *smtpServer) config() MailConfig {
	return MailConfig{
		Backend: BackendSMTP, Host: s.host, Port: s.port, From: "DigitalPath <office@example.org>",
		ContactRecipients: []string{"staff@example.org"}, BackendURL: "https://office.example.org",
	}
}

func (s *smtpServer) received() []receivedMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]receivedMail(nil), s.mails...)
}

func (s *smtpServer) connected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

func (s *smtpServer) answer(errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = errs
}

// fault sets what happens before the server says a line.
func (s *smtpServer) fault(onWrite func(c net.Conn, line string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onWrite = onWrite
}

func (s *smtpServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &smtpSession{server: s}, nil
}

type smtpSession struct {
	server *smtpServer
	mail   receivedMail
}

func (s *smtpSession) AuthMechanisms() []string {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.password == "" {
		return nil
	}
	return []string{"PLAIN"}
}

func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, password string) error {
		if password != s.server.password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mail = receivedMail{from: from}
	return nil
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.refuse != nil {
		if err := s.server.refuse(to); err != nil {
			return err
		}
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	source, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.onText != nil {
		s.server.onText()
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if len(s.server.answers) > 0 {
		err := s.server.answers[0]
		s.server.answers = s.server.answers[1:]
		if err != nil {
			return err
		}
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(source))
	if err != nil {
		return err
	}
	s.mail.source, s.mail.header = string(source), parsed.Header
	s.server.mails = append(s.server.mails, s.mail)
	return nil
}

func (s *smtpSession) Reset()        {}
func (s *smtpSession) Logout() error { return nil }

// faultyListener lets a test break connections at a line that the server says.
type faultyListener struct {
	net.Listener
	server *smtpServer
}

func (l faultyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.server.mu.Lock()
	l.server.connections++
	l.server.mu.Unlock()
	return faultyConn{conn, l.server}, nil
}

type faultyConn struct {
	net.Conn
	server *smtpServer
}

func (c faultyConn) Write(p []byte) (int, error) {
	c.server.mu.Lock()
	fault := c.server.onWrite
	c.server.mu.Unlock()
	if fault != nil && !fault(c.Conn, strings.TrimSpace(string(p))) {
		return 0, errors.New("broken by the test")
	}
	return c.Conn.Write(p)
}

type quietLog struct{}

func (quietLog) Printf(string, ...any) {}
func (quietLog) Println(...any)        {}

// smtpAnswer is a reply of the server.
func smtpAnswer(code int, enhanced smtp.EnhancedCode, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: words}
}
