package outbox_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/contact"
	"digitalpath/services/outbox"
	"digitalpath/services/ratelimit"
)

// fixture is an outbox with the contact messages that its mail is about.
type fixture struct {
	*testing.T
	db       *bun.DB
	outbox   *outbox.Outbox
	contact  *contact.Service
	notified []int64
}

func newFixture(t *testing.T, staff ...string) *fixture {
	o := &fixture{T: t, db: modelstest.New(t)}
	o.outbox = &outbox.Outbox{
		DB: o.db, Staff: staff, RetryDelay: time.Minute, MaxRetries: 3, Domain: "example.org",
		Kinds: map[models.MailKind]outbox.Kind{contact.MailNotice: {ToStaff: true, Apply: contact.ApplyNotice}},
		Wake:  func(ids []int64) { o.notified = append(o.notified, ids...) },
	}
	o.contact = &contact.Service{DB: o.db, Outbox: o.outbox, Limiter: new(ratelimit.Limiter), Now: func() time.Time { return time.Now().UTC() }}
	return o
}

// submit stores a contact message and returns its id.
func (o *fixture) submit() int64 {
	o.Helper()
	if err := o.contact.Submit(o.Context(), contact.Input{Name: "Ada", Email: "ada@example.com", Message: "Hello"}); err != nil {
		o.Fatal(err)
	}
	var id int64
	if err := o.db.NewSelect().Model((*models.ContactMessage)(nil)).ColumnExpr("max(id)").Scan(o.Context(), &id); err != nil {
		o.Fatal(err)
	}
	return id
}

// messages are the mails about a contact message, oldest first.
func (o *fixture) messages(object int64) []outbox.Delivery {
	o.Helper()
	all, err := o.outbox.History(context.Background(), object, contact.MailNotice)
	if err != nil {
		o.Fatal(err)
	}
	return all
}

func (o *fixture) shown(object int64) models.ContactMessage {
	o.Helper()
	message := models.ContactMessage{ID: object}
	if err := o.db.NewSelect().Model(&message).WherePK().Scan(o.Context()); err != nil {
		o.Fatal(err)
	}
	return message
}

func (o *fixture) claim(id int64) *models.OutboxMessage {
	o.Helper()
	message, err := o.outbox.Claim(o.Context(), id, "worker 1", "mail.test:25")
	if err != nil {
		o.Fatal(err)
	}
	return message
}

func (o *fixture) finish(message *models.OutboxMessage, outcome models.AttemptOutcome, reply string) {
	o.Helper()
	if err := o.outbox.Finish(o.Context(), message, outcome, reply); err != nil {
		o.Fatal(err)
	}
}

// change runs one of the acts of staff on a message.
func (o *fixture) change(act func(context.Context, []int64) (int, error), object int64) int {
	o.Helper()
	n, err := act(o.Context(), []int64{object})
	if err != nil {
		o.Fatal(err)
	}
	return n
}

// expire lets every lease run out and what is due later be due now, and frees what
// nobody sends any more.
func (o *fixture) expire() {
	o.Helper()
	past := time.Now().Add(-time.Hour).UTC()
	for column, condition := range map[string]string{"lease_until": "lease_until IS NOT NULL", "next_attempt_at": "next_attempt_at IS NOT NULL"} {
		if _, err := o.db.NewUpdate().Model((*models.OutboxMessage)(nil)).Set("? = ?", bun.Ident(column), past).Where(condition).Exec(o.Context()); err != nil {
			o.Fatal(err)
		}
	}
	if err := o.outbox.Reap(o.Context()); err != nil {
		o.Fatal(err)
	}
}

