package workers

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/contact"
)

func TestTheSameJobFiftyTimesSendsOneMail(t *testing.T) {
	f := newFixture(t)
	id := f.submit("Ada") // wakes nobody yet
	for range 50 {
		job, err := encodeJob(id)
		if err != nil {
			t.Fatal(err)
		}
		f.do("LPUSH", jobsKey, job)
	}
	f.process(2)
	f.process(2)
	f.becomes(id, models.MailSent)
	f.until("all jobs are taken", func() bool { return f.do("LLEN", jobsKey).(int64) == 0 })
	f.becomes(f.submit("Grace"), models.MailSent)
	if mails, _, attempts := f.smtp.received(), 0, f.attempted(id, 1); len(mails) != 2 || len(attempts) != 1 {
		t.Errorf("%d mails, %d attempts", len(mails), len(attempts))
	}
}

func TestIdleWorkersAreWokenAndDoNotPoll(t *testing.T) {
	f := newFixture(t)
	var looks atomic.Int64
	f.process(2, func(w *Workers, _ *Options) {
		if w != nil {
			countLooks(w, &looks)
		}
	})
	f.process(0) // the last one to set Wake: another process than the one that sends
	f.until("listening", func() bool { return f.listeners() == 1 })
	f.until("both pools have looked so often that the next time is in 5 s", func() bool { return looks.Load() >= 2*4 })
	started := time.Now()
	_, attempts := f.becomes(f.submit("Ada"), models.MailSent)
	took := time.Since(started)
	t.Logf("from submit to sent: %v", took)
	if took > 3*time.Second || !strings.Contains(attempts[0].Worker, " worker ") {
		t.Errorf("sent by %q after %v", attempts[0].Worker, took)
	}
}

// countLooks counts how often gocraft/work looks whether there is a job.
func countLooks(w *Workers, looks *atomic.Int64) {
	jobs := w.conns[1]
	dial := jobs.Dial
	jobs.Dial = func() (redis.Conn, error) {
		conn, err := dial()
		return lookCounter{conn, looks}, err
	}
}

type lookCounter struct {
	redis.Conn
	looks *atomic.Int64
}

func (c lookCounter) Do(command string, args ...any) (any, error) {
	if command == "EVALSHA" && slices.Contains(args, any(jobsKey)) {
		c.looks.Add(1)
	}
	return c.Conn.Do(command, args...)
}

// listeners counts who is nudged.
func (f *fixture) listeners() int64 {
	reply := f.do("PUBSUB", "NUMSUB", notifyChannel).([]any)
	return reply[1].(int64)
}

func TestGarbageIsSetAsideAndOthersFlow(t *testing.T) {
	f := newFixture(t)
	for _, garbage := range []string{"}{", "\xff\x00", `"text"`, `{"name":"mail","args":{"id":7}}`, `{"name":"other","id":"x"}`, `{}`} {
		f.do("LPUSH", jobsKey, garbage)
	}
	f.do("ZADD", retryKey, 1, "not json", 2, `{"id":"nameless"}`)
	f.do("ZADD", deadKey, 1, "dead garbage")
	w := f.process(1)
	f.becomes(f.submit("Ada"), models.MailSent)
	var shown []string
	for _, letter := range f.deadLetters(w) {
		shown = append(shown, letter.Job+": "+letter.Cause)
	}
	all := strings.Join(shown, "\n")
	for _, want := range []string{"invalid character '}'", "the job carries no mail id", "stray job", "cannot unmarshal string", "invalid character 'o'"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not kept among\n%s", want, all)
		}
	}
	if again := f.deadLetters(w); len(shown) < 8 || len(again) != len(shown) || f.do("ZCARD", deadKey).(int64)+f.do("ZCARD", retryKey).(int64) != 0 {
		t.Errorf("%d dead letters, then %d", len(shown), len(again))
	}
	f.becomes(f.submit("Grace"), models.MailSent)
}

// deadLetters are those in the database, once a process has looked into Redis.
func (f *fixture) deadLetters(w *Workers) (letters []models.DeadLetter) {
	f.Helper()
	if err := w.Queue.collect(f.Context()); err != nil {
		f.Fatal(err)
	}
	if err := f.db.NewSelect().Model(&letters).OrderExpr("id").Scan(f.Context()); err != nil {
		f.Fatal(err)
	}
	return letters
}

// A process that was killed between the database and Redis left the entry in both.
func TestDeadLetterThatWasHalfMovedIsOne(t *testing.T) {
	f := newFixture(t)
	w := f.process(0)
	entries := []string{`{"name":"mail","id":"mail7","args":{"id":"7"},"fails":1,"err":"boom\u0000","failed_at":1700000000}`, "\xff garbage \x00", `{"name":"other","args":{}}`}
	var first []models.DeadLetter
	for range 2 {
		for i, entry := range entries {
			f.do("ZADD", deadKey, i, entry)
		}
		letters := f.deadLetters(w)
		if len(letters) != 3 || f.do("ZCARD", deadKey).(int64) != 0 || first != nil && !reflect.DeepEqual(letters, first) {
			t.Fatalf("%+v, after %+v", letters, first)
		}
		first = letters
	}
	if l := first[0]; l.JobID != "mail7" || l.Job != "mail" || l.Arguments != `{"id":"7"}` || l.Cause != "boom" || l.Fails != 1 || l.FailedAt.Unix() != 1700000000 {
		t.Errorf("%+v", l)
	}
}

