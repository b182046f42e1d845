package handlers_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

var (
	busy    = handlerstest.Reply(450, "mailbox busy, come again")
	notHere = handlerstest.Reply(550, "no such user here")
)

// mailFault is something that a mail server does, and what must become of a message.
type mailFault struct {
	name     string
	prepare  func(*handlerstest.Mailbox)
	env      []string
	status   models.ContactStatus
	says     string // in the reason of a failure
	attempts int    // 0: any number
	copies   int
	within   time.Duration
}

// first answers the first deliveries so and takes all others.
func first(answers ...error) func(int) error {
	return func(delivery int) error {
		if delivery <= len(answers) {
			return answers[delivery-1]
		}
		return nil
	}
}

var mailFaults = []mailFault{
	{"450 twice, then taken: sent on the third try", func(m *handlerstest.Mailbox) { m.OnMail = first(busy, busy) },
		nil, models.ContactSent, "", 3, 1, 30 * time.Second},
	{"450 for ever: given up after one try and three more", func(m *handlerstest.Mailbox) { m.OnMail = first(busy, busy, busy, busy, busy, busy) },
		nil, models.ContactFailed, "mailbox busy", 4, 0, 30 * time.Second},
	{"450 with MAIL_MAX_RETRIES=0: given up at once", func(m *handlerstest.Mailbox) { m.OnMail = first(busy, busy) },
		[]string{"MAIL_MAX_RETRIES=0"}, models.ContactFailed, "mailbox busy", 1, 0, 30 * time.Second},
	{"550: failed at once with the server's words", func(m *handlerstest.Mailbox) { m.OnMail = first(notHere) },
		nil, models.ContactFailed, "no such user here", 1, 0, 30 * time.Second},
	{"535: failed, and the login is named", func(m *handlerstest.Mailbox) { m.Users = map[string]string{"mailer": "right"} },
		[]string{"EMAIL_HOST_USER=mailer", "EMAIL_HOST_PASSWORD=wrong"}, models.ContactFailed, "EMAIL_HOST_USER", 0, 0, 30 * time.Second},
	{"the right login: sent", func(m *handlerstest.Mailbox) { m.Users = map[string]string{"mailer": "right"} },
		[]string{"EMAIL_HOST_USER=mailer", "EMAIL_HOST_PASSWORD=right"}, models.ContactSent, "", 1, 1, 30 * time.Second},
	{"TLS wanted and not offered: nothing is sent", func(*handlerstest.Mailbox) {},
		[]string{"EMAIL_USE_TLS=1"}, models.ContactFailed, "STARTTLS", 0, 0, 30 * time.Second},
	{"dropped in the middle of the data: sent again", func(m *handlerstest.Mailbox) { m.OnData = first(handlerstest.ErrHangUp) },
		nil, models.ContactSent, "", 2, 1, 30 * time.Second},
	{"dropped before 250, not taken: sent again", func(m *handlerstest.Mailbox) { m.OnMail = first(handlerstest.ErrHangUp) },
		nil, models.ContactSent, "", 2, 1, 30 * time.Second},
	{"dropped before 250, but taken: one extra copy", func(m *handlerstest.Mailbox) { m.OnMail = first(handlerstest.ErrTakeAndHangUp) },
		nil, models.ContactSent, "", 2, 2, 30 * time.Second},
	{"silent at the greeting: given up within 30 s and sent", func(m *handlerstest.Mailbox) { m.OnGreet = hangOnce() },
		nil, models.ContactSent, "", 2, 1, 60 * time.Second},
	{"silent in the data: given up within 30 s and sent", func(m *handlerstest.Mailbox) {
		hang := hangOnce()
		m.OnMail = func(delivery int) error {
			hang(delivery)
			return first(handlerstest.ErrHangUp)(delivery)
		}
	}, nil, models.ContactSent, "", 2, 1, 60 * time.Second},
}

// hangOnce keeps the first caller for longer than any time-out of ours.
func hangOnce() func(int) {
	return func(number int) {
		if number == 1 {
			<-time.After(35 * time.Second)
		}
	}
}

func TestMailServerFaultsEndInTheTrueStatus(t *testing.T) {
	t.Parallel()
	for _, fault := range mailFaults {
		t.Run(fault.name, func(t *testing.T) {
			if testing.Short() && fault.within > 30*time.Second {
				t.Skip("takes a whole time-out")
			}
			t.Parallel()
			app := handlerstest.Prepare(t, fault.env...)
			fault.prepare(app.Mails)
			app.Serve()
			app.MustSubmit("Ada")
			app.CheckInvariants(fault.within, max(0, fault.copies-1), "Ada")
			message, attempts := app.Message("Ada"), app.Attempts("Ada")
			if message.Status != fault.status || !strings.Contains(message.ErrorMessage, fault.says) {
				t.Errorf("it is %s: %q; want %s: %q", message.Status, message.ErrorMessage, fault.status, fault.says)
			}
			if fault.attempts > 0 && len(attempts) != fault.attempts {
				t.Errorf("%d attempts, want %d", len(attempts), fault.attempts)
			}
			if copies := len(app.Mails.Accepted()); copies != fault.copies {
				t.Errorf("%d copies, want %d", copies, fault.copies)
			}
			if fault.status == models.ContactFailed && fault.says != "no such user here" {
				if ready := app.Get("/readyz"); ready.Status != 200 || !strings.Contains(ready.Body, "The newest attempt failed.") || strings.Contains(ready.Body, fault.says) {
					t.Errorf("/readyz raises no alarm: %d %s", ready.Status, ready.Body)
				}
			}
		})
	}
}

