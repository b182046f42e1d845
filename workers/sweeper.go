package workers

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"digitalpath/services/outbox"
)

const (
	sweepTime  = time.Second      // about; between two looks while there is something to do
	restTime   = 5 * time.Second  // and while there is nothing
	sweepBatch = 500              // mails of one look
	lostAfter  = 20 * time.Second // a mail handed over that long ago to a queue that is empty got lost in it
	staleAfter = time.Minute      // and to a queue that is not

	// longQueue is a queue that is searched for a few jobs at a time only.
	longQueue = 5000
	fewJobs   = 50

	collectTime    = 30 * time.Second // between two looks for dead letters in Redis
	housekeepEvery = time.Hour
)

// sweeper finds messages that are due and that nobody is known to work on: retries,
// mails of killed senders, and what Redis lost. Every process that can send has one.
type sweeper struct {
	outbox  *outbox.Outbox
	broker  *broker
	relay   *relay
	trouble *health       // with the database
	again   chan struct{} // holds a token where this process leaves a mail to be tried again
	swept   atomic.Int64  // when it last came to the end of a look, in nanoseconds

	// emptied is when the queue of this process began empty, because the one before
	// died with its process; zero once all that was in it is handed over again.
	emptied time.Time
}

func (s *sweeper) run(ctx context.Context) {
	for {
		wait := s.sweep(ctx)
		s.swept.Store(time.Now().UnixNano())
		if !s.sleep(ctx, wait) {
			return
		}
	}
}

// sleep is over after a time or, where a mail is left to be tried again, a little later.
func (s *sweeper) sleep(ctx context.Context, wait time.Duration) bool {
	idle, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	select {
	case <-s.again:
		return pause(ctx, min(wait, sweepTime))
	case <-idle.Done():
		return ctx.Err() == nil
	}
}

// about is a time that spreads the processes.
func about(d time.Duration) time.Duration { return d*3/4 + rand.N(d/2) } // #nosec G404 -- a time is no secret

// sweep does what there is to do and tells when to look again.
func (s *sweeper) sweep(ctx context.Context) (wait time.Duration) {
	lost, limit := s.patience()
	query, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	work, err := s.outbox.Look(query, lost, s.relay.runner.jobs.Waiting())
	if work.Another {
		signal(s.relay.runner.notified)
	}
	if err == nil && work.Lost {
		err = s.outbox.Reap(query)
	}
	if err == nil {
		err = s.drive(ctx, work.Due || work.Lost, lost, limit)
	}
	if err == nil {
		s.trouble.works()
	} else if ctx.Err() == nil {
		s.trouble.failed(err)
	}
	switch {
	case err != nil || work.Due || work.Lost:
		return about(sweepTime)
	case work.Until > 0 && work.Until < restTime:
		return work.Until
	}
	return about(restTime)
}

// drive hands due messages over. While Redis is down there is no use in finding more
// than can be sent.
func (s *sweeper) drive(ctx context.Context, due bool, lost time.Duration, limit int64) error {
	if !due {
		s.emptied = time.Time{}
		return nil
	}
	for s.relay.local.len() < sweepBatch {
		query, cancel := context.WithTimeout(ctx, queryTime)
		ids, err := s.outbox.Due(query, lost, limit)
		cancel()
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			s.relay.push(ids, s.broker.pushAgain)
		}
		if int64(len(ids)) < limit {
			s.emptied = time.Time{}
			return nil
		}
		if limit == fewJobs {
			return nil
		}
	}
	return nil
}

// patience is how long ago mails must have been handed over to count as lost, and how
// many to look for at once.
func (s *sweeper) patience() (lost time.Duration, limit int64) {
	waiting, err := s.broker.waiting()
	switch {
	case !s.emptied.IsZero():
		return time.Since(s.emptied), sweepBatch
	case err != nil || waiting == 0:
		return lostAfter, sweepBatch
	case waiting > longQueue:
		return staleAfter, fewJobs
	}
	return staleAfter, sweepBatch
}

// housekeeper does what can wait.
type housekeeper struct {
	queue     *Queue
	housekeep func(context.Context) error
	log       *slog.Logger
}

func (h *housekeeper) run(ctx context.Context) {
	due := time.Now().Add(time.Minute) // not while the process starts
	for more := true; more; more = pause(ctx, collectTime) {
		if err := h.queue.collect(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("dead letters stay in Redis", "error", err)
		}
		if time.Now().Before(due) {
			continue
		}
		due = time.Now().Add(housekeepEvery)
		if err := h.housekeep(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("housekeeping failed", "error", err)
		}
	}
}
