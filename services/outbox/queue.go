package outbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
)

// cause sums up why an attempt did not get a message out, so that what one server says of
// many is one cause: "550 from smtp.example.com:25".
func (o *Outbox) cause(message *models.OutboxMessage, args *models.Args, outcome models.AttemptOutcome, reply string) schema.QueryAppender {
	said := "No answer from "
	if len(reply) >= 3 && !slices.ContainsFunc([]byte(reply[:3]), func(c byte) bool { return c < '0' || c > '9' }) {
		said = reply[:3] + " from "
	}
	if outcome != models.AttemptDeferred && outcome != models.AttemptRefused {
		return bun.SafeQuery("''")
	}
	prefix := args.Of(said)
	server := o.DB.NewSelect().Model((*models.MailAttempt)(nil)).Column("server").
		Where("outbox_message_id = ?", args.Of(message.ID)).Where("number = ?", args.Of(int64(message.Attempts)))
	return bun.SafeQuery("CAST(? AS text) || coalesce((?), '')", prefix, server)
}

// troubled finds the messages that wait for another attempt, or for somebody.
func (o *Outbox) troubled() *bun.SelectQuery {
	return o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("NOT superseded").
		Where("state IN (?)", bun.List([]models.MailState{models.MailRetrying, models.MailFailed}))
}

// Cause is how many messages one cause keeps back.
type Cause struct {
	Cause  string
	Number int
}

// shownCauses bounds Causes.
const shownCauses = 20

// Causes counts what keeps mail back, the commonest first, of the first CountCap
// messages that it does.
func (o *Outbox) Causes(ctx context.Context) ([]Cause, error) {
	var causes []Cause
	err := o.DB.NewSelect().TableExpr("(?) AS troubled", o.troubled().Column("cause").Limit(CountCap)).
		ColumnExpr("cause, count(*) AS number").GroupExpr("cause").OrderExpr("2 DESC, 1").Limit(shownCauses).Scan(new(models.Args).In(ctx), &causes)
	if err != nil {
		return nil, fmt.Errorf("count causes: %w", err)
	}
	return causes, nil
}

// DeadCause is how many dead letters there are of a job, by one cause.
type DeadCause struct {
	Job, Cause string
	Number     int
}

// DeadCauses counts the dead letters, the commonest first.
func (o *Outbox) DeadCauses(ctx context.Context) ([]DeadCause, error) {
	var causes []DeadCause
	err := o.DB.NewSelect().Model((*models.DeadLetter)(nil)).ColumnExpr("job, cause, count(*) AS number").
		GroupExpr("job, cause").OrderExpr("3 DESC, 1, 2").Limit(shownCauses).Scan(new(models.Args).In(ctx), &causes)
	if err != nil {
		return nil, fmt.Errorf("count dead letters: %w", err)
	}
	return causes, nil
}

// Sending are the messages that are being sent, by the worker that does.
func (o *Outbox) Sending(ctx context.Context) (map[string][]models.OutboxMessage, error) {
	type sentBy struct {
		models.OutboxMessage
		Worker string
	}
	var rows []sentBy
	err := o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Column("outbox_message.id", "outbox_message.kind", "outbox_message.object_id").ColumnExpr("attempt.worker").
		Join("JOIN mail_attempts AS attempt ON attempt.outbox_message_id = outbox_message.id AND attempt.number = outbox_message.attempts").
		Where("state = ?", models.MailSending).Limit(CountCap).Scan(new(models.Args).In(ctx), &rows)
	if err != nil {
		return nil, fmt.Errorf("find what is being sent: %w", err)
	}
	// Asked for in this order, SQLite would read the whole table.
	slices.SortFunc(rows, func(a, b sentBy) int { return cmp.Compare(a.ID, b.ID) })
	sending := map[string][]models.OutboxMessage{}
	for _, row := range rows {
		sending[row.Worker] = append(sending[row.Worker], row.OutboxMessage)
	}
	return sending, nil
}

// The last hour is told in steps, of so many mails at most.
const (
	throughputStep  = 5 * time.Minute
	throughputSteps = 12
	throughputCap   = 20_000
)

// Throughput is how many mails were sent since a time, and until the next one.
type Throughput struct {
	Since time.Time
	Sent  int
}

// Throughput counts the mails that were sent in the last hour, oldest first.
func (o *Outbox) Throughput(ctx context.Context, now time.Time) ([]Throughput, error) {
	steps := make([]Throughput, throughputSteps)
	first := now.Truncate(throughputStep).Add(-throughputStep * (throughputSteps - 1))
	sent, args := []time.Time{}, new(models.Args)
	err := o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Column("sent_at").Where("state = ?", models.MailSent).
		Where("sent_at >= ?", args.Of(first)).OrderExpr("sent_at DESC").Limit(throughputCap).Scan(args.In(ctx), &sent)
	if err != nil {
		return nil, fmt.Errorf("count sent mail: %w", err)
	}
	for i := range steps {
		steps[i].Since = first.Add(time.Duration(i) * throughputStep)
	}
	for _, at := range sent {
		steps[min(int(at.Sub(first)/throughputStep), throughputSteps-1)].Sent++
	}
	return steps, nil
}

