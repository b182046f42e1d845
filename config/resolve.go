package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"
	"golang.org/x/net/idna"
)

// minSecret is the shortest secret in bytes: RFC 7518 section 3.2 wants the key of
// HS256 as long as its hash.
const minSecret = 32

// resolve fills in the defaults that depend on other variables, and says what cannot
// work or is not safe.
func (c *Config) resolve() (wrong []error) {
	for _, list := range []*[]string{&c.SecretFallbacks, &c.AllowedHosts, &c.CORSOrigins, &c.CORSHeaders, &c.ContactRecipients} {
		*list = cleaned(*list)
	}
	if len(c.AllowedHosts) == 0 && c.RailwayDomain != "" {
		c.AllowedHosts = []string{c.RailwayDomain}
	}
	c.Embedded = c.BrokerURL == ""
	for _, check := range []func() []error{c.checkSecret, c.checkSafe, c.checkAddresses, c.resolveSentry, c.resolveTokens, c.checkSocial, c.resolveMail} {
		wrong = append(wrong, check()...)
	}
	return wrong
}

// checkSecret refuses a weak key in production, and warns of it in development.
func (c *Config) checkSecret() []error {
	if c.SecretKey == "" && !c.Debug {
		return []error{errors.New("DJANGO_SECRET_KEY is not set: give it a random value of 32 bytes or more (openssl rand -base64 48), or set DJANGO_DEBUG=1 for development")}
	}
	var wrong []error
	if fault := weakness(c.SecretKey); c.SecretKey != "" && fault != "" {
		wrong = append(wrong, errors.New("DJANGO_SECRET_KEY is "+fault+": make a new one with openssl rand -base64 48"))
	}
	for _, former := range c.SecretFallbacks {
		if fault := weakness(former); fault != "" {
			wrong = append(wrong, errors.New("DJANGO_SECRET_KEY_FALLBACKS holds a key that is "+fault+": take it out, for whoever knows it can sign too"))
		}
	}
	if c.Debug {
		for _, fault := range wrong {
			c.Warnings = append(c.Warnings, fault.Error()+" (with debug off nothing starts with it)")
		}
		return nil
	}
	return wrong
}

// weakness says why a key can be guessed; empty: it can't.
func weakness(key string) string {
	for _, sample := range []string{"changeme", "your-", "django-insecure-"} {
		if strings.HasPrefix(strings.ToLower(key), sample) && len(key) >= minSecret {
			return "a sample value that others know"
		}
	}
	if len(key) < minSecret {
		return "shorter than 32 bytes"
	}
	return ""
}

// Secrets are the key that signs, and the former ones, which are still good.
func (c *Config) Secrets() []string { return append([]string{c.SecretKey}, c.SecretFallbacks...) }

// checkSafe holds a production start against what would make it unsafe.
func (c *Config) checkSafe() (wrong []error) {
	if !c.Debug && len(c.AllowedHosts) == 0 {
		wrong = append(wrong, errors.New("ENV_ALLOWED_HOSTS is not set: name the hosts to answer to, such as api.example.com"))
	}
	if !c.Debug && c.DatabaseURL == "" {
		wrong = append(wrong, errors.New("DATABASE_URL is not set: give it a postgresql:// URL (or sqlite:////absolute/path to run on one file)"))
	}
	if c.PoolSize == 0 {
		wrong = append(wrong, errors.New("DATABASE_POOL_SIZE is 0: set it to a whole number from 1 to 65535, such as 20"))
	}
	return wrong
}

// checkSocial wants both halves of a provider's credentials, or none.
func (c *Config) checkSocial() (wrong []error) {
	for _, pair := range [][4]string{
		{"GOOGLE_CLIENT_ID", c.GoogleID, "GOOGLE_CLIENT_SECRET", c.GoogleSecret},
		{"GITHUB_CLIENT_ID", c.GitHubID, "GITHUB_CLIENT_SECRET", c.GitHubSecret},
	} {
		switch id, secret := pair[1], pair[3]; {
		case id != "" && secret == "":
			wrong = append(wrong, fmt.Errorf("%s is not set, but %s is: set both, or neither to turn the provider off", pair[2], pair[0]))
		case id == "" && secret != "":
			wrong = append(wrong, fmt.Errorf("%s is not set, but %s is: set both, or neither to turn the provider off", pair[0], pair[2]))
		}
	}
	return wrong
}

func (c *Config) resolveSentry() []error {
	if _, err := sentry.NewDsn(c.SentryDSN); c.SentryDSN != "" && err != nil {
		return []error{errors.New("SENTRY_DSN is malformed: copy it from the project's settings in Sentry, Client Keys, such as https://key@o1.ingest.sentry.io/2")}
	}
	if c.SentryEnvironment == "" {
		c.SentryEnvironment = map[bool]string{true: "development", false: "production"}[c.Debug]
	}
	return nil
}

