package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Link ties an identity to a user who asked for it while signed in.
func (s *SocialLogins) Link(ctx context.Context, userID int64, id Identity) error {
	return s.retryOnConflict(ctx, func(ctx context.Context, tx bun.Tx) error {
		account, err := accountOf(ctx, tx, id)
		switch {
		case err == nil && account.UserID == userID:
			return nil // linked already
		case err == nil:
			return errAccountConflict()
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("find social account: %w", err)
		}
		user := &models.User{ID: userID}
		if err := tx.NewSelect().Model(user).WherePK().Scan(ctx); err != nil {
			return fmt.Errorf("find user: %w", err)
		}
		return s.link(ctx, tx, user, id)
	})
}

// link refuses a second identity of the same provider.
func (s *SocialLogins) link(ctx context.Context, tx bun.Tx, user *models.User, id Identity) error {
	account := new(models.SocialAccount)
	err := tx.NewSelect().Model(account).Where("user_id = ?", user.ID).Where("provider = ?", id.Provider).Scan(ctx)
	switch {
	case err == nil && account.Subject == id.Subject:
		return nil // somebody was faster, this instant
	case err == nil:
		return errAccountConflict()
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("look for another identity: %w", err)
	}
	now := s.Now()
	account = &models.SocialAccount{UserID: user.ID, Provider: id.Provider, Subject: id.Subject, Email: keptEmail(id), CreatedAt: now, LastLogin: now}
	if _, err = tx.NewInsert().Model(account).Exec(ctx); err != nil {
		return fmt.Errorf("link social account: %w", err)
	}
	return recordOwn(ctx, tx, s.Now(), user, models.HistoryChanged, "Linked "+id.Provider.Label())
}

// Unlink takes an identity from its user, but never the last way in.
func (s *SocialLogins) Unlink(ctx context.Context, userID int64, provider models.SocialProvider) error {
	_, err := s.unlink(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("user_id = ?", userID).Where("provider = ?", provider)
	}, problem.New(problem.Conflict, "last_login_method", "This is the only way you can log in. Set a password first."))
	return err
}

// UnlinkAll is Unlink for staff, by the ids of social accounts. Where one of them is
// somebody's last way in, all stay.
func (s *SocialLogins) UnlinkAll(ctx context.Context, ids []int64) (int, error) {
	return s.unlink(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("id IN (?)", bun.List(ids)) },
		problem.New(problem.Conflict, "last_login_method", "That would take the only way in from somebody who has no password."))
}

func (s *SocialLogins) unlink(ctx context.Context, which func(*bun.SelectQuery) *bun.SelectQuery, lastWay *problem.Problem) (done int, err error) {
	err = models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		var accounts []models.SocialAccount
		if err := which(tx.NewSelect().Model(&accounts)).OrderExpr("user_id").Scan(ctx); err != nil {
			return fmt.Errorf("find social accounts: %w", err)
		}
		if len(accounts) == 0 {
			return problem.ErrNotFound()
		}
		for i := range accounts {
			if err := s.unlinkOne(ctx, tx, &accounts[i], lastWay); err != nil {
				return err
			}
		}
		done = len(accounts)
		return nil
	})
	return done, err
}

func (s *SocialLogins) unlinkOne(ctx context.Context, tx bun.Tx, account *models.SocialAccount, lastWay *problem.Problem) error {
	user := &models.User{ID: account.UserID}
	// Locked, so that two at once do not each leave the other's.
	if err := models.ForUpdate(tx.NewSelect().Model(user).WherePK()).Scan(ctx); err != nil {
		return fmt.Errorf("find user: %w", err)
	}
	if err := mayManage(ctx, tx, user); err != nil {
		return err
	}
	if !hasPassword(user.Password) {
		another, err := tx.NewSelect().Model((*models.SocialAccount)(nil)).
			Where("user_id = ?", user.ID).Where("id <> ?", account.ID).Exists(ctx)
		if err != nil {
			return fmt.Errorf("look for another way in: %w", err)
		}
		if !another {
			return lastWay
		}
	}
	result, err := tx.NewDelete().Model(account).WherePK().Exec(ctx)
	if err := changedOne(result, err, problem.ErrNotFound()); err != nil {
		return err
	}
	return recordOwn(ctx, tx, s.Now(), user, models.HistoryChanged, "Unlinked "+account.Provider.Label())
}

// Linked lists the identities that a user can log in with.
func (s *SocialLogins) Linked(ctx context.Context, userID int64) ([]models.SocialAccount, error) {
	accounts := []models.SocialAccount{}
	args := new(models.Args)
	query := s.DB.NewSelect().Model(&accounts).Where("user_id = ?", args.Of(userID)).OrderExpr("provider")
	if err := query.Scan(args.In(ctx)); err != nil {
		return nil, fmt.Errorf("list social accounts: %w", err)
	}
	return accounts, nil
}