func TestBetweenAttemptsTheMessageIsFailedWithItsReason(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t, "MAIL_RETRY_DELAY=1h")
	app.Mails.OnMail = first(busy)
	app.Serve()
	app.MustSubmit("Ada")
	handlerstest.Eventually(t, 20*time.Second, "the first attempt failed", func() bool {
		attempts := app.Attempts("Ada")
		return len(attempts) == 1 && attempts[0].Outcome == models.AttemptDeferred
	})
	if message := app.Message("Ada"); message.Status != models.ContactFailed || !strings.Contains(message.ErrorMessage, "mailbox busy") {
		t.Errorf("it is %s: %q", message.Status, message.ErrorMessage)
	}
	if reply := app.Attempts("Ada")[0].Reply; !strings.Contains(reply, "450") || !strings.Contains(reply, "mailbox busy") {
		t.Errorf("the attempt keeps %q of the server's words", reply)
	}
}

func TestMailServerThatIsGoneForAWhileCostsNoMail(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "MAIL_MAX_RETRIES=30")
	app.Mails.Refuse()
	app.MustSubmit("While it is gone")
	handlerstest.Eventually(t, 20*time.Second, "an attempt failed", func() bool { return len(app.Attempts("While it is gone")) > 1 })
	app.Mails.Listen()
	app.MustSubmit("Afterwards")
	app.CheckInvariants(60*time.Second, 0, "While it is gone", "Afterwards")
	if message := app.Message("While it is gone"); message.Status != models.ContactSent {
		t.Errorf("it is %s: %q", message.Status, message.ErrorMessage)
	}
}

// A kept connection that the server closes between two mails must not cost an
// attempt, and must not repeat a mail.
func TestServerThatHangsUpAfterEveryMailGetsEachMailOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	app.Mails.HangUpAfterMail = true
	app.Serve()
	names := []string{"One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"}
	for _, name := range names {
		app.MustSubmit(name)
	}
	app.CheckInvariants(30*time.Second, 0, names...)
	for _, name := range names {
		if message, attempts := app.Message(name), app.Attempts(name); message.Status != models.ContactSent || len(attempts) != 1 {
			t.Errorf("%s is %s after %d attempts", name, message.Status, len(attempts))
		}
	}
}

// The server takes up to a minute to answer and takes the mail in the end, when nobody
// listens any more.
func TestMailServerThatTakesTooLongGetsOneExtraCopyAtMost(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a whole time-out")
	}
	app := handlerstest.Prepare(t)
	app.Mails.OnMail = func(delivery int) error {
		if delivery == 1 {
			<-time.After(handlerstest.Load(32*time.Second, time.Minute))
		}
		return nil
	}
	app.Serve()
	app.MustSubmit("Slow")
	handlerstest.Eventually(t, 20*time.Second, "the slow mail is under way", func() bool { return app.Mails.Deliveries() == 1 })
	app.MustSubmit("Meanwhile")
	handlerstest.Eventually(t, 10*time.Second, "another is sent meanwhile", func() bool { return app.Message("Meanwhile").Status == models.ContactSent })
	handlerstest.Eventually(t, 50*time.Second, "the slow one is sent by a second attempt", func() bool { return app.Message("Slow").Status == models.ContactSent })
	attempts := app.Attempts("Slow")
	if took := attempts[0].FinishedAt.Sub(attempts[0].StartedAt); len(attempts) != 2 || took > 32*time.Second {
		t.Errorf("the first of %d attempts took %v", len(attempts), took)
	}
	handlerstest.Eventually(t, 60*time.Second, "the server took the first copy too", func() bool { return len(app.Mails.Accepted()) == 3 })
	app.CheckInvariants(10*time.Second, 1, "Slow", "Meanwhile")
}

func TestMailThatHangsDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	release := make(chan struct{})
	var once sync.Once
	free := func() { once.Do(func() { close(release) }) }
	t.Cleanup(free)
	app.Mails.OnMail = func(delivery int) error {
		if delivery == 1 {
			<-release
		}
		return nil
	}
	app.Serve()
	app.MustSubmit("Slow")
	handlerstest.Eventually(t, 20*time.Second, "the slow mail is under way", func() bool { return app.Mails.Deliveries() == 1 })
	for _, name := range []string{"One", "Two", "Three", "Four", "Five"} {
		app.MustSubmit(name)
		handlerstest.Eventually(t, 10*time.Second, name+" is sent meanwhile", func() bool { return app.Message(name).Status == models.ContactSent })
	}
	if status := app.Message("Slow").Status; status != models.ContactPending {
		t.Errorf("the slow one is %s", status)
	}
	free()
	app.CheckInvariants(60*time.Second, 0, "Slow", "One", "Two", "Three", "Four", "Five")
}
