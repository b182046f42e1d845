package waitlist

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
)

// mailable are those who may be mailed again.
const mailable = "unsubscribed_at IS NULL AND NOT is_spam"

// Resend mails each person again: the invitation, or the welcome of those who still
// wait. It returns how many it did that for; who has unsubscribed is left alone, so is a
// mail that is being sent and, unless alsoSent, who was reached.
func (s *Service) Resend(ctx context.Context, ids []int64, alsoSent bool) (int, error) {
	var due []int64
	resent := 0
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		var entries []models.WaitlistEntry
		query := tx.NewSelect().Model(&entries).Column("id", "email", "invited_at", "notified").Where("id IN (?)", bun.List(ids)).Where(mailable).OrderExpr("id")
		if !alsoSent {
			query.Where("NOT notified")
		}
		if err := query.Scan(ctx); err != nil {
			return fmt.Errorf("find whom to mail again: %w", err)
		}
		for _, kind := range []models.MailKind{MailWelcome, MailInvitation} {
			ofKind := slices.DeleteFunc(slices.Clone(entries), func(e models.WaitlistEntry) bool { return e.InvitedAt.IsZero() != (kind == MailWelcome) })
			mails, requeued, err := s.Outbox.Requeue(ctx, tx, kind, idsOf(ofKind))
			if err != nil {
				return err
			}
			ofKind = slices.DeleteFunc(ofKind, func(e models.WaitlistEntry) bool { return !slices.Contains(requeued, e.ID) })
			due, resent = append(due, mails...), resent+len(ofKind)
			if err := s.recordUndoable(ctx, tx, models.HistoryChanged, "Send again", ofKind, func(e *models.WaitlistEntry) (_, _ models.Columns) {
				return models.ColumnsOf("notified", e.Notified), models.Columns{}
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.Outbox.Notify(ctx, due)
	return resent, nil
}

// MarkNotSpam puts robots' entries that were none in line, and returns how many there
// were. They are welcomed as if they joined now.
func (s *Service) MarkNotSpam(ctx context.Context, ids []int64) (int, error) {
	var entries []models.WaitlistEntry
	var due []int64
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewUpdate().Model(&entries).ModelTableExpr("waitlist_entries AS waitlist_entry").
			Set("is_spam = ?", false).Set("updated_at = ?", s.Now()).
			Where("id IN (?)", bun.List(ids)).Where("is_spam").Returning("id, email, unsubscribed_at, notified").Exec(ctx); err != nil {
			return fmt.Errorf("take entries out of spam: %w", err)
		}
		// As after a join, who has unsubscribed before gets no welcome.
		subscribed := slices.DeleteFunc(slices.Clone(entries), func(e models.WaitlistEntry) bool { return !e.UnsubscribedAt.IsZero() })
		welcomes, err := s.Outbox.Enqueue(ctx, tx, MailWelcome, idsOf(subscribed)...)
		if err != nil {
			return err
		}
		notices, err := s.Outbox.Enqueue(ctx, tx, MailNotice, idsOf(entries)...)
		if err != nil {
			return err
		}
		due = append(welcomes, notices...)
		return s.recordUndoable(ctx, tx, models.HistoryChanged, "Not spam", entries, func(e *models.WaitlistEntry) (_, _ models.Columns) {
			return models.ColumnsOf("is_spam", true, "notified", e.Notified), models.ColumnsOf("is_spam", false)
		})
	})
	if err != nil {
		return 0, err
	}
	s.Outbox.Notify(ctx, due)
	return len(entries), nil
}

// InviteMails is whom Invite would mail of the entries whose ids rows are.
func (s *Service) InviteMails(ctx context.Context, rows schema.QueryAppender, _ bool) (models.Mailing, error) {
	return s.Outbox.ToEach(ctx, s.addresses(rows).Where(Waiting))
}

// RoundMails is whom InviteFirst and QueueRound would mail.
func (s *Service) RoundMails(ctx context.Context, n int) (models.Mailing, error) {
	first := inLine(s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).Column("id", "email", "created_at")).Limit(int64(n))
	return s.Outbox.ToEach(ctx, s.DB.NewSelect().TableExpr("(?) AS first", first).Column("email").OrderExpr("created_at, id"))
}

// ResendMails is whom Resend would mail of the entries whose ids rows are.
func (s *Service) ResendMails(ctx context.Context, rows schema.QueryAppender, alsoSent bool) (models.Mailing, error) {
	query := s.addresses(rows).Where(mailable)
	if alsoSent {
		return s.Outbox.ToEach(ctx, query)
	}
	sent, err := query.Clone().Where("notified").Count(ctx)
	if err != nil {
		return models.Mailing{}, fmt.Errorf("count who was reached: %w", err)
	}
	mailing, err := s.Outbox.ToEach(ctx, query.Where("NOT notified"))
	mailing.Sent = int(sent)
	return mailing, err
}

// NotSpamMails is whom MarkNotSpam would mail: the people, and staff about each.
func (s *Service) NotSpamMails(ctx context.Context, rows schema.QueryAppender, _ bool) (models.Mailing, error) {
	mailing, err := s.Outbox.ToEach(ctx, s.addresses(rows).Where("is_spam").Where("unsubscribed_at IS NULL"))
	if err != nil {
		return mailing, err
	}
	robots, err := s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).Where("id IN (?)", rows).Where("is_spam").Count(ctx)
	if err != nil {
		return mailing, fmt.Errorf("count entries out of spam: %w", err)
	}
	notices := s.Outbox.ToStaff(int(robots))
	return models.Mailing{Mails: mailing.Mails + notices.Mails, People: mailing.People + notices.People, To: append(mailing.To, notices.To...)}, nil
}

func (s *Service) addresses(rows schema.QueryAppender) *bun.SelectQuery {
	return s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).Column("email").Where("id IN (?)", rows).OrderExpr("id")
}
