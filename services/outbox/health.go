package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// OutboxHealth is what operators want to know of the mail.
type Health struct {
	Waiting       int64         // open promises
	Failed        int64         // promises given up that somebody should look at
	OldestWaiting time.Duration // since the oldest open promise became due; 0 where none is
	Failing       string        // the newest attempt's words where it could not be sent; else empty
}

// Health reads the state of all mail.
func (o *Outbox) Health(ctx context.Context) (Health, error) {
	var health Health
	var oldest time.Time
	open := o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("next_attempt_at IS NOT NULL")
	var err error
	if health.Waiting, err = open.Clone().Count(ctx); err != nil {
		return health, fmt.Errorf("count open mail: %w", err)
	}
	if health.Waiting > 0 {
		if err := open.Clone().Column("next_attempt_at").OrderExpr("next_attempt_at").Limit(1).Scan(ctx, &oldest); err != nil {
			return health, fmt.Errorf("find the oldest open mail: %w", err)
		}
		health.OldestWaiting = max(0, o.Now().Sub(oldest))
	}
	if health.Failed, err = o.givenUp().Count(ctx); err != nil {
		return health, fmt.Errorf("count failed mail: %w", err)
	}
	var newest []models.MailAttempt
	if err := o.DB.NewSelect().Model(&newest).OrderExpr("id DESC").Limit(1).Scan(ctx); err != nil {
		return health, fmt.Errorf("find the newest attempt: %w", err)
	}
	for _, attempt := range newest {
		if attempt.Outcome == models.AttemptDeferred {
			health.Failing = attempt.Reply
		}
	}
	return health, nil
}

// givenUp finds the promises that need somebody: not those that were promised again
// since, that were withdrawn on purpose, or that are about spam.
func (o *Outbox) givenUp() *bun.SelectQuery {
	again := o.DB.NewSelect().TableExpr("outbox_messages AS again").ColumnExpr("1").
		Where("again.kind = outbox_message.kind").Where("again.object_id = outbox_message.object_id").Where("again.id > outbox_message.id")
	spam := o.DB.NewSelect().Model((*models.ContactMessage)(nil)).ColumnExpr("1").
		Where("outbox_message.kind = ?", models.MailContactNotice).Where("contact_message.id = outbox_message.object_id").Where("is_spam")
	return o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("status = ?", models.MailFailed).Where("next_attempt_at IS NULL").
		Where("error_message NOT LIKE ?", cancelled+"%").Where("NOT EXISTS (?)", again).Where("NOT EXISTS (?)", spam)
}
