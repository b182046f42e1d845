package backoffice

import (
	"context"
	"time"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/outbox"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// delivery shows what became of the mails about the rows of a model.
type delivery struct {
	outbox *outbox.Outbox
	kinds  []models.MailKind
}

// badges: a row is live while mail about it is open, whether it waits for its first
// attempt or for another one.
func (d delivery) badges(ctx context.Context, ids []int64) (map[int64]admin.Badge, error) {
	open, err := d.outbox.Open(ctx, ids, d.kinds...)
	if err != nil {
		return nil, err
	}
	badges := map[int64]admin.Badge{}
	for _, message := range open {
		badge := badges[message.ObjectID]
		badge.Live = true
		if now := time.Now(); message.State == models.MailRetrying && message.NextAttemptAt.After(now) {
			badge.Note = i18n.T(ctx, "next try %s", i18n.Ago(ctx, now, message.NextAttemptAt))
		}
		badges[message.ObjectID] = badge
	}
	return badges, nil
}

// events tells of messages, in their order, what became of them: queued, each attempt
// with the words of the mail server, and the next one. Attempts are numbered for each
// recipient, on from those of the message that another one took the place of.
func (d delivery) events(ctx context.Context, deliveries []outbox.Delivery) []adminpages.Event {
	var events []adminpages.Event
	before := map[string]int{}
	for _, message := range deliveries {
		queued := i18n.T(ctx, "Queued")
		switch _, again := before[message.Recipient]; {
		case again && message.By != "":
			queued = i18n.T(ctx, "Sent again by %s", message.By)
		case again:
			queued = i18n.T(ctx, "Queued again")
		}
		events = append(events, adminpages.Event{Title: queued, Tone: models.ToneNeutral, At: message.CreatedAt, Text: message.Recipient})
		for _, attempt := range message.Tries {
			attempt.Number += before[message.Recipient]
			events = append(events, attemptEvent(ctx, attempt))
		}
		switch {
		case message.State == models.MailPending || message.State == models.MailRetrying:
			events = append(events, d.nextEvent(ctx, message, before[message.Recipient]))
		case message.State == models.MailCancelled:
			events = append(events, adminpages.Event{
				Title: i18n.T(ctx, "Not sent"), Tone: models.ToneNeutral, At: message.UpdatedAt, Text: message.ErrorMessage,
			})
		}
		before[message.Recipient] += message.Attempts
	}
	return events
}

func attemptEvent(ctx context.Context, attempt models.MailAttempt) adminpages.Event {
	outcome := models.ChoiceOf(attempt.Outcome, string(attempt.Outcome))
	at := attempt.FinishedAt
	if at.IsZero() {
		at = attempt.StartedAt
	}
	return adminpages.Event{
		Title: i18n.T(ctx, outcome.Label, attempt.Number), Tone: outcome.Tone, At: at,
		Text: attempt.Worker + " → " + attempt.Server, Code: attempt.Reply,
	}
}

func (d delivery) nextEvent(ctx context.Context, message outbox.Delivery, before int) adminpages.Event {
	next := adminpages.Event{
		Title: i18n.T(ctx, "Attempt %d of %d", before+message.Attempts+1, before+message.MaxAttempts),
		Tone:  models.ToneWarning, At: message.NextAttemptAt,
	}
	if message.Attempts > 0 {
		next.Text = i18n.T(ctx, "Waits %d seconds between attempts", int(d.outbox.RetryDelay/time.Second))
	}
	return next
}

// contactTimeline tells a message's story, from its receipt on.
func (d delivery) contactTimeline(ctx context.Context, row *models.ContactMessage) ([]adminpages.Timeline, error) {
	deliveries, err := d.outbox.History(ctx, row.ID, d.kinds...)
	if err != nil {
		return nil, err
	}
	text := i18n.T(ctx, "From %s, saved with the mail about it", row.IPAddress)
	if len(deliveries) == 0 {
		text = i18n.T(ctx, "From %s, not to be mailed", row.IPAddress)
	}
	events := []adminpages.Event{{Title: i18n.T(ctx, "Received"), Tone: models.ToneNeutral, At: row.CreatedAt, Text: text}}
	return []adminpages.Timeline{{Title: i18n.T(ctx, "Delivery"), Events: append(events, d.events(ctx, deliveries)...)}}, nil
}

// contactBadges are the badges of a page of messages.
func (d delivery) contactBadges(ctx context.Context, rows []*models.ContactMessage) (map[int64]admin.Badge, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	badges, err := d.badges(ctx, ids)
	for _, row := range rows {
		if row.IsSpam && err == nil {
			badges[row.ID] = admin.Badge{Note: i18n.T(ctx, "Spam")}
		}
	}
	return badges, err
}
