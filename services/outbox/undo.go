package outbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// mark notes at messages that the act of ctx changed them; without one it notes nothing.
func mark(ctx context.Context) func(*bun.UpdateQuery) *bun.UpdateQuery {
	return func(q *bun.UpdateQuery) *bun.UpdateQuery {
		if act := models.ActOf(ctx); act != "" {
			q.Set("act = ?", act).Set("prior_state = NULL").Set("prior_attempt_at = NULL")
		}
		return q
	}
}

// markWaiting is mark for messages that wait. A token would be that of an attempt before.
func markWaiting(ctx context.Context) func(*bun.UpdateQuery) *bun.UpdateQuery {
	return func(q *bun.UpdateQuery) *bun.UpdateQuery {
		if act := models.ActOf(ctx); act != "" {
			q.Set("act = ?", act).Set("prior_state = state").Set("prior_attempt_at = next_attempt_at").Set("lease_token = NULL")
		}
		return q
	}
}

// Undo takes back what an act did to the messages about objects: those that it made are
// cancelled and those that it moved, ended or replaced are what they were, as long as no
// sender has claimed them. It returns the objects about which one has, and the ids of
// messages that are due again, for Notify.
func (o *Outbox) Undo(ctx context.Context, tx bun.Tx, act string, objects []int64) (gone, due []int64, err error) {
	var messages []models.OutboxMessage
	query := tx.NewSelect().Model(&messages).Where("act = ?", act).Where("object_id IN (?)", bun.List(objects)).OrderExpr("id")
	if err := models.ForUpdate(query).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("read messages of an act: %w", err)
	}
	plan := planUndo(messages)
	now := models.Clock(tx, 0)
	update := func(ids []int64) *bun.UpdateQuery {
		return tx.NewUpdate().Model((*models.OutboxMessage)(nil)).Set("updated_at = ?", now).Set("act = NULL").Where("id IN (?)", bun.List(ids))
	}
	for _, step := range []struct {
		ids   []int64
		query func([]int64) *bun.UpdateQuery
	}{
		{plan.made, func(ids []int64) *bun.UpdateQuery {
			return update(ids).Set("state = ?", models.MailCancelled).Set("status = ?", models.MailCancelled.DeliveryStatus()).Set("next_attempt_at = NULL").
				Set("superseded = ?", true).Set("cancelled_at = ?", now).Set("error_message = ?", "Cancelled: it was undone.")
		}},
		{plan.moved, func(ids []int64) *bun.UpdateQuery {
			return update(ids).Set("state = prior_state").Set("next_attempt_at = prior_attempt_at").Set("cancelled_at = NULL").
				Set("error_message = CASE state WHEN ? THEN NULL ELSE error_message END", models.MailCancelled).
				Set("status = CASE prior_state WHEN ? THEN ? ELSE ? END", models.MailPending, models.MailPending.DeliveryStatus(), models.MailFailed.DeliveryStatus())
		}},
		{plan.replaced, func(ids []int64) *bun.UpdateQuery { return update(ids).Set("superseded = ?", false) }},
		{plan.ending, func(ids []int64) *bun.UpdateQuery {
			return update(ids).Set("cancelled_at = NULL").Set("error_message = NULL")
		}},
	} {
		if len(step.ids) == 0 {
			continue
		}
		if _, err := step.query(step.ids).Exec(ctx); err != nil {
			return nil, nil, fmt.Errorf("undo messages: %w", err)
		}
	}
	return plan.gone, plan.moved, o.applyCurrent(ctx, tx, messages)
}

// UndoMail is Undo for a keeper of records.
func (o *Outbox) UndoMail(ctx context.Context, tx bun.Tx, act string, objects []int64) (gone []int64, err error) {
	gone, due, err := o.Undo(ctx, tx, act, objects)
	if err == nil && len(due) > 0 {
		models.AfterCommit(ctx, func() { o.Wake(due) })
	}
	return gone, err
}

