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
	"digitalpath/services/outbox"
	"digitalpath/services/ratelimit"
)

// The mails to the owner of an account; their object is the user, of MailSignup the
// Signup, of the last two the EmailChange.
const (
	MailVerification      models.MailKind = "verification"       // the first one
	MailSignup            models.MailKind = "signup"             // the first one of a Signup
	MailVerificationAgain models.MailKind = "verification_again" // on demand
	MailAlreadyRegistered models.MailKind = "already_registered"
	MailPasswordReset     models.MailKind = "password_reset"
	MailResetHere         models.MailKind = "password_reset_here" // by a page of the back office
	MailPasswordChanged   models.MailKind = "password_changed"
	MailEmailChange       models.MailKind = "email_change"  // to the new address, asks to confirm it
	MailEmailChanged      models.MailKind = "email_changed" // to the old address
)

// Service is the story of people's own accounts: sign up, confirm the address, choose
// a new password, change who you are.
type Service struct {
	DB        *bun.DB
	Outbox    *outbox.Outbox
	Passwords *Passwords
	Logins    *Logins
	Tokens    *Tokens
	Keys      *MailKeys
	Limiter   *ratelimit.Limiter
	Now       func() time.Time
}

// mayConfirm counts a mail to an address that asks for a confirmation, and tells whether
// it may go out: nobody's mailbox is to be filled by others. Who asks by something that
// is limited per client itself gives no ip.
func (s *Service) mayConfirm(ctx context.Context, ip, email string) bool {
	return s.Limiter.Allow(ctx, ratelimit.Confirm, ip, email) == nil
}

// SignupInput is what a new user tells of themselves.
type SignupInput struct {
	Username, Email, Password, FirstName, LastName string
	Language                                       string // of mails to them: en or es
}

// firstMails is how many mails about new sign-ups go to one address in an hour.
const firstMails = 5

// Check tells what is wrong with it.
func (in SignupInput) Check() error { return checkAccount(in.user(time.Time{}), in.Password) }

func (in SignupInput) user(now time.Time) *models.User {
	return &models.User{
		Username: models.NormalizeUsername(in.Username), Email: models.NormalizeEmail(in.Email),
		FirstName: in.FirstName, LastName: in.LastName, Language: in.Language, DateJoined: now,
	}
}

// SignUp keeps a sign-up until its address is confirmed, and enqueues the mail that asks
// for it: as an account that waits or, where the address has an account, apart from that.
// Its owner is told by mail; the answer, its time, and whatever else is asked with the
// same name, address and password, do not tell.
func (s *Service) SignUp(ctx context.Context, in SignupInput) (*models.User, error) {
	started := time.Now()
	user := in.user(s.Now())
	if err := checkAccount(user, in.Password); err != nil {
		return nil, err
	}
	var err error
	if user.Password, err = s.Passwords.Hash(ctx, in.Password); err != nil {
		return nil, err
	}
	due, err := s.register(ctx, user)
	if models.IsUniqueViolation(err) { // somebody was faster: now it is seen who
		due, err = s.register(ctx, user)
	}
	if err != nil {
		return nil, err
	}
	s.Outbox.Notify(ctx, due)
	pauseUntil(ctx, started.Add(minResponseTime))
	return user, nil
}

// register stores the sign-up and enqueues its mail.
func (s *Service) register(ctx context.Context, user *models.User) (due []int64, err error) {
	_ = s.mayConfirm(ctx, "", user.Email) // this mail goes out whatever was asked for before; it makes the next one wait
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		owner, err := models.UserByEmail(ctx, tx, user.Email)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for e-mail address: %w", err)
		}
		if err := nameIsFree(ctx, tx, owner, user); err != nil {
			return err
		}
		mayMail, err := s.mayMailFirst(ctx, tx, owner, user.Email)
		if err != nil {
			return err
		}
		kind, object, err := s.storeSignup(ctx, tx, owner, user)
		if err == nil && mayMail {
			due, err = s.Outbox.Enqueue(ctx, tx, kind, object)
		}
		return err
	})
	return due, err
}

