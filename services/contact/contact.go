package contact

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/outbox"
)

// Service is the story of a contact message, from the form to the back office.
type Service struct {
	DB     *bun.DB
	Outbox *outbox.Outbox
	Now    func() time.Time
}

// Input is one submit of the form.
type Input struct {
	Name, Email, Message string
	Website              string // hidden from people: only a robot fills it in
	IPAddress            string
	Idempotency          models.Idempotency
}

// Check tells what is wrong with the input, before anything is counted or stored.
func (in Input) Check() error {
	_, err := in.message()
	return err
}

func (in Input) message() (*models.ContactMessage, error) {
	message := &models.ContactMessage{
		Name:      strings.TrimSpace(in.Name),
		Email:     strings.TrimSpace(in.Email),
		Message:   strings.TrimSpace(in.Message),
		Status:    models.ContactPending,
		IsSpam:    in.Website != "",
		IPAddress: in.IPAddress,
	}
	return message, models.Validate(message)
}

// contactRoute is where idempotency keys of the form belong.
const contactRoute = "POST /api/contact"

// Repeats tells whether the submit was accepted before, so that Submit will do nothing.
func (s *Service) Repeats(ctx context.Context, in Input) (bool, error) {
	return in.Idempotency.Seen(ctx, s.DB, contactRoute, s.Now())
}

// Submit stores the message and the promise to mail it in one transaction, and
// waits for neither Redis nor SMTP. A robot's message is kept as spam without a
// promise; the robot is not told.
func (s *Service) Submit(ctx context.Context, in Input) error {
	now := s.Now()
	message, err := in.message()
	if err != nil {
		return err
	}
	message.CreatedAt, message.UpdatedAt = now, now
	var promised []int64
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		repeated, err := in.Idempotency.Claim(ctx, tx, contactRoute, now)
		if err != nil || repeated {
			return err
		}
		if _, err := tx.NewInsert().Model(message).Exec(ctx); err != nil {
			return fmt.Errorf("store contact message: %w", err)
		}
		if message.IsSpam {
			return nil
		}
		promised, err = s.Outbox.Enqueue(ctx, tx, models.MailContactNotice, []int64{message.ID})
		return err
	})
	if err == nil {
		s.Outbox.Notify(promised)
	}
	return err
}

// Resend promises the mail of each message anew and returns how many it promised.
// An open promise is made due at once with all its tries; a mail that is being
// sent right now, and spam, are left alone.
func (s *Service) Resend(ctx context.Context, ids []int64) (int, error) {
	return s.requeue(ctx, ids, false)
}

// MarkNotSpam takes messages out of spam and promises the mail of those that were
// never mailed. It returns how many were spam.
func (s *Service) MarkNotSpam(ctx context.Context, ids []int64) (int, error) {
	return s.requeue(ctx, ids, true)
}

func (s *Service) requeue(ctx context.Context, ids []int64, fromSpam bool) (int, error) {
	var chosen, promised []int64
	now := s.Now()
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		messages, err := contactMessages(ctx, tx, ids, fromSpam)
		if err != nil {
			return err
		}
		for _, message := range messages {
			chosen = append(chosen, message.ID)
		}
		due := chosen
		if fromSpam {
			if _, err := tx.NewUpdate().Model((*models.ContactMessage)(nil)).Set("is_spam = ?", false).
				Set("updated_at = ?", now).Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
				return fmt.Errorf("take messages out of spam: %w", err)
			}
			due = nil
			if err := tx.NewSelect().Model((*models.ContactMessage)(nil)).Column("id").
				Where("id IN (?)", bun.List(chosen)).Where("sent_at IS NULL").Scan(ctx, &due); err != nil {
				return fmt.Errorf("find messages never mailed: %w", err)
			}
		}
		if promised, err = s.Outbox.Requeue(ctx, tx, models.MailContactNotice, due); err != nil {
			return err
		}
		return s.record(ctx, tx, models.HistoryChanged, messages, fromSpam, false)
	})
	if err != nil {
		return 0, err
	}
	s.Outbox.Notify(promised)
	if fromSpam {
		return len(chosen), nil
	}
	return len(promised), nil
}

// MarkSpam takes messages out of every count and withdraws their open promises. It
// returns how many were not spam yet.
func (s *Service) MarkSpam(ctx context.Context, ids []int64) (int, error) {
	var marked []models.ContactMessage
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		if marked, err = contactMessages(ctx, tx, ids, false); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model((*models.ContactMessage)(nil)).Set("is_spam = ?", true).
			Set("updated_at = ?", s.Now()).Where("id IN (?)", bun.List(ids)).Where("NOT is_spam").Exec(ctx); err != nil {
			return fmt.Errorf("mark messages as spam: %w", err)
		}
		if err := s.Outbox.Cancel(ctx, tx, models.MailContactNotice, ids, "the message was marked as spam."); err != nil {
			return err
		}
		return s.record(ctx, tx, models.HistoryChanged, marked, false, true)
	})
	return len(marked), err
}

// Delete removes messages with their promises and attempts, and returns how many
// messages there were.
func (s *Service) Delete(ctx context.Context, ids []int64) (int, error) {
	var deleted []models.ContactMessage
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*models.OutboxMessage)(nil)).
			Where("kind = ?", models.MailContactNotice).Where("object_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return fmt.Errorf("delete promises of messages: %w", err)
		}
		if _, err := tx.NewDelete().Model(&deleted).Where("id IN (?)", bun.List(ids)).Returning("*").Exec(ctx); err != nil {
			return fmt.Errorf("delete messages: %w", err)
		}
		return s.record(ctx, tx, models.HistoryDeleted, deleted, false, false)
	})
	return len(deleted), err
}

// contactMessages reads those of the messages that are spam, or those that are not,
// for a transaction that changes them.
func contactMessages(ctx context.Context, tx bun.Tx, ids []int64, spam bool) ([]models.ContactMessage, error) {
	if err := outbox.Lock(ctx, tx, models.MailContactNotice, ids); err != nil {
		return nil, err
	}
	var messages []models.ContactMessage
	query := tx.NewSelect().Model(&messages).Where("id IN (?)", bun.List(ids)).Where("is_spam = ?", spam).OrderExpr("id")
	if models.IsPostgres(tx) {
		query = query.For("UPDATE") // SQLite has one writer at a time
	}
	if err := query.Scan(ctx); err != nil {
		return nil, fmt.Errorf("find messages: %w", err)
	}
	return messages, nil
}

// record writes what was done to messages into their history.
func (s *Service) record(ctx context.Context, tx bun.Tx, action models.HistoryAction, messages []models.ContactMessage, wasSpam, isSpam bool) error {
	entries := make([]models.HistoryEntry, len(messages))
	for i, message := range messages {
		entries[i] = models.HistoryEntry{At: s.Now(), Model: models.ContactSlug, ObjectID: message.ID, ObjectLabel: message.Name, Action: action}
		if action == models.HistoryDeleted {
			entries[i].Changes = []models.FieldChange{{Field: "email", From: message.Email}}
		} else if wasSpam != isSpam {
			entries[i].Changes = []models.FieldChange{{Field: "is_spam", From: strconv.FormatBool(wasSpam), To: strconv.FormatBool(isSpam)}}
		}
	}
	return models.Record(ctx, tx, entries...)
}
