package backoffice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/outbox"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// shownPromises is how many of a message's promises to mail its timeline goes back.
const shownMails = 10

// contactDelivery shows what became of the mails that carry contact messages.
type contactDelivery struct{ outbox *outbox.Outbox }

// badges: a message is live while a promise to mail it is open, whether it waits
// for its first try or failed and will be tried again.
func (d contactDelivery) badges(ctx context.Context, rows []*models.ContactMessage) (map[int64]admin.Badge, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	var open []models.OutboxMessage
	if err := d.messages(&open, ids).Where("next_attempt_at IS NOT NULL").Scan(ctx); err != nil {
		return nil, fmt.Errorf("find open promises of messages: %w", err)
	}
	badges := map[int64]admin.Badge{}
	for _, promise := range open {
		badge := admin.Badge{Live: true}
		if now := d.outbox.Now(); promise.Status == models.MailFailed && promise.NextAttemptAt.After(now) {
			badge.Note = i18n.T(ctx, "next try %s", i18n.Ago(ctx, now, promise.NextAttemptAt))
		}
		badges[promise.ObjectID] = badge
	}
	return badges, nil
}

// related says what goes with deleted messages.
func (d contactDelivery) related(ctx context.Context, ids []int64) ([]string, error) {
	count, err := d.messages((*models.OutboxMessage)(nil), ids).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count promises of messages: %w", err)
	}
	if count == 0 {
		return nil, nil
	}
	return []string{i18n.T(ctx, "%d mails about them, with every attempt to send", int(count))}, nil
}

func (d contactDelivery) messages(model any, ids []int64) *bun.SelectQuery {
	return d.outbox.DB.NewSelect().Model(model).
		Where("kind = ?", models.MailContactNotice).Where("object_id IN (?)", bun.List(ids))
}

// timeline tells a message's story: received, queued, each attempt with the words
// of the mail server, and the next one.
func (d contactDelivery) timeline(ctx context.Context, row *models.ContactMessage) ([]adminpages.Timeline, error) {
	var promises []models.OutboxMessage
	if err := d.messages(&promises, []int64{row.ID}).OrderExpr("id DESC").Limit(shownMails).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find promises of message: %w", err)
	}
	slices.Reverse(promises)
	events := []adminpages.Event{received(ctx, row, len(promises) > 0)}
	mailed, err := mailEvents(ctx, d.outbox, promises)
	return []adminpages.Timeline{{Title: i18n.T(ctx, "Delivery"), Events: append(events, mailed...)}}, err
}

// mailEvents tells what became of promises to mail, in their order.
func mailEvents(ctx context.Context, outbox *outbox.Outbox, promises []models.OutboxMessage) ([]adminpages.Event, error) {
	ids := make([]int64, len(promises))
	for i, promise := range promises {
		ids[i] = promise.ID
	}
	var all []models.MailAttempt
	if err := outbox.DB.NewSelect().Model(&all).Where("outbox_message_id IN (?)", bun.List(ids)).
		OrderExpr("outbox_message_id, number").Scan(ctx); err != nil {
		return nil, fmt.Errorf("find attempts to mail: %w", err)
	}
	attempts := map[int64][]models.MailAttempt{}
	for _, attempt := range all {
		attempts[attempt.OutboxMessageID] = append(attempts[attempt.OutboxMessageID], attempt)
	}
	var events []adminpages.Event
	for _, promise := range promises {
		events = append(events, messageEvents(ctx, outbox, promise, attempts[promise.ID])...)
	}
	return events, nil
}

func received(ctx context.Context, row *models.ContactMessage, promised bool) adminpages.Event {
	text := i18n.T(ctx, "From %s, saved with its promise to mail", row.IPAddress)
	if !promised {
		text = i18n.T(ctx, "From %s, not to be mailed", row.IPAddress)
	}
	return adminpages.Event{Title: i18n.T(ctx, "Received"), Tone: models.ToneNeutral, At: row.CreatedAt, Text: text}
}

func messageEvents(ctx context.Context, outbox *outbox.Outbox, promise models.OutboxMessage, attempts []models.MailAttempt) []adminpages.Event {
	events := []adminpages.Event{{Title: i18n.T(ctx, "Queued"), Tone: models.ToneNeutral, At: promise.CreatedAt}}
	running := false
	for _, attempt := range attempts {
		outcome := models.ChoiceOf(attempt.Outcome, string(attempt.Outcome))
		at := attempt.FinishedAt
		if at.IsZero() {
			at = attempt.StartedAt
		}
		events = append(events, adminpages.Event{
			Title: i18n.T(ctx, outcome.Label, attempt.Number), Tone: outcome.Tone, At: at,
			Text: attempt.Worker + " → " + attempt.Server, Code: attempt.Reply,
		})
		running = attempt.Outcome == models.AttemptRunning
	}
	switch {
	case promise.NextAttemptAt.IsZero() && promise.Status == models.MailFailed && len(attempts) == 0:
		events = append(events, adminpages.Event{
			Title: i18n.T(ctx, "Not sent"), Tone: models.ToneNeutral, At: promise.UpdatedAt, Text: promise.ErrorMessage,
		})
	case !promise.NextAttemptAt.IsZero() && !running:
		events = append(events, nextEvent(ctx, outbox, promise))
	}
	return events
}

func nextEvent(ctx context.Context, outbox *outbox.Outbox, promise models.OutboxMessage) adminpages.Event {
	next := adminpages.Event{
		Title: i18n.T(ctx, "Attempt %d of %d", promise.Attempts+1, promise.MaxAttempts),
		Tone:  models.ToneWarning, At: promise.NextAttemptAt,
	}
	if promise.Attempts > 0 {
		next.Text = i18n.T(ctx, "Waits %d seconds between attempts", int(outbox.RetryDelay/time.Second))
	}
	return next
}
