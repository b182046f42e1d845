package main

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/config"
	"digitalpath/handlers"
	"digitalpath/handlers/api"
	"digitalpath/handlers/backoffice"
	"digitalpath/handlers/oauth"
	"digitalpath/models"
	"digitalpath/services/accounts"
	"digitalpath/services/contact"
	"digitalpath/services/erasure"
	"digitalpath/services/jobs"
	"digitalpath/services/origins"
	"digitalpath/services/outbox"
	"digitalpath/services/projects"
	"digitalpath/services/ratelimit"
	"digitalpath/services/records"
	"digitalpath/services/waitlist"
	"digitalpath/workers"
)

// deps is what the commands work with: the configuration and the services on one
// database. Who depends on what is set here and nowhere else.
type deps struct {
	config     *config.Config
	log        *slog.Logger
	sentry     *sentry.Client // nil: faults are in the log alone
	db         *bun.DB
	limiter    *ratelimit.Limiter
	handover   *workers.Handover
	composer   *workers.Composer
	outbox     *outbox.Outbox
	jobs       *jobs.Jobs
	contact    *contact.Service
	waitlist   *waitlist.Service
	projects   *projects.Service
	logins     *accounts.Logins
	tokens     *accounts.Tokens
	accounts   *accounts.Service
	social     *accounts.SocialLogins
	superusers *accounts.Superusers
	users      *accounts.Users
	erasure    *erasure.Service
	origins    *origins.Log
}

// maxHashes bounds the passwords that are hashed at once, and so their memory.
const maxHashes = 8

// open reads the configuration and puts the services together. It connects to
// nothing yet, but makes the file that SQLite lacks.
func (p *program) open() (*deps, error) {
	c, err := config.FromEnv(p.environ)
	if err != nil {
		return nil, err
	}
	db, err := openDatabase(c)
	if err != nil {
		return nil, err
	}
	reports, err := newSentry(c)
	if err != nil {
		return nil, err
	}
	log := p.logger(c, reports)
	for _, warning := range c.Warnings {
		log.Warn(warning)
	}
	passwords := accounts.NewPasswords(int64(min(runtime.NumCPU(), maxHashes)))
	handover := workers.NewHandover()
	keys := &accounts.MailKeys{SecretKey: c.SecretKey, Fallbacks: c.SecretFallbacks, FrontendURL: strings.TrimSuffix(c.FrontendURL.String(), "/"), Now: now}
	links := waitlist.NewUnsubscribeLinks(c.OwnURL(), c.Secrets()...)
	composer := workers.NewComposer(db, mailConfig(c, keys, links))
	messages := &outbox.Outbox{
		DB: db, Kinds: composer.Kinds(), Staff: c.ContactRecipients, RetryDelay: c.MailRetryDelay, MaxRetries: int(c.MailMaxRetries),
		Hold: c.MailUndoTime, Domain: c.MailDomain(), Wake: handover.Wake,
	}
	counter, err := workers.NewRateCounter(c.BrokerURL, log)
	if err != nil {
		return nil, err
	}
	limiter := &ratelimit.Limiter{Count: counter.Count, Peek: counter.Peek, Limits: map[ratelimit.Rule]config.Limits{
		ratelimit.Contact: c.RateLimitContact, ratelimit.Waitlist: c.RateLimitWaitlist, ratelimit.LoginFailed: c.RateLimitLogin,
		ratelimit.SignUp: c.RateLimitSignup, ratelimit.Reset: c.RateLimitReset, ratelimit.Confirm: c.RateLimitConfirm,
		ratelimit.API: c.RateLimitAPI,
	}}
	logins := &accounts.Logins{DB: db, Passwords: passwords, Log: log, Now: now, Limiter: limiter}
	tokens := &accounts.Tokens{
		DB: db, Logins: logins, SecretKey: c.SecretKey, Fallbacks: c.SecretFallbacks, AccessLife: c.AccessLife, RefreshLife: c.RefreshLife, Rotate: c.RotateRefresh, Grace: c.RefreshGrace, Now: now,
	}
	people := &accounts.Service{DB: db, Outbox: messages, Passwords: passwords, Logins: logins, Tokens: tokens, Keys: keys, Now: now, Limiter: limiter}
	inbox := &contact.Service{DB: db, Outbox: messages, Limiter: limiter, Now: now}
	all := &jobs.Jobs{DB: db, Wake: handover.WakeJobs, Log: log}
	list := &waitlist.Service{DB: db, Outbox: messages, Jobs: all, Links: links, Now: now}
	users := accounts.NewUsers(people)
	return &deps{
		config: c, log: log, sentry: reports, db: db, limiter: limiter, handover: handover, composer: composer, outbox: messages,
		jobs:       all,
		contact:    inbox,
		waitlist:   list,
		projects:   &projects.Service{DB: db, Now: now, OpenToAll: c.Compat},
		logins:     logins,
		tokens:     tokens,
		accounts:   people,
		social:     &accounts.SocialLogins{DB: db, Tokens: tokens, Now: now},
		superusers: &accounts.Superusers{DB: db, Accounts: people, SecretKey: c.SecretKey, Now: now},
		users:      users,
		erasure:    &erasure.Service{DB: db, Users: users.Keeper, Messages: inbox.Rows(), Waitlist: list.Rows()},
		origins:    &origins.Log{DB: db, Now: now},
	}, nil
}

