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
)

// The mails to the owner of an account; their object is the user, of the last two the
// EmailChange.
const (
	MailVerification      models.MailKind = "verification"
	MailAlreadyRegistered models.MailKind = "already_registered"
	MailPasswordReset     models.MailKind = "password_reset"
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
	// MayConfirm counts a mail to an address that asks for a confirmation, and tells
	// whether it may go out: nobody's mailbox is to be filled by others. Who asks by
	// something that is limited per client itself gives no ip.
	MayConfirm func(ctx context.Context, ip, email string) bool
	Now        func() time.Time
}

// SignupInput is what a new user tells of themselves.
type SignupInput struct {
	Username, Email, Password, FirstName, LastName string
	Language                                       string // of mails to them: en or es
}

// SignUp makes an account that waits for its address to be verified, and enqueues the
// mail that asks for it. Where the address has an account already nothing is made, and
// its owner is told by mail; the answer, and its time, do not tell.
func (s *Service) SignUp(ctx context.Context, in SignupInput) (*models.User, error) {
	started := time.Now()
	user := &models.User{
		Username: models.NormalizeUsername(in.Username), Email: models.NormalizeEmail(in.Email),
		FirstName: in.FirstName, LastName: in.LastName, Language: in.Language, DateJoined: s.Now(),
	}
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

// register stores the account, or enqueues the mail to whom the address belongs.
func (s *Service) register(ctx context.Context, user *models.User) (due []int64, err error) {
	taken, err := s.DB.NewSelect().Model((*models.User)(nil)).Where("lower(username) = lower(?)", user.Username).Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for username: %w", err)
	}
	owner, err := models.UserByEmail(ctx, s.DB, user.Email)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("look for e-mail address: %w", err)
	}
	owned := err == nil
	// A taken name is told whether or not the address has an owner, else the two would
	// tell of each other; but a name that is the address tells nothing that its owner's
	// mail does not.
	if taken && !(owned && models.NormalizeEmail(user.Username) == user.Email) {
		p := problem.New(problem.Conflict, "username_taken", "Username already exists")
		p.Fields = problem.Fields{"username": {p.Message}}
		return nil, p
	}
	if owned {
		return s.tellOwner(ctx, owner)
	}
	// The first mail goes out whatever was asked for before; it makes the next one wait.
	_ = s.MayConfirm(ctx, "", user.Email)
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		user.ID = 0
		if _, err := tx.NewInsert().Model(user).Exec(ctx); err != nil {
			return fmt.Errorf("store account: %w", err)
		}
		due, err = s.Outbox.Enqueue(ctx, tx, MailVerification, user.ID)
		return err
	})
	return due, err
}

// tellOwner enqueues the mail that says that an address has an account.
func (s *Service) tellOwner(ctx context.Context, owner *models.User) ([]int64, error) {
	if !s.MayConfirm(ctx, "", owner.Email) {
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
	if len(fields["username"]) == 0 && models.IsEmail(user.Username) && models.NormalizeEmail(user.Username) != user.Email {
		fields.Add("username", "A username that looks like an e-mail address must be your own address.")
	}
	return fields, nil
}