// story is the state of each message with how its attempts ended.
func story(messages []outbox.Delivery) string {
	var all []string
	for _, message := range messages {
		text := string(message.State)
		for _, try := range message.Tries {
			text += " " + string(try.Outcome)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func TestOutcomeOfAnAttemptDecidesTheNextState(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		outcome models.AttemptOutcome
		reply   string
		want    models.MailState
		shown   models.ContactStatus
		left    int // attempts
	}{
		{models.AttemptSent, "250 OK", models.MailSent, models.ContactSent, 3},
		{models.AttemptDeferred, "451 later", models.MailRetrying, models.ContactFailed, 3},
		{models.AttemptRefused, "550 never", models.MailFailed, models.ContactFailed, 3},
		{models.AttemptLost, "stopped", models.MailPending, models.ContactPending, 4},
	} {
		t.Run(string(test.outcome), func(t *testing.T) {
			t.Parallel()
			o := newFixture(t, "staff@example.org")
			object := o.submit()
			o.finish(o.claim(o.messages(object)[0].ID), test.outcome, test.reply)
			message, shown := o.messages(object)[0], o.shown(object)
			if message.State != test.want || message.Status != test.want.DeliveryStatus() || shown.Status != test.shown || message.MaxAttempts-message.Attempts != test.left {
				t.Errorf("%+v, shown as %s", message.OutboxMessage, shown.Status)
			}
			if open := slices.Contains(models.OpenMail, message.State); open == message.NextAttemptAt.IsZero() {
				t.Errorf("state %s, due at %v", message.State, message.NextAttemptAt)
			}
			if isSent := test.want == models.MailSent; isSent == message.SentAt.IsZero() || isSent == shown.SentAt.IsZero() {
				t.Errorf("sent at %v, shown %v", message.SentAt, shown.SentAt)
			}
		})
	}
}

func TestLeasedMessageIsNobodyElses(t *testing.T) {
	t.Parallel()
	o := newFixture(t, "staff@example.org")
	id := o.messages(o.submit())[0].ID
	message := o.claim(id)
	if _, err := o.outbox.Claim(t.Context(), id, "worker 2", "mail.test:25"); !errors.Is(err, outbox.ErrNotDue) {
		t.Errorf("claimed twice: %v", err)
	}
	if ids, err := o.outbox.Due(t.Context(), 0, 10); err != nil || len(ids) != 0 {
		t.Errorf("due while being sent: %v %v", ids, err)
	}
	if err := o.outbox.Extend(t.Context(), message); err != nil {
		t.Error(err)
	}
	o.expire()
	if err := o.outbox.Extend(t.Context(), message); !errors.Is(err, outbox.ErrLeaseLost) {
		t.Errorf("a lost lease is extended: %v", err)
	}
}

// Marked as spam while a sender is at it: the attempt goes to its end, but is the last
// one, whatever becomes of it or of its sender.
func TestMessageCancelledWhileBeingSentComesToAnEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		end  func(*fixture, *models.OutboxMessage)
		want string
	}{
		{"sent", func(o *fixture, m *models.OutboxMessage) { o.finish(m, models.AttemptSent, "250 OK") }, "sent sent"},
		{"deferred", func(o *fixture, m *models.OutboxMessage) { o.finish(m, models.AttemptDeferred, "451 later") }, "cancelled deferred"},
		{"refused", func(o *fixture, m *models.OutboxMessage) { o.finish(m, models.AttemptRefused, "550 never") }, "cancelled refused"},
		{"given back", func(o *fixture, m *models.OutboxMessage) { o.finish(m, models.AttemptLost, "stopped") }, "cancelled lost"},
		{"the sender dies", func(o *fixture, _ *models.OutboxMessage) { o.expire() }, "cancelled lost"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := newFixture(t, "staff@example.org")
			object := o.submit()
			message := o.claim(o.messages(object)[0].ID)
			o.change(o.contact.MarkSpam, object)
			if got := story(o.messages(object)); got != "sending running" {
				t.Fatalf("while being sent: %s", got)
			}
			test.end(o, message)
			o.expire()
			if got := story(o.messages(object)); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if health, err := o.outbox.Health(t.Context()); err != nil || health.Waiting != 0 || health.Failed != 0 {
				t.Errorf("%+v %v", health, err)
			}
		})
	}
}

func TestCancelledMailNeedsNobodyAndComesBackWithTheMessage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before func(*fixture, int64)
		spam   string // the mails once the message is spam
		again  string // and once it is not
	}{
		{"waiting", func(*fixture, int64) {}, "cancelled", "cancelled, pending"},
		{"failed", func(o *fixture, id int64) { o.finish(o.claim(id), models.AttemptRefused, "550 no") }, "failed refused", "failed refused, pending"},
		{"sent", func(o *fixture, id int64) { o.finish(o.claim(id), models.AttemptSent, "250 OK") }, "sent sent", "sent sent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := newFixture(t, "staff@example.org")
			object := o.submit()
			test.before(o, o.messages(object)[0].ID)
			o.change(o.contact.MarkSpam, object)
			if got := story(o.messages(object)); got != test.spam {
				t.Errorf("as spam: %s", got)
			}
			if health, err := o.outbox.Health(t.Context()); err != nil || health.Failed != 0 || health.Waiting != 0 {
				t.Errorf("as spam: %+v %v", health, err)
			}
			o.change(o.contact.MarkNotSpam, object)
			if got := story(o.messages(object)); got != test.again {
				t.Errorf("as no spam: %s", got)
			}
		})
	}
}