// What stops a process between Redis and the commit leaves the letter; its job is queued
// once all the same.
func TestPutBackThatIsStoppedQueuesTheJobOnce(t *testing.T) {
	f := newFixture(t)
	w := f.process(0)
	f.do("ZADD", deadKey, 1, `{"name":"mail","id":"mail7","args":{"id":"7"}}`, 2, `{"name":"other","id":"x"}`)
	var ids []int64
	for _, letter := range f.deadLetters(w) {
		ids = append(ids, letter.ID)
	}
	stopped := errors.New("stopped")
	err := models.InTx(t.Context(), f.db, func(ctx context.Context, _ bun.Tx) error {
		if n, err := w.Queue.PutBack(ctx, ids); n != 1 || err != nil {
			return fmt.Errorf("%d %w", n, err)
		}
		return stopped
	})
	if !errors.Is(err, stopped) || len(f.deadLetters(w)) != 2 || f.do("LLEN", jobsKey).(int64) != 1 {
		t.Fatalf("%v, %d jobs", err, f.do("LLEN", jobsKey))
	}
	f.do("DEL", jobsKey) // it is worked meanwhile
	n, err := w.Queue.PutBack(t.Context(), ids)
	if left := f.deadLetters(w); n != 1 || err != nil || len(left) != 1 || left[0].Job != "other" || f.do("LLEN", jobsKey).(int64) != 0 {
		t.Errorf("%d put back, %v; %+v stay, %d jobs", n, err, left, f.do("LLEN", jobsKey))
	}
}

func TestUnknownMailIsSetAside(t *testing.T) {
	f := newFixture(t)
	w := f.process(1)
	w.relay.handover.add(4711)
	f.becomes(f.submit("Ada"), models.MailSent)
	f.until("dead job", func() bool {
		letters := f.deadLetters(w)
		return len(letters) == 1 && letters[0].JobID == "mail4711" && letters[0].Cause == "there never was a mail 4711" && time.Since(letters[0].FailedAt) < time.Minute
	})
}

func TestPanicIsSetAsideAndTheMailTriedAgain(t *testing.T) {
	f := newFixture(t)
	panics := true
	w := f.process(1, func(w *Workers, _ *Options) {
		if w == nil {
			return
		}
		kinds := w.senders[0].composer.kinds
		notice := kinds[contact.MailNotice]
		compose := notice.compose
		notice.compose = func(ctx context.Context, id int64) (*mailMessage, error) {
			if panics {
				panics = false
				panic("a bug with a password in it")
			}
			return compose(ctx, id)
		}
		kinds[contact.MailNotice] = notice
	})
	id := f.submit("Ada")
	p, _ := f.becomes(id, models.MailRetrying)
	if p.ErrorMessage != internalFault || p.NextAttemptAt.IsZero() {
		t.Errorf("%+v", p)
	}
	f.until("dead job", func() bool {
		letters := f.deadLetters(w)
		return len(letters) == 1 && mailOf(&letters[0]) == id
	})
	f.becomes(f.submit("Grace"), models.MailSent)
	f.wait(time.Minute)
	f.becomes(id, models.MailSent)
}

func TestQueueShowsItsWorkers(t *testing.T) {
	f := newFixture(t)
	busy, done := make(chan struct{}), make(chan struct{})
	f.smtp.onText = func() { busy <- struct{}{}; <-done }
	w := f.process(2)
	f.submit("Ada")
	<-busy
	var status QueueStatus
	f.until("busy", func() bool {
		var err error
		status, err = w.Queue.Status(context.Background())
		return err == nil && len(status.Workers) == 1 && status.Workers[0].Busy == 1 && status.Workers[0].Senders == 2
	})
	close(done)
	for _, worker := range status.Workers {
		if worker.Host == "" || worker.PID == 0 || worker.StartedAt.IsZero() || !worker.Alive(time.Now()) || worker.Alive(time.Now().Add(time.Minute)) {
			t.Errorf("%+v", worker)
		}
	}
}

func TestTwoHundredMailsEndOnce(t *testing.T) {
	f := newFixture(t)
	f.process(2)
	f.process(2)
	var last int64
	for i := range 200 {
		last = f.submit(fmt.Sprint("Visitor ", i))
	}
	f.until("all sent", func() bool {
		n, err := f.db.NewSelect().Model((*models.OutboxMessage)(nil)).Where("state = ?", models.MailSent).Count(context.Background())
		return err == nil && int64(n) == last
	})
	seen := map[string]bool{}
	for _, m := range f.smtp.received() {
		seen[m.header.Get("Message-Id")] = true
	}
	if len(f.smtp.received()) != 200 || len(seen) != 200 {
		t.Errorf("%d mails, %d of them different", len(f.smtp.received()), len(seen))
	}
}

// A worker takes out of the queue what it expects to send soon, which others can send all
// the same where it does not.
func TestMailsBehindOneThatHangsAreSentByOthers(t *testing.T) {
	f := newFixture(t)
	f.process(0)
	for i := range 12 {
		f.submit(fmt.Sprint("Visitor ", i))
	}
	f.until("queued", func() bool { return f.do("LLEN", jobsKey).(int64) == 12 })
	var taken atomic.Int64
	var hung atomic.Bool
	goOn := make(chan struct{})
	f.smtp.onText = func() { // the first that others were taken out of the queue with, as a fast sender does
		if n := taken.Add(1); f.do("LLEN", jobsKey).(int64) < 12-n && hung.CompareAndSwap(false, true) {
			<-goOn
		}
	}
	f.process(1)
	f.until("one hangs", hung.Load)
	f.process(1)
	f.until("all others are sent", func() bool { return len(f.smtp.received()) == 11 })
	close(goOn)
	f.until("all are sent", func() bool { return len(f.smtp.received()) == 12 })
	f.until("their ends are recorded", func() bool {
		open, err := f.db.NewSelect().Model((*models.OutboxMessage)(nil)).Where("state <> ?", models.MailSent).Exists(context.Background())
		return err == nil && !open
	})
}
