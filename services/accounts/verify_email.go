package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

func errInvalidKey() error {
	return problem.New(problem.Invalid, "invalid_key", "Invalid or expired confirmation key")
}

// VerifyEmail confirms an address by the key of a mail: that of a sign-up, which becomes
// an account that can be used, or the new one of an account. The same key again changes
// nothing and succeeds, as browsers and mail scanners call twice.
func (s *Service) VerifyEmail(ctx context.Context, key string) error {
	purpose, id, stamp, ok := parseConfirmKey(key)
	if !ok {
		return s.confirmDjango(ctx, key)
	}
	switch purpose {
	case verifyPurpose:
		return s.activate(ctx, id, func(user *models.User) bool { return s.Keys.freshVerification(stamp, user) })
	case signupPurpose:
		err := s.confirmSignup(ctx, id, stamp)
		if models.IsUniqueViolation(err) { // somebody took the name, or used another key, this instant
			err = s.confirmSignup(ctx, id, stamp)
		}
		return err
	case changePurpose:
		return s.confirmEmailChange(ctx, id, stamp)
	}
	return errInvalidKey()
}

// activate lets the account that waited be used, where the key is good for it. Other sign-ups with its address lead
// nowhere from then on. Whom staff disabled meanwhile stays out.
func (s *Service) activate(ctx context.Context, id int64, good func(*models.User) bool) error {
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		user, err := lockedUser(ctx, tx, id)
		if errors.Is(err, sql.ErrNoRows) {
			return errInvalidKey()
		}
		if err != nil {
			return err
		}
		if !user.DisabledAt.IsZero() || !good(user) {
			return errInvalidKey()
		}
		if !user.EmailVerifiedAt.IsZero() {
			return usedAgain(user)
		}
		user.IsActive, user.EmailVerifiedAt = true, s.Now()
		if _, err := tx.NewUpdate().Model(user).Column("is_active", "email_verified_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("activate account: %w", err)
		}
		return recordOwn(ctx, tx, s.Now(), user, models.HistoryChanged, "Confirmed the e-mail address")
	})
}

// usedAgain answers a key that was used before.
func usedAgain(user *models.User) error {
	if user.Enabled() {
		return nil
	}
	return errInvalidKey()
}

// confirmSignup makes a sign-up the account of its address, in the place of one that
// waits there: whoever made that one has proved nothing and keeps no way in.
func (s *Service) confirmSignup(ctx context.Context, id int64, stamp string) error {
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		signup := &models.Signup{ID: id}
		err := models.ForUpdate(tx.NewSelect().Model(signup).WherePK()).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return errInvalidKey()
		}
		if err != nil {
			return fmt.Errorf("find sign-up: %w", err)
		}
		if !s.Keys.fresh(stamp, signupPurpose, id, verificationLife, signupState(signup)) {
			return errInvalidKey()
		}
		if signup.UserID != 0 {
			user, err := lockedUser(ctx, tx, signup.UserID)
			if err != nil {
				return err // accounts take their sign-ups with them
			}
			return usedAgain(user)
		}
		user, err := s.accountOfSignup(ctx, tx, signup)
		if err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(signup).Set("user_id = ?", user.ID).Set("password = ?", "").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("close sign-up: %w", err)
		}
		return recordOwn(ctx, tx, s.Now(), user, models.HistoryChanged, "Signed up and confirmed the e-mail address")
	})
}

// accountOfSignup makes an account of a sign-up, or makes the one that waits under its
// address that of the sign-up.
func (s *Service) accountOfSignup(ctx context.Context, tx bun.Tx, signup *models.Signup) (*models.User, error) {
	user, err := models.UserByEmail(ctx, tx, signup.Email)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("look for e-mail address: %w", err)
	}
	if user.ID != 0 && !user.Unclaimed() {
		return nil, errInvalidKey()
	}
	taken, err := tx.NewSelect().Model((*models.User)(nil)).Where("lower(username) = lower(?)", signup.Username).Where("id <> ?", user.ID).Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for username: %w", err)
	}
	user.Username = signup.Username
	if taken { // meanwhile, by somebody whom staff or a provider brought
		if user.Username, err = freeUsername(ctx, tx, signup.Username); err != nil {
			return nil, err
		}
	}
	user.Password, user.FirstName, user.LastName, user.Language = signup.Password, signup.FirstName, signup.LastName, signup.Language
	user.DateJoined = signup.CreatedAt
	if user.ID != 0 {
		return user, claim(ctx, tx, s.Now(), user)
	}
	user.Email, user.IsActive, user.EmailVerifiedAt = signup.Email, true, s.Now()
	if _, err := tx.NewInsert().Model(user).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store account: %w", err)
	}
	return user, nil
}

// claim hands an account that nobody has proved to be theirs to the owner of its address,
// as user says: whoever was there before keeps no password, no key and no login.
func claim(ctx context.Context, tx bun.Tx, now time.Time, user *models.User) error {
	user.IsActive, user.EmailVerifiedAt = true, now
	result, err := tx.NewUpdate().Model(user).
		Column("username", "password", "first_name", "last_name", "language", "is_active", "email_verified_at", "date_joined").
		WherePK().Where("email_verified_at IS NULL").Where("disabled_at IS NULL").Exec(ctx)
	if err := changedOne(result, err, errConcurrentChange); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*models.SocialAccount)(nil)).Where("user_id = ?", user.ID).Exec(ctx); err != nil {
		return fmt.Errorf("unlink who was there before: %w", err)
	}
	if err := endLogins(ctx, tx, now, []int64{user.ID}); err != nil {
		return err
	}
	user.TokenEpoch++ // as endLogins has stored it
	return nil
}

// lockedUser reads an account and holds it until tx ends.
func lockedUser(ctx context.Context, tx bun.Tx, id int64) (*models.User, error) {
	user := &models.User{ID: id}
	if err := models.ForUpdate(tx.NewSelect().Model(user).WherePK()).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	return user, nil
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
	if err := checkEmail(email); err != nil {
		return err
	}
	may := s.mayConfirm(ctx, ip, models.NormalizeEmail(email))
	return s.mailOwner(ctx, email, func(user *models.User) models.MailKind {
		if may && user.Waiting() {
			return MailVerificationAgain
		}
		return ""
	})
}

// checkEmail refuses what is no address, whoever has one.
func checkEmail(email string) error {
	switch {
	case strings.TrimSpace(email) == "":
		return problem.Field("email", "This field is required.")
	case !models.IsEmail(models.NormalizeEmail(email)):
		return problem.Field("email", "Enter a valid e-mail address.")
	}
	return nil
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
