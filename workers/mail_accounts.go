package workers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"digitalpath/models"
	"digitalpath/views/i18n"
	"digitalpath/views/mail"
)

// errOutdated refuses to send what is not true any more.
func errOutdated(reply string) error { return &MailError{Refused: true, Reply: reply} }

// toOwner composes a mail to the owner of an account. Keys are made by
// words, at the moment of sending, and kept nowhere.
func (c *Composer) toOwner(words func(ctx context.Context, user *models.User) (mail.AccountMessage, error)) func(ctx context.Context, id int64) (*mailMessage, error) {
	return func(ctx context.Context, id int64) (*mailMessage, error) {
		user := &models.User{ID: id}
		err := c.db.NewSelect().Model(user).WherePK().Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, errOutdated("The account was deleted.")
		}
		if err != nil {
			return nil, fmt.Errorf("read account: %w", err)
		}
		written, err := words(i18n.With(ctx, user.Language), user)
		return accountMessage(user.Email, user, written), err
	}
}

func accountMessage(to string, user *models.User, words mail.AccountMessage) *mailMessage {
	return &mailMessage{to: to, lang: user.Language, subject: words.Subject, html: mail.AccountHTML(words), text: mail.AccountText(words)}
}

func errConfirmed() error {
	return errOutdated("The account does not wait for its address to be confirmed any more.")
}

func (c *Composer) verification(ctx context.Context, user *models.User) (mail.AccountMessage, error) {
	if !user.Waiting() {
		return mail.AccountMessage{}, errConfirmed()
	}
	return mail.Verification(ctx, c.config.Keys.VerificationLink(user)), nil
}

// signup asks to confirm one of several sign-ups with an address.
func (c *Composer) signup(ctx context.Context, id int64) (*mailMessage, error) {
	signup := &models.Signup{ID: id}
	err := c.db.NewSelect().Model(signup).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errOutdated("The account was deleted.")
	}
	if err != nil {
		return nil, fmt.Errorf("read sign-up: %w", err)
	}
	owner, err := models.UserByEmail(ctx, c.db, signup.Email)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("look for e-mail address: %w", err)
	}
	if signup.UserID != 0 || owner.ID != 0 && !owner.Unclaimed() {
		return nil, errConfirmed()
	}
	words := mail.Verification(i18n.With(ctx, signup.Language), c.config.Keys.SignupLink(signup))
	return accountMessage(signup.Email, &models.User{Language: signup.Language}, words), nil
}

// maxSignups is how many sign-ups with its address one mail offers to confirm.
const maxSignups = 5

// verificationAgain asks to confirm an account that waits, or one of the newest sign-ups
// that may take its place: who asks for the mail may have made any of them.
func (c *Composer) verificationAgain(ctx context.Context, user *models.User) (mail.AccountMessage, error) {
	if !user.Waiting() {
		return mail.AccountMessage{}, errConfirmed()
	}
	links := []mail.SignupLink{{At: user.DateJoined, URL: c.config.Keys.VerificationLink(user)}}
	if user.Unclaimed() {
		signups, err := models.OpenSignups(ctx, c.db, user.Email, maxSignups-1)
		if err != nil {
			return mail.AccountMessage{}, fmt.Errorf("read sign-ups: %w", err)
		}
		for i := len(signups) - 1; i >= 0; i-- {
			links = append(links, mail.SignupLink{At: signups[i].CreatedAt, URL: c.config.Keys.SignupLink(&signups[i])})
		}
	}
	return mail.VerificationAgain(ctx, links), nil
}

func (c *Composer) alreadyRegistered(ctx context.Context, user *models.User) (mail.AccountMessage, error) {
	switch {
	case user.Waiting():
		return mail.StillToConfirm(ctx, user.Username, c.config.Keys.VerificationLink(user)), nil
	case user.Enabled():
		return mail.AlreadyRegistered(ctx, c.config.FrontendURL, user.Username, c.config.Keys.ResetLink(user)), nil
	}
	return mail.AlreadyRegistered(ctx, c.config.FrontendURL, user.Username, ""), nil
}

func (c *Composer) passwordReset(ctx context.Context, user *models.User) (mail.AccountMessage, error) {
	return reset(ctx, user, c.config.Keys.ResetLink(user))
}

// resetHere leads to a page of the back office, which needs no frontend.
func (c *Composer) resetHere(ctx context.Context, user *models.User) (mail.AccountMessage, error) {
	return reset(ctx, user, c.config.BackendURL+"/admin/reset-password/?"+c.config.Keys.ResetQuery(user))
}

func reset(ctx context.Context, user *models.User, link string) (mail.AccountMessage, error) {
	if !user.Enabled() {
		return mail.AccountMessage{}, errOutdated("The account was disabled.")
	}
	return mail.PasswordReset(ctx, user.Username, link), nil
}

func (c *Composer) passwordChanged(ctx context.Context, user *models.User) (mail.AccountMessage, error) {
	return mail.PasswordChanged(ctx, user.Username, c.config.FrontendURL), nil
}

func (c *Composer) emailChange(ctx context.Context, id int64) (*mailMessage, error) {
	change, err := models.NewestEmailChange(ctx, c.db, id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !change.ConfirmedAt.IsZero() {
		return nil, errOutdated("The wish for another address was withdrawn, or has come true.")
	}
	if err != nil {
		return nil, fmt.Errorf("read e-mail change: %w", err)
	}
	words := mail.EmailChange(i18n.With(ctx, change.User.Language), c.config.Keys.EmailChangeLink(change, change.User))
	return accountMessage(change.NewEmail, change.User, words), nil
}

func (c *Composer) emailChanged(ctx context.Context, id int64) (*mailMessage, error) {
	change := new(models.EmailChange)
	err := c.db.NewSelect().Model(change).Relation("User").Where("email_change.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errOutdated("The account was deleted.")
	}
	if err != nil {
		return nil, fmt.Errorf("read e-mail change: %w", err)
	}
	words := mail.EmailChanged(i18n.With(ctx, change.User.Language), change.User.Username, c.config.FrontendURL)
	return accountMessage(change.OldEmail, change.User, words), nil
}
