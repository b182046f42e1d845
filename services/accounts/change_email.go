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
	case err == nil && !owner.Unclaimed():
		due, err = s.tellOwner(ctx, owner)
	case err == nil || errors.Is(err, sql.ErrNoRows):
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
	if !s.mayConfirm(ctx, "", email) {
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
// read, and tells the old one. A username that is the old address moves with it, and a
// sign-up that waits under the new one goes: nobody has proved that it is theirs.
func (s *Service) confirmEmailChange(ctx context.Context, id int64, stamp string) error {
	var due []int64
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		change, err := models.NewestEmailChange(ctx, tx, id)
		if errors.Is(err, sql.ErrNoRows) {
			return errInvalidKey()
		}
		if err != nil {
			return fmt.Errorf("find e-mail change: %w", err)
		}
		user, err := lockedUser(ctx, tx, change.UserID)
		if err != nil {
			return err
		}
		if !user.Enabled() || !s.Keys.fresh(stamp, changePurpose, id, verificationLife, changeState(change, user)) {
			return errInvalidKey()
		}
		if user.Email == change.NewEmail && !change.ConfirmedAt.IsZero() {
			return nil // once more
		}
		if user.Email != change.OldEmail || !change.ConfirmedAt.IsZero() {
			return errInvalidKey()
		}
		due, err = s.changeEmail(ctx, tx, user, change)
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

func (s *Service) changeEmail(ctx context.Context, tx bun.Tx, user *models.User, change *models.EmailChange) (due []int64, err error) {
	owner, err := models.UserByEmail(ctx, tx, change.NewEmail)
	if err == nil && owner.Unclaimed() {
		_, err = tx.NewDelete().Model(owner).WherePK().Exec(ctx)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("free the address: %w", err)
	}
	changes := []models.FieldChange{{Field: "email", From: user.Email, To: change.NewEmail}}
	if models.NormalizeEmail(user.Username) == user.Email {
		renamed := models.DisplayEmail(change.NewEmail)
		changes = append(changes, models.FieldChange{Field: "username", From: user.Username, To: renamed})
		user.Username = renamed
	}
	user.Email, user.EmailVerifiedAt = change.NewEmail, s.Now()
	if _, err := tx.NewUpdate().Model(user).Column("email", "username", "email_verified_at").WherePK().Exec(ctx); err != nil {
		return nil, fmt.Errorf("change e-mail address: %w", err)
	}
	if _, err := tx.NewUpdate().Model(change).Set("confirmed_at = ?", s.Now()).WherePK().Exec(ctx); err != nil {
		return nil, fmt.Errorf("confirm e-mail change: %w", err)
	}
	if err := recordOwn(ctx, tx, s.Now(), user, models.HistoryChanged, "", changes...); err != nil {
		return nil, err
	}
	return s.Outbox.Enqueue(ctx, tx, MailEmailChanged, change.ID)
}
