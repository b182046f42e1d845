package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/config"
	"digitalpath/handlers"
	"digitalpath/handlers/api"
	"digitalpath/handlers/backoffice"
	"digitalpath/handlers/social"
	"digitalpath/models"
	"digitalpath/services"
	"digitalpath/workers"
)

// house is what the commands work with: the configuration and the services on one
// database. Who depends on what is set here and nowhere else.
type house struct {
	config     *config.Config
	log        *slog.Logger
	db         *bun.DB
	outbox     *services.Outbox
	contact    *services.Contact
	waitlist   *services.Waitlist
	projects   *services.Projects
	logins     *services.Logins
	tokens     *services.Tokens
	accounts   *services.Accounts
	social     *services.SocialLogins
	superusers *services.Superusers
}

// maxHashes bounds the passwords that are hashed at once, and so their memory.
const maxHashes = 8

// open reads the configuration and puts the services together. It connects to
// nothing yet, but makes the file that SQLite lacks.
func (p *program) open() (*house, error) {
	c, err := config.FromEnv(p.getenv)
	if err != nil {
		return nil, err
	}
	if path, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:///"); ok {
		if err := makeFile(path); err != nil {
			return nil, fmt.Errorf("DATABASE_URL names a file that cannot be opened (%w): write it as sqlite:///path, or sqlite:////path from the root", err)
		}
	}
	db, err := models.Open(c.DatabaseURL)
	if err != nil {
		return nil, err
	}
	log := p.logger(c.Debug)
	passwords := services.NewPasswords(int64(min(runtime.NumCPU(), maxHashes)))
	outbox := &services.Outbox{
		DB: db, Now: now, RetryDelay: c.MailRetryDelay, MaxRetries: int(c.MailMaxRetries), Domain: c.MailDomain(),
		Wake: func([]int64) {}, // commands leave it to the sweepers of running processes
	}
	logins := &services.Logins{DB: db, Passwords: passwords, Log: log, Now: now}
	tokens := &services.Tokens{
		DB: db, Logins: logins, SecretKey: c.SecretKey, AccessLife: c.AccessLife, RefreshLife: c.RefreshLife, Rotate: c.RotateRefresh, Now: now,
	}
	keys := &services.MailKeys{SecretKey: c.SecretKey, FrontendURL: strings.TrimSuffix(c.FrontendURL.String(), "/"), Now: now}
	return &house{
		config: c, log: log, db: db, outbox: outbox,
		contact:    &services.Contact{DB: db, Outbox: outbox, Now: now},
		waitlist:   &services.Waitlist{DB: db, Outbox: outbox, Links: services.NewUnsubscribeLinks(c.SecretKey, c.OwnURL()), Now: now},
		projects:   &services.Projects{DB: db, Now: now, OpenToAll: c.Compat},
		logins:     logins,
		tokens:     tokens,
		accounts:   &services.Accounts{DB: db, Outbox: outbox, Passwords: passwords, Logins: logins, Tokens: tokens, Keys: keys, Now: now},
		social:     &services.SocialLogins{DB: db, Tokens: tokens, Now: now},
		superusers: &services.Superusers{DB: db, Logins: logins, Passwords: passwords, SecretKey: c.SecretKey, Now: now},
	}, nil
}

// makeFile makes SQLite's file and its folder where they lack. A path that cannot be
// one is found here: waiting for the database would never end.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // #nosec G304 -- the operator names it in DATABASE_URL
	if err != nil {
		return err
	}
	return file.Close()
}

// now is the program's clock. PostgreSQL keeps microseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func (p *program) logger(debug bool) *slog.Logger {
	if debug {
		return slog.New(handlers.LogHandler{Handler: slog.NewTextHandler(p.errOut, nil)})
	}
	return slog.New(handlers.LogHandler{Handler: slog.NewJSONHandler(p.errOut, nil)})
}

// mail is how and as whom mail is sent.
func (h *house) mail() workers.MailConfig {
	c := h.config
	backend := workers.BackendSMTP
	if c.Mailbox {
		backend = workers.BackendFile
	} else if c.Console {
		backend = workers.BackendConsole
	}
	return workers.MailConfig{
		Backend: backend, Host: c.EmailHost, Port: int(c.EmailPort), User: c.EmailUser, Password: c.EmailPassword,
		UseTLS: c.EmailUseTLS, UseSSL: c.EmailUseSSL, From: c.EmailFrom, ContactRecipients: c.ContactRecipients,
		FilePath: c.EmailFilePath, BackendURL: c.OwnURL(),
		FrontendURL: strings.TrimSuffix(c.FrontendURL.String(), "/"), Unsubscribe: h.waitlist.Links, Keys: h.accounts.Keys,
	}
}

