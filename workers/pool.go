package workers

import (
	"context"
	"time"

	"github.com/gocraft/work"
	"github.com/gomodule/redigo/redis"
)

// pool is one mail worker: a gocraft/work pool of one, because only a whole pool
// can be told to look for jobs at once (Drain).
type pool struct {
	work     *work.WorkerPool
	ahead    *ahead
	notified chan struct{}
}

// newPool makes a worker whose attempts end with sending.
func newPool(sending context.Context, conns *redis.Pool, s *sender) *pool {
	p := &pool{
		work: work.NewWorkerPool(struct{}{}, 1, namespace, conns), ahead: &ahead{conns: conns, log: s.log}, notified: make(chan struct{}, 1),
	}
	// Retries are the database's business; what fails here becomes a dead letter.
	p.work.JobWithOptions(mailJob, work.JobOptions{MaxFails: 1}, func(job *work.Job) error {
		id, err := decodeMailID(job)
		if err != nil {
			s.log.Error("job is a dead letter", "job", job.ID, "error", err)
			return err
		}
		p.ahead.begin()
		defer p.ahead.giveBack()
		s.deliver(sending, id, p.ahead)
		return nil
	})
	p.work.JobWithOptions(probeJob, work.JobOptions{MaxFails: 1}, func(job *work.Job) error { return answerProbe(conns, job, s.name) })
	return p
}

// run drains the queue at every notification: one goroutine, as two Drains at once on one
// pool never return.
func (p *pool) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.notified:
			p.work.Drain()
		}
	}
}

// listener notifies the pools of this process whenever any process queued a job.
type listener struct {
	dial   dialFunc
	pools  []*pool
	runner *runner
}

func (l *listener) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := l.listen(ctx); err != nil { // the sweeper's look at Redis logs outages
			pause(ctx, time.Second)
		}
	}
}

func (l *listener) listen(ctx context.Context) error {
	conn, err := l.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	sub := redis.PubSubConn{Conn: conn}
	if err := sub.Subscribe(notifyChannel); err != nil {
		return err
	}
	listening, stop := context.WithCancel(ctx)
	defer stop()
	go func() { // a connection that died in silence is found by its missing answers
		for pause(listening, 5*time.Second) {
			if sub.Ping("") != nil {
				return
			}
		}
	}()
	for {
		switch v := sub.ReceiveWithTimeout(12 * time.Second).(type) {
		case error:
			return v
		case redis.Subscription, redis.Message: // jobs may have come before the subscription
			l.notifyAll()
			signal(l.runner.notified)
		}
	}
}

func (l *listener) notifyAll() {
	for _, p := range l.pools {
		select {
		case p.notified <- struct{}{}:
		default:
		}
	}
}

// pause waits; it returns false where ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
