package waitlist

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/jobs"
)

const (
	// MaxInvite is how many people one round of invitations takes.
	MaxInvite = 100_000
	// MaxInviteAtOnce is how many fit into a request; more are for QueueRound.
	MaxInviteAtOnce = jobs.BatchSize
	// inviteBatch is how many rows one statement of a round writes.
	inviteBatch = 500
)

// InviteJob is a round of invitations that does not fit into a request. Its job holds the
// people in the order of the line.
const InviteJob models.JobKind = "invitations"

// Invite lets those of the entries in that still wait, and enqueues the mail that says
// so. It returns how many these were.
func (s *Service) Invite(ctx context.Context, ids []int64) (int, error) {
	return s.invite(ctx, models.Idempotency{}, func(q *bun.SelectQuery) { q.Where("id IN (?)", bun.List(ids)) })
}

// InviteFirst invites the first n of the line, all of them or, where it fails, none.
// A repeated request under the same key invites nobody again.
func (s *Service) InviteFirst(ctx context.Context, n int, key models.Idempotency) (int, error) {
	if n < 1 || n > MaxInvite {
		return 0, problem.Field("count", "Enter a number from 1 to %d.", MaxInvite)
	}
	return s.invite(ctx, key, func(q *bun.SelectQuery) { inLine(q).Limit(int64(n)) })
}

// inLine puts those who wait in their order.
func inLine(q *bun.SelectQuery) *bun.SelectQuery { return q.Where(Waiting).OrderExpr("created_at, id") }

// QueueRound leaves it to a job to invite those who are the first n of the line now. A
// repeated request under the same key finds the same job.
func (s *Service) QueueRound(ctx context.Context, n int, key models.Idempotency, language string) (job *models.Job, err error) {
	signature := jobs.Signature(InviteJob, models.ActorOf(ctx).UserID(), key.Key)
	err = models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		repeated, err := key.Claim(ctx, tx, inviteRoute, s.Now())
		if err != nil {
			return err
		}
		if repeated {
			job, err = s.Jobs.Latest(ctx, signature)
			return err
		}
		var ids []int64
		if err := inLine(tx.NewSelect().Model((*models.WaitlistEntry)(nil)).Column("id")).Limit(int64(n)).Scan(ctx, &ids); err != nil {
			return fmt.Errorf("choose whom to invite: %w", err)
		}
		job, err = s.Jobs.Start(ctx, &models.Job{
			Kind: InviteJob, Model: models.WaitlistSlug, IDs: ids, Total: len(ids), Signature: signature, Language: language,
		}, nil)
		return err
	})
	return job, err
}

// RoundKind is what the job of a round does. Who leaves the line meanwhile is not invited.
func (s *Service) RoundKind() jobs.Kind {
	return jobs.Kind{
		Next: func(ctx context.Context, job *models.Job, limit int) ([]int64, error) {
			if !mayOnAll(models.ActorOf(ctx), models.Change) {
				return nil, problem.New(problem.Forbidden, "forbidden", "You are not allowed to do this. A superuser can give you the right.")
			}
			return job.IDs[job.Seen:min(job.Seen+limit, len(job.IDs))], nil
		},
		Run: func(ctx context.Context, job *models.Job, ids []int64) (int, error) {
			return s.inviteAt(models.InAct(ctx, job.Act()), models.Idempotency{}, job.CreatedAt, func(q *bun.SelectQuery) { q.Where("id IN (?)", bun.List(ids)) })
		},
	}
}

// inviteRoute is where idempotency keys of rounds belong.
const inviteRoute = "POST /admin/waitlist/invite"

func (s *Service) invite(ctx context.Context, key models.Idempotency, choose func(*bun.SelectQuery)) (int, error) {
	return s.inviteAt(ctx, key, s.Now(), choose)
}

// inviteAt gives everybody of a round the same time, by which Rounds knows it. That
// nobody is in two rounds is up to the update: it takes only those who still wait.
func (s *Service) inviteAt(ctx context.Context, key models.Idempotency, at time.Time, choose func(*bun.SelectQuery)) (int, error) {
	invited := 0
	var due []int64
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		repeated, err := key.Claim(ctx, tx, inviteRoute, at)
		if err != nil || repeated {
			return err
		}
		var ids []int64
		query := tx.NewSelect().Model((*models.WaitlistEntry)(nil)).Column("id").Where(Waiting)
		choose(query)
		if err := query.Scan(ctx, &ids); err != nil {
			return fmt.Errorf("choose whom to invite: %w", err)
		}
		for batch := range slices.Chunk(ids, inviteBatch) {
			chosen, err := s.inviteBatch(ctx, tx, batch, at)
			if err != nil {
				return err
			}
			mails, err := s.Outbox.Enqueue(ctx, tx, MailInvitation, chosen...)
			if err != nil {
				return err
			}
			invited, due = invited+len(chosen), append(due, mails...)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.Outbox.Notify(ctx, due)
	return invited, nil
}

func (s *Service) inviteBatch(ctx context.Context, tx bun.Tx, ids []int64, now time.Time) ([]int64, error) {
	if err := s.Outbox.Cancel(ctx, tx, ids, "the invitation went out.", MailWelcome); err != nil {
		return nil, err
	}
	notified := map[int64]bool{}
	var entries []models.WaitlistEntry
	before := tx.NewSelect().Model(&entries).Column("id", "notified").Where("id IN (?)", bun.List(ids)).OrderExpr("id")
	if err := models.ForUpdate(before).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read whom to invite: %w", err)
	}
	for _, entry := range entries {
		notified[entry.ID] = entry.Notified
	}
	entries = nil
	if _, err := tx.NewUpdate().Model(&entries).ModelTableExpr("waitlist_entries AS waitlist_entry").
		Set("invited_at = ?", now).Set("notified = ?", false).Set("updated_at = ?", now).
		Where("id IN (?)", bun.List(ids)).Where(Waiting).Returning("id, email").Exec(ctx); err != nil {
		return nil, fmt.Errorf("mark as invited: %w", err)
	}
	return idsOf(entries), s.recordUndoable(ctx, tx, models.HistoryChanged, "Invited", entries, func(entry *models.WaitlistEntry) (_, _ models.Columns) {
		return models.ColumnsOf("invited_at", time.Time{}, "notified", notified[entry.ID]), models.ColumnsOf("invited_at", now)
	})
}

func idsOf(entries []models.WaitlistEntry) []int64 {
	ids := make([]int64, len(entries))
	for i, entry := range entries {
		ids[i] = entry.ID
	}
	return ids
}