// senders are this process's part in sending mail, with count mail workers.
func (h *house) senders(count int) (*workers.Workers, error) {
	w, err := workers.New(workers.Options{
		Outbox: h.outbox, Mail: h.mail(), RedisURL: h.config.BrokerURL, Workers: count, Housekeep: h.housekeep, Log: h.log,
	})
	if err == nil {
		h.outbox.Wake = w.Wake
	}
	return w, err
}

func (h *house) housekeep(ctx context.Context) error {
	return errors.Join(h.logins.ForgetExpired(ctx), services.ForgetIdempotencyKeys(ctx, h.db, now()), h.social.ForgetCodes(ctx))
}

// web is the HTTP side.
func (h *house) web(w *workers.Workers) (*handlers.App, error) {
	c := h.config
	app := &handlers.App{
		DB: h.db, Log: h.log, Now: now, Debug: c.Debug, Compat: c.Compat, BackendURL: strings.TrimSuffix(c.BackendURL.String(), "/"),
		AllowedHosts: c.AllowedHosts, CORSOrigins: c.CORSOrigins, TrustedProxies: c.TrustedProxies,
		Limits: map[string][]handlers.Limit{
			"contact": limits(c.RateLimitContact), "waitlist": limits(c.RateLimitWaitlist), "login": limits(c.RateLimitLogin),
			"signup": limits(c.RateLimitSignup), "reset": limits(c.RateLimitReset), "confirm": limits(c.RateLimitConfirm),
			"api": limits(c.RateLimitAPI),
		},
		Outbox: h.outbox, Waitlist: h.waitlist, Limiter: w.Limiter, Queue: w.Queue,
	}
	h.logins.Failed = services.FailedLogins{
		Check: func(ctx context.Context, ip, account string) error { return app.Reached(ctx, "login", ip, account) },
		Count: func(ctx context.Context, ip, account string) {
			_ = app.Limit(ctx, "login", ip, account) // Check refuses the next one
		},
	}
	h.accounts.MayConfirm = func(ctx context.Context, ip, email string) bool { return app.Limit(ctx, "confirm", ip, email) == nil }
	app.Backoffice = h.backoffice(w)
	app.Trip = h.trip(app.Backoffice)
	app.Backoffice.Offered = app.Trip.Offered()
	app.API = &api.API{
		Contact: h.contact, Waitlist: h.waitlist, Projects: h.projects, Accounts: h.accounts, Tokens: h.tokens, Social: h.social,
		Offered: app.Trip.Offered(), Compat: c.Compat, Version: version(),
	}
	return app, app.Backoffice.Open(c.SecretKey)
}

func (h *house) backoffice(w *workers.Workers) *backoffice.Backoffice {
	return &backoffice.Backoffice{
		Site:    &admin.Site{DB: h.db, Now: now},
		Contact: h.contact, Waitlist: h.waitlist, Projects: h.projects,
		Users:  &services.Users{DB: h.db, Accounts: h.accounts, Now: now},
		Groups: &services.Groups{DB: h.db, Now: now},
		Logins: h.logins, Superusers: h.superusers, Social: h.social,
		Outbox: h.outbox, Queue: w.Queue, Letters: workers.Mailbox{Dir: h.config.EmailFilePath},
		Log: h.log, Now: now, Debug: h.config.Debug,
	}
}

// trip is the way to social providers and back.
func (h *house) trip(b *backoffice.Backoffice) *social.Trip {
	c := h.config
	trip := &social.Trip{
		Logins: h.social, Backoffice: b, FrontendURL: strings.TrimSuffix(c.FrontendURL.String(), "/"), Compat: c.Compat, Log: h.log,
	}
	trip.Open(c.SecretKey, c.Debug, social.Credentials{ID: c.GoogleID, Secret: c.GoogleSecret}, social.Credentials{ID: c.GitHubID, Secret: c.GitHubSecret})
	return trip
}

func limits(all config.Limits) []handlers.Limit {
	converted := make([]handlers.Limit, len(all))
	for i, l := range all {
		converted[i] = handlers.Limit(l)
	}
	return converted
}
