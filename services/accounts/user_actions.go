package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
)

// Activate lets people use their accounts, again or without waiting for them to
// verify their address, and returns how many could not before.
func (s *Users) Activate(ctx context.Context, ids []int64) (int, error) {
	return s.switchActive(ctx, ids, true)
}

// Deactivate shuts accounts and ends their logins. One that waits for its address to be
// verified is shut too: no key of an earlier mail opens it then.
func (s *Users) Deactivate(ctx context.Context, ids []int64) (int, error) {
	if slices.Contains(ids, models.ActorOf(ctx).UserID()) {
		return 0, lockedOut()
	}
	return s.switchActive(ctx, ids, false)
}

// Unlockable is whoever asks, where they are among accounts that are to be deactivated.
func (s *Users) Unlockable(ctx context.Context, ids []int64) ([]models.Refusal, error) {
	actor := models.ActorOf(ctx)
	if !slices.Contains(ids, actor.UserID()) {
		return nil, nil
	}
	return []models.Refusal{{ID: actor.UserID(), Label: actor.User.Username, Why: lockedOut()}}, nil
}

func (s *Users) switchActive(ctx context.Context, ids []int64, active bool) (int, error) {
	var ended []int64
	n, err := s.each(ctx, ids, func(ctx context.Context, tx bun.Tx, users []models.User) ([]models.User, error) {
		users = slices.DeleteFunc(users, func(u models.User) bool {
			if active {
				return u.Enabled()
			}
			return !u.DisabledAt.IsZero()
		})
		chosen := userIDs(users)
		disabled := bun.NullTime{}
		if !active {
			disabled.Time = s.Now()
			if err := endLogins(ctx, tx, s.Now(), chosen); err != nil {
				return nil, err
			}
			ended = chosen
		}
		if _, err := tx.NewUpdate().Model((*models.User)(nil)).Set("is_active = ?", active).Set("disabled_at = ?", disabled).
			Where("id IN (?)", bun.List(chosen)).Exec(ctx); err != nil {
			return nil, fmt.Errorf("switch accounts: %w", err)
		}
		return users, s.recordSwitch(ctx, tx, users, active)
	})
	if err == nil {
		s.Accounts.Logins.logEnded(ctx, allEnded, ended...)
	}
	return n, err
}

// recordSwitch writes what switchActive did into the history. Who waited was not active
// before: there the action alone is told.
func (s *Users) recordSwitch(ctx context.Context, tx bun.Tx, users []models.User, active bool) error {
	switched, shut := []models.User{}, []models.User{}
	for _, user := range users {
		if user.IsActive == active {
			shut = append(shut, user)
		} else {
			switched = append(switched, user)
		}
	}
	change := models.FieldChange{Field: "is_active", From: fmt.Sprint(!active), To: fmt.Sprint(active)}
	entries := make([]models.HistoryEntry, len(switched))
	for i, user := range switched {
		entries[i] = models.HistoryEntry{
			At: s.Now(), Model: models.UsersSlug, ObjectID: user.ID, ObjectLabel: user.Username, Action: models.HistoryChanged, Changes: []models.FieldChange{change},
		}
		if !active || !user.DisabledAt.IsZero() { // else it would be shut, and waited before
			entries[i].Before, entries[i].After = models.ColumnsOf("is_active", !active), models.ColumnsOf("is_active", active)
		}
	}
	if err := models.Record(ctx, tx, entries...); err != nil {
		return err
	}
	return recordUsers(ctx, tx, s.Now(), models.HistoryChanged, nil, shut...)
}

// LogOutEverywhere ends every login of accounts.
func (s *Users) LogOutEverywhere(ctx context.Context, ids []int64) (int, error) {
	var ended []int64
	n, err := s.each(ctx, ids, func(ctx context.Context, tx bun.Tx, users []models.User) ([]models.User, error) {
		ended = userIDs(users)
		if err := endLogins(ctx, tx, s.Now(), ended); err != nil {
			return nil, err
		}
		return users, recordUsers(ctx, tx, s.Now(), models.HistoryChanged, nil, users...)
	})
	if err == nil {
		s.Accounts.Logins.logEnded(ctx, allEnded, ended...)
	}
	return n, err
}

