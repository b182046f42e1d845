package workers

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

func TestOneConnectionCarriesManyMails(t *testing.T) {
	f := newFixture(t)
	f.process(1)
	for range 5 {
		f.becomes(f.submit("Ada"), models.MailSent)
	}
	if n := f.smtp.connected(); n != 1 {
		t.Errorf("%d connections for 5 mails", n)
	}
}

func TestConnectionThatDiedIdleIsReplacedUnseen(t *testing.T) {
	f := newFixture(t)
	f.process(1)
	f.becomes(f.submit("Ada"), models.MailSent)
	f.smtp.fault(func(c net.Conn, line string) bool { // as a firewall does: the answer to MAIL FROM never comes
		f.smtp.fault(nil)
		c.Close()
		return false
	})
	_, attempts := f.becomes(f.submit("Grace"), models.MailSent)
	if len(attempts) != 1 || len(f.smtp.received()) != 2 || f.smtp.connected() != 2 {
		t.Errorf("%d attempts, %d mails, %d connections", len(attempts), len(f.smtp.received()), f.smtp.connected())
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	f := newFixture(t)
	said := make(chan string, 100)
	w := f.process(1, func(w *Workers, _ *Options) {
		if w != nil {
			for _, c := range w.senders {
				c.mailer.(*smtpMailer).idleTime = 20 * time.Millisecond
			}
		}
	})
	f.smtp.fault(func(_ net.Conn, line string) bool { said <- line; return true })
	f.becomes(f.submit("Ada"), models.MailSent)
	f.until("good-bye", func() bool { return strings.HasPrefix(<-said, "221") })
	mailer := w.senders[localSenders].mailer.(*smtpMailer)
	f.until("no session", func() bool {
		mailer.mu.Lock()
		defer mailer.mu.Unlock()
		return mailer.session == nil
	})
	f.becomes(f.submit("Grace"), models.MailSent)
}

func TestRefusedConnectionIsNamed(t *testing.T) {
	f := newFixture(t)
	f.mail.Port = nobodysPort
	f.process(1)
	p, attempts := f.becomes(f.submit("Ada"), models.MailRetrying)
	if p.ErrorMessage != attempts[0].Server+" refused the connection." || outcomes(attempts) != "deferred" || p.NextAttemptAt.IsZero() {
		t.Errorf("%+v", p)
	}
}

func TestSilentServerIsLeftAfterATime(t *testing.T) {
	for line, want := range map[string]string{
		"220":                  "(waiting for its greeting). A server that waits for TLS from the first byte (often on port 465) wants EMAIL_USE_SSL=1",
		"250-Hello":            "(saying EHLO)",
		"354":                  "(taking the mail)",
		"250 2.0.0 OK: queued": "(taking the mail)",
	} {
		t.Run(want+line, func(t *testing.T) {
			f := newFixture(t)
			done := make(chan struct{})
			t.Cleanup(func() { close(done) })
			f.smtp.fault(func(_ net.Conn, said string) bool {
				if strings.HasPrefix(said, line) {
					<-done
					return false
				}
				return true
			})
			f.process(1, fast)
			p, attempts := f.becomes(f.submit("Ada"), models.MailRetrying)
			if !strings.Contains(p.ErrorMessage, "did not answer within 300ms "+want) || outcomes(attempts) != "deferred" {
				t.Errorf("error: %s", p.ErrorMessage)
			}
		})
	}
}

func TestRefusedLoginIsNamedAndTriedAgain(t *testing.T) {
	f := newFixture(t)
	f.smtp.password = "right"
	var password = "wrong"
	w := f.process(1, func(_ *Workers, o *Options) { f.mail.User, f.mail.Password = "office", password })
	id := f.submit("Ada")
	p, attempts := f.becomes(id, models.MailRetrying)
	if !strings.Contains(p.ErrorMessage, "EMAIL_HOST_USER was refused: 535 5.7.8 Authentication failed") ||
		strings.Contains(p.ErrorMessage, password) || outcomes(attempts) != "deferred" || p.NextAttemptAt.IsZero() {
		t.Errorf("%+v", p)
	}
	mailer := w.senders[localSenders].mailer.(*smtpMailer)
	mailer.mu.Lock()
	mailer.config.Password = "right"
	mailer.mu.Unlock()
	f.wait(time.Minute)
	f.becomes(id, models.MailSent)
}

// certificate is for 127.0.0.1; roots trust it.
func certificate(t *testing.T) (server *tls.Config, roots *x509.CertPool) {
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	roots = x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, roots
}

func TestSTARTTLSThatIsNotOfferedSendsNothing(t *testing.T) {
	f := newFixture(t)
	f.smtp.password = "secret"
	var said []string
	f.smtp.fault(func(_ net.Conn, line string) bool { said = append(said, line); return true })
	f.process(1, func(_ *Workers, o *Options) {
		f.mail.UseTLS, f.mail.User, f.mail.Password = true, "office", "secret"
	})
	p, attempts := f.becomes(f.submit("Ada"), models.MailRetrying)
	if !strings.Contains(p.ErrorMessage, "does not offer STARTTLS; nothing was sent") || outcomes(attempts) != "deferred" {
		t.Errorf("%+v", p)
	}
	if len(f.smtp.received()) != 0 || said[len(said)-1] != "250 SIZE" { // the end of EHLO: no login was tried
		t.Errorf("received %d mails, the server said %q", len(f.smtp.received()), said)
	}
}

func TestCertificateOfAStrangerSendsNothing(t *testing.T) {
	f := newFixture(t)
	f.smtp.TLSConfig, _ = certificate(t)
	f.process(1, func(_ *Workers, o *Options) { f.mail.UseTLS = true })
	p, attempts := f.becomes(f.submit("Ada"), models.MailRetrying)
	if !strings.Contains(p.ErrorMessage, "is not trusted: x509: certificate signed by unknown authority") ||
		outcomes(attempts) != "deferred" || p.NextAttemptAt.IsZero() || len(f.smtp.received()) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestMailGoesEncryptedAndLoggedIn(t *testing.T) {
	f := newFixture(t)
	var roots *x509.CertPool
	f.smtp.TLSConfig, roots = certificate(t)
	f.smtp.AllowInsecureAuth = false
	f.smtp.password = "secret"
	f.process(1, func(w *Workers, o *Options) {
		f.mail.UseTLS, f.mail.User, f.mail.Password = true, "office", "secret"
		if w != nil {
			w.senders[localSenders].mailer.(*smtpMailer).tls.RootCAs = roots
		}
	})
	f.becomes(f.submit("Ada"), models.MailSent)
	if len(f.smtp.received()) != 1 {
		t.Errorf("%d mails received", len(f.smtp.received()))
	}
}

func TestSSLToAPlainPortIsNamed(t *testing.T) {
	f := newFixture(t)
	f.process(1, func(_ *Workers, o *Options) { f.mail.UseSSL = true })
	p, _ := f.becomes(f.submit("Ada"), models.MailRetrying)
	if !strings.Contains(p.ErrorMessage, "does not speak TLS here") {
		t.Errorf("%s", p.ErrorMessage)
	}
}

func TestMailGoesOverSSL(t *testing.T) {
	f := newFixture(t)
	server, roots := certificate(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	go f.smtp.Serve(listener)
	f.process(1, func(w *Workers, o *Options) {
		f.mail.UseSSL, f.mail.Port = true, listener.Addr().(*net.TCPAddr).Port
		if w != nil {
			w.senders[localSenders].mailer.(*smtpMailer).tls.RootCAs = roots
		}
	})
	f.becomes(f.submit("Ada"), models.MailSent)
}
