package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// senderLost is the error message of an attempt whose sender went away.
const senderLost = "The sender went away before the mail was taken."

// Work is what a sweep finds to do.
type Work struct {
	Due     bool          // for Due
	Lost    bool          // for Reap
	Another bool          // what another query finds
	Until   time.Duration // until the next message is due; 0 where none waits
}

// Look tells what there is to do, and whether another query finds something, in one
// statement: mostly there is nothing.
func (o *Outbox) Look(ctx context.Context, lostAfter time.Duration, another *bun.SelectQuery) (Work, error) {
	var found struct {
		Due, Lost, Another bool
		Now                time.Time
		Next               bun.NullTime
	}
	next := o.waiting().ColumnExpr("min(next_attempt_at)").Where("next_attempt_at > ?", models.Clock(o.DB, 0))
	// What is first by an index PostgreSQL looks up there; of what exists it would search the table.
	err := o.DB.NewSelect().ColumnExpr("(?) IS NOT NULL AS due, EXISTS (?) AS lost, EXISTS (?) AS another, ? AS now, (?) AS next",
		o.due(lostAfter, 1), o.expired(o.DB), another, models.Clock(o.DB, 0), next).Scan(new(models.Args).In(ctx), &found)
	if err != nil {
		return Work{}, fmt.Errorf("look for mail: %w", err)
	}
	work := Work{Due: found.Due, Lost: found.Lost, Another: found.Another}
	if !found.Next.IsZero() {
		work.Until = found.Next.Sub(found.Now)
	}
	return work, nil
}

// waiting finds the messages that nobody sends now, but somebody has to.
func (o *Outbox) waiting() *bun.SelectQuery {
	return o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).
		Where("state IN (?)", bun.List([]models.MailState{models.MailPending, models.MailRetrying}))
}

// lookAhead is how many messages that are due are looked through for those that no queue
// holds. It is more than are sent from one look to the next, and queues work them in turn.
const lookAhead = 50_000

// due finds up to limit messages that are due and that no queue is known to hold: they have become
// due since they were last queued, or were queued longer than lostAfter ago.
func (o *Outbox) due(lostAfter time.Duration, limit int64) *bun.SelectQuery {
	far := o.DB.NewSelect().TableExpr("outbox_messages AS ahead").ColumnExpr("ahead.next_attempt_at").
		Where("ahead.next_attempt_at <= ?", models.Clock(o.DB, 0)).OrderExpr("ahead.next_attempt_at").Limit(1).Offset(lookAhead)
	// By the first of these SQLite reads the index; by the second PostgreSQL expects few rows.
	return o.waiting().Column("id").Where("next_attempt_at <= coalesce((?), ?)", far, models.Clock(o.DB, 0)).
		Where("next_attempt_at <= ?", models.Clock(o.DB, 0)).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("queued_at < next_attempt_at").WhereOr("queued_at < ?", models.Clock(o.DB, -lostAfter))
		}).OrderExpr("next_attempt_at").Limit(limit)
}

// Due returns up to limit messages that are due and that no queue is known to hold. It
// marks them as queued, so that other processes leave them alone, and the caller must hand
// them on.
func (o *Outbox) Due(ctx context.Context, lostAfter time.Duration, limit int64) ([]int64, error) {
	candidates := o.due(lostAfter, limit)
	if models.IsPostgres(o.DB) {
		candidates = candidates.For("UPDATE SKIP LOCKED")
	}
	var ids []int64
	err := o.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Set("queued_at = ?", models.Clock(o.DB, 0)).Where("id IN (?)", candidates).
		Returning("id").Scan(ctx, &ids)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find due mail: %w", err)
	}
	return ids, nil
}

// reapBatch bounds the messages that one call of Reap frees.
const reapBatch = 500

// Reap frees the messages whose sender went away: their leases have run out. The attempt
// is lost and counts, so that a message that kills its senders comes to an end.
func (o *Outbox) Reap(ctx context.Context) error {
	return o.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		query := o.expired(tx).OrderExpr("id").Limit(reapBatch)
		if models.IsPostgres(tx) {
			query.For("UPDATE SKIP LOCKED")
		}
		var ids []int64
		if err := query.Scan(ctx, &ids); err != nil {
			return fmt.Errorf("find lost mail: %w", err)
		}
		return o.free(ctx, tx, ids)
	})
}

func (o *Outbox) expired(db bun.IDB) *bun.SelectQuery {
	return db.NewSelect().Model((*models.OutboxMessage)(nil)).Column("id").Where("state = ?", models.MailSending).
		Where("lease_until < ?", models.Clock(o.DB, 0))
}

func (o *Outbox) free(ctx context.Context, tx bun.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	var freed []models.OutboxMessage
	update := tx.NewUpdate().Model(&freed).ModelTableExpr("outbox_messages AS outbox_message").
		Set("lease_token = NULL").Set("lease_until = NULL").Set("updated_at = ?", models.Clock(tx, 0)).
		Set("status = ?", models.MailFailed.DeliveryStatus()).
		Set("error_message = CASE WHEN cancelled_at IS NULL THEN ? ELSE error_message END", senderLost)
	if _, err := o.retry(update, "attempts < max_attempts", "'retrying'", 0).Where("id IN (?)", bun.List(ids)).
		Returning("id, kind, object_id, state").Exec(ctx); err != nil {
		return fmt.Errorf("free lost mail: %w", err)
	}
	if _, err := tx.NewUpdate().Model((*models.MailAttempt)(nil)).Set("outcome = ?", models.AttemptLost).
		Set("finished_at = ?", models.Clock(tx, 0)).Where("outbox_message_id IN (?)", bun.List(ids)).
		Where("outcome = ?", models.AttemptRunning).Exec(ctx); err != nil {
		return fmt.Errorf("close lost attempts: %w", err)
	}
	for _, message := range freed {
		if err := o.apply(ctx, tx, message.Kind, []int64{message.ObjectID}, message.State); err != nil {
			return err
		}
	}
	return nil
}
