package accounts_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/config"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/services/outbox"
	"digitalpath/services/ratelimit"
)

const oldPassword, newPassword = "correct horse battery", "staple horse correct"

// people is the package on a database, with ann, a member of staff.
type people struct {
	*testing.T
	db         *bun.DB
	tokens     *accounts.Tokens
	users      *accounts.Users
	superusers *accounts.Superusers
	ann        *models.User

	// proven happens when a right password was found, before the login starts.
	proven func()
}

func newPeople(t *testing.T) *people {
	t.Parallel()
	p := &people{T: t, db: modelstest.New(t)}
	now := func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	passwords := accounts.NewPasswords(1)
	checks := 0
	logins := &accounts.Logins{DB: p.db, Passwords: passwords, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: now, Limiter: &ratelimit.Limiter{
		Limits: map[ratelimit.Rule]config.Limits{ratelimit.LoginFailed: {{N: 1, By: "key", Per: time.Hour}}},
		Peek: func(context.Context, string, string, int, time.Duration) (time.Duration, bool) {
			if checks++; checks == 2 && p.proven != nil {
				p.proven()
			}
			return 0, true
		},
		Count: func(context.Context, string, string, int, time.Duration) (time.Duration, bool) { return 0, true },
	}}
	p.tokens = &accounts.Tokens{DB: p.db, Logins: logins, SecretKey: strings.Repeat("k", 40), AccessLife: time.Hour, RefreshLife: time.Hour, Now: now}
	service := &accounts.Service{
		DB: p.db, Outbox: &outbox.Outbox{DB: p.db, Domain: "example.org", Wake: func([]int64) {}}, Passwords: passwords, Logins: logins, Tokens: p.tokens, Now: now,
	}
	p.users = accounts.NewUsers(service)
	p.superusers = &accounts.Superusers{DB: p.db, Accounts: service, Now: now}
	hash, err := passwords.Hash(t.Context(), oldPassword)
	p.must(err)
	p.ann = &models.User{Username: "ann", Email: "ann@example.com", Password: hash, IsActive: true, IsStaff: true, EmailVerifiedAt: now(), DateJoined: now()}
	_, err = p.db.NewInsert().Model(p.ann).Exec(t.Context())
	p.must(err)
	return p
}

func (p *people) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// root is the context of somebody who may do everything.
func (p *people) root() context.Context {
	return models.WithActor(p.Context(), models.Actor{Rights: models.Rights{All: true}})
}

// A login that was proved with the old password, or before staff shut the account, must
// not be stored after all others were ended.
func TestLoginThatWasProvedBeforeAChangeDoesNotOutliveIt(t *testing.T) {
	changes := map[string]func(p *people) error{
		"another password": func(p *people) error { return p.superusers.ChangePassword(p.Context(), "ann", newPassword) },
		"another by staff": func(p *people) error {
			_, err := p.users.Save(p.root(), p.ann.ID, func(user *models.User) error { user.NewPassword = newPassword; return nil })
			return err
		},
		"all logged out": func(p *people) error { return p.tokens.LogOutEverywhere(p.Context(), []int64{p.ann.ID}) },
		"deactivated":    func(p *people) error { _, err := p.users.Deactivate(p.root(), []int64{p.ann.ID}); return err },
	}
	logins := map[string]func(p *people) error{
		"the back office": func(p *people) error {
			_, err := p.tokens.Logins.LogIn(p.Context(), accounts.LoginInput{Login: "ann", Password: oldPassword})
			return err
		},
		"the API": func(p *people) error {
			_, err := p.tokens.LogIn(p.Context(), accounts.LoginInput{Login: "ann", Password: oldPassword})
			return err
		},
	}
	for what, change := range changes {
		for where, logIn := range logins {
			t.Run(what+" and "+where, func(t *testing.T) {
				p := newPeople(t)
				p.proven = func() { p.must(change(p)) }
				refused, isProblem := problem.As(logIn(p))
				if !isProblem || refused.Code != "invalid_credentials" {
					t.Errorf("the login ends with %v", refused)
				}
				live, err := p.db.NewSelect().Model((*models.Session)(nil)).Apply(models.LiveSessions(time.Now().UTC())).Count(t.Context())
				p.must(err)
				if live != 0 {
					t.Errorf("%d logins are open", live)
				}
			})
		}
	}
}

func TestFormOfAnAccountIsReadOnceAndOverwritesNobody(t *testing.T) {
	p := newPeople(t)
	read := 0
	_, err := p.users.Save(p.root(), p.ann.ID, func(user *models.User) error {
		read++
		user.FirstName, user.NewPassword = "Ann", newPassword
		return nil
	})
	p.must(err)
	if read != 1 {
		t.Errorf("the form was read %d times", read)
	}
	_, err = p.users.Save(p.root(), p.ann.ID, func(user *models.User) error {
		user.FirstName = "Anna"
		_, err := p.db.NewUpdate().Model(p.ann).Set("last_name = ?", "Lee").WherePK().Exec(p.Context())
		return err
	})
	if conflict, ok := problem.As(err); !ok || conflict.Kind != problem.Conflict {
		t.Errorf("saved over another change: %v", err)
	}
	users, err := p.users.LoadAll(p.Context(), []int64{p.ann.ID, p.ann.ID + 1})
	p.must(err)
	if user := users[0]; len(users) != 1 || user.FirstName != "Ann" || user.LastName != "Lee" || user.TokenEpoch != 1 {
		t.Errorf("stored %+v", users)
	}
}
