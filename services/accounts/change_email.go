package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// EmailChangeInput is somebody's wish to have another address.
type EmailChangeInput struct {
	Email string
	Proof LoginInput // the current password, and where the request comes from
}

// ChangeEmail enqueues a mail to the new address of user; the account keeps the old
// one until its key comes back. Where the address has an account already its owner is
// told instead, and the answer is the same.
func (s *Service) ChangeEmail(ctx context.Context, user *models.User, in EmailChangeInput) error {
	changed := *user
	changed.Email = models.NormalizeEmail(in.Email)
	if err := models.Validate(&changed); err != nil {
		return err
	}
	if changed.Email == user.Email {
		return problem.Field("email", "This is your address already.")
	}
	if err := s.checkCurrentPassword(ctx, user, in.Proof); err != nil {
		return err
	}
	started := time.Now()
	owner, err := models.UserByEmail(ctx, s.DB, changed.Email)
	var due []int64
	switch {
	case err == nil:
		due, err = s.tellOwner(ctx, owner)
	case errors.Is(err, sql.ErrNoRows):
		due, err = s.requestEmailChange(ctx, user, changed.Email)
	}
	if err != nil {
		return err
	}
	s.Outbox.Notify(ctx, due)
	pauseUntil(ctx, started.Add(minResponseTime))
	return nil
}

func (s *Service) requestEmailChange(ctx context.Context, user *models.User, email string) (due []int64, err error) {
	if !s.MayConfirm(ctx, "", email) {
		return nil, nil
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		change := &models.EmailChange{UserID: user.ID, OldEmail: user.Email, NewEmail: email, CreatedAt: s.Now()}
		if _, err := tx.NewInsert().Model(change).Exec(ctx); err != nil {
			return fmt.Errorf("store e-mail change: %w", err)
		}
		due, err = s.Outbox.Enqueue(ctx, tx, MailEmailChange, change.ID)
		return err
	})
	return due, err
}

// confirmEmailChange moves the account to the address that its owner has proved to
// read, and tells the old one. A username that is the old address moves with it.
func (s *Service) confirmEmailChange(ctx context.Context, id int64, stamp string) error {
	change, err := models.OpenEmailChange(ctx, s.DB, id)
	if errors.Is(err, sql.ErrNoRows) {
		return errInvalidKey()
	}
	if err != nil {
		return fmt.Errorf("find e-mail change: %w", err)
	}
	user := change.User
	if !user.Enabled() || !s.Keys.fresh(stamp, changePurpose, id, verificationLife, changeState(change, user)) {
		return errInvalidKey()
	}
	username := user.Username
	if models.NormalizeEmail(username) == user.Email {
		username = change.NewEmail
	}
	var due []int64
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.NewUpdate().Model(user).Set("email = ?", change.NewEmail).Set("username = ?", username).
			Set("email_verified_at = ?", s.Now()).WherePK().Where("email = ?", change.OldEmail).Where("is_active").Exec(ctx)
		if err := changedOne(result, err, errInvalidKey()); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(change).Set("confirmed_at = ?", s.Now()).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("confirm e-mail change: %w", err)
		}
		due, err = s.Outbox.Enqueue(ctx, tx, MailEmailChanged, id)
		return err
	})
	if models.IsUniqueViolation(err) {
		return errInvalidKey() // the address became somebody else's meanwhile
	}
	if err == nil {
		s.Outbox.Notify(ctx, due)
	}
	return err
}
