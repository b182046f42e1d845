package handlerstest

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"net/mail"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Mailbox is a mail server that does as the test says: by default it takes all mail.
// The hooks run in the server, on the connection that they are about; numbers count
// from 1 over the server's life.
type Mailbox struct {
	// OnGreet runs before the greeting of a connection.
	OnGreet func(connection int)
	// OnData runs after the client was told to go on with its data; an error is the
	// answer (Reply, or ErrHangUp).
	OnData func(delivery int) error
	// OnMail runs when a mail is there and not answered yet; an error is the answer
	// instead of 250 (Reply, ErrHangUp or ErrTakeAndHangUp).
	OnMail func(delivery int) error
	// HangUpAfterMail closes every connection behind its first 250.
	HangUpAfterMail bool
	// Users, where set, are who may log in: everyone else gets 535.
	Users map[string]string

	t        testing.TB
	address  string
	begin    func() // from now on the hooks stay as they are
	greeting chan struct{}
	mu       sync.Mutex
	server   *smtp.Server
	listener net.Listener
	accepted []Mail
	greeted  int
	data     int
}

// Reply is the server's answer of a code and words.
func Reply(code int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: words}
}

// ErrHangUp makes the server close the connection without an answer;
// ErrTakeAndHangUp too, but it took the mail.
var (
	ErrHangUp        = errors.New("hang up")
	ErrTakeAndHangUp = errors.New("take the mail and hang up")
)

// NewMailbox listens on a free port until the test ends. Its hooks are set before the
// program starts, and until then nobody is greeted.
func NewMailbox(t testing.TB) *Mailbox {
	t.Helper()
	m := &Mailbox{t: t, address: "127.0.0.1:" + FreePort(t), greeting: make(chan struct{})}
	m.begin = sync.OnceFunc(func() { close(m.greeting) })
	m.Listen()
	t.Cleanup(m.Refuse)
	return m
}

// Port is where it listens.
func (m *Mailbox) Port() string {
	_, port, _ := net.SplitHostPort(m.address)
	return port
}

// Listen takes connections (again).
func (m *Mailbox) Listen() {
	m.t.Helper()
	var listener net.Listener
	Eventually(m.t, 5*time.Second, "the mail server can listen", func() (free bool) { // others may just look whether its port is free
		var err error
		listener, err = net.Listen("tcp", m.address)
		return err == nil
	})
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{box: m, conn: c}, nil
	}))
	server.Domain = "mail.test"
	server.AllowInsecureAuth = true
	server.ErrorLog = log.New(io.Discard, "", 0) // dropped connections are what tests are about
	m.mu.Lock()
	m.server, m.listener = server, listener
	m.mu.Unlock()
	go func() {
		<-m.greeting
		_ = server.Serve(&greeter{listener, m}) // ends with Refuse
	}()
}

// Refuse closes the port and every connection.
func (m *Mailbox) Refuse() {
	m.mu.Lock()
	server, listener := m.server, m.listener
	m.mu.Unlock()
	_ = errors.Join(listener.Close(), server.Close()) // they may be closed already
}

// Accepted is all mail that was taken so far.
func (m *Mailbox) Accepted() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Mail(nil), m.accepted...)
}

// Deliveries is how many mails were begun, taken or not.
func (m *Mailbox) Deliveries() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data
}

// greeter runs OnGreet before the first byte of a connection.
type greeter struct {
	net.Listener
	box *Mailbox
}

func (g *greeter) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	return &greetedConn{Conn: conn, box: g.box}, err
}

type greetedConn struct {
	net.Conn
	box  *Mailbox
	once sync.Once
}

func (c *greetedConn) Write(p []byte) (int, error) {
	c.once.Do(func() {
		c.box.mu.Lock()
		c.box.greeted++
		number := c.box.greeted
		c.box.mu.Unlock()
		if c.box.OnGreet != nil {
			c.box.OnGreet(number)
		}
	})
	return c.Conn.Write(p)
}

// session is one connection's dialogue.
type session struct {
	box  *Mailbox
	conn *smtp.Conn
	from string
	to   []string
	took bool
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	s.box.mu.Lock()
	s.box.data++
	number := s.box.data
	s.box.mu.Unlock()
	if s.box.OnData != nil {
		if err := s.box.OnData(number); err != nil {
			return s.refuse(err)
		}
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var answer error
	if s.box.OnMail != nil {
		answer = s.box.OnMail(number)
	}
	if answer != nil && !errors.Is(answer, ErrTakeAndHangUp) {
		return s.refuse(answer)
	}
	message, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		return Reply(554, "not a message: "+strconv.Quote(err.Error()))
	}
	body, err := io.ReadAll(message.Body)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	s.box.accepted = append(s.box.accepted, Mail{From: s.from, To: s.to, Message: *message, Text: string(body)})
	s.box.mu.Unlock()
	s.took = true
	return s.refuse(answer)
}

// refuse passes an answer on, or hangs up.
func (s *session) refuse(answer error) error {
	if errors.Is(answer, ErrHangUp) || errors.Is(answer, ErrTakeAndHangUp) {
		_ = s.conn.Conn().Close() // so that no answer arrives
	}
	return answer
}

// Reset runs after the answer to a mail was written.
func (s *session) Reset() {
	if s.took && s.box.HangUpAfterMail {
		_ = s.conn.Conn().Close() // it may be closed already
	}
	s.from, s.to, s.took = "", nil, false
}

func (s *session) Logout() error { return nil }

// AuthMechanisms and Auth make it a server that knows its users.
func (s *session) AuthMechanisms() []string {
	if s.box.Users == nil {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if known, ok := s.box.Users[username]; !ok || known != password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}
