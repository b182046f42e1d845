package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
)

// historyLimit is how many messages about one object History goes back.
const historyLimit = 10

// Delivery is one message with every attempt to send it, the first one first.
type Delivery struct {
	models.OutboxMessage
	Tries []models.MailAttempt
	By    string // who had it sent; empty: nobody signed in, or it is not known
}

// History returns what became of the newest messages about an object, oldest first.
func (o *Outbox) History(ctx context.Context, object int64, kinds ...models.MailKind) ([]Delivery, error) {
	var messages []models.OutboxMessage
	args := new(models.Args)
	if err := o.about(args.Of(object), kinds).OrderExpr("id DESC").Limit(historyLimit).Scan(args.In(ctx), &messages); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	slices.Reverse(messages)
	return o.Deliveries(ctx, messages)
}

// Deliveries are messages with their attempts.
func (o *Outbox) Deliveries(ctx context.Context, messages []models.OutboxMessage) ([]Delivery, error) {
	deliveries := make([]Delivery, len(messages))
	ids := make([]int64, len(messages))
	for i, message := range messages {
		deliveries[i].OutboxMessage, ids[i] = message, message.ID
	}
	var attempts []models.MailAttempt
	args := new(models.Args)
	if err := o.DB.NewSelect().Model(&attempts).Where("outbox_message_id IN (?)", args.Among(ids)).
		OrderExpr("number").Scan(args.In(ctx)); err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	for _, attempt := range attempts {
		i := slices.Index(ids, attempt.OutboxMessageID)
		deliveries[i].Tries = append(deliveries[i].Tries, attempt)
	}
	return deliveries, o.nameActors(ctx, deliveries)
}

// nameActors says by whose acts messages were made.
func (o *Outbox) nameActors(ctx context.Context, deliveries []Delivery) error {
	var acts []string
	for _, d := range deliveries {
		if d.Act != "" {
			acts = append(acts, d.Act)
		}
	}
	if len(acts) == 0 {
		return nil
	}
	var entries []models.HistoryEntry
	if err := o.DB.NewSelect().Model(&entries).ColumnExpr("DISTINCT act, username").Where("act IN (?)", bun.List(acts)).Scan(ctx); err != nil {
		return fmt.Errorf("find who sent mail: %w", err)
	}
	for i, d := range deliveries {
		if at := slices.IndexFunc(entries, func(e models.HistoryEntry) bool { return e.Act == d.Act }); d.Act != "" && at >= 0 {
			deliveries[i].By = entries[at].Username
		}
	}
	return nil
}

// Open returns the messages about objects that may still be sent.
func (o *Outbox) Open(ctx context.Context, objects []int64, kinds ...models.MailKind) ([]models.OutboxMessage, error) {
	var open []models.OutboxMessage
	args := new(models.Args)
	if err := o.about(args.Among(objects), kinds).Where("next_attempt_at IS NOT NULL").Scan(args.In(ctx), &open); err != nil {
		return nil, fmt.Errorf("read open messages: %w", err)
	}
	return open, nil
}

func (o *Outbox) about(objects schema.QueryAppender, kinds []models.MailKind) *bun.SelectQuery {
	return o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).
		Where("kind IN (?)", bun.List(kinds)).Where("object_id IN (?)", objects)
}

// OldSent narrows a query to the messages that were sent before a time and that nothing
// rests on: where another message about the same object waits, failed, was cancelled or
// was sent later, it and what is sent again would tell too little of them.
func OldSent(before time.Time) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		current := q.DB().NewSelect().TableExpr("outbox_messages AS other").ColumnExpr("1").
			Where("other.kind = outbox_message.kind").Where("other.object_id = outbox_message.object_id").
			Where("NOT other.superseded").Where("(other.state <> ? OR other.sent_at >= ?)", models.MailSent, before)
		return q.Where("state = ?", models.MailSent).Where("sent_at < ?", before).Where("NOT EXISTS (?)", current)
	}
}
