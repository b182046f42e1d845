package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"digitalpath/models"
	"digitalpath/services/outbox"
)

const (
	extendEvery = 5 * time.Second  // between two extensions of a lease
	sendTime    = 2 * time.Minute  // for all phases of one attempt together
	queryTime   = 10 * time.Second // for one conversation with the database
	claimTime   = 15 * time.Second // of trying to claim, before the sweeper is trusted with it
	finishTime  = time.Minute      // of trying to record what became of an attempt
)

// sender sends mails one at a time. Worker pools, the relay and through it the sweeper
// all send by one.
type sender struct {
	name        string // shown with every attempt
	outbox      *outbox.Outbox
	composer    *Composer
	mailer      Mailer
	extendEvery time.Duration
	trouble     *health       // with the database
	again       chan struct{} // of the sweeper
	log         *slog.Logger
	took        time.Duration // of the last attempt
}

// source is where a sender has the ids of messages from.
type source interface {
	ready(n int)                  // makes next return up to n; it may take a moment
	next() int64                  // 0: there is none
	setAside(id int64, err error) // shows people what makes no sense, or broke what should not break
}

// readAhead is how long what a sender takes out of the queue may wait for it.
const readAhead = 50 * time.Millisecond

// deliver makes one attempt to send the message id and, as long as the source has some,
// those after it.
func (s *sender) deliver(ctx context.Context, id int64, from source) {
	for id != 0 {
		message, err := s.claim(ctx, id)
		switch {
		case errors.Is(err, outbox.ErrNotDue):
			if err := s.refuseUnknown(ctx, id); err != nil {
				from.setAside(id, err)
			}
			id = from.next()
		case err != nil: // the message stays due, and the sweeper finds it
			return
		}
		for message != nil {
			message, id = s.send(ctx, message, from)
		}
	}
}

// send makes one attempt to send a message that is leased. It returns the next one, or
// its id where it could not be leased with the end of this one.
func (s *sender) send(ctx context.Context, message *models.OutboxMessage, from source) (claimed *models.OutboxMessage, next int64) {
	if s.took > 0 {
		from.ready(int(readAhead / s.took))
	}
	started := time.Now()
	attempt, abandon := context.WithTimeout(ctx, sendTime)
	defer abandon()
	lost := s.keepLease(attempt, abandon, message)
	result := s.attempt(attempt, message)
	s.took = time.Since(started)
	if result.fault != nil {
		from.setAside(message.ID, result.fault)
	}
	switch {
	case result.outcome == models.AttemptSent:
	case lost():
		s.log.Warn("mail attempt is abandoned: another sender has taken over", "mail", message.ID, "attempt", message.Attempts)
		return nil, from.next()
	case ctx.Err() != nil: // the process stops: the message goes back at once
		result.outcome, result.reply = models.AttemptLost, "The program stopped before the mail was taken."
	}
	next = from.next()
	if claimed = s.finish(ctx, message, result, next); claimed != nil {
		next = 0
	}
	return claimed, next
}

// claim leases the message; while the database is down it tries again for a while, so
// that an outage does not empty the queue.
func (s *sender) claim(ctx context.Context, id int64) (*models.OutboxMessage, error) {
	for giveUp := time.Now().Add(claimTime); ; {
		query, cancel := context.WithTimeout(ctx, queryTime)
		message, err := s.outbox.Claim(query, id, s.name, s.mailer.Server())
		cancel()
		if err == nil || errors.Is(err, outbox.ErrNotDue) {
			s.trouble.works()
			return message, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.trouble.failed(err)
		if time.Now().After(giveUp) || !pause(ctx, time.Second) {
			return nil, err
		}
	}
}

// refuseUnknown tells a message that is not due, or was deleted, from one that never
// was: the latter is worth a look.
func (s *sender) refuseUnknown(ctx context.Context, id int64) error {
	query, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	known, err := s.outbox.Known(query, id)
	if err == nil && !known {
		return fmt.Errorf("there never was a mail %d", id)
	}
	return nil
}

// keepLease extends the lease until the attempt ends, and ends the attempt if the
// lease is lost. The returned function tells whether it was.
func (s *sender) keepLease(attempt context.Context, abandon context.CancelFunc, message *models.OutboxMessage) (lost func() bool) {
	gone := make(chan struct{})
	go func() {
		for pause(attempt, s.extendEvery) {
			if errors.Is(s.outbox.Extend(attempt, message), outbox.ErrLeaseLost) {
				close(gone)
				abandon()
				return
			}
		}
	}()
	return func() bool {
		select {
		case <-gone:
			return true
		default:
			return false
		}
	}
}

// result is how an attempt ended; fault is what only developers can mend.
type result struct {
	outcome models.AttemptOutcome
	reply   string
	fault   error
}

const internalFault = "An internal error stopped this attempt. The log says more."

func (s *sender) attempt(ctx context.Context, message *models.OutboxMessage) (r result) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("mail attempt panicked", "mail", message.ID, "panic", p, "stack", string(debug.Stack()))
			r = result{models.AttemptDeferred, internalFault, fmt.Errorf("send mail %d: panic: %v", message.ID, p)}
		}
	}()
	msg, err := s.composer.compose(ctx, message)
	var reply string
	if err == nil {
		reply, err = s.mailer.Send(ctx, msg)
	}
	if err == nil {
		return result{models.AttemptSent, reply, nil}
	}
	refusal, ok := errors.AsType[*MailError](err)
	switch {
	case !ok:
		s.log.Error("mail cannot be written", "mail", message.ID, "error", err)
		return result{models.AttemptDeferred, internalFault, nil}
	case refusal.Refused:
		return result{models.AttemptRefused, refusal.Reply, nil}
	default:
		return result{models.AttemptDeferred, refusal.Reply, nil}
	}
}

// finish records the result, and leases the message next. What the server took must not
// be sent again because the database was away for a moment, so it tries for a while.
func (s *sender) finish(ctx context.Context, message *models.OutboxMessage, r result, next int64) (claimed *models.OutboxMessage) {
	for giveUp := time.Now().Add(finishTime); ; next = 0 {
		query, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTime)
		claimed, err := s.outbox.FinishAndClaim(query, message, r.outcome, r.reply, next, s.name, s.mailer.Server())
		cancel()
		switch {
		case err == nil:
			if r.outcome == models.AttemptDeferred {
				signal(s.again)
			}
			level := slog.LevelInfo
			if r.outcome == models.AttemptRefused || r.outcome == models.AttemptDeferred && message.Attempts >= message.MaxAttempts {
				level = slog.LevelError // nobody tries again
			}
			s.log.Log(ctx, level, "mail attempt ended", "mail", message.ID, "kind", message.Kind, "message_id", message.MessageID,
				"attempt", message.Attempts, "outcome", r.outcome, "reply", r.reply)
			return claimed
		case errors.Is(err, outbox.ErrLeaseLost):
			s.log.Warn("mail lease was lost, another copy may be sent", "mail", message.ID, "message_id", message.MessageID, "outcome", r.outcome)
			return claimed
		}
		s.trouble.failed(err)
		if time.Now().After(giveUp) || !pause(ctx, 500*time.Millisecond) {
			s.log.Error("mail attempt could not be recorded", "mail", message.ID, "outcome", r.outcome, "error", err)
			return nil
		}
	}
}
