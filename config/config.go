// Package config is the only reader of the environment. The fields of Config are
// the one table of variables: README's table is checked against it.
package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"time"
)

// Config is the whole configuration, checked. Variables whose default depends on
// others are resolved in resolve.go.
type Config struct {
	SecretKey         string         `env:"DJANGO_SECRET_KEY" alias:"SECRET_KEY" help:"signs links, forms and tokens; 32 bytes or more. With debug on one is made and kept in var/." secret:"1"`
	SecretFallbacks   []string       `env:"DJANGO_SECRET_KEY_FALLBACKS" help:"former keys, comma-separated, newest first: what they signed stays good, nothing new is signed with them" secret:"1"`
	Debug             bool           `env:"DJANGO_DEBUG" envDefault:"0" help:"1 for development: dev mailbox, relaxed checks, one-time set-up link"`
	Port              uint16         `env:"PORT" envDefault:"8000" help:"port to listen on; with debug on, on 127.0.0.1 only"`
	DatabaseURL       string         `env:"DATABASE_URL" help:"postgresql://user:password@host:port/name, or sqlite:///path. Empty (debug only): var/digitalpath.db"`
	PoolSize          uint16         `env:"DATABASE_POOL_SIZE" envDefault:"20" help:"connections that one process opens to PostgreSQL at most; docs/operations.md has the sum for many"`
	BrokerURL         string         `env:"CELERY_BROKER_URL" alias:"REDIS_URL" help:"redis://host:port/0. Empty: a Redis inside the process, and workers with it"`
	ResultBackend     string         `env:"CELERY_RESULT_BACKEND" help:"accepted from the .env of the Django program; not needed"`
	AllowedHosts      []string       `env:"ENV_ALLOWED_HOSTS" help:"host names to answer to, comma-separated; a leading dot takes subdomains, * takes all"`
	RailwayDomain     string         `env:"RAILWAY_PUBLIC_DOMAIN" help:"the host that Railway gives: allowed where ENV_ALLOWED_HOSTS is empty, and with https:// the BACKEND_URL where that is empty"`
	CORSOrigins       []string       `env:"CORS_ALLOWED_ORIGINS" help:"origins of the frontends that call the API, comma-separated"`
	CORSHeaders       []string       `env:"CORS_ALLOW_HEADERS" help:"request headers, comma-separated, that those frontends may send besides the usual ones"`
	FrontendURL       url.URL        `env:"FRONTEND_URL" envDefault:"http://localhost:3000" help:"where links in mails lead"`
	BackendURL        url.URL        `env:"BACKEND_URL" help:"this program's own public address, for social logins, links in the API's answers and links in mails. Default: RAILWAY_PUBLIC_DOMAIN; else mails take the first host of ENV_ALLOWED_HOSTS, the others the host that was asked"`
	EmailBackend      string         `env:"EMAIL_BACKEND" help:"Django's name of the backend: smtp, console, filebased or locmem. Empty: smtp, or with debug on and nothing set, the dev mailbox"`
	EmailHost         string         `env:"EMAIL_HOST" help:"SMTP server; default smtp.gmail.com"`
	EmailPort         uint16         `env:"EMAIL_PORT" envDefault:"587" help:"SMTP port"`
	EmailUser         string         `env:"EMAIL_HOST_USER" help:"SMTP user; also who gets staff mail where CONTACT_RECIPIENTS is empty"`
	EmailPassword     string         `env:"EMAIL_HOST_PASSWORD" help:"SMTP password" secret:"1"`
	EmailUseTLS       bool           `env:"EMAIL_USE_TLS" envDefault:"1" help:"STARTTLS; nothing is sent where the server does not offer it"`
	EmailUseSSL       bool           `env:"EMAIL_USE_SSL" envDefault:"0" help:"TLS from the first byte (port 465); set EMAIL_USE_TLS=0 with it"`
	EmailFrom         string         `env:"DEFAULT_FROM_EMAIL" help:"sender of all mail; default EMAIL_HOST_USER, else noreply@digitalpathai.com"`
	EmailFilePath     string         `env:"EMAIL_FILE_PATH" envDefault:"var/mailbox" help:"folder of the filebased backend and of the dev mailbox"`
	ContactRecipients []string       `env:"CONTACT_RECIPIENTS" help:"who gets contact messages and notices, comma-separated; default EMAIL_HOST_USER"`
	MailRetryDelay    time.Duration  `env:"MAIL_RETRY_DELAY" envDefault:"60s" help:"time between two attempts to send a mail"`
	MailMaxRetries    uint8          `env:"MAIL_MAX_RETRIES" envDefault:"3" help:"attempts after the first one"`
	MailUndoTime      time.Duration  `env:"MAIL_UNDO_TIME" envDefault:"10s" help:"how long mail that staff send waits, so that they can undo it; 0s sends at once"`
	WorkersInProcess  bool           `env:"WORKERS_IN_PROCESS" envDefault:"0" help:"1: serve works the queue too; always so without a broker"`
	TrashDays         uint16         `env:"TRASH_DAYS" envDefault:"30" help:"how many days deleted rows stay in the trash, from where they can be restored"`
	SpamDays          Days           `env:"RETENTION_SPAM_DAYS" envDefault:"0" help:"days after which contact messages and waitlist entries marked as spam are deleted for good; 0 keeps them"`
	LoginDays         Days           `env:"RETENTION_LOGIN_DAYS" envDefault:"0" help:"days after which a login that is over leaves the log-in history; 0 keeps it"`
	HistoryDays       Days           `env:"RETENTION_HISTORY_DAYS" envDefault:"0" help:"days after which the history forgets a change; 0 keeps all of it"`
	SentMailDays      Days           `env:"RETENTION_SENT_MAIL_DAYS" envDefault:"0" help:"days after which the delivery of a sent mail is forgotten; 0 keeps it"`
	AutoMigrate       bool           `env:"AUTO_MIGRATE" envDefault:"1" help:"0: serve refuses to start on an old schema instead of migrating it"`
	TimeZone          time.Location  `env:"TIME_ZONE" envDefault:"UTC" help:"whose days and times the back office shows to who has chosen no zone in their profile, such as Europe/Madrid"`
	LogLevel          slog.Level     `env:"LOG_LEVEL" envDefault:"info" help:"least level of the lines in the log: debug, info, warn or error"`
	MetricsToken      string         `env:"METRICS_TOKEN" help:"who may read /metrics with debug off: it is sent as Authorization: Bearer. This machine itself needs none" secret:"1"`
	SentryDSN         string         `env:"SENTRY_DSN" help:"where faults are reported, as Sentry's project settings show it: panics, answers of 5xx, failed jobs and mails given up, without personal data. Empty: they are in the log alone" secret:"1"`
	SentryEnvironment string         `env:"SENTRY_ENVIRONMENT" help:"what Sentry calls this deployment; default production, with debug on development"`
	NotifySocket      string         `env:"NOTIFY_SOCKET" help:"set by systemd, which is told there that the program is ready, lives and stops"`
	WatchdogMicros    int64          `env:"WATCHDOG_USEC" envDefault:"0" help:"set by systemd: after so many microseconds without a sign of life it starts the program again"`
	TrustedProxies    []netip.Prefix `env:"TRUSTED_PROXIES" help:"CIDRs of proxies whose X-Forwarded-* headers count, comma-separated"`
	RateLimitContact  Limits         `env:"RATE_LIMIT_CONTACT" envDefault:"10/m/ip,3/m/key" help:"contact form, per client and per address; off turns it off"`
	RateLimitWaitlist Limits         `env:"RATE_LIMIT_WAITLIST" envDefault:"10/m/ip" help:"waitlist form, per client"`
	RateLimitLogin    Limits         `env:"RATE_LIMIT_LOGIN_FAILED" envDefault:"10/m/ip,5/5m/key" help:"failed logins, per client and per account"`
	RateLimitSignup   Limits         `env:"RATE_LIMIT_SIGNUP" envDefault:"20/m/ip" help:"sign-ups, per client"`
	RateLimitReset    Limits         `env:"RATE_LIMIT_RESET" envDefault:"20/m/ip,5/m/key" help:"forgotten passwords, per client and per address"`
	RateLimitConfirm  Limits         `env:"RATE_LIMIT_CONFIRM" envDefault:"1/3m/key" help:"mails that ask to confirm an address, per address"`
	RateLimitAPI      Limits         `env:"RATE_LIMIT_API" envDefault:"600/m/user" help:"requests with a token, per user"`
	AccessLife        time.Duration  `env:"JWT_ACCESS_TOKEN_LIFETIME" help:"how long an access token is good; default 5m, with debug on 60m"`
	RefreshLife       time.Duration  `env:"JWT_REFRESH_TOKEN_LIFETIME" help:"how long a refresh token is good; default 24h, with debug on 168h"`
	RotateRefresh     bool           `env:"JWT_ROTATE_REFRESH_TOKENS" envDefault:"0" help:"1: each refresh gives a new refresh token; the old one dies, and its reuse ends the login"`
	RefreshGrace      time.Duration  `env:"JWT_REFRESH_GRACE" envDefault:"30s" help:"how long a replaced refresh token still answers with its successor: two tabs, a lost answer"`
	GoogleID          string         `env:"GOOGLE_CLIENT_ID" help:"log in with Google: the client's id from Google's console; empty turns it off"`
	GoogleSecret      string         `env:"GOOGLE_CLIENT_SECRET" help:"and its secret" secret:"1"`
	GitHubID          string         `env:"GITHUB_CLIENT_ID" help:"log in with GitHub: the OAuth app's client id; empty turns it off"`
	GitHubSecret      string         `env:"GITHUB_CLIENT_SECRET" help:"and its secret" secret:"1"`
	SuperuserPassword string         `env:"DJANGO_SUPERUSER_PASSWORD" secret:"1" help:"password for createsuperuser, which then asks for none; --noinput needs it"`
	Compat            bool           `env:"DJANGO_COMPAT" envDefault:"0" help:"1, as the Django program did: handled failures of /api/auth/* and /api/contact answer 200 with success:false, token/refresh also takes ?refresh_token=, social login puts the tokens into the redirect, a waitlist join also answers id, timestamp and updated, and every signed-in user sees all projects"`

	Warnings []string `env:"-"` // what is perhaps not as it was meant, for the log

	Embedded bool `env:"-"` // no broker: Redis lives in this process
	Mailbox  bool `env:"-"` // mail goes to files in EmailFilePath
	Console  bool `env:"-"` // mail goes to the terminal
}
