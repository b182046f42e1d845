package workers

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"digitalpath/services/outbox"
)

const (
	sweepTime      = time.Second      // about; between two looks for due mail
	sweepBatch     = 500              // mails of one look
	lostAfter      = 20 * time.Second // a mail handed over that long ago to a queue that is empty got lost in it
	tidyTime       = 10 * time.Second // between two looks for garbage in Redis
	housekeepEvery = time.Hour        // between two housekeepings
)

// sweeper finds promises that are due and that nobody is known to work on: retries,
// mails of killed workers, and what Redis lost. Every process that can send has one.
type sweeper struct {
	outbox  *outbox.Outbox
	broker  *broker
	relay   *relay
	trouble *health // with the database

	// emptied is when the queue of this process began empty, because the one before
	// died with its process; zero once all that was in it is handed over again.
	emptied time.Time
}

func (s *sweeper) run(ctx context.Context) {
	for {
		s.sweep(ctx)
		if !pause(ctx, sweepTime*3/4+rand.N(sweepTime/2)) { // #nosec G404 -- only spreads the processes in time
			return
		}
	}
}

func (s *sweeper) sweep(ctx context.Context) {
	lostBefore := s.lostBefore()
	// While Redis is down there is no use in finding more than can be sent.
	for s.relay.local.len() < sweepBatch {
		query, cancel := context.WithTimeout(ctx, queryTime)
		ids, err := s.outbox.Due(query, lostBefore, sweepBatch)
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				s.trouble.failed(err)
			}
			return
		}
		s.trouble.works()
		if len(ids) > 0 {
			s.relay.Wake(ids)
		}
		if len(ids) < sweepBatch {
			s.emptied = time.Time{}
			return
		}
	}
}

// lostBefore is since when mails handed over must have reached a worker; zero where
// they may still be waiting in Redis.
func (s *sweeper) lostBefore() time.Time {
	waiting, err := s.broker.waiting()
	switch {
	case !s.emptied.IsZero():
		return s.emptied
	case err != nil || waiting == 0:
		return s.outbox.Now().Add(-lostAfter)
	}
	return time.Time{}
}

// housekeeper does what can wait.
type housekeeper struct {
	queue     *Queue
	housekeep func(context.Context) error
	log       *slog.Logger
}

func (h *housekeeper) run(ctx context.Context) {
	due := time.Now().Add(time.Minute) // not while the process starts
	for pause(ctx, tidyTime) {
		h.queue.discardGarbage(ctx)
		if time.Now().Before(due) {
			continue
		}
		due = time.Now().Add(housekeepEvery)
		if err := h.housekeep(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("housekeeping failed", "error", err)
		}
	}
}