// nameIsFree refuses a username that an account or another sign-up has. It does so
// whether or not the address has an owner, else the two would tell of each other; but a
// name that is the address tells nothing that its owner's mail does not.
func nameIsFree(ctx context.Context, tx bun.Tx, owner, user *models.User) error {
	ownAddress := models.NormalizeEmail(user.Username) == user.Email
	for _, names := range []struct {
		query  *bun.SelectQuery
		shared bool
	}{
		{tx.NewSelect().Model((*models.User)(nil)), ownAddress && owner.ID != 0},
		{tx.NewSelect().Model((*models.Signup)(nil)).Where("user_id IS NULL"), ownAddress},
	} {
		if names.shared {
			continue
		}
		taken, err := names.query.Where("lower(username) = lower(?)", user.Username).Exists(ctx)
		if err != nil {
			return fmt.Errorf("look for username: %w", err)
		}
		if taken {
			p := problem.New(problem.Conflict, "username_taken", "Username already exists")
			p.Fields = problem.Fields{"username": {p.Message}}
			return p
		}
	}
	return nil
}

// mayMailFirst tells whether one more sign-up with an address is mailed about: nobody's
// mailbox is to be filled by others. Beyond that its owner can ask again.
func (s *Service) mayMailFirst(ctx context.Context, tx bun.Tx, owner *models.User, email string) (bool, error) {
	since := s.Now().Add(-time.Hour)
	recent, err := tx.NewSelect().Model((*models.Signup)(nil)).Where("email = ?", email).Where("created_at > ?", since).Count(ctx)
	if err != nil {
		return false, fmt.Errorf("count sign-ups: %w", err)
	}
	if owner.DateJoined.After(since) {
		recent++
	}
	return recent < firstMails, nil
}

// storeSignup keeps a sign-up, and names the mail that is due for it.
func (s *Service) storeSignup(ctx context.Context, tx bun.Tx, owner, user *models.User) (models.MailKind, int64, error) {
	if owner.ID == 0 {
		user.ID = 0 // of a first try
		if _, err := tx.NewInsert().Model(user).Exec(ctx); err != nil {
			return "", 0, fmt.Errorf("store account: %w", err)
		}
		return MailVerification, user.ID, recordOwn(ctx, tx, s.Now(), user, models.HistoryAdded, "Signed up")
	}
	signup := &models.Signup{
		Username: user.Username, Email: user.Email, Password: user.Password,
		FirstName: user.FirstName, LastName: user.LastName, Language: user.Language, CreatedAt: user.DateJoined,
	}
	if _, err := tx.NewInsert().Model(signup).Exec(ctx); err != nil {
		return "", 0, fmt.Errorf("store sign-up: %w", err)
	}
	if owner.Unclaimed() {
		return MailSignup, signup.ID, nil
	}
	return MailAlreadyRegistered, owner.ID, nil
}

// tellOwner enqueues the mail that says that an address has an account.
func (s *Service) tellOwner(ctx context.Context, owner *models.User) ([]int64, error) {
	if !s.mayConfirm(ctx, "", owner.Email) {
		return nil, nil
	}
	return s.enqueue(ctx, MailAlreadyRegistered, owner.ID)
}

// enqueue is one message in a transaction of its own.
func (s *Service) enqueue(ctx context.Context, kind models.MailKind, object int64) (due []int64, err error) {
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		due, err = s.Outbox.Enqueue(ctx, tx, kind, object)
		return err
	})
	return due, err
}

// checkAccount holds a new account and its password against every rule.
func checkAccount(user *models.User, password string) error {
	fields, err := accountFaults(user)
	if err != nil {
		return err
	}
	CheckPassword(fields, "password", password, user)
	if len(fields) > 0 {
		return fields.Problem()
	}
	return nil
}

// accountFaults holds an account but for its password against every rule.
func accountFaults(user *models.User) (problem.Fields, error) {
	err := models.Validate(user)
	invalid, isProblem := problem.As(err)
	if err != nil && !isProblem {
		return nil, err
	}
	fields := problem.Fields{}
	if isProblem {
		fields = invalid.Fields
	}
	checkUsername(fields, user)
	return fields, nil
}

func checkUsername(fields problem.Fields, user *models.User) {
	if len(fields["username"]) == 0 && models.IsEmail(user.Username) && models.NormalizeEmail(user.Username) != user.Email {
		fields.Add("username", "A username that looks like an e-mail address must be your own address.")
	}
}
