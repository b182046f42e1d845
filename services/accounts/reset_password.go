package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// ForgotPassword enqueues the mail that helps its owner in: the reset link for an
// account that may be used, the verification for one that waits, nothing for one that
// staff disabled. The answer, and its time, do not tell.
func (s *Service) ForgotPassword(ctx context.Context, email string) error {
	return s.mailOwner(ctx, email, func(user *models.User) models.MailKind {
		switch {
		case user.Enabled():
			return MailPasswordReset
		case user.Waiting() && s.MayConfirm(ctx, "", user.Email):
			return MailVerification
		}
		return ""
	})
}

// ResetInput is what comes back from the link of a reset mail.
type ResetInput struct {
	UID, Token, NewPassword string
}

// ResetPassword sets a new password by the link of a mail, ends every login and tells
// the owner. A weak password leaves the link good; of two uses at once, one succeeds.
func (s *Service) ResetPassword(ctx context.Context, in ResetInput) error {
	invalid := problem.New(problem.Invalid, "invalid_link", "Invalid or expired reset link")
	id, ok := parseUID(in.UID)
	if !ok {
		return invalid
	}
	user := &models.User{ID: id}
	err := s.DB.NewSelect().Model(user).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return invalid
	}
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	if !user.Enabled() || !s.Keys.fresh(in.Token, resetPurpose, id, resetLife, resetState(user)) {
		return invalid
	}
	verified := user.EmailVerifiedAt
	if verified.IsZero() {
		verified = s.Now() // the link came by mail
	}
	fields := problem.Fields{}
	if CheckPassword(fields, "new_password", in.NewPassword, user); len(fields) > 0 {
		return fields.Problem()
	}
	return s.setPassword(ctx, user, in.NewPassword, verified, invalid)
}

// setPassword stores a new password, checked already, of an account that has not changed
// since user was read (else it returns stale), ends all its logins and tells the
// owner. verified is when the owner proved to read the account's mail; zero: never.
func (s *Service) setPassword(ctx context.Context, user *models.User, password string, verified time.Time, stale error) error {
	hash, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	var due []int64
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.NewUpdate().Model(user).Set("password = ?", hash).
			Set("email_verified_at = ?", bun.NullTime{Time: verified}).WherePK().
			Where("password = ?", user.Password).Where("email = ?", user.Email).Where("token_epoch = ?", user.TokenEpoch).
			Where("is_active").Where("disabled_at IS NULL").Exec(ctx)
		if err := changedOne(result, err, stale); err != nil {
			return err
		}
		if err := endLogins(ctx, tx, s.Now(), []int64{user.ID}); err != nil {
			return err
		}
		due, err = s.Outbox.Enqueue(ctx, tx, MailPasswordChanged, user.ID)
		return err
	})
	if err == nil {
		s.Outbox.Notify(ctx, due)
		s.Logins.Log.InfoContext(ctx, "password changed, all logins ended", slog.Int64("user", user.ID))
	}
	return err
}