// now is the program's clock. PostgreSQL keeps microseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func (p *program) logger(c *config.Config, reports *sentry.Client) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	var lines slog.Handler = slog.NewJSONHandler(p.errOut, options)
	if c.Debug {
		lines = slog.NewTextHandler(p.errOut, options)
	}
	if reports != nil {
		lines = reporter{lines, reports}
	}
	return slog.New(handlers.LogHandler{Handler: lines})
}

// close is the end of a command.
func (d *deps) close() error {
	if d.sentry != nil {
		d.sentry.Flush(flushTime)
	}
	return d.db.Close()
}

// mailConfig is how and as whom mail is sent.
func mailConfig(c *config.Config, keys *accounts.MailKeys, links waitlist.UnsubscribeLinks) workers.MailConfig {
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
		FrontendURL: strings.TrimSuffix(c.FrontendURL.String(), "/"), Unsubscribe: links, Keys: keys,
	}
}

// newWorkers are this process's part in sending mail, with count mail workers.
func (d *deps) newWorkers(count int) (*workers.Workers, error) {
	return workers.New(workers.Options{
		Outbox: d.outbox, Jobs: d.jobs, Handover: d.handover, Composer: d.composer, RedisURL: d.config.BrokerURL, Workers: count,
		Housekeep: d.housekeep, Log: d.log,
	})
}

func (d *deps) housekeep(ctx context.Context) error {
	return errors.Join(d.logins.ForgetDjangoTokens(ctx), models.ForgetIdempotencyKeys(ctx, d.db, now()), d.social.ForgetCodes(ctx), d.jobs.Forget(ctx),
		records.ForgetTrash(ctx, d.db, now().Add(-d.config.TrashLife())), d.retain(ctx))
}

// newApp is the HTTP side.
func (d *deps) newApp(w *workers.Workers) (*handlers.App, error) {
	c := d.config
	app := &handlers.App{
		DB: d.db, Log: d.log, Now: now, Debug: c.Debug, Compat: c.Compat, BackendURL: strings.TrimSuffix(c.BackendURL.String(), "/"),
		AllowedHosts: c.AllowedHosts, CORSOrigins: c.CORSOrigins, CORSHeaders: c.CORSHeaders, Origins: d.origins, MetricsToken: c.MetricsToken, TrustedProxies: c.TrustedProxies,
		Outbox: d.outbox, Waitlist: d.waitlist, Queue: w.Queue,
	}
	app.Backoffice = d.newBackoffice(w)
	app.OAuth = d.newOAuth(app.Backoffice)
	app.Backoffice.Offered = app.OAuth.Offered()
	app.API = &api.API{
		Contact: d.contact, Waitlist: d.waitlist, Projects: d.projects, Accounts: d.accounts, Tokens: d.tokens, Social: d.social,
		Limiter: d.limiter, Offered: app.OAuth.Offered(), Compat: c.Compat, Version: version(),
	}
	return app, app.Backoffice.Open(c.Secrets())
}

func (d *deps) newBackoffice(w *workers.Workers) *backoffice.Backoffice {
	return &backoffice.Backoffice{
		Site:    &admin.Site{DB: d.db, Now: now, TrashLife: d.config.TrashLife()},
		Contact: d.contact, Waitlist: d.waitlist, Projects: d.projects,
		Users: d.users, Groups: accounts.NewGroups(d.db, now), Erasure: d.erasure,
		Logins: d.logins, Superusers: d.superusers, Social: d.social,
		Outbox: d.outbox, Jobs: d.jobs, Queue: w.Queue, Doctor: d.newDoctor(w.Queue, d.newOAuth(nil).KnowsUs),
		MailFiles: workers.Mailbox{Dir: d.config.EmailFilePath},
		Log:       d.log, Now: now, Debug: d.config.Debug, TimeZone: &d.config.TimeZone,
	}
}

// newOAuth is the login by Google or GitHub.
func (d *deps) newOAuth(b *backoffice.Backoffice) *oauth.Flow {
	c := d.config
	flow := &oauth.Flow{
		Logins: d.social, Backoffice: b, FrontendURL: strings.TrimSuffix(c.FrontendURL.String(), "/"), Compat: c.Compat, Log: d.log,
	}
	flow.Open(c.Secrets(), c.Debug, oauth.Credentials{ID: c.GoogleID, Secret: c.GoogleSecret}, oauth.Credentials{ID: c.GitHubID, Secret: c.GitHubSecret})
	return flow
}
