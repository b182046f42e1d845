package djangoimport

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

var contactStatuses = []models.ContactStatus{models.ContactPending, models.ContactSent, models.ContactFailed}

func (r *run) importContactMessages(ctx context.Context) error {
	find := byID("contact_messages", func(m *models.ContactMessage) int64 { return m.ID }, func(have, want *models.ContactMessage) bool {
		return have.CreatedAt.Equal(want.CreatedAt) || have.Email == want.Email && have.Message == want.Message
	})
	c := copying[models.ContactMessage]{
		table: "contact_contactmessage", needed: []string{"id", "email", "message"}, make: r.contactMessage, find: find,
	}
	if r.SendPending {
		var pending []int64
		c.find = func(ctx context.Context, tx bun.Tx, all []made[models.ContactMessage]) error {
			pending = pending[:0]
			for _, m := range all {
				pending = append(pending, m.row.ID)
			}
			return find(ctx, tx, all)
		}
		c.after = func(ctx context.Context, tx bun.Tx, _ []models.ContactMessage) error {
			return r.sendPending(ctx, tx, pending)
		}
	}
	return c.run(ctx, r)
}

func (r *run) contactMessage(from *row) made[models.ContactMessage] {
	message := models.ContactMessage{
		ID: from.id("id"), Name: from.text("name", 200), Email: from.text("email", 254), Message: from.text("message", 0),
		Status: models.ContactStatus(from.text("status", 20)), CreatedAt: from.timeOr(r.at, "created_at"),
		SentAt: from.time("sent_at"), ErrorMessage: from.text("error_message", 0),
	}
	message.UpdatedAt = from.timeOr(message.CreatedAt, "updated_at", "created_at")
	if !slices.Contains(contactStatuses, message.Status) {
		fits := models.ContactPending
		if !message.SentAt.IsZero() {
			fits = models.ContactSent
		}
		from.note("status: %q is unknown, so it is %s", message.Status, fits)
		message.Status = fits
	}
	return made[models.ContactMessage]{row: message}
}

// sendPending stores the mail about those messages, of some, that are pending and were
// never mailed, whichever run imported them.
func (r *run) sendPending(ctx context.Context, tx bun.Tx, ids []int64) error {
	var unsent []int64
	err := tx.NewSelect().Model((*models.ContactMessage)(nil)).Column("id").Where("id IN (?)", bun.List(ids)).
		Where("status = ?", models.ContactPending).Where("NOT is_spam").
		Where("NOT EXISTS (SELECT 1 FROM outbox_messages AS mail WHERE mail.kind = ? AND mail.object_id = contact_message.id)", r.Notice).
		OrderExpr("id").Scan(ctx, &unsent)
	if err != nil {
		return fmt.Errorf("look for messages to mail: %w", err)
	}
	due, err := r.Outbox.Enqueue(ctx, tx, r.Notice, unsent...)
	r.due = append(r.due, due...)
	return err
}
