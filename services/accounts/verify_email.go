package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"digitalpath/models"
	"digitalpath/problem"
)

func errInvalidKey() error {
	return problem.New(problem.Invalid, "invalid_key", "Invalid or expired confirmation key")
}

// VerifyEmail confirms an address by the key of a mail: that of a new account, which
// can be used from then on, or the new one of an account. Of two uses at once, one
// succeeds.
func (s *Service) VerifyEmail(ctx context.Context, key string) error {
	purpose, id, stamp, ok := parseConfirmKey(key)
	switch {
	case ok && purpose == verifyPurpose:
		return s.activate(ctx, id, stamp)
	case ok && purpose == changePurpose:
		return s.confirmEmailChange(ctx, id, stamp)
	}
	return errInvalidKey()
}

func (s *Service) activate(ctx context.Context, id int64, stamp string) error {
	user := &models.User{ID: id}
	err := s.DB.NewSelect().Model(user).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return errInvalidKey()
	}
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	if !s.Keys.fresh(stamp, verifyPurpose, id, verificationLife, verificationState(user)) {
		return errInvalidKey()
	}
	// Whom staff disabled meanwhile stays out, and so does a second use.
	result, err := s.DB.NewUpdate().Model(user).Set("is_active = ?", true).Set("email_verified_at = ?", s.Now()).
		WherePK().Where("email = ?", user.Email).Where("NOT is_active").Where("email_verified_at IS NULL").Where("disabled_at IS NULL").Exec(ctx)
	return changedOne(result, err, errInvalidKey())
}

// changedOne is none where an update found nothing left to change.
func changedOne(result sql.Result, err, none error) error {
	if err != nil {
		return fmt.Errorf("update account: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return none
}

// ResendVerification enqueues the mail again to an account that waits for it. Nobody
// learns whether there is one: who asks too often waits as long for the same answer,
// and every address is counted, whether or not somebody has it.
func (s *Service) ResendVerification(ctx context.Context, ip, email string) error {
	may := s.MayConfirm(ctx, ip, models.NormalizeEmail(email))
	return s.mailOwner(ctx, email, func(user *models.User) models.MailKind {
		if may && user.Waiting() {
			return MailVerification
		}
		return ""
	})
}

// mailOwner enqueues the mail that choose names to the owner of an address, if there
// is one, and takes the same time either way.
func (s *Service) mailOwner(ctx context.Context, email string, choose func(*models.User) models.MailKind) error {
	started := time.Now()
	user, err := models.UserByEmail(ctx, s.DB, email)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("find account: %w", err)
	}
	if err == nil {
		if kind := choose(user); kind != "" {
			due, err := s.enqueue(ctx, kind, user.ID)
			if err != nil {
				return err
			}
			s.Outbox.Notify(ctx, due)
		}
	}
	pauseUntil(ctx, started.Add(minResponseTime))
	return nil
}
