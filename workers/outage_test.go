package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"
	"github.com/gomodule/redigo/redis"

	"digitalpath/models"
)

func TestRedisDownAtWakeIsDeliveredByTheProcess(t *testing.T) {
	f := newFixture(t)
	p := f.throughProxy()
	f.process(0)
	p.down()
	started := time.Now()
	id := f.submit("Ada")
	if took := time.Since(started); took > time.Second {
		t.Errorf("the submit waited %v", took)
	}
	_, attempts := f.becomes(id, models.MailSent)
	if !strings.Contains(attempts[0].Worker, " local ") || len(f.smtp.received()) != 1 {
		t.Errorf("sent by %q, %d mails", attempts[0].Worker, len(f.smtp.received()))
	}
}

func TestRedisThatHangsIsLeftAside(t *testing.T) {
	f := newFixture(t)
	p := f.throughProxy()
	p.hang.Store(true)
	f.process(0)
	_, attempts := f.becomes(f.submit("Ada"), models.MailSent)
	if !strings.Contains(attempts[0].Worker, " local ") {
		t.Errorf("sent by %q", attempts[0].Worker)
	}
}

func TestOutageIsLoggedSparselyAndMailGoesOnBothWays(t *testing.T) {
	f := newFixture(t)
	p := f.throughProxy()
	f.process(2)
	f.becomes(f.submit("before"), models.MailSent)
	p.down()
	for i := range 20 {
		f.becomes(f.submit(fmt.Sprint("during ", i)), models.MailSent)
	}
	if n := f.logs.lines.Load(); n < 1 || n > 2 {
		t.Errorf("%d lines logged", n)
	}
	p.up(t)
	f.until("a worker sends again", func() bool {
		_, attempts := f.becomes(f.submit("after"), models.MailSent)
		return strings.Contains(attempts[0].Worker, " worker ")
	})
	if n := len(f.smtp.received()); n < 22 {
		t.Errorf("%d mails", n)
	}
}

func TestRedisThatRefusesWritesIsLeftAside(t *testing.T) {
	f := newFixture(t)
	f.throughProxy()
	w := f.process(2)
	f.becomes(f.submit("before"), models.MailSent)
	f.server.server.Server().SetPreHook(func(c *server.Peer, command string, _ ...string) bool {
		refused := slices.Contains([]string{"SADD", "LPUSH", "EVALSHA", "HMSET"}, command)
		if refused {
			c.WriteError("READONLY You can't write against a read only replica.")
		}
		return refused
	})
	for i := range 5 {
		f.becomes(f.submit(fmt.Sprint("during ", i)), models.MailSent)
	}
	if n := f.logs.lines.Load(); n < 1 || n > 2 {
		t.Errorf("%d lines logged", n)
	}
	probe := &broker{pool: w.relay.broker.pool, health: &health{name: "Redis", log: slog.New(f.logs)}}
	if _, err := probe.waiting(); err == nil {
		t.Error("a Redis that only answers reads counts as up")
	}
}

func TestFlushedQueueIsFilledAgain(t *testing.T) {
	f := newFixture(t)
	f.process(0)
	var ids []int64
	for i := range 50 {
		ids = append(ids, f.submit(fmt.Sprint("Visitor ", i)))
	}
	f.until("queued", func() bool { return f.do("LLEN", jobsKey).(int64) == 50 })
	f.do("FLUSHALL")
	f.wait(lostAfter + time.Second)
	f.process(2)
	for _, id := range ids {
		f.becomes(id, models.MailSent)
	}
	if n := len(f.smtp.received()); n != 50 {
		t.Errorf("%d mails", n)
	}
}

func TestQueueThatWaitsForAWorkerDoesNotGrow(t *testing.T) {
	f := newFixture(t)
	web := f.process(0)
	id := f.submit("Ada")
	f.until("queued", func() bool { return f.do("LLEN", jobsKey).(int64) == 1 })
	idle := &sweeper{outbox: f.outbox, broker: web.relay.broker, relay: web.relay, trouble: web.sweeper.trouble}
	for range 10 {
		f.wait(2 * time.Minute)
		idle.sweep(context.Background())
	}
	if n := f.do("LLEN", jobsKey).(int64); n != 1 {
		t.Errorf("%d jobs for one mail", n)
	}
	f.process(1)
	f.becomes(id, models.MailSent)
}

