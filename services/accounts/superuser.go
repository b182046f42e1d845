package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Superusers is the story of the first account and of the commands
// createsuperuser and changepassword.
type Superusers struct {
	DB        *bun.DB
	Accounts  *Service
	SecretKey string
	Now       func() time.Time
}

// SuperuserInput is a new superuser.
type SuperuserInput struct {
	Username, Email, Password string
}

// Create makes a superuser.
func (s *Superusers) Create(ctx context.Context, in SuperuserInput) error {
	user, err := s.newSuperuser(ctx, in)
	if err != nil {
		return err
	}
	ctx = byCommand(ctx)
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.insert(ctx, tx, user); err != nil {
			return err
		}
		return recordUsers(models.WithSummary(ctx, madeSuperuser), tx, s.Now(), models.HistoryAdded, nil, *user)
	})
}

// madeSuperuser is how a new superuser stands in the history.
const madeSuperuser = "Made a superuser"

// byCommand is the context of what somebody with a shell on the server does.
func byCommand(ctx context.Context) context.Context {
	return models.WithActor(ctx, models.Actor{Channel: models.ChannelCommand})
}

// SetupToken is the secret part of the one-time link: whoever reads the terminal of
// the first start may make the first superuser. It is good until there is one.
func (s *Superusers) SetupToken() string {
	mac := hmac.New(sha256.New, []byte(s.SecretKey))
	mac.Write([]byte("first superuser"))
	return hex.EncodeToString(mac.Sum(nil))
}

// SetupOpen tells whether the first superuser is still to be made.
func (s *Superusers) SetupOpen(ctx context.Context) (bool, error) {
	exists, err := superuserExists(ctx, s.DB)
	return !exists, err
}

// CheckSetup refuses a token that is wrong, and any token once there is a superuser.
func (s *Superusers) CheckSetup(ctx context.Context, token string) error {
	open, err := s.SetupOpen(ctx)
	if err != nil {
		return err
	}
	if !open || !hmac.Equal([]byte(token), []byte(s.SetupToken())) {
		return problem.New(problem.NotFound, "not_found", "This set-up link is not valid any more.")
	}
	return nil
}

// CreateFirst makes the first superuser and logs it in. Of two uses of the link at
// once, one succeeds.
func (s *Superusers) CreateFirst(ctx context.Context, token string, in SuperuserInput, from LoginInput) (session string, err error) {
	if err := s.CheckSetup(ctx, token); err != nil {
		return "", err
	}
	user, err := s.newSuperuser(ctx, in)
	if err != nil {
		return "", err
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if models.IsPostgres(tx) {
			// SQLite has one writer at a time by itself.
			if _, err := tx.ExecContext(ctx, "LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"); err != nil {
				return fmt.Errorf("lock accounts: %w", err)
			}
		}
		if exists, err := superuserExists(ctx, tx); err != nil {
			return err
		} else if exists {
			return problem.New(problem.NotFound, "not_found", "This set-up link is not valid any more.")
		}
		if err := s.insert(ctx, tx, user); err != nil {
			return err
		}
		if err := recordOwn(ctx, tx, s.Now(), user, models.HistoryAdded, madeSuperuser); err != nil {
			return err
		}
		session, err = s.Accounts.Logins.start(ctx, tx, user, from)
		return err
	})
	return session, err
}

// ChangePassword sets the password of the account that login names, ends all its
// sessions and tells its owner.
func (s *Superusers) ChangePassword(ctx context.Context, login, password string) error {
	user, err := models.UserByLogin(ctx, s.DB, login)
	if errors.Is(err, sql.ErrNoRows) {
		return problem.New(problem.NotFound, "not_found", "There is no user %q.", login)
	}
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	fields := problem.Fields{}
	CheckPassword(fields, "password", password, user)
	if len(fields) > 0 {
		return fields.Problem()
	}
	hash, err := s.Accounts.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	var due []int64
	err = s.DB.RunInTx(byCommand(ctx), nil, func(ctx context.Context, tx bun.Tx) error {
		if due, err = s.Accounts.setPassword(ctx, tx, user, hash); err != nil {
			return err
		}
		return recordUsers(ctx, tx, s.Now(), models.HistoryChanged, []models.FieldChange{passwordSet}, *user)
	})
	if err == nil {
		s.Accounts.passwordWasSet(ctx, user, due)
	}
	return err
}

// newSuperuser checks the input and hashes the password, before any transaction: hashing
// takes long.
func (s *Superusers) newSuperuser(ctx context.Context, in SuperuserInput) (*models.User, error) {
	now := s.Now()
	user := &models.User{
		Username: models.NormalizeUsername(in.Username), Email: models.NormalizeEmail(in.Email),
		IsActive: true, IsStaff: true, IsSuperuser: true, EmailVerifiedAt: now, DateJoined: now,
	}
	if err := checkAccount(user, in.Password); err != nil {
		return nil, err
	}
	var err error
	user.Password, err = s.Accounts.Passwords.Hash(ctx, in.Password)
	return user, err
}

func (s *Superusers) insert(ctx context.Context, tx bun.Tx, user *models.User) error {
	_, err := tx.NewInsert().Model(user).Exec(ctx)
	if models.IsUniqueViolation(err) {
		return problem.New(problem.Conflict, "username_taken", "A user with that username or e-mail address already exists.")
	}
	if err != nil {
		return fmt.Errorf("store account: %w", err)
	}
	return nil
}

func superuserExists(ctx context.Context, db bun.IDB) (bool, error) {
	exists, err := db.NewSelect().Model((*models.User)(nil)).Where("is_superuser").Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for a superuser: %w", err)
	}
	return exists, nil
}
