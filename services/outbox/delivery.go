package outbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// LeaseTime is how long a lease lives without being extended; a live sender
// extends it well before. A killed sender's mail is free again after it.
const LeaseTime = 20 * time.Second

// senderSkew is how far a sender's clock may be behind the clock of who made the
// promise, without taking a fresh one for one that is to be tried later.
const senderSkew = 2 * time.Second

// ErrNotDue is returned by Claim where there is nothing to send: sent already,
// being sent by another, withdrawn, or not before its retry time.
var ErrNotDue = errors.New("mail is not due")

// ErrLeaseLost is returned to a sender whose lease ran out and was taken by
// another: what it reports changes the status no more.
var ErrLeaseLost = errors.New("mail lease is lost")

// Claim is one attempt to send a promised mail under a lease. Its number is the
// message's Attempts.
type Claim struct{ Message models.OutboxMessage }

// Claim leases the promise and counts the attempt, or returns ErrNotDue. An
// attempt whose sender went away is closed as lost and does not use up a try.
func (o *Outbox) Claim(ctx context.Context, id int64, worker, server string) (*Claim, error) {
	now, token := o.Now(), newLeaseToken()
	begun, err := models.ExecBatch(ctx, o.DB,
		o.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).
			Set("lease_token = ?", token).Set("lease_until = ?", now.Add(LeaseTime)).
			Set("attempts = attempts + 1").Set("updated_at = ?", now).
			Set("max_attempts = max_attempts + CASE WHEN lease_token IS NULL THEN 0 ELSE 1 END").
			Where("id = ?", id).Where("next_attempt_at <= ?", now.Add(senderSkew)).
			Where("lease_until IS NULL OR lease_until < ?", now),
		o.DB.NewRaw("INSERT INTO mail_attempts (outbox_message_id, number, worker, server, outcome, started_at) ?",
			o.held(id, token).Column("id", "attempts").ColumnExpr("?, ?, ?, ?", worker, server, models.AttemptRunning, now)),
	)
	if err != nil {
		return nil, fmt.Errorf("lease mail %d: %w", id, err)
	}
	if begun == 0 {
		return nil, ErrNotDue
	}
	claim := new(Claim)
	if err := o.held(id, token).Scan(ctx, &claim.Message); err != nil {
		return nil, fmt.Errorf("read leased mail %d: %w", id, err)
	}
	if claim.Message.Attempts > 1 {
		if _, err := o.DB.NewUpdate().Model((*models.MailAttempt)(nil)).
			Set("outcome = ?", models.AttemptLost).Set("finished_at = ?", now).Where("outbox_message_id = ?", id).
			Where("number < ?", claim.Message.Attempts).Where("outcome = ?", models.AttemptRunning).Exec(ctx); err != nil {
			return nil, fmt.Errorf("close lost attempts: %w", err)
		}
	}
	return claim, nil
}

// held is the promise, as long as it is leased under token.
func (o *Outbox) held(id int64, token string) *bun.SelectQuery {
	return o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("id = ?", id).Where("lease_token = ?", token)
}

// Extend keeps the lease alive while its sender is at work.
func (o *Outbox) Extend(ctx context.Context, claim *Claim) error {
	now := o.Now()
	result, err := o.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Set("lease_until = ?", now.Add(LeaseTime)).
		Where("id = ?", claim.Message.ID).Where("lease_token = ?", claim.Message.LeaseToken).Exec(ctx)
	if err != nil {
		return fmt.Errorf("extend lease of mail %d: %w", claim.Message.ID, err)
	}
	return heldLease(result)
}

