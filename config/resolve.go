package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// minSecret is the shortest secret in bytes: RFC 7518 section 3.2 wants the key of
// HS256 as long as its hash.
const minSecret = 32

// resolve fills in the defaults that depend on other variables and refuses what
// cannot work or is not safe.
func (c *Config) resolve() error {
	for _, list := range []*[]string{&c.AllowedHosts, &c.CORSOrigins, &c.ContactRecipients} {
		*list = cleaned(*list)
	}
	if len(c.AllowedHosts) == 0 && c.RailwayDomain != "" {
		c.AllowedHosts = []string{c.RailwayDomain}
	}
	c.Embedded = c.BrokerURL == ""
	return firstError(c.checkSafe, c.checkAddresses, c.resolveTokens, c.resolveMail)
}

func firstError(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkSafe holds a production start against what would make it unsafe.
func (c *Config) checkSafe() error {
	if c.Debug {
		return nil
	}
	switch sample := strings.ToLower(c.SecretKey); {
	case c.SecretKey == "":
		return errors.New("DJANGO_SECRET_KEY is not set: give it a random value of 32 bytes or more (openssl rand -base64 48), or set DJANGO_DEBUG=1 for development")
	case len(c.SecretKey) < minSecret:
		return errors.New("DJANGO_SECRET_KEY is shorter than 32 bytes: make a new one with openssl rand -base64 48")
	case strings.HasPrefix(sample, "changeme"), strings.HasPrefix(sample, "your-"), strings.HasPrefix(sample, "django-insecure-"):
		return errors.New("DJANGO_SECRET_KEY is a sample value that others know: make a new one with openssl rand -base64 48")
	case len(c.AllowedHosts) == 0:
		return errors.New("ENV_ALLOWED_HOSTS is not set: name the hosts to answer to, such as api.example.com")
	case c.DatabaseURL == "":
		return errors.New("DATABASE_URL is not set: give it a postgresql:// URL (or sqlite:////absolute/path to run on one file)")
	}
	return nil
}

func (c *Config) resolveMail() error {
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
		return errors.New("EMAIL_BACKEND is unknown: use smtp, console or filebased, or Django's dotted name of one")
	}
	if c.EmailHost == "" {
		c.EmailHost = "smtp.gmail.com"
	}
	if c.EmailPort == 0 {
		return errors.New("EMAIL_PORT is 0: set it to a whole number from 1 to 65535, such as 587")
	}
	if c.MailRetryDelay < time.Second {
		return errors.New("MAIL_RETRY_DELAY is less than a second: write it as 60s or 5m")
	}
	if c.EmailUseTLS && c.EmailUseSSL {
		return errors.New("EMAIL_USE_TLS and EMAIL_USE_SSL are both on: set EMAIL_USE_TLS=0 for port 465, or EMAIL_USE_SSL=0 for port 587")
	}
	if c.EmailFrom == "" {
		c.EmailFrom = c.EmailUser
	}
	if c.EmailFrom == "" {
		c.EmailFrom = "noreply@digitalpathai.com"
	}
	if _, err := mail.ParseAddress(c.EmailFrom); err != nil {
		return errors.New("DEFAULT_FROM_EMAIL is malformed: write it as name@example.com or Name <name@example.com>")
	}
	if len(c.ContactRecipients) == 0 && c.EmailUser != "" {
		c.ContactRecipients = []string{c.EmailUser}
	}
	for _, address := range c.ContactRecipients {
		if _, err := mail.ParseAddress(address); err != nil {
			return errors.New("CONTACT_RECIPIENTS is malformed: write addresses separated by commas")
		}
	}
	return nil
}

// resolveTokens keeps tokens short-lived in production.
func (c *Config) resolveTokens() error {
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
			return fmt.Errorf("%s is less than a second: write it as 5m or 24h", life.name)
		}
	}
	return nil
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

// MailDomain is the right side of Message-IDs: the sender's domain.
func (c *Config) MailDomain() string {
	address, err := mail.ParseAddress(c.EmailFrom)
	if err != nil {
		return "localhost" // resolveMail has refused such a sender
	}
	return address.Address[strings.LastIndexByte(address.Address, '@')+1:]
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
