package outbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// LeaseTime is how long a lease lives without being extended; a live sender extends it
// well before. A killed sender's message is free again after it.
const LeaseTime = 20 * time.Second

// ErrNotDue is returned by Claim where there is nothing to send: sent already, being
// sent by another, cancelled, or not before its retry time.
var ErrNotDue = errors.New("mail is not due")

// ErrLeaseLost is returned to a sender whose lease ran out: what it reports changes the
// state no more.
var ErrLeaseLost = errors.New("mail lease is lost")

// Claim leases the message id and counts the attempt, or returns ErrNotDue. worker and
// server are shown with the attempt. Of the message it returns what its sender needs.
func (o *Outbox) Claim(ctx context.Context, id int64, worker, server string) (*models.OutboxMessage, error) {
	message := new(models.OutboxMessage)
	found, err := models.ExecBatch(ctx, o.DB, o.claim(message, id, worker, server, false)...)
	if err != nil {
		return nil, fmt.Errorf("lease mail %d: %w", id, err)
	}
	if found[0] == 0 {
		return nil, ErrNotDue
	}
	return message, nil
}

// claim are the statements of Claim, of which the first one reads the message. Where
// free, a message that another transaction holds is left to it.
func (o *Outbox) claim(message *models.OutboxMessage, id int64, worker, server string, free bool) []models.Statement {
	const columns = "id, kind, object_id, recipient, message_id, attempts, max_attempts, lease_token, created_at"
	now, args, token := models.Clock(o.DB, 0), new(models.Args), newLeaseToken()
	lease := o.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Set("state = ?", models.MailSending).Set("lease_token = ?", args.Of(token)).Set("lease_until = ?", models.Clock(o.DB, LeaseTime)).
		Set("attempts = attempts + 1").Set("updated_at = ?", now).
		Where("state IN (?)", bun.List([]models.MailState{models.MailPending, models.MailRetrying})).
		Where("next_attempt_at <= ?", now).Returning(columns)
	this := args.Of(id)
	if free && models.IsPostgres(o.DB) {
		this = o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Column("id").Where("id = ?", this).For("UPDATE SKIP LOCKED")
	}
	lease.Where("id = (?)", this)
	begin := func(args *models.Args, from any) *bun.RawQuery {
		return o.DB.NewRaw("INSERT INTO mail_attempts (outbox_message_id, number, worker, server, outcome, started_at) SELECT id, attempts, ?, ?, ?, ? FROM ?",
			args.Of(worker), args.Of(server), models.AttemptRunning, now, from)
	}
	into := []any{
		&message.ID, &message.Kind, &message.ObjectID, &message.Recipient, &message.MessageID, &message.Attempts, &message.MaxAttempts,
		&message.LeaseToken, &message.CreatedAt,
	}
	if models.IsPostgres(o.DB) {
		both := o.DB.NewSelect().With("leased", lease).With("begun", begin(args, bun.Ident("leased"))).ColumnExpr(columns).TableExpr("leased")
		return []models.Statement{{Query: both, Args: args, Into: into}}
	}
	leased := bun.SafeQuery("outbox_messages WHERE id = ? AND lease_token = ?", id, token)
	return []models.Statement{{Query: lease, Args: args, Into: into}, {Query: begin(args, leased), Args: args}}
}