// Revert takes back what an act did to the messages of ids, as long as no sender has
// claimed what goes out for them.
func (o *Outbox) Revert(ctx context.Context, act string, ids []int64, _ func(row any) []string) (undone models.Undone, err error) {
	err = models.InTx(ctx, o.DB, func(ctx context.Context, tx bun.Tx) error {
		read := func() (messages []models.OutboxMessage, err error) {
			err = tx.NewSelect().Model(&messages).Where("id IN (?)", bun.List(ids)).OrderExpr("id").Scan(ctx)
			return messages, err
		}
		before, err := read()
		if err != nil {
			return fmt.Errorf("read messages: %w", err)
		}
		objects := make([]int64, len(before))
		for i, m := range before {
			objects[i] = m.ObjectID
		}
		if _, err := o.UndoMail(ctx, tx, act, objects); err != nil {
			return err
		}
		after, err := read()
		if err != nil {
			return fmt.Errorf("read messages: %w", err)
		}
		var entries []models.HistoryEntry
		for i, m := range after {
			switch m.Act {
			case "":
				entries = append(entries, entryOf(m, before[i].State, m.State))
			case act:
				undone.Mailed = append(undone.Mailed, m.ID)
			default:
				undone.Left = append(undone.Left, m.MessageID)
			}
		}
		undone.Rows = len(entries)
		return models.Record(models.Undoing(ctx, act), tx, entries...)
	})
	if err != nil {
		return models.Undone{}, err
	}
	return undone, nil
}

// undoPlan is what Undo does with the messages of an act.
type undoPlan struct {
	made, moved, replaced, ending []int64
	gone                          []int64 // objects
}

func planUndo(messages []models.OutboxMessage) undoPlan {
	var plan undoPlan
	type addressee struct {
		kind      models.MailKind
		object    int64
		recipient string
	}
	claimed := map[addressee]bool{}
	for _, m := range messages {
		to := addressee{m.Kind, m.ObjectID, m.Recipient}
		switch {
		case m.Superseded, m.State == models.MailCancelled, !m.CancelledAt.IsZero():
		case m.LeaseToken != "":
			claimed[to] = true
			if !slices.Contains(plan.gone, m.ObjectID) {
				plan.gone = append(plan.gone, m.ObjectID)
			}
		}
	}
	for _, m := range messages {
		switch to := (addressee{m.Kind, m.ObjectID, m.Recipient}); {
		case claimed[to]:
		case m.State == models.MailCancelled && slices.Contains(plan.gone, m.ObjectID): // what took its place went out
		case m.Superseded:
			plan.replaced = append(plan.replaced, m.ID)
		case m.PriorState != "":
			plan.moved = append(plan.moved, m.ID)
		case m.State == models.MailPending:
			plan.made = append(plan.made, m.ID)
		case m.State == models.MailSending:
			plan.ending = append(plan.ending, m.ID)
		}
	}
	return plan
}

// applyCurrent tells the objects of messages of the newest one that counts of each kind.
func (o *Outbox) applyCurrent(ctx context.Context, tx bun.Tx, messages []models.OutboxMessage) error {
	about := map[models.MailKind][]int64{}
	for _, m := range messages {
		about[m.Kind] = append(about[m.Kind], m.ObjectID)
	}
	for kind, objects := range about {
		var current []models.OutboxMessage
		if err := o.aboutIn(tx, objects, kind).Column("object_id", "state").Where("NOT superseded").OrderExpr("id").Scan(ctx, &current); err != nil {
			return fmt.Errorf("read messages: %w", err)
		}
		newest, in := map[int64]models.MailState{}, map[models.MailState][]int64{}
		for _, m := range current {
			newest[m.ObjectID] = m.State
		}
		for object, state := range newest {
			in[state] = append(in[state], object)
		}
		for state, objects := range in {
			if err := o.apply(ctx, tx, kind, objects, state); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Outbox) aboutIn(db bun.IDB, objects []int64, kind models.MailKind) *bun.SelectQuery {
	return db.NewSelect().Model((*models.OutboxMessage)(nil)).Where("kind = ?", kind).Where("object_id IN (?)", bun.List(objects))
}