// Finish records how the attempt ended. outcome is sent, deferred or refused;
// reply is the server's words, or what kept us from hearing any. After a deferred
// attempt the mail is due again in RetryDelay, as long as tries are left.
func (o *Outbox) Finish(ctx context.Context, claim *Claim, outcome models.AttemptOutcome, reply string) error {
	now := o.Now()
	message := &claim.Message
	state := models.OutboxMessage{Status: models.MailFailed, ErrorMessage: reply}
	var retryAt time.Time
	switch outcome {
	case models.AttemptSent:
		state = models.OutboxMessage{Status: models.MailSent, SentAt: now}
	case models.AttemptDeferred:
		retryAt = now.Add(o.RetryDelay)
	}
	statements := []fmt.Stringer{o.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Set("status = ?", state.Status).Set("error_message = NULLIF(?, '')", state.ErrorMessage).
		Set("sent_at = ?", bun.NullTime{Time: state.SentAt}).
		Set("next_attempt_at = CASE WHEN attempts < max_attempts THEN "+timeArgument(o.DB)+" END", bun.NullTime{Time: retryAt}).
		Set("lease_token = NULL").Set("lease_until = NULL").Set("updated_at = ?", now).
		Where("id = ?", message.ID).Where("lease_token = ?", message.LeaseToken)}
	closed := o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Column("id").Where("id = ?", message.ID).
		Where("lease_token IS NULL").Where("updated_at = ?", now) // as the first statement leaves it
	if shown := o.shown(o.DB, message.Kind, state); shown != nil {
		statements = append(statements, shown.Where("id = ?", message.ObjectID).Where("EXISTS (?)", closed))
	}
	attempt := func() *bun.UpdateQuery {
		return o.DB.NewUpdate().Model((*models.MailAttempt)(nil)).
			Set("outcome = ?", outcome).Set("reply = ?", reply).Set("finished_at = ?", now).
			Where("outbox_message_id = ?", message.ID).Where("number = ?", message.Attempts)
	}
	kept, err := models.ExecBatch(ctx, o.DB, append(statements, attempt().Where("EXISTS (?)", closed))...)
	if err != nil {
		return fmt.Errorf("close mail %d: %w", message.ID, err)
	}
	if kept > 0 {
		return nil
	}
	// The attempt says what happened, even where another sender has taken over.
	if _, err := attempt().Exec(ctx); err != nil {
		return fmt.Errorf("close attempt: %w", err)
	}
	return errors.Join(ErrLeaseLost, o.acceptLate(ctx, message, outcome, state))
}

// acceptLate keeps the status true where a sender lost its lease, but a server took
// its copy: as long as nobody else has sent the mail or is sending it, it is sent.
func (o *Outbox) acceptLate(ctx context.Context, message *models.OutboxMessage, outcome models.AttemptOutcome, state models.OutboxMessage) error {
	if outcome != models.AttemptSent {
		return nil
	}
	return o.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.NewUpdate().Model((*models.OutboxMessage)(nil)).
			Set("status = ?", state.Status).Set("sent_at = ?", state.SentAt).Set("error_message = NULL").
			Set("next_attempt_at = NULL").Set("updated_at = ?", state.SentAt).
			Where("id = ?", message.ID).Where("status <> ?", models.MailSent).Where("lease_token IS NULL").Exec(ctx)
		if err != nil {
			return fmt.Errorf("accept late mail %d: %w", message.ID, err)
		}
		if heldLease(result) != nil {
			return nil
		}
		return o.show(ctx, tx, message.Kind, []int64{message.ObjectID}, state)
	})
}

// Due returns up to limit promises that nobody is known to work on: the lease or
// the retry time has passed since they were last queued, or they were queued before
// lostBefore, when the queue is known to have lost what it held. It marks them as
// queued, so that other processes leave them alone, and the caller must hand them on.
func (o *Outbox) Due(ctx context.Context, lostBefore time.Time, limit int64) ([]int64, error) {
	now := o.Now()
	candidates := o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Column("id").
		Where("next_attempt_at <= ?", now).
		Where("lease_until IS NULL OR lease_until < ?", now).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("queued_at < next_attempt_at").WhereOr("queued_at < lease_until").
				WhereOr("queued_at < ?", lostBefore)
		}).
		OrderExpr("next_attempt_at").Limit(limit)
	if models.IsPostgres(o.DB) {
		candidates = candidates.For("UPDATE SKIP LOCKED")
	}
	var ids []int64
	err := o.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Set("queued_at = ?", now).Where("id IN (?)", candidates).
		Returning("id").Scan(ctx, &ids)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find due mail: %w", err)
	}
	return ids, nil
}

// timeArgument is the placeholder of a time inside an expression, where PostgreSQL
// takes a literal for text.
func timeArgument(db bun.IDB) string {
	if models.IsPostgres(db) {
		return "?::timestamptz"
	}
	return "?"
}

func heldLease(result sql.Result) error {
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return ErrLeaseLost
	}
	return err
}

func newLeaseToken() string {
	token := make([]byte, 16)
	rand.Read(token) // never fails, see crypto/rand
	return hex.EncodeToString(token)
}