// SendReset mails the owners of accounts that may be used the link to a new password,
// which opens a page of ours, and returns how many there are.
func (s *Users) SendReset(ctx context.Context, ids []int64) (int, error) {
	var due []int64
	n, err := s.each(ctx, ids, func(ctx context.Context, tx bun.Tx, users []models.User) (_ []models.User, err error) {
		users = slices.DeleteFunc(users, func(u models.User) bool { return !u.Enabled() })
		if due, err = s.Accounts.Outbox.Enqueue(ctx, tx, MailResetHere, userIDs(users)...); err != nil {
			return nil, err
		}
		entries := make([]models.HistoryEntry, len(users))
		for i, user := range users { // to undo it is to undo the mail
			entries[i] = models.HistoryEntry{
				At: s.Now(), Model: models.UsersSlug, ObjectID: user.ID, ObjectLabel: user.Username, Action: models.HistoryChanged,
				Before: models.Columns{}, After: models.Columns{},
			}
		}
		return users, models.Record(ctx, tx, entries...)
	})
	if err == nil {
		s.Accounts.Outbox.Notify(ctx, due)
	}
	return n, err
}

// ResetMails is whom SendReset would mail of the accounts whose ids rows are.
func (s *Users) ResetMails(ctx context.Context, rows schema.QueryAppender, _ bool) (models.Mailing, error) {
	return s.Accounts.Outbox.ToEach(ctx, s.DB.NewSelect().Model((*models.User)(nil)).Column("email").Where("id IN (?)", rows).
		Where("is_active").Where("disabled_at IS NULL").OrderExpr("id"))
}

// each lets change work on accounts that the actor may manage, all or none, and
// returns how many change kept.
func (s *Users) each(ctx context.Context, ids []int64, change func(context.Context, bun.Tx, []models.User) ([]models.User, error)) (int, error) {
	kept := 0
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		var users []models.User
		query := tx.NewSelect().Model(&users).Where("id IN (?)", bun.List(ids)).OrderExpr("id")
		if err := models.ForUpdate(query).Scan(ctx); err != nil {
			return fmt.Errorf("read accounts: %w", err)
		}
		for i := range users {
			if err := mayManage(ctx, tx, &users[i]); err != nil {
				return err
			}
		}
		changed, err := change(ctx, tx, users)
		kept = len(changed)
		return err
	})
	return kept, err
}

func userIDs(users []models.User) []int64 {
	ids := make([]int64, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}
	return ids
}

// recordUsers writes the same change of accounts into the history of each.
func recordUsers(ctx context.Context, tx bun.Tx, at time.Time, action models.HistoryAction, changes []models.FieldChange, users ...models.User) error {
	entries := make([]models.HistoryEntry, len(users))
	for i, user := range users {
		entries[i] = models.HistoryEntry{At: at, Model: models.UsersSlug, ObjectID: user.ID, ObjectLabel: user.Username, Action: action, Changes: changes}
	}
	return models.Record(ctx, tx, entries...)
}

// recordOwn notes what somebody did with their own account. Who is not signed in has
// proved to be its owner by a key or a provider.
func recordOwn(ctx context.Context, tx bun.IDB, at time.Time, user *models.User, action models.HistoryAction, summary string, changes ...models.FieldChange) error {
	actor := models.ActorOf(ctx)
	if actor.User == nil {
		actor.User = user
	}
	return models.Record(models.WithActor(ctx, actor), tx, models.HistoryEntry{
		At: at, Model: models.UsersSlug, ObjectID: user.ID, ObjectLabel: user.Username, Action: action, Summary: summary, Changes: changes,
	})
}
