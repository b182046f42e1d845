package workers

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/contact"
	"digitalpath/services/jobs"
	"digitalpath/services/outbox"
	"digitalpath/services/ratelimit"
)

// fixture is an office that sends mail: a database, a Redis, an SMTP server, and as
// many processes as a test starts.
type fixture struct {
	testing.TB
	db      *bun.DB
	smtp    *smtpServer
	outbox  *outbox.Outbox
	contact *contact.Service
	mail    MailConfig
	redis   string // URL of a Redis of the test's own
	server  *embedded
	logs    *logCounter
}

// newFixture lets the test run beside others: nothing of the fixture is shared.
func newFixture(t testing.TB) *fixture {
	if test, ok := t.(*testing.T); ok {
		test.Parallel()
	}
	f := &fixture{TB: t, db: modelstest.New(t), smtp: newSMTPServer(t), logs: new(logCounter)}
	f.mail = f.smtp.config()
	f.outbox = &outbox.Outbox{
		DB: f.db, Kinds: NewComposer(f.db, f.mail).Kinds(), Staff: f.mail.ContactRecipients,
		RetryDelay: time.Minute, MaxRetries: 3, Domain: "example.org", Wake: func([]int64) {},
	}
	f.contact = &contact.Service{DB: f.db, Outbox: f.outbox, Limiter: new(ratelimit.Limiter), Now: func() time.Time { return time.Now().UTC() }}
	f.openRedis()
	return f
}

// openRedis starts a redis-server for the test where TEST_REDIS_URL asks for real ones,
// else what the program embeds.
func (f *fixture) openRedis() {
	if os.Getenv("TEST_REDIS_URL") != "" {
		f.redis = handlerstest.NewRedis(f).URL
		return
	}
	server, err := startEmbedded()
	if err != nil {
		f.Fatal(err)
	}
	f.server, f.redis = server, server.url
	f.Cleanup(server.stop)
}

// wait makes all mail older: leases, due times and hand-overs go by the database's clock.
func (f *fixture) wait(d time.Duration) {
	f.Helper()
	err := f.db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		var all []models.OutboxMessage
		if err := models.ForUpdate(tx.NewSelect().Model(&all)).Scan(ctx); err != nil {
			return err
		}
		for i := range all {
			m := &all[i]
			for _, at := range []*time.Time{&m.NextAttemptAt, &m.QueuedAt, &m.LeaseUntil} {
				if !at.IsZero() {
					*at = at.Add(-d)
				}
			}
			if _, err := tx.NewUpdate().Model(m).Column("next_attempt_at", "queued_at", "lease_until").WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
}

// do gives Redis a command.
func (f *fixture) do(command string, args ...any) any {
	f.Helper()
	conn, err := redis.DialURL(f.redis)
	if err != nil {
		f.Fatal(err)
	}
	defer conn.Close()
	reply, err := conn.Do(command, args...)
	if err != nil {
		f.Fatal(err)
	}
	return reply
}

// process makes what one process does; change alters it before it starts.
func (f *fixture) process(workers int, change ...func(*Workers, *Options)) *Workers {
	f.Helper()
	o := Options{
		Outbox: f.outbox, Jobs: &jobs.Jobs{DB: f.db}, Handover: NewHandover(), RedisURL: f.redis, Workers: workers,
		Housekeep: func(context.Context) error { return nil }, Log: slog.New(f.logs),
	}
	for _, c := range change {
		c(nil, &o)
	}
	o.Composer = NewComposer(f.db, f.mail)
	f.outbox.Staff = f.mail.ContactRecipients
	w, err := New(o)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range change {
		c(w, &o)
	}
	w.Start()
	f.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		w.Stop(ctx)
	})
	f.outbox.Wake = o.Handover.Wake
	return w
}

// fast shortens the phases of SMTP.
func fast(w *Workers, _ *Options) {
	if w == nil {
		return
	}
	for _, c := range w.senders {
		c.mailer.(*smtpMailer).phaseTime = 300 * time.Millisecond
	}
}

// submit fills in the contact form and returns the id of the newest mail about it.
func (f *fixture) submit(name string) int64 {
	f.Helper()
	err := f.contact.Submit(context.Background(), contact.Input{Name: name, Email: "ada@example.com", Message: "Hello\n<b>bold</b>"})
	if err != nil {
		f.Fatal(err)
	}
	var id int64
	if err := f.db.NewSelect().Model((*models.OutboxMessage)(nil)).ColumnExpr("max(id)").Scan(context.Background(), &id); err != nil {
		f.Fatal(err)
	}
	return id
}

// message reads a message with what staff see of its object.
func (f *fixture) message(id int64) (p models.OutboxMessage, shown models.ContactMessage, attempts []models.MailAttempt) {
	f.Helper()
	ctx := context.Background()
	if err := f.db.NewSelect().Model(&p).Where("id = ?", id).Scan(ctx); err != nil {
		f.Fatal(err)
	}
	if err := f.db.NewSelect().Model(&shown).Where("id = ?", p.ObjectID).Scan(ctx); err != nil {
		f.Fatal(err)
	}
	if err := f.db.NewSelect().Model(&attempts).Where("outbox_message_id = ?", id).OrderExpr("number").Scan(ctx); err != nil {
		f.Fatal(err)
	}
	return p, shown, attempts
}

// becomes waits until the message, and what staff see of it, have a state.
func (f *fixture) becomes(id int64, state models.MailState) (models.OutboxMessage, []models.MailAttempt) {
	f.Helper()
	f.until("mail is "+string(state), func() bool {
		p, shown, _ := f.message(id)
		return p.State == state && shown.Status == state.DeliveryStatus() && p.Status == shown.Status
	})
	p, _, attempts := f.message(id)
	return p, attempts
}

// attempted waits until n attempts have ended.
func (f *fixture) attempted(id int64, n int) []models.MailAttempt {
	f.Helper()
	var ended []models.MailAttempt
	f.until("attempts", func() bool {
		_, _, attempts := f.message(id)
		ended = attempts
		return len(attempts) == n && !attempts[n-1].FinishedAt.IsZero()
	})
	return ended
}

func (f *fixture) until(what string, condition func() bool) {
	f.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.Fatalf("waited in vain: %s", what)
		}
	}
}

// outcomes are the attempts' in a word each.
func outcomes(attempts []models.MailAttempt) string {
	var words []string
	for _, a := range attempts {
		words = append(words, string(a.Outcome))
	}
	return strings.Join(words, " ")
}

// logCounter counts the lines of warnings and worse.
type logCounter struct{ lines atomic.Int64 }

func (l *logCounter) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}
func (l *logCounter) Handle(context.Context, slog.Record) error { l.lines.Add(1); return nil }
func (l *logCounter) WithAttrs([]slog.Attr) slog.Handler        { return l }
func (l *logCounter) WithGroup(string) slog.Handler             { return l }
