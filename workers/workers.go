// Package workers is the only room that knows gocraft/work, Redis and SMTP. Each mail
// is a row in the database (services/outbox); Redis only wakes who can send it. New ties
// the parts together: the relay hands mails over, the pools send them, the sweeper finds
// what was lost on the way, and where Redis is down the process sends by itself.
package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"digitalpath/models"
	"digitalpath/services/jobs"
	"digitalpath/services/outbox"
	"digitalpath/services/records"

	"github.com/gomodule/redigo/redis"
)

// Options are what Workers depends on.
type Options struct {
	Outbox    *outbox.Outbox
	Jobs      *jobs.Jobs
	Handover  *Handover // whose Wake the outbox has, and whose WakeJobs the jobs
	Composer  *Composer
	RedisURL  string                      // redis:// or rediss://; empty: a Redis inside this process
	Workers   int                         // mail workers in this process; 0 beside processes that have some
	Housekeep func(context.Context) error // called once an hour
	Log       *slog.Logger
}

// Workers is all that one process does to get mail sent.
type Workers struct {
	Queue *Queue

	embedded    *embedded // nil with a Redis elsewhere
	conns       []*redis.Pool
	senders     []*sender
	relay       *relay
	sweeper     *sweeper
	housekeeper *housekeeper
	listener    *listener

	running sync.WaitGroup
	quit    context.CancelFunc // nothing new is begun
	sending context.Context    // of attempts to send
	abandon context.CancelFunc // ends those
}

// New puts the parts together. It connects to nothing yet, but starts the embedded
// Redis.
func New(o Options) (*Workers, error) {
	w := new(Workers)
	w.sending, w.abandon = context.WithCancel(context.Background())
	newMailer, err := o.Composer.config.mailers()
	if err != nil {
		return nil, err
	}
	if o.RedisURL == "" {
		if o.Workers == 0 {
			return nil, errors.New("a Redis inside the process needs workers inside the process")
		}
		if w.embedded, err = startEmbedded(); err != nil {
			return nil, err
		}
		o.RedisURL = w.embedded.url
	}
	dial, err := redisDialer(o.RedisURL, redisTimeout)
	if err != nil {
		return nil, err
	}
	redisHealth := &health{name: "Redis", log: o.Log}
	b := &broker{pool: redisPool(dial), health: redisHealth}
	queued := mutedPool(dial, redisHealth)
	w.conns = []*redis.Pool{b.pool, queued}
	w.Queue = &Queue{broker: b, Letters: &records.Keeper[models.DeadLetter]{DB: o.Outbox.DB, Label: (*models.DeadLetter).Title}}
	w.relay = &relay{broker: b, handover: o.Handover.ids, jobs: o.Handover.jobs, local: newIDQueue(), log: o.Log}
	w.listener = &listener{dial: dial, runner: newRunner(o.Jobs, o.Log)}
	w.relay.runner = w.listener.runner
	w.housekeeper = &housekeeper{queue: w.Queue, housekeep: o.Housekeep, log: o.Log}
	database := &health{name: "the database", log: o.Log}
	w.sweeper = &sweeper{outbox: o.Outbox, broker: b, relay: w.relay, trouble: database, again: make(chan struct{}, 1)}
	if w.embedded != nil {
		w.sweeper.emptied = time.Now()
	}
	return w, w.newSenders(o, queued, database, newMailer)
}

// newSenders makes a sender for each worker, and those of the relay.
func (w *Workers) newSenders(o Options, queued *redis.Pool, database *health, newMailer func() Mailer) error {
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("name the workers: %w", err)
	}
	newSender := func(place string, n int) *sender {
		s := &sender{
			name: fmt.Sprintf("%.60s:%d %s %d", host, os.Getpid(), place, n), outbox: o.Outbox, composer: o.Composer,
			mailer: newMailer(), extendEvery: extendEvery, trouble: database, again: w.sweeper.again, log: o.Log,
		}
		w.senders = append(w.senders, s)
		return s
	}
	for i := range localSenders {
		w.relay.senders = append(w.relay.senders, newSender("local", i+1))
	}
	for i := range o.Workers {
		w.listener.pools = append(w.listener.pools, newPool(w.sending, queued, newSender("worker", i+1)))
	}
	return nil
}

// Start begins to work and returns at once.
func (w *Workers) Start() {
	ctx, quit := context.WithCancel(context.Background())
	w.quit = quit
	w.running.Go(func() { w.relay.run(ctx) })
	for _, c := range w.relay.senders {
		w.running.Go(func() { w.relay.send(ctx, w.sending, c) })
	}
	w.running.Go(func() { w.sweeper.run(ctx) })
	w.running.Go(func() { w.housekeeper.run(ctx) })
	if len(w.listener.pools) == 0 {
		return
	}
	w.running.Go(func() { w.listener.runner.run(ctx, w.sending) })
	w.running.Go(func() {
		for _, p := range w.listener.pools {
			p.ahead.quit = ctx
			p.work.Start()
			go p.run(ctx) // may hang in a Drain that Stop cut short, so nobody waits for it
		}
		w.listener.run(ctx)
		var stopping sync.WaitGroup
		for _, p := range w.listener.pools {
			stopping.Go(p.work.Stop)
		}
		stopping.Wait()
	})
}

// Swept is when this process last came to the end of a look for mail that is due, whether
// the database answered or not.
func (w *Workers) Swept() time.Time { return time.Unix(0, w.sweeper.swept.Load()) }

// abandonTime is what Stop keeps of its time for attempts that it had to end: to give
// their messages back.
const abandonTime = time.Second

// Quit begins nothing new. What is queued stays queued; attempts under way go on.
func (w *Workers) Quit() { w.quit() }

// Stop waits, after Quit, for attempts under way as long as ctx allows. Those that take
// longer are cut off, and their messages given back at once, for others to send.
func (w *Workers) Stop(ctx context.Context) {
	w.quit()
	w.relay.flush()
	done := make(chan struct{})
	go func() {
		w.running.Wait()
		close(done)
	}()
	if deadline, ok := ctx.Deadline(); ok {
		timer := time.AfterFunc(time.Until(deadline)-abandonTime, w.abandon)
		defer timer.Stop()
	}
	select {
	case <-done:
		for _, s := range w.senders {
			s.mailer.Close()
		}
		for _, pool := range w.conns {
			pool.Close()
		}
	case <-ctx.Done(): // what still runs ends with the process
	}
	w.abandon()
	if w.embedded != nil {
		w.embedded.stop()
	}
}
