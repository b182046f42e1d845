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

// courier delivers mails one at a time. Worker pools, the relay and through it the
// sweeper all deliver by one.
type sender struct {
	name        string // shown with every attempt
	outbox      *outbox.Outbox
	composer    *composer
	mailer      Mailer
	extendEvery time.Duration
	trouble     *health // with the database
	log         *slog.Logger
}

// deliver makes one attempt to send the promised mail id. It returns an error where
// the job makes no sense or something broke that should not; everything else is
// said by the database.
func (c *sender) deliver(ctx context.Context, id int64) error {
	claim, err := c.claim(ctx, id)
	switch {
	case errors.Is(err, outbox.ErrNotDue):
		return c.refuseUnknown(ctx, id)
	case err != nil: // the promise stays due, and the sweeper finds it
		return nil
	}
	attempt, abandon := context.WithTimeout(ctx, sendTime)
	defer abandon()
	lost := c.keepLease(attempt, abandon, claim)
	result := c.attempt(attempt, claim)
	if result.outcome != models.AttemptSent && (ctx.Err() != nil || lost()) {
		// The process stops or another courier has taken over: the lease runs out
		// and the attempt counts as cut off, not as a try.
		c.log.Warn("mail attempt is abandoned", "mail", id, "attempt", claim.Message.Attempts)
		return result.fault
	}
	c.finish(ctx, claim, result)
	return result.fault
}

// claim leases the mail; while the database is down it tries again for a while, so
// that an outage does not empty the queue.
func (c *sender) claim(ctx context.Context, id int64) (*outbox.Claim, error) {
	for giveUp := time.Now().Add(claimTime); ; {
		query, cancel := context.WithTimeout(ctx, queryTime)
		claim, err := c.outbox.Claim(query, id, c.name, c.mailer.Server())
		cancel()
		if err == nil || errors.Is(err, outbox.ErrNotDue) {
			c.trouble.works()
			return claim, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.trouble.failed(err)
		if time.Now().After(giveUp) || !pause(ctx, time.Second) {
			return nil, err
		}
	}
}

// refuseUnknown tells a mail that is not due from one that was never promised (or
// is deleted): the latter is worth a look.
func (c *sender) refuseUnknown(ctx context.Context, id int64) error {
	query, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	known, err := c.outbox.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("id = ?", id).Exists(query)
	if err == nil && !known {
		return fmt.Errorf("no mail %d is promised", id)
	}
	return nil
}

// keepLease extends the lease until the attempt ends, and ends the attempt if the
// lease is lost. The returned function tells whether it was.
func (c *sender) keepLease(attempt context.Context, abandon context.CancelFunc, claim *outbox.Claim) (lost func() bool) {
	gone := make(chan struct{})
	go func() {
		for pause(attempt, c.extendEvery) {
			if errors.Is(c.outbox.Extend(attempt, claim), outbox.ErrLeaseLost) {
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

func (c *sender) attempt(ctx context.Context, claim *outbox.Claim) (r result) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("mail attempt panicked", "mail", claim.Message.ID, "panic", p, "stack", string(debug.Stack()))
			r = result{models.AttemptDeferred, internalFault, fmt.Errorf("send mail %d: panic: %v", claim.Message.ID, p)}
		}
	}()
	msg, err := c.composer.compose(ctx, &claim.Message)
	var reply string
	if err == nil {
		reply, err = c.mailer.Send(ctx, msg)
	}
	if err == nil {
		return result{models.AttemptSent, reply, nil}
	}
	refusal, ok := errors.AsType[*MailError](err)
	switch {
	case !ok:
		c.log.Error("mail cannot be written", "mail", claim.Message.ID, "error", err)
		return result{models.AttemptDeferred, internalFault, nil}
	case refusal.Refused:
		return result{models.AttemptRefused, refusal.Reply, nil}
	default:
		return result{models.AttemptDeferred, refusal.Reply, nil}
	}
}

// finish records the result. What the server took must not be sent again because
// the database was away for a moment, so it tries for a while.
func (c *sender) finish(ctx context.Context, claim *outbox.Claim, r result) {
	m := &claim.Message
	for giveUp := time.Now().Add(finishTime); ; {
		query, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTime)
		err := c.outbox.Finish(query, claim, r.outcome, r.reply)
		cancel()
		switch {
		case err == nil:
			c.log.Info("mail attempt ended", "mail", m.ID, "kind", m.Kind, "message_id", m.MessageID,
				"attempt", m.Attempts, "outcome", r.outcome, "reply", r.reply)
			return
		case errors.Is(err, outbox.ErrLeaseLost):
			c.log.Warn("mail lease was lost, another copy may be sent", "mail", m.ID, "message_id", m.MessageID, "outcome", r.outcome)
			return
		}
		c.trouble.failed(err)
		if time.Now().After(giveUp) || !pause(ctx, 500*time.Millisecond) {
			c.log.Error("mail attempt could not be recorded", "mail", m.ID, "outcome", r.outcome, "error", err)
			return
		}
	}
}
