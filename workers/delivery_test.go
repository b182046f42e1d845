package workers

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"digitalpath/models"
	"digitalpath/services/outbox"
)

func TestMailDeferredTwiceIsSentOnTheThirdTry(t *testing.T) {
	f := newFixture(t)
	greylisted := smtpAnswer(451, smtp.EnhancedCode{4, 7, 1}, "Greylisted, try again later")
	f.smtp.answer(greylisted, greylisted)
	f.process(1)
	id := f.submit("Ada")

	p, _ := f.becomes(id, models.MailRetrying)
	if p.ErrorMessage != "451 4.7.1 Greylisted, try again later" || p.NextAttemptAt.IsZero() {
		t.Fatalf("between attempts: %+v", p)
	}
	f.wait(time.Minute)
	f.attempted(id, 2)
	f.wait(time.Minute)
	p, attempts := f.becomes(id, models.MailSent)
	if got := outcomes(attempts); got != "deferred deferred sent" {
		t.Errorf("attempts: %s", got)
	}
	if p.ErrorMessage != "" || !strings.HasPrefix(attempts[2].Reply, "250 ") || attempts[2].Server != attempts[0].Server {
		t.Errorf("at the end: %+v %+v", p, attempts)
	}
	if mails := f.smtp.received(); len(mails) != 1 {
		t.Errorf("%d mails received", len(mails))
	}
}

func TestMailFailsForGoodAfterFourTries(t *testing.T) {
	f := newFixture(t)
	busy := smtpAnswer(421, smtp.EnhancedCode{4, 3, 2}, "Shutting down")
	f.smtp.answer(busy, busy, busy, busy)
	f.process(1)
	id := f.submit("Ada")
	for n := 1; n <= 4; n++ {
		f.attempted(id, n)
		f.wait(time.Minute)
	}
	p, _, attempts := f.message(id)
	if p.State != models.MailFailed || !p.NextAttemptAt.IsZero() || len(attempts) != 4 {
		t.Errorf("%+v, %d attempts", p, len(attempts))
	}
	if n := f.smtp.connected(); n != 4 { // 421 says that the server closes the connection
		t.Errorf("%d connections", n)
	}
}