// Extend keeps the lease alive while its sender is at work.
func (o *Outbox) Extend(ctx context.Context, message *models.OutboxMessage) error {
	args := new(models.Args)
	result, err := o.underLease(message, args).Set("lease_until = ?", models.Clock(o.DB, LeaseTime)).Exec(args.In(ctx))
	if err != nil {
		return fmt.Errorf("extend lease of mail %d: %w", message.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return ErrLeaseLost
}

// underLease changes a message as long as its sender holds the lease.
func (o *Outbox) underLease(message *models.OutboxMessage, args *models.Args) *bun.UpdateQuery {
	return o.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Where("id = ?", args.Of(message.ID)).Where("lease_token = ?", args.Of(message.LeaseToken)).Where("state = ?", models.MailSending)
}

// Finish is FinishAndClaim of no other message.
func (o *Outbox) Finish(ctx context.Context, message *models.OutboxMessage, outcome models.AttemptOutcome, reply string) error {
	_, err := o.FinishAndClaim(ctx, message, outcome, reply, 0, "", "")
	return err
}

// FinishAndClaim records how the attempt ended: sent, deferred, refused, or lost where the
// sender has to stop before the end and gives the message back. reply is the server's
// words, or what kept us from hearing any. After a deferred attempt the message is due
// again in RetryDelay, as long as attempts are left; a lost one uses up none. The
// message, its object and its attempt change together, or ErrLeaseLost is returned.
//
// In the same transaction it leases the message next, as Claim does. claimed is nil where
// that is not due, or not free at the moment.
func (o *Outbox) FinishAndClaim(ctx context.Context, message *models.OutboxMessage, outcome models.AttemptOutcome, reply string,
	next int64, worker, server string) (claimed *models.OutboxMessage, err error) {
	now := models.Clock(o.DB, 0)
	state := nextState(outcome)
	args := new(models.Args)
	statements := []models.Statement{{Query: o.settle(message, args, outcome, reply).Set("updated_at = ?", now), Args: args}}
	// The token stays behind: it tells the next statements that the first one was done.
	done := func(args *models.Args) *bun.SelectQuery {
		return o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Column("id").Where("id = ?", args.Of(message.ID)).
			Where("lease_token = ?", args.Of(message.LeaseToken)).Where("state <> ?", models.MailSending)
	}
	if update := o.update(o.DB, message.Kind, state); update != nil && outcome != models.AttemptLost {
		args := new(models.Args)
		statements = append(statements, models.Statement{Query: update.Where("id = ?", args.Of(message.ObjectID)).Where("EXISTS (?)", done(args)), Args: args})
	}
	attempt := func(args *models.Args) *bun.UpdateQuery {
		return o.DB.NewUpdate().Model((*models.MailAttempt)(nil)).
			Set("outcome = ?", outcome).Set("reply = ?", args.Of(reply)).Set("finished_at = ?", now).
			Where("outbox_message_id = ?", args.Of(message.ID)).Where("number = ?", args.Of(int64(message.Attempts)))
	}
	args = new(models.Args)
	statements = append(statements, models.Statement{Query: attempt(args).Where("EXISTS (?)", done(args)), Args: args})
	ended := len(statements)
	claimed = new(models.OutboxMessage)
	if next != 0 {
		statements = append(statements, o.claim(claimed, next, worker, server, true)...)
	}
	changed, err := models.ExecBatch(ctx, o.DB, statements...)
	if err != nil {
		return nil, fmt.Errorf("finish mail %d: %w", message.ID, err)
	}
	if next == 0 || changed[ended] == 0 {
		claimed = nil
	}
	if changed[ended-1] > 0 {
		return claimed, nil
	}
	// The attempt says what happened, even where another sender has taken over.
	args = new(models.Args)
	if _, err := attempt(args).Exec(args.In(ctx)); err != nil {
		return claimed, errors.Join(ErrLeaseLost, fmt.Errorf("finish attempt: %w", err))
	}
	if outcome != models.AttemptSent {
		return claimed, ErrLeaseLost
	}
	return claimed, errors.Join(ErrLeaseLost, o.acceptLate(ctx, message))
}

// nextState is what an attempt's outcome makes of a message that may be tried again.
func nextState(outcome models.AttemptOutcome) models.MailState {
	switch outcome {
	case models.AttemptSent:
		return models.MailSent
	case models.AttemptRefused:
		return models.MailFailed
	}
	return models.MailRetrying
}

// settle takes a message out of its sender's hands.
func (o *Outbox) settle(message *models.OutboxMessage, args *models.Args, outcome models.AttemptOutcome, reply string) *bun.UpdateQuery {
	update := o.underLease(message, args).Set("lease_until = NULL").Set("cause = ?", o.cause(message, args, outcome, reply))
	switch outcome {
	case models.AttemptSent:
		return update.Set("state = ?", models.MailSent).Set("status = ?", models.MailSent.DeliveryStatus()).
			Set("sent_at = ?", models.Clock(o.DB, 0)).Set("next_attempt_at = NULL").Set("error_message = NULL")
	case models.AttemptLost:
		return o.retry(update, "TRUE", "CASE WHEN attempts > 1 THEN 'retrying' ELSE 'pending' END", 0).
			Set("max_attempts = max_attempts + 1").Set("status = ?", models.MailPending.DeliveryStatus())
	case models.AttemptDeferred:
		update = o.retry(update, "attempts < max_attempts", "'retrying'", o.RetryDelay)
	default:
		update = o.retry(update, "FALSE", "''", 0)
	}
	return update.Set("status = ?", models.MailFailed.DeliveryStatus()).
		Set("error_message = CASE WHEN cancelled_at IS NULL THEN NULLIF(?, '') ELSE error_message END", args.Of(reply))
}

// retry makes a message due again after delay, in a state, on a condition; else it has
// failed, unless it was cancelled meanwhile.
func (o *Outbox) retry(update *bun.UpdateQuery, condition, state string, delay time.Duration) *bun.UpdateQuery {
	return update.
		Set("state = CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled' WHEN "+condition+" THEN "+state+" ELSE 'failed' END").
		Set("next_attempt_at = CASE WHEN cancelled_at IS NULL AND "+condition+" THEN "+timestamp(o.DB)+" END", models.Clock(o.DB, delay))
}

// timestamp is the placeholder of a time inside an expression, where PostgreSQL takes a
// literal for text.
func timestamp(db bun.IDB) string {
	if models.IsPostgres(db) {
		return "(?)::timestamptz"
	}
	return "?"
}

// acceptLate keeps the state true where a sender lost its lease, but a server took its
// copy: as long as nobody else has sent the message or is sending it, it is sent.
func (o *Outbox) acceptLate(ctx context.Context, message *models.OutboxMessage) error {
	return o.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.NewUpdate().Model((*models.OutboxMessage)(nil)).
			Set("state = ?", models.MailSent).Set("status = ?", models.MailSent.DeliveryStatus()).
			Set("sent_at = ?", models.Clock(tx, 0)).Set("updated_at = ?", models.Clock(tx, 0)).
			Set("error_message = NULL").Set("next_attempt_at = NULL").Set("lease_token = NULL").
			Where("id = ?", message.ID).Where("state NOT IN (?)", bun.List([]models.MailState{models.MailSent, models.MailSending})).Exec(ctx)
		if err != nil {
			return fmt.Errorf("accept late mail %d: %w", message.ID, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return o.apply(ctx, tx, message.Kind, []int64{message.ObjectID}, models.MailSent)
	})
}

func newLeaseToken() string {
	token := make([]byte, 16)
	rand.Read(token) // never fails, see crypto/rand
	return hex.EncodeToString(token)
}
