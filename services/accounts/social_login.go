package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Identity is what a provider says about a person.
type Identity struct {
	Provider            models.SocialProvider
	Subject             string // the provider's own, lasting id of the person
	Email               string
	EmailVerified       bool
	Nickname            string
	FirstName, LastName string
	Language            string // of mails to them: en or es
}

// SocialLogins is the story of logins by Google and GitHub. Its problems' codes are
// the error codes of docs/contract.md section 3.
type SocialLogins struct {
	DB     *bun.DB
	Tokens *Tokens
	Now    func() time.Time
}

// LogIn finds, links or makes the account of an identity, and returns the code that
// its owner can swap for tokens.
func (s *SocialLogins) LogIn(ctx context.Context, id Identity) (code string, err error) {
	err = s.retryOnConflict(ctx, func(ctx context.Context, tx bun.Tx) error {
		user, err := s.user(ctx, tx, id)
		if err != nil {
			return err
		}
		code, err = s.issue(ctx, tx, models.OneTimeCode{Purpose: models.CodeExchange, UserID: user.ID})
		return err
	})
	return code, err
}

// LogInWithTokens is LogIn that ends with the tokens, as the Django program meant it.
func (s *SocialLogins) LogInWithTokens(ctx context.Context, id Identity, from LoginInput) (pair Pair, err error) {
	var user *models.User
	err = s.retryOnConflict(ctx, func(ctx context.Context, tx bun.Tx) error {
		if user, err = s.user(ctx, tx, id); err != nil {
			return err
		}
		pair, err = s.Tokens.Open(ctx, tx, user, from)
		return err
	})
	if err != nil {
		return Pair{}, err
	}
	s.loggedIn(ctx, user, from)
	return pair, nil
}

// LogInStaff starts a session of the back office for the identity of a member of
// staff and returns its token. For anybody else nothing is made or linked.
func (s *SocialLogins) LogInStaff(ctx context.Context, id Identity, from LoginInput) (token string, err error) {
	var user *models.User
	err = s.retryOnConflict(ctx, func(ctx context.Context, tx bun.Tx) error {
		if user, err = s.user(ctx, tx, id); err != nil {
			return err
		}
		if !user.IsStaff {
			return problem.New(problem.Forbidden, "not_staff", "This account may not use the back office.")
		}
		token, err = s.Tokens.Logins.start(ctx, tx, user, from)
		return err
	})
	if err != nil {
		return "", err
	}
	s.loggedIn(ctx, user, from)
	return token, nil
}

// conflictRetries is how often retryOnConflict begins: somebody may be faster to take the name, to
// make the account and to link the identity.
const conflictRetries = 4

// errConcurrentChange is an account that changed between reading and writing it.
var errConcurrentChange = errors.New("the account was changed meanwhile")

// retryOnConflict runs work in a transaction, and again where somebody else was faster to make
// or to link the same: then it is seen who.
func (s *SocialLogins) retryOnConflict(ctx context.Context, work func(context.Context, bun.Tx) error) (err error) {
	for range conflictRetries {
		if err = s.DB.RunInTx(ctx, nil, work); !models.IsUniqueViolation(err) && !errors.Is(err, errConcurrentChange) {
			break
		}
	}
	return err
}

func (s *SocialLogins) loggedIn(ctx context.Context, user *models.User, from LoginInput) {
	s.Tokens.Logins.Log.InfoContext(ctx, "logged in by a provider", slog.Int64("user", user.ID), slog.String("ip", from.IPAddress))
}

// user finds, links or makes the account that belongs to an identity.
func (s *SocialLogins) user(ctx context.Context, tx bun.Tx, id Identity) (*models.User, error) {
	account, err := accountOf(ctx, tx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return s.accountByEmail(ctx, tx, id)
	}
	if err != nil {
		return nil, fmt.Errorf("find social account: %w", err)
	}
	user := &models.User{ID: account.UserID}
	if err := tx.NewSelect().Model(user).WherePK().Scan(ctx); err != nil {
		return nil, fmt.Errorf("find user of social account: %w", err)
	}
	if !user.Enabled() {
		return nil, errDisabled()
	}
	return user, s.touchLogin(ctx, tx, account, user, id)
}

