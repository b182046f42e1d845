package outbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// Requeue sees to it that the mail about each object goes out. It returns the ids of the
// messages that are due now, for Notify, and the objects that they are about. One that waits is due at once, with all its attempts;
// one that is being sent is left alone; one that failed or was cancelled gives way to a
// new message. Where all of an object's messages were sent, all are sent again, as new
// ones: what a server took keeps its Message-ID for itself.
func (o *Outbox) Requeue(ctx context.Context, tx bun.Tx, kind models.MailKind, objects []int64) (due, requeued []int64, err error) {
	if len(objects) == 0 {
		return nil, nil, nil
	}
	messages, err := o.lockCurrent(ctx, tx, kind, objects)
	if err != nil {
		return nil, nil, err
	}
	var superseded, touched []int64
	var added []models.OutboxMessage
	for _, object := range objects {
		plan := o.planRequeue(kind, object, messages[object])
		due, superseded, added = append(due, plan.due...), append(superseded, plan.superseded...), append(added, plan.added...)
		if len(plan.due)+len(plan.added) > 0 {
			requeued = append(requeued, object)
		}
		if len(plan.due)+len(plan.superseded)+len(plan.added) > 0 {
			touched = append(touched, object)
		}
	}
	if err := o.makeDue(ctx, tx, due); err != nil {
		return nil, nil, err
	}
	if err := supersede(ctx, tx, superseded); err != nil {
		return nil, nil, err
	}
	ids, err := o.insert(ctx, tx, added)
	if err != nil {
		return nil, nil, err
	}
	return append(due, ids...), requeued, o.apply(ctx, tx, kind, touched, models.MailPending)
}

// lockCurrent reads the messages that count of each object and holds them until tx ends.
func (o *Outbox) lockCurrent(ctx context.Context, tx bun.Tx, kind models.MailKind, objects []int64) (map[int64][]models.OutboxMessage, error) {
	var all []models.OutboxMessage
	query := tx.NewSelect().Model(&all).Column("id", "object_id", "recipient", "state").Where("kind = ?", kind).
		Where("object_id IN (?)", bun.List(objects)).Where("NOT superseded").OrderExpr("id")
	if err := models.ForUpdate(query).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	of := map[int64][]models.OutboxMessage{}
	for _, message := range all {
		of[message.ObjectID] = append(of[message.ObjectID], message)
	}
	return of, nil
}

// requeuePlan is what Requeue does about one object.
type requeuePlan struct {
	due, superseded []int64
	added           []models.OutboxMessage
}

func (o *Outbox) planRequeue(kind models.MailKind, object int64, current []models.OutboxMessage) requeuePlan {
	var plan requeuePlan
	var sent []int64
	reached := map[string]bool{} // whom a message that is open or sent is addressed to
	for _, message := range current {
		switch message.State {
		case models.MailPending, models.MailRetrying:
			plan.due = append(plan.due, message.ID)
		case models.MailSent:
			sent = append(sent, message.ID)
		case models.MailFailed, models.MailCancelled:
			plan.superseded = append(plan.superseded, message.ID)
			continue
		}
		reached[message.Recipient] = true
	}
	if len(sent) > 0 && len(sent) == len(current) { // all of them: once more, then
		plan.superseded, reached = sent, nil
	}
	for _, recipient := range o.recipients(kind) {
		if !reached[recipient] && !reached[""] { // releases before recipients addressed one to all
			plan.added = append(plan.added, o.message(kind, object, recipient))
		}
	}
	return plan
}

func (o *Outbox) makeDue(ctx context.Context, tx bun.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	now := models.Clock(tx, 0)
	_, err := tx.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Set("state = ?", models.MailPending).Set("status = ?", models.MailPending.DeliveryStatus()).
		Set("next_attempt_at = ?", models.Clock(tx, o.hold(ctx))).Set("queued_at = ?", now).Set("updated_at = ?", now).
		Set("max_attempts = attempts + ?", 1+o.MaxRetries).Apply(markWaiting(ctx)).
		Where("id IN (?)", bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("make messages due: %w", err)
	}
	return nil
}

func supersede(ctx context.Context, tx bun.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewUpdate().Model((*models.OutboxMessage)(nil)).Set("superseded = ?", true).Apply(mark(ctx)).
		Where("id IN (?)", bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("supersede messages: %w", err)
	}
	return nil
}

// Cancel ends the open messages of objects. An attempt under way goes to its end, but
// is the last one. A message that failed needs nobody any more.
func (o *Outbox) Cancel(ctx context.Context, tx bun.Tx, objects []int64, reason string, kinds ...models.MailKind) error {
	return o.cancel(ctx, tx, reason, func(query *bun.UpdateQuery) *bun.UpdateQuery {
		return query.Where("kind IN (?)", bun.List(kinds)).Where("object_id IN (?)", bun.List(objects))
	})
}

// cancel ends those of the messages that narrow leaves.
func (o *Outbox) cancel(ctx context.Context, tx bun.Tx, reason string, narrow func(*bun.UpdateQuery) *bun.UpdateQuery) error {
	about := func(query *bun.UpdateQuery) *bun.UpdateQuery {
		return query.Model((*models.OutboxMessage)(nil)).Set("updated_at = ?", models.Clock(tx, 0)).Apply(narrow)
	}
	reason = "Cancelled: " + reason
	for _, query := range []*bun.UpdateQuery{
		about(tx.NewUpdate()).Set("cancelled_at = ?", models.Clock(tx, 0)).Set("error_message = ?", reason).Apply(mark(ctx)).
			Where("state = ?", models.MailSending),
		about(tx.NewUpdate()).Set("cancelled_at = ?", models.Clock(tx, 0)).Set("error_message = ?", reason).
			Set("state = ?", models.MailCancelled).Set("status = ?", models.MailCancelled.DeliveryStatus()).Set("next_attempt_at = NULL").Apply(markWaiting(ctx)).
			Where("state IN (?)", bun.List([]models.MailState{models.MailPending, models.MailRetrying})),
		about(tx.NewUpdate()).Set("superseded = ?", true).Apply(mark(ctx)).Where("state = ?", models.MailFailed).Where("NOT superseded"),
	} {
		if _, err := query.Exec(ctx); err != nil {
			return fmt.Errorf("cancel messages: %w", err)
		}
	}
	return nil
}

// Lock holds the messages about objects until tx ends. Whoever changes both a message
// and its object begins with the message, as senders do, so that none waits for the
// other.
func (o *Outbox) Lock(ctx context.Context, tx bun.Tx, objects []int64, kind models.MailKind) error {
	_, err := o.lockCurrent(ctx, tx, kind, objects)
	return err
}