func TestRefusedMailFailsAtOnceWithTheServersWords(t *testing.T) {
	f := newFixture(t)
	f.smtp.answer(smtpAnswer(550, smtp.EnhancedCode{5, 7, 1}, "We do not want this mail"))
	f.process(1)
	id := f.submit("Ada")
	p, attempts := f.becomes(id, models.MailFailed)
	if p.ErrorMessage != "550 5.7.1 We do not want this mail" || !p.NextAttemptAt.IsZero() || outcomes(attempts) != "refused" {
		t.Errorf("%+v %v", p, outcomes(attempts))
	}
	// The connection is good for the next mail.
	f.becomes(f.submit("Grace"), models.MailSent)
	if n := f.smtp.connected(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// Each recipient has a message of their own: what a server says of one is nothing to the
// others, and the row that they are about shows the worst.
func TestEachRecipientGetsTheirMailWhateverBecomesOfTheOthers(t *testing.T) {
	later := smtpAnswer(450, smtp.EnhancedCode{4, 2, 1}, "Mailbox busy")
	gone := smtpAnswer(550, smtp.EnhancedCode{5, 1, 1}, "No such user")
	for _, test := range []struct {
		name          string
		first, second error // what the server says of each
		states        string
		shown         models.ContactStatus
		then          string // once what is retried has been
		finally       models.ContactStatus
	}{
		{"both taken", nil, nil, "sent sent", models.ContactSent, "sent sent", models.ContactSent},
		{"the first one later", later, nil, "retrying sent", models.ContactFailed, "sent sent", models.ContactSent},
		{"the second one later", nil, later, "sent retrying", models.ContactFailed, "sent sent", models.ContactSent},
		{"one later, one never", later, gone, "retrying failed", models.ContactFailed, "sent failed", models.ContactFailed},
		{"one never, one later", gone, later, "failed retrying", models.ContactFailed, "failed sent", models.ContactFailed},
		{"one never", gone, nil, "failed sent", models.ContactFailed, "failed sent", models.ContactFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.mail.ContactRecipients = []string{"first@example.org", "second@example.org"}
			f.smtp.refuse = func(to string) error {
				if to == "first@example.org" {
					return test.first
				}
				return test.second
			}
			f.process(1)
			id := f.submit("Ada")
			states := func() string {
				first, _, _ := f.message(id - 1)
				second, _, _ := f.message(id)
				return string(first.State + " " + second.State)
			}
			f.until(test.states, func() bool { return states() == test.states })
			if _, shown, _ := f.message(id); shown.Status != test.shown || shown.SentAt.IsZero() != (shown.Status != models.ContactSent) {
				t.Errorf("shown: %+v", shown)
			}
			f.smtp.refuse = func(to string) error {
				if test.first == gone && to == "first@example.org" || test.second == gone && to == "second@example.org" {
					return gone
				}
				return nil
			}
			f.wait(time.Minute)
			f.until(test.then, func() bool { return states() == test.then })
			if _, shown, _ := f.message(id); shown.Status != test.finally || (shown.ErrorMessage == "") != (shown.Status == models.ContactSent) {
				t.Errorf("shown at the end: %+v", shown)
			}
			if got, want := len(f.smtp.received()), strings.Count(test.then, "sent"); got != want {
				t.Errorf("%d mails received, want %d", got, want)
			}
		})
	}
}

func TestMailWithoutARecipientFailsAndSaysSo(t *testing.T) {
	f := newFixture(t)
	f.process(1, func(_ *Workers, o *Options) { f.mail.ContactRecipients = nil })
	p, attempts := f.becomes(f.submit("Ada"), models.MailFailed)
	if !strings.HasPrefix(p.ErrorMessage, "No recipient: set CONTACT_RECIPIENTS") || outcomes(attempts) != "refused" || f.smtp.connected() != 0 {
		t.Errorf("%+v, %d connections", p, f.smtp.connected())
	}
}

func TestDroppedBeforeTheAnswerIsTriedAgain(t *testing.T) {
	f := newFixture(t)
	first := true
	f.smtp.fault(func(c net.Conn, line string) bool {
		if first && strings.Contains(line, "queued") {
			first = false
			c.Close()
			return false
		}
		return true
	})
	f.process(1)
	id := f.submit("Ada")
	p, _ := f.becomes(id, models.MailRetrying)
	if !strings.Contains(p.ErrorMessage, "broke (taking the mail)") {
		t.Errorf("error: %s", p.ErrorMessage)
	}
	f.wait(time.Minute)
	f.becomes(id, models.MailSent)
	mails := f.smtp.received() // the server had taken the first one, but we cannot know
	if len(mails) != 2 || mails[0].header.Get("Message-Id") != mails[1].header.Get("Message-Id") {
		t.Errorf("%d mails received", len(mails))
	}
}

func TestDroppedAfterTheAnswerIsSentOnce(t *testing.T) {
	f := newFixture(t)
	f.smtp.fault(func(c net.Conn, line string) bool {
		if strings.Contains(line, "queued") {
			c.Write([]byte(line + "\r\n"))
			c.Close()
			return false
		}
		return true
	})
	f.process(1)
	f.becomes(f.submit("Ada"), models.MailSent)
	f.becomes(f.submit("Grace"), models.MailSent)
	if mails := f.smtp.received(); len(mails) != 2 || f.smtp.connected() != 2 {
		t.Errorf("%d mails over %d connections", len(mails), f.smtp.connected())
	}
}

func TestZombieCannotOverwriteTheStatus(t *testing.T) {
	f := newFixture(t)
	frozen, thaw := make(chan struct{}), make(chan struct{})
	first := true
	f.smtp.onText = func() {
		if first {
			first = false
			close(frozen)
			<-thaw
		}
	}
	quickBeat := func(w *Workers, _ *Options) {
		if w != nil {
			for _, c := range w.senders {
				c.extendEvery = 10 * time.Millisecond
			}
		}
	}
	f.process(1, quickBeat)
	id := f.submit("Ada")
	<-frozen
	f.steal()
	f.process(1, quickBeat)
	f.becomes(id, models.MailSent)
	f.until("the zombie gives up", func() bool { return f.logs.lines.Load() > 0 })
	close(thaw)
	p, _, attempts := f.message(id)
	if got := outcomes(attempts); got != "lost sent" || p.State != models.MailSent || p.Attempts != 2 || p.MaxAttempts != 4 {
		t.Errorf("attempts %s: %+v", got, p)
	}
	f.sameMail(2) // the server may take what the zombie had said
}

// sameMail asserts that at most n copies of one mail were received.
func (f *fixture) sameMail(n int) {
	f.Helper()
	mails := f.smtp.received()
	for _, m := range mails {
		if m.header.Get("Message-Id") != mails[0].header.Get("Message-Id") {
			f.Errorf("another mail: %+v", m)
		}
	}
	if len(mails) == 0 || len(mails) > n {
		f.Errorf("%d copies received", len(mails))
	}
}

// steal lets the lease of a mail under way run out, and others find that.
func (f *fixture) steal() {
	f.Helper()
	f.until("the lease is lost", func() bool { // its holder may extend it in between
		f.wait(outbox.LeaseTime + time.Second)
		if err := f.outbox.Reap(context.Background()); err != nil {
			f.Fatal(err)
		}
		sending, err := f.db.NewSelect().Model((*models.OutboxMessage)(nil)).Where("state = ?", models.MailSending).Exists(context.Background())
		if err != nil {
			f.Fatal(err)
		}
		return !sending
	})
}

func TestLateFinishIsOnlyWrittenToItsAttempt(t *testing.T) {
	f := newFixture(t)
	id := f.submit("Ada")
	ctx := context.Background()
	zombie, err := f.outbox.Claim(ctx, id, "zombie", "mail.test")
	if err != nil {
		t.Fatal(err)
	}
	f.steal()
	f.process(1)
	f.becomes(id, models.MailSent)
	if err := f.outbox.Finish(ctx, zombie, models.AttemptRefused, "550 late"); !errors.Is(err, outbox.ErrLeaseLost) {
		t.Errorf("Finish: %v", err)
	}
	p, shown, attempts := f.message(id)
	if p.State != models.MailSent || shown.Status != models.ContactSent || outcomes(attempts) != "refused sent" {
		t.Errorf("%+v %+v %s", p, shown, outcomes(attempts))
	}
}