// retryable are the states that Retry takes up.
var retryable = []models.MailState{models.MailPending, models.MailRetrying, models.MailFailed}

// Retry sends the messages of ids that wait, are to be tried again or failed, and returns
// how many: one that waits is due at once, and one that failed gives way to a new one to
// the same recipient.
func (o *Outbox) Retry(ctx context.Context, ids []int64) (int, error) {
	var due []int64
	done, err := o.change(ctx, ids, retryable, func(ctx context.Context, tx bun.Tx, messages []models.OutboxMessage) error {
		var failed []int64
		var added []models.OutboxMessage
		for _, m := range messages {
			if m.State == models.MailFailed {
				failed, added = append(failed, m.ID), append(added, o.message(m.Kind, m.ObjectID, m.Recipient))
			} else {
				due = append(due, m.ID)
			}
		}
		if err := o.makeDue(ctx, tx, due); err != nil {
			return err
		}
		if err := supersede(ctx, tx, failed); err != nil {
			return err
		}
		fresh, err := o.insert(ctx, tx, added)
		due = append(due, fresh...)
		return err
	}, models.MailPending)
	if err != nil {
		return 0, err
	}
	o.Notify(ctx, due)
	return done, nil
}

// RetryMails is whom Retry would mail of the messages whose ids rows are.
func (o *Outbox) RetryMails(ctx context.Context, rows schema.QueryAppender, _ bool) (models.Mailing, error) {
	query := o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Column("recipient").Where("id IN (?)", rows).Where("NOT superseded").
		Where("state IN (?)", bun.List(retryable)).OrderExpr("id")
	all, err := query.Clone().Count(ctx)
	if err != nil {
		return models.Mailing{}, fmt.Errorf("count mails to send again: %w", err)
	}
	mailing, err := o.ToEach(ctx, query.Where("recipient <> ''")) // the others go to whom their rows name
	mailing.Mails, mailing.People = int(all), int(all)
	return mailing, err
}

// CancelMessages ends the messages of ids that are not sent yet, and returns how many.
func (o *Outbox) CancelMessages(ctx context.Context, ids []int64) (int, error) {
	return o.change(ctx, ids, append(slices.Clone(models.OpenMail), models.MailFailed), func(ctx context.Context, tx bun.Tx, messages []models.OutboxMessage) error {
		return o.cancel(ctx, tx, "by somebody in the back office.", func(q *bun.UpdateQuery) *bun.UpdateQuery {
			return q.Where("id IN (?)", bun.List(idsOf(messages)))
		})
	}, models.MailCancelled)
}

// change does something to those of the messages that are in one of the states and
// count, tells their objects, and writes it into their history.
func (o *Outbox) change(ctx context.Context, ids []int64, states []models.MailState, do func(context.Context, bun.Tx, []models.OutboxMessage) error, becomes models.MailState) (int, error) {
	var messages []models.OutboxMessage
	err := models.InTx(ctx, o.DB, func(ctx context.Context, tx bun.Tx) error {
		query := tx.NewSelect().Model(&messages).Where("id IN (?)", bun.List(ids)).Where("state IN (?)", bun.List(states)).
			Where("NOT superseded").OrderExpr("id")
		if err := models.ForUpdate(query).Scan(ctx); err != nil {
			return fmt.Errorf("find messages: %w", err)
		}
		if err := do(ctx, tx, messages); err != nil {
			return err
		}
		about, entries := map[models.MailKind][]int64{}, make([]models.HistoryEntry, len(messages))
		for i, m := range messages {
			about[m.Kind] = append(about[m.Kind], m.ObjectID)
			entries[i] = entryOf(m, m.State, becomes)
			entries[i].Before, entries[i].After = models.Columns{}, models.Columns{} // the messages know what they were
		}
		for kind, objects := range about {
			if err := o.apply(ctx, tx, kind, objects, becomes); err != nil {
				return err
			}
		}
		return models.Record(ctx, tx, entries...)
	})
	return len(messages), err
}

func entryOf(m models.OutboxMessage, from, to models.MailState) models.HistoryEntry {
	entry := models.HistoryEntry{At: time.Now().UTC(), Model: QueueSlug, ObjectID: m.ID, ObjectLabel: m.MessageID, Action: models.HistoryChanged}
	if from != to {
		entry.Changes = []models.FieldChange{{Field: "state", From: string(from), To: string(to)}}
	}
	return entry
}

func idsOf(messages []models.OutboxMessage) []int64 {
	ids := make([]int64, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	return ids
}