func (c *Config) resolveMail() (wrong []error) {
	backend := strings.TrimPrefix(c.EmailBackend, "django.core.mail.backends.")
	switch strings.TrimSuffix(backend, ".EmailBackend") {
	case "":
		c.Mailbox = c.Debug && c.EmailHost == "" && c.EmailUser == ""
		if c.Mailbox && len(c.ContactRecipients) == 0 {
			c.ContactRecipients = []string{"staff@digitalpath.localhost"}
		}
	case "smtp":
	case "console":
		c.Console = true
	case "filebased", "locmem":
		c.Mailbox = true
	default:
		wrong = append(wrong, errors.New("EMAIL_BACKEND is unknown: use smtp, console or filebased, or Django's dotted name of one"))
	}
	if c.EmailHost == "" {
		c.EmailHost = "smtp.gmail.com"
	}
	if c.MailRetryDelay < time.Second {
		wrong = append(wrong, errors.New("MAIL_RETRY_DELAY is less than a second: write it as 60s or 5m"))
	}
	return slices.Concat(wrong, c.checkMailServer(), c.resolveMailAddresses())
}

func (c *Config) checkMailServer() []error {
	switch {
	case c.EmailPort == 0:
		return []error{errors.New("EMAIL_PORT is 0: set it to a whole number from 1 to 65535, such as 587")}
	case c.EmailUseTLS && c.EmailUseSSL:
		return []error{errors.New("EMAIL_USE_TLS and EMAIL_USE_SSL are both on: set EMAIL_USE_TLS=0 for port 465, or EMAIL_USE_SSL=0 for port 587")}
	case c.EmailPort == 465 && !c.EmailUseSSL:
		c.Warnings = append(c.Warnings, "EMAIL_PORT is 465, where servers wait for TLS from the first byte: set EMAIL_USE_SSL=1 and EMAIL_USE_TLS=0, or EMAIL_PORT=587 for STARTTLS")
	}
	return nil
}

func (c *Config) resolveMailAddresses() (wrong []error) {
	if c.EmailFrom == "" {
		c.EmailFrom = c.EmailUser
	}
	if c.EmailFrom == "" {
		c.EmailFrom = "noreply@digitalpathai.com"
	}
	if _, err := mail.ParseAddress(c.EmailFrom); err != nil {
		wrong = append(wrong, errors.New("DEFAULT_FROM_EMAIL is malformed: write it as name@example.com or Name <name@example.com>"))
	}
	if len(c.ContactRecipients) == 0 && c.EmailUser != "" {
		c.ContactRecipients = []string{c.EmailUser}
	}
	if slices.ContainsFunc(c.ContactRecipients, func(address string) bool { _, err := mail.ParseAddress(address); return err != nil }) {
		wrong = append(wrong, errors.New("CONTACT_RECIPIENTS is malformed: write addresses separated by commas"))
	}
	return wrong
}

// resolveTokens keeps tokens short-lived in production.
func (c *Config) resolveTokens() (wrong []error) {
	access, refresh := 5*time.Minute, 24*time.Hour
	if c.Debug {
		access, refresh = time.Hour, 7*24*time.Hour
	}
	for _, life := range []struct {
		name     string
		value    *time.Duration
		standard time.Duration
	}{{"JWT_ACCESS_TOKEN_LIFETIME", &c.AccessLife, access}, {"JWT_REFRESH_TOKEN_LIFETIME", &c.RefreshLife, refresh}} {
		if *life.value == 0 {
			*life.value = life.standard
		}
		if *life.value < time.Second {
			wrong = append(wrong, fmt.Errorf("%s is less than a second: write it as 5m or 24h", life.name))
		}
	}
	return wrong
}

func cleaned(list []string) []string {
	var kept []string
	for _, item := range list {
		if item = strings.TrimSpace(item); item != "" {
			kept = append(kept, item)
		}
	}
	return kept
}

func randomSecret() string { return rand.Text() + rand.Text() }

// MailDomain is the right side of Message-IDs: the sender's domain, in ASCII.
func (c *Config) MailDomain() string {
	address, err := mail.ParseAddress(c.EmailFrom)
	if err != nil {
		return "localhost" // resolveMail has refused such a sender
	}
	domain, err := idna.Lookup.ToASCII(address.Address[strings.LastIndexByte(address.Address, '@')+1:])
	if err != nil {
		return "localhost"
	}
	return domain
}

// OwnURL is where this program is reached, for links in mails to staff, without a
// slash at its end. Without BACKEND_URL it is the first of the allowed hosts that is
// one host, with debug off.
func (c *Config) OwnURL() string {
	if c.BackendURL.Host != "" {
		return strings.TrimSuffix(c.BackendURL.String(), "/")
	}
	for _, host := range c.AllowedHosts {
		if !c.Debug && host[0] != '.' && !strings.ContainsAny(host, "*:") {
			return "https://" + host
		}
	}
	return fmt.Sprintf("http://localhost:%d", c.Port)
}

// TrashLife is how long deleted rows can be restored.
func (c *Config) TrashLife() time.Duration { return time.Duration(c.TrashDays) * 24 * time.Hour }

// Days is for how long something is kept; 0 keeps it.
type Days uint16

// Before is the start of the day, in UTC, before which what is kept for d days at now is
// too old. Whole days, so that what is removed at all hours is removed once a day. False
// where everything is kept.
func (d Days) Before(now time.Time) (time.Time, bool) {
	return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -int(d)), d > 0
}