// What a server took is never opened again: it is sent anew, under a Message-ID of its
// own.
func TestMailIsSentAgainAsWhatItNeeds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before func(o *fixture, messages []outbox.Delivery)
		acted  int
		want   string
	}{
		{"waiting", func(*fixture, []outbox.Delivery) {}, 1, "pending, pending"},
		{"being sent", func(o *fixture, all []outbox.Delivery) { o.claim(all[0].ID); o.claim(all[1].ID) }, 0, "sending running, sending running"},
		{"retrying", func(o *fixture, all []outbox.Delivery) {
			o.finish(o.claim(all[0].ID), models.AttemptDeferred, "451 later")
			o.finish(o.claim(all[1].ID), models.AttemptSent, "250 OK")
		}, 1, "pending deferred, sent sent"},
		{"one failed", func(o *fixture, all []outbox.Delivery) {
			o.finish(o.claim(all[0].ID), models.AttemptRefused, "550 no")
			o.finish(o.claim(all[1].ID), models.AttemptSent, "250 OK")
		}, 1, "failed refused, sent sent, pending"},
		{"sent", func(o *fixture, all []outbox.Delivery) {
			o.finish(o.claim(all[0].ID), models.AttemptSent, "250 OK")
			o.finish(o.claim(all[1].ID), models.AttemptSent, "250 OK")
		}, 1, "sent sent, sent sent, pending, pending"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := newFixture(t, "first@example.org", "second@example.org")
			object := o.submit()
			test.before(o, o.messages(object))
			o.notified = nil
			acted := o.change(o.resend, object)
			messages := o.messages(object)
			if got := story(messages); acted != test.acted || got != test.want {
				t.Errorf("%d: %s, want %d: %s", acted, got, test.acted, test.want)
			}
			due := 0
			ids := map[string]bool{}
			for _, message := range messages {
				ids[message.MessageID] = true
				if message.State == models.MailPending {
					due++
				}
			}
			if len(o.notified) != due || len(ids) != len(messages) {
				t.Errorf("notified of %v, %d Message-IDs", o.notified, len(ids))
			}
			if due > 0 && o.shown(object).Status != models.ContactPending {
				t.Errorf("shown as %s", o.shown(object).Status)
			}
			if health, err := o.outbox.Health(t.Context()); err != nil || health.Failed != 0 {
				t.Errorf("%+v %v", health, err)
			}
		})
	}
}

// resend sends again what was sent, too.
func (o *fixture) resend(ctx context.Context, ids []int64) (int, error) {
	return o.contact.Resend(ctx, ids, true)
}

// The address of staff was wrong and is right now: the mail goes to the right one.
func TestMailToAnAddressThatIsNoRecipientAnyMoreGivesWay(t *testing.T) {
	t.Parallel()
	o := newFixture(t, "wrong@example.org")
	object := o.submit()
	o.finish(o.claim(o.messages(object)[0].ID), models.AttemptRefused, "550 no such user")
	o.outbox.Staff = []string{"right@example.org"}
	o.change(o.resend, object)
	messages := o.messages(object)
	if story(messages) != "failed refused, pending" || messages[1].Recipient != "right@example.org" || !messages[0].Superseded {
		t.Errorf("%s to %s", story(messages), messages[1].Recipient)
	}
	if health, err := o.outbox.Health(t.Context()); err != nil || health.Failed != 0 || health.Waiting != 1 {
		t.Errorf("%+v %v", health, err)
	}
}

func TestDeletedMailIsToldFromOneThatNeverWas(t *testing.T) {
	t.Parallel()
	o := newFixture(t, "staff@example.org")
	object := o.submit()
	id := o.messages(object)[0].ID
	o.change(o.contact.Rows().Delete, object)
	for candidate, want := range map[int64]bool{id: true, id + 1: false} {
		if known, err := o.outbox.Known(t.Context(), candidate); err != nil || known != want {
			t.Errorf("%d: %v %v", candidate, known, err)
		}
	}
}

// A sender whose lease ran out reports nevertheless: the server took its copy.
func TestMailTakenFromALateSenderIsSent(t *testing.T) {
	t.Parallel()
	o := newFixture(t, "staff@example.org")
	object := o.submit()
	message := o.claim(o.messages(object)[0].ID)
	o.expire()
	if err := o.outbox.Finish(t.Context(), message, models.AttemptSent, "250 OK"); !errors.Is(err, outbox.ErrLeaseLost) {
		t.Errorf("Finish: %v", err)
	}
	if got, shown := story(o.messages(object)), o.shown(object); got != "sent sent" || shown.Status != models.ContactSent || shown.SentAt.IsZero() {
		t.Errorf("%s, shown as %+v", got, shown)
	}
}

func TestNextMailIsClaimedWithTheEndOfTheOneBefore(t *testing.T) {
	o := newFixture(t)
	first, second, third := o.submit(), o.submit(), o.submit()
	id := func(object int64) int64 { return o.messages(object)[0].ID }
	o.claim(id(third))
	message := o.claim(id(first))
	next, err := o.outbox.FinishAndClaim(t.Context(), message, models.AttemptSent, "250 OK", id(second), "worker 1", "mail.test:25")
	if err != nil || next == nil || next.ID != id(second) || next.Attempts != 1 || next.LeaseToken == "" || next.ObjectID != second {
		t.Fatalf("%+v: %v", next, err)
	}
	if state := o.messages(first)[0].State; state != models.MailSent {
		t.Errorf("the first one is %s", state)
	}
	if attempts := o.messages(second)[0].Tries; len(attempts) != 1 || attempts[0].Outcome != models.AttemptRunning || attempts[0].Worker != "worker 1" {
		t.Errorf("the attempt is not counted before it is made: %+v", attempts)
	}
	taken, err := o.outbox.FinishAndClaim(t.Context(), next, models.AttemptSent, "250 OK", id(third), "worker 1", "mail.test:25")
	if err != nil || taken != nil || o.messages(second)[0].State != models.MailSent {
		t.Errorf("claimed %+v, which another sender has: %v", taken, err)
	}
}
