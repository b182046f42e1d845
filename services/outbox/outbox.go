package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"digitalpath/models"
)

// Outbox keeps the promises to send mail. The database is the truth: a promise is
// made in the transaction that causes it, and whoever wants to send it leases it
// (delivery.go). Whatever queue wakes the senders may lose everything.
type Outbox struct {
	DB         *bun.DB
	Now        func() time.Time
	RetryDelay time.Duration     // between two attempts
	MaxRetries int               // attempts after the first
	Domain     string            // right side of Message-IDs
	Wake       func(ids []int64) // tells a sender of due promises; must not block
}

// promise writes one promise per object and returns the promises' ids, for wake
// once tx is committed.
func (o *Outbox) Enqueue(ctx context.Context, tx bun.Tx, kind models.MailKind, objects []int64) ([]int64, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	now := o.Now()
	rows := make([]models.OutboxMessage, len(objects))
	for i, object := range objects {
		rows[i] = models.OutboxMessage{
			Kind: kind, ObjectID: object, MessageID: uuid.NewString() + "@" + o.Domain,
			Status: models.MailPending, MaxAttempts: 1 + o.MaxRetries,
			NextAttemptAt: now, QueuedAt: now, CreatedAt: now, UpdatedAt: now,
		}
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return nil, fmt.Errorf("promise mail: %w", err)
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return ids, nil
}

// renew makes each object's mail due now: its open promise where there is one (a
// promise that is being sent is left alone), else a new one with a Message-ID of
// its own. It returns the ids of the promises that are due, and shows on the
// objects that they wait.
func (o *Outbox) Requeue(ctx context.Context, tx bun.Tx, kind models.MailKind, objects []int64) ([]int64, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	now := o.Now()
	var open []models.OutboxMessage
	if err := tx.NewSelect().Model(&open).Where("kind = ?", kind).Where("object_id IN (?)", bun.List(objects)).
		Where("next_attempt_at IS NOT NULL").Scan(ctx); err != nil {
		return nil, fmt.Errorf("find open promises: %w", err)
	}
	var openIDs []int64
	promised := map[int64]bool{}
	for _, message := range open {
		openIDs = append(openIDs, message.ID)
		promised[message.ObjectID] = true
	}
	var due []models.OutboxMessage
	if len(open) > 0 {
		if _, err := tx.NewUpdate().Model(&due).ModelTableExpr("outbox_messages AS outbox_message").
			Set("next_attempt_at = ?", now).Set("queued_at = ?", now).Set("updated_at = ?", now).
			Set("status = ?", models.MailPending).Set("max_attempts = attempts + ?", 1+o.MaxRetries).
			Where("id IN (?)", bun.List(openIDs)).Where("lease_until IS NULL OR lease_until < ?", now).
			Returning("*").Exec(ctx); err != nil {
			return nil, fmt.Errorf("make promises due: %w", err)
		}
	}
	var ids, waiting, missing []int64
	for _, message := range due {
		ids, waiting = append(ids, message.ID), append(waiting, message.ObjectID)
	}
	for _, object := range objects {
		if !promised[object] {
			missing = append(missing, object)
		}
	}
	added, err := o.Enqueue(ctx, tx, kind, missing)
	if err != nil {
		return nil, err
	}
	return append(ids, added...), o.show(ctx, tx, kind, append(waiting, missing...), models.OutboxMessage{Status: models.MailPending})
}

// lockPromises holds the promises of objects until tx ends. Whoever changes both
// locks the promises first, as delivery does, so that none waits for the other.
func Lock(ctx context.Context, tx bun.Tx, kind models.MailKind, objects []int64) error {
	if !models.IsPostgres(tx) {
		return nil // SQLite has one writer at a time
	}
	var ids []int64
	if err := tx.NewSelect().Model((*models.OutboxMessage)(nil)).Column("id").Where("kind = ?", kind).
		Where("object_id IN (?)", bun.List(objects)).OrderExpr("id").For("UPDATE").Scan(ctx, &ids); err != nil {
		return fmt.Errorf("lock promises: %w", err)
	}
	return nil
}

// withdrawn begins the error message of a promise that was withdrawn.
const cancelled = "Withdrawn: "

// withdraw ends the open promises of objects. An attempt that is under way goes to
// its end, but is the last one.
func (o *Outbox) Cancel(ctx context.Context, tx bun.Tx, kind models.MailKind, objects []int64, reason string) error {
	_, err := tx.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Set("next_attempt_at = NULL").Set("max_attempts = attempts").Set("status = ?", models.MailFailed).
		Set("error_message = ?", cancelled+reason).Set("updated_at = ?", o.Now()).
		Where("kind = ?", kind).Where("object_id IN (?)", bun.List(objects)).
		Where("next_attempt_at IS NOT NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("withdraw promises: %w", err)
	}
	return nil
}

// show copies a promise's state to the objects whose status people see.
func (o *Outbox) show(ctx context.Context, tx bun.Tx, kind models.MailKind, objects []int64, state models.OutboxMessage) error {
	shown := o.shown(tx, kind, state)
	if shown == nil || len(objects) == 0 {
		return nil
	}
	if _, err := shown.Where("id IN (?)", bun.List(objects)).Exec(ctx); err != nil {
		return fmt.Errorf("show mail status: %w", err)
	}
	return nil
}

// shown is the statement of show, for objects that are still to be named; nil where
// nothing is shown of such mail.
func (o *Outbox) shown(db bun.IDB, kind models.MailKind, state models.OutboxMessage) *bun.UpdateQuery {
	switch kind {
	case models.MailContactNotice:
		return db.NewUpdate().Model((*models.ContactMessage)(nil)).
			Set("status = ?", string(state.Status)).
			Set("sent_at = ?", bun.NullTime{Time: state.SentAt}).
			Set("error_message = NULLIF(?, '')", state.ErrorMessage).
			Set("updated_at = ?", o.Now())
	case models.MailWaitlistWelcome, models.MailWaitlistInvitation:
		return notified(db, kind, state, o.Now())
	}
	return nil
}

// wake is called after the commit, never inside the transaction.
func (o *Outbox) Notify(ids []int64) {
	if len(ids) > 0 {
		o.Wake(ids)
	}
}

// notified makes entries tell whether the newest mail to their person arrived; nil
// where that stays as it is. A late welcome says nothing of the invitation.
func notified(db bun.IDB, kind models.MailKind, state models.OutboxMessage, now time.Time) *bun.UpdateQuery {
	if state.Status == models.MailFailed {
		return nil
	}
	update := db.NewUpdate().Model((*models.WaitlistEntry)(nil)).Set("notified = ?", state.Status == models.MailSent).Set("updated_at = ?", now)
	if kind == models.MailWaitlistWelcome {
		update.Where("invited_at IS NULL")
	}
	return update
}
