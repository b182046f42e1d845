package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// ForgotPassword enqueues the mail that helps its owner in: the reset link for an
// account that may be used, the verification for one that waits, nothing for one that
// staff disabled. reset, MailPasswordReset or MailResetHere, says where the link leads.
// The answer, and its time, do not tell.
func (s *Service) ForgotPassword(ctx context.Context, email string, reset models.MailKind) error {
	if err := checkEmail(email); err != nil {
		return err
	}
	return s.mailOwner(ctx, email, func(user *models.User) models.MailKind {
		switch {
		case user.Enabled():
			return reset
		case user.Waiting() && s.mayConfirm(ctx, "", user.Email):
			return MailVerificationAgain
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
func (s *Service) ResetPassword(ctx context.Context, in ResetInput) (*models.User, error) {
	invalid := problem.New(problem.Invalid, "invalid_link", "Invalid or expired reset link")
	id, ok := parseUID(in.UID)
	if !ok {
		return nil, invalid
	}
	user := &models.User{ID: id}
	err := s.DB.NewSelect().Model(user).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, invalid
	}
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	byDjango, err := s.djangoResets(ctx, in.Token, user)
	if err != nil {
		return nil, err
	}
	if !user.Enabled() || !byDjango && !s.Keys.fresh(in.Token, resetPurpose, id, resetLife, resetState(user)) {
		return nil, invalid
	}
	fields := problem.Fields{}
	if CheckPassword(fields, "new_password", in.NewPassword, user); len(fields) > 0 {
		return nil, fields.Problem()
	}
	return user, s.replacePassword(ctx, user, in.NewPassword, invalid, true)
}

// replacePassword sets a new password, checked already, of an account that has not
// changed since user was read; else it returns stale. byMail means that its owner came by
// a link of a mail, and so reads the address.
func (s *Service) replacePassword(ctx context.Context, user *models.User, password string, stale error, byMail bool) error {
	hash, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	var due []int64
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		now, err := lockedUser(ctx, tx, user.ID)
		if err != nil {
			return err
		}
		if now.Password != user.Password || now.Email != user.Email || now.TokenEpoch != user.TokenEpoch || !now.Enabled() {
			return stale
		}
		if due, err = s.setPassword(ctx, tx, user, hash); err != nil {
			return err
		}
		summary := ""
		if byMail {
			summary = "Reset the password by a link"
			if _, err := tx.NewUpdate().Model(user).Set("email_verified_at = ?", s.Now()).WherePK().Where("email_verified_at IS NULL").Exec(ctx); err != nil {
				return fmt.Errorf("mark address as verified: %w", err)
			}
		}
		return recordOwn(ctx, tx, s.Now(), user, models.HistoryChanged, summary, passwordSet)
	})
	if err == nil {
		s.passwordWasSet(ctx, user, due)
	}
	return err
}

// passwordSet is how a new password stands in the history.
var passwordSet = models.FieldChange{Field: "password", To: "set"}

// setPassword gives an account another password, ends all its logins and enqueues the
// mail that tells its owner. passwordWasSet follows the commit.
func (s *Service) setPassword(ctx context.Context, tx bun.Tx, user *models.User, hash string) (due []int64, err error) {
	user.Password = hash
	if _, err := tx.NewUpdate().Model(user).Column("password").WherePK().Exec(ctx); err != nil {
		return nil, fmt.Errorf("set password: %w", err)
	}
	if err := endLogins(ctx, tx, s.Now(), []int64{user.ID}); err != nil {
		return nil, err
	}
	user.TokenEpoch++ // as endLogins has stored it
	return s.Outbox.Enqueue(ctx, tx, MailPasswordChanged, user.ID)
}

func (s *Service) passwordWasSet(ctx context.Context, user *models.User, due []int64) {
	s.Outbox.Notify(ctx, due)
	s.Logins.Log.InfoContext(ctx, "password changed, all logins ended", slog.Int64("user", user.ID))
}