// touchLogin brings what we keep of a returning identity up to date. Names that the user
// has chosen here stay, and so does their address: they confirm a new one by mail.
func (s *SocialLogins) touchLogin(ctx context.Context, tx bun.Tx, account *models.SocialAccount, user *models.User, id Identity) error {
	account.Email, account.LastLogin = keptEmail(id), s.Now()
	if _, err := tx.NewUpdate().Model(account).Column("email", "last_login").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("update social account: %w", err)
	}
	if user.FirstName != "" || user.LastName != "" {
		return nil
	}
	nameAfter(user, id)
	if _, err := tx.NewUpdate().Model(user).Column("first_name", "last_name").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("update names of user: %w", err)
	}
	return nil
}

// accountByEmail gives a new identity its account: the one with its address, or a new one.
// Both sides' addresses must be verified.
func (s *SocialLogins) accountByEmail(ctx context.Context, tx bun.Tx, id Identity) (*models.User, error) {
	if !id.EmailVerified || !plainEmail(id.Email) {
		return nil, problem.New(problem.Forbidden, "no_verified_email", "The provider knows no verified e-mail address of yours.")
	}
	user, err := models.UserByEmail(ctx, tx, id.Email)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return s.signUp(ctx, tx, id)
	case err != nil:
		return nil, fmt.Errorf("find user by address: %w", err)
	case user.EmailVerifiedAt.IsZero() && user.DisabledAt.IsZero() && !user.IsStaff && !user.IsSuperuser:
		return s.takeOver(ctx, tx, user, id)
	case !user.Enabled():
		return nil, errDisabled()
	case user.EmailVerifiedAt.IsZero():
		return nil, errAccountConflict() // made by staff, with rights: not a stranger's to take over
	}
	return user, s.link(ctx, tx, user, id)
}

// plainEmail takes ASCII alone: lower-casing other letters can turn a stranger's
// address into somebody else's (the Kelvin sign becomes a k).
func plainEmail(email string) bool {
	return models.IsEmail(email) && strings.IndexFunc(email, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// signUp makes an account without a password; its username is the nearest free one.
func (s *SocialLogins) signUp(ctx context.Context, tx bun.Tx, id Identity) (*models.User, error) {
	now := s.Now()
	user := &models.User{
		Email: models.NormalizeEmail(id.Email), Password: unusablePassword(), IsActive: true, EmailVerifiedAt: now, DateJoined: now, Language: id.Language,
	}
	nameAfter(user, id)
	var err error
	if user.Username, err = freeUsername(ctx, tx, usernameOf(id)); err != nil {
		return nil, err
	}
	if _, err := tx.NewInsert().Model(user).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store account: %w", err)
	}
	if err := recordOwn(ctx, tx, s.Now(), user, models.HistoryAdded, "Signed up with "+id.Provider.Label()); err != nil {
		return nil, err
	}
	return user, s.link(ctx, tx, user, id)
}

// takeOver hands an unverified account to the owner of its address, without a password.
// The links of mails that were asked for before die with it.
func (s *SocialLogins) takeOver(ctx context.Context, tx bun.Tx, user *models.User, id Identity) (*models.User, error) {
	user.Password, user.DateJoined = unusablePassword(), s.Now()
	nameAfter(user, id)
	if err := claim(ctx, tx, s.Now(), user); err != nil {
		return nil, err
	}
	if err := recordOwn(ctx, tx, s.Now(), user, models.HistoryChanged, "Taken over by the owner of the address, without its password"); err != nil {
		return nil, err
	}
	return user, s.link(ctx, tx, user, id)
}

func nameAfter(user *models.User, id Identity) {
	user.FirstName, user.LastName = models.Truncate(id.FirstName, 150), models.Truncate(id.LastName, 150)
}

// keptEmail is the identity's address as far as there is room for it.
func keptEmail(id Identity) string { return models.Truncate(models.NormalizeEmail(id.Email), 254) }

// accountOf finds the account of an identity; sql.ErrNoRows where there is none yet.
func accountOf(ctx context.Context, tx bun.Tx, id Identity) (*models.SocialAccount, error) {
	account := new(models.SocialAccount)
	err := tx.NewSelect().Model(account).Where("provider = ?", id.Provider).Where("subject = ?", id.Subject).Scan(ctx)
	return account, err
}

func errDisabled() error {
	return problem.New(problem.Forbidden, "disabled", "This account is disabled.")
}

func errAccountConflict() error {
	return problem.New(problem.Forbidden, "account_conflict", "That address's account is linked to another identity.")
}