// A wake-up can be lost while others keep the queue busy: the mail is due again after a
// minute, whatever the queue's length says.
func TestLostWakeUpIsMadeUpForWhileTheQueueIsBusy(t *testing.T) {
	f := newFixture(t)
	f.process(0)
	lost := f.submit("Ada")
	f.until("queued", func() bool { return f.do("LLEN", jobsKey).(int64) == 1 })
	f.do("DEL", jobsKey)
	for i := range 20 {
		f.submit(fmt.Sprint("Younger ", i))
	}
	f.until("queued", func() bool { return f.do("LLEN", jobsKey).(int64) == 20 })
	f.wait(staleAfter + time.Second)
	f.until("queued again", func() bool { return f.do("LLEN", jobsKey).(int64) == 21 })
	f.process(1)
	f.becomes(lost, models.MailSent)
}

// A message that kills whoever sends it must come to an end.
func TestMessageThatKillsItsSendersIsDeadAfterTheLastAttempt(t *testing.T) {
	f := newFixture(t)
	id := f.submit("Ada")
	for n := 1; n <= 4; n++ {
		if _, err := f.outbox.Claim(context.Background(), id, "killed", "mail.test"); err != nil {
			t.Fatalf("attempt %d: %v", n, err)
		}
		f.steal()
	}
	f.process(1)
	p, attempts := f.becomes(id, models.MailFailed)
	if outcomes(attempts) != "lost lost lost lost" || !p.NextAttemptAt.IsZero() || !strings.Contains(p.ErrorMessage, "went away") || len(f.smtp.received()) != 0 {
		t.Errorf("%+v %s", p, outcomes(attempts))
	}
}

func TestEmbeddedQueueIsDrivenAgainAfterARestart(t *testing.T) {
	f := newFixture(t)
	id := f.submit("Ada") // the process that should send it is killed here
	f.process(1, func(_ *Workers, o *Options) { o.RedisURL = "" })
	f.becomes(id, models.MailSent)
	if n := len(f.smtp.received()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestKilledSendersMailIsSentByAnother(t *testing.T) {
	f := newFixture(t)
	id := f.submit("Ada")
	if _, err := f.outbox.Claim(context.Background(), id, "killed", "mail.test"); err != nil {
		t.Fatal(err)
	}
	f.process(1)
	f.wait(21 * time.Second)
	p, attempts := f.becomes(id, models.MailSent)
	if outcomes(attempts) != "lost sent" || p.MaxAttempts != 4 {
		t.Errorf("%s %+v", outcomes(attempts), p)
	}
}

func TestDatabaseOutageIsLoggedSparselyAndEndsWell(t *testing.T) {
	f := newFixture(t)
	id := f.submit("Ada")
	rename := func(from, to string) {
		if _, err := f.db.ExecContext(context.Background(), fmt.Sprintf("ALTER TABLE %s RENAME TO %s", from, to)); err != nil {
			t.Fatal(err)
		}
	}
	rename("outbox_messages", "gone")
	w := f.process(1)
	w.relay.handover.add(id)
	f.until("logged", func() bool { return f.logs.lines.Load() > 0 })
	rename("gone", "outbox_messages")
	f.becomes(id, models.MailSent)
	if n := f.logs.lines.Load(); n != 1 {
		t.Errorf("%d lines logged", n)
	}
}

// gocraft/work prints each error it meets, and meets one every 10 ms.
func TestOutageLooksToGocraftLikeAnEmptyQueue(t *testing.T) {
	f := newFixture(t)
	p := f.throughProxy()
	dial, err := redisDialer(f.redis, redisTimeout)
	if err != nil {
		t.Fatal(err)
	}
	h := &health{name: "Redis", log: slog.New(f.logs)}
	pool := mutedPool(dial, h)
	defer pool.Close()
	look := func() {
		t.Helper()
		conn := pool.Get()
		defer conn.Close()
		if reply, err := redis.NewScript(0, "return redis.call('lpop', 'none')").Do(conn); reply != nil || err != nil {
			t.Errorf("%v %v", reply, err)
		}
		if err := errors.Join(conn.Send("PING"), conn.Flush()); err != nil {
			t.Error(err)
		}
	}
	look()
	f.server.server.SetError("READONLY You can't write against a read only replica.")
	look()
	if !h.usable() {
		t.Error("what Redis says of one command is taken for an outage")
	}
	p.down()
	look() // with a connection that is dead
	look() // with none
	if h.usable() || f.logs.lines.Load() != 1 {
		t.Errorf("usable %v, %d lines logged", h.usable(), f.logs.lines.Load())
	}
}
