package contact

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
	"digitalpath/services/records"
)

// Resend mails each message to staff again and returns how many it did that for. A
// message whose mail waits is tried at once; one whose mail is being sent right now, and
// spam, are left alone, and so are those that were sent unless alsoSent.
func (s *Service) Resend(ctx context.Context, ids []int64, alsoSent bool) (int, error) {
	var due, requeued []int64
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		messages, err := s.lock(ctx, tx, ids, false)
		if err != nil {
			return err
		}
		if !alsoSent {
			messages = slices.DeleteFunc(messages, func(m models.ContactMessage) bool { return m.Status == models.ContactSent })
		}
		if due, requeued, err = s.Outbox.Requeue(ctx, tx, MailNotice, idsOf(messages)); err != nil {
			return err
		}
		messages = slices.DeleteFunc(messages, func(m models.ContactMessage) bool { return !slices.Contains(requeued, m.ID) })
		return s.record(ctx, tx, messages, nil)
	})
	if err != nil {
		return 0, err
	}
	s.Outbox.Notify(ctx, due)
	return len(requeued), nil
}

// ResendMails is whom Resend would mail about the messages whose ids rows are.
func (s *Service) ResendMails(ctx context.Context, rows schema.QueryAppender, alsoSent bool) (models.Mailing, error) {
	var all, sent int
	err := s.DB.NewSelect().Model((*models.ContactMessage)(nil)).ColumnExpr("count(*), count(*) FILTER (WHERE status = ?)", models.ContactSent).
		Where("id IN (?)", rows).Where("NOT is_spam").Scan(ctx, &all, &sent)
	if err != nil {
		return models.Mailing{}, fmt.Errorf("count messages to mail: %w", err)
	}
	if alsoSent {
		return s.Outbox.ToStaff(all), nil
	}
	mailing := s.Outbox.ToStaff(all - sent)
	mailing.Sent = sent
	return mailing, nil
}

// NotSpamMails is whom MarkNotSpam would mail about the messages whose ids rows are.
func (s *Service) NotSpamMails(ctx context.Context, rows schema.QueryAppender, _ bool) (models.Mailing, error) {
	unsent, err := s.DB.NewSelect().Model((*models.ContactMessage)(nil)).Where("id IN (?)", rows).Where("is_spam").Where("sent_at IS NULL").Count(ctx)
	if err != nil {
		return models.Mailing{}, fmt.Errorf("count messages to mail: %w", err)
	}
	return s.Outbox.ToStaff(int(unsent)), nil
}

// MarkNotSpam takes messages out of spam and mails those that were never mailed. It
// returns how many were spam.
func (s *Service) MarkNotSpam(ctx context.Context, ids []int64) (int, error) {
	var messages []models.ContactMessage
	var due []int64
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) (err error) {
		if messages, err = s.mark(ctx, tx, ids, false); err != nil {
			return err
		}
		var unsent []int64
		for _, message := range messages {
			if message.SentAt.IsZero() {
				unsent = append(unsent, message.ID)
			}
		}
		due, _, err = s.Outbox.Requeue(ctx, tx, MailNotice, unsent)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.Outbox.Notify(ctx, due)
	return len(messages), nil
}

// MarkSpam takes messages out of every count and cancels their mail. It returns how many
// were not spam yet.
func (s *Service) MarkSpam(ctx context.Context, ids []int64) (int, error) {
	var messages []models.ContactMessage
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) (err error) {
		if messages, err = s.mark(ctx, tx, ids, true); err != nil {
			return err
		}
		return s.Outbox.Cancel(ctx, tx, idsOf(messages), "the message was marked as spam.", MailNotice)
	})
	return len(messages), err
}

// mark makes messages spam, or takes them out of it, and returns those that it changed.
func (s *Service) mark(ctx context.Context, tx bun.Tx, ids []int64, spam bool) ([]models.ContactMessage, error) {
	messages, err := s.lock(ctx, tx, ids, !spam)
	if err != nil {
		return nil, err
	}
	if _, err := tx.NewUpdate().Model((*models.ContactMessage)(nil)).Set("is_spam = ?", spam).
		Set("updated_at = ?", s.Now()).Where("id IN (?)", bun.List(idsOf(messages))).Exec(ctx); err != nil {
		return nil, fmt.Errorf("mark messages: %w", err)
	}
	return messages, s.record(ctx, tx, messages, &spam)
}

// Rows keeps messages, which are deleted with their mail. They are made by Submit only.
func (s *Service) Rows() *records.Keeper[models.ContactMessage] {
	return &records.Keeper[models.ContactMessage]{DB: s.DB, Now: s.Now, Hooks: records.Hooks[models.ContactMessage]{
		Lock: func(ctx context.Context, tx bun.Tx, ids []int64) error {
			return s.Outbox.Lock(ctx, tx, ids, MailNotice)
		},
		UndoMail: s.Outbox.UndoMail, Owned: []records.Owned{records.Mails(MailNotice)}, Discreet: true,
	}}
}

// OldSpam are the messages that are spam since before a time.
func (s *Service) OldSpam(before time.Time) records.Aged { return s.Rows().OldSpam("Spam", before) }

// lock reads those of the messages that are spam, or those that are not, for a
// transaction that changes them.
func (s *Service) lock(ctx context.Context, tx bun.Tx, ids []int64, spam bool) ([]models.ContactMessage, error) {
	if err := s.Outbox.Lock(ctx, tx, ids, MailNotice); err != nil {
		return nil, err
	}
	var messages []models.ContactMessage
	query := tx.NewSelect().Model(&messages).Where("id IN (?)", bun.List(ids)).Where("is_spam = ?", spam).OrderExpr("id")
	if err := models.ForUpdate(query).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find messages: %w", err)
	}
	return messages, nil
}

// record writes what was done to messages into their history: that their mail goes out
// again or, with spam, whether they are some from now on.
func (s *Service) record(ctx context.Context, tx bun.Tx, messages []models.ContactMessage, spam *bool) error {
	entries := make([]models.HistoryEntry, len(messages))
	for i, message := range messages {
		entry := models.HistoryEntry{At: s.Now(), Model: models.ContactSlug, ObjectID: message.ID, ObjectLabel: message.Name, Action: models.HistoryChanged}
		entry.Before, entry.After = models.Columns{}, models.Columns{}
		if spam == nil || !*spam { // what was mailed tells of it
			entry.Before = models.ColumnsOf("status", message.Status, "sent_at", message.SentAt, "error_message", message.ErrorMessage)
		}
		if spam != nil {
			maps.Copy(entry.Before, models.ColumnsOf("is_spam", !*spam))
			entry.After = models.ColumnsOf("is_spam", *spam)
			entry.Changes = []models.FieldChange{{Field: "is_spam", From: strconv.FormatBool(!*spam), To: strconv.FormatBool(*spam)}}
		}
		entries[i] = entry
	}
	return models.Record(ctx, tx, entries...)
}

func idsOf(messages []models.ContactMessage) []int64 {
	ids := make([]int64, len(messages))
	for i, message := range messages {
		ids[i] = message.ID
	}
	return ids
}
