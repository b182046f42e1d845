package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/net/http/httpguts"
)

// checkAddresses refuses what nothing could be reached at or would ever match. Its
// errors do not repeat a value, which may hold a password.
func (c *Config) checkAddresses() []error {
	return slices.Concat(c.checkHosts(), c.checkServers(), c.checkSites(), c.checkOrigins())
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

func (c *Config) checkHosts() (wrong []error) {
	if c.RailwayDomain != "" && !hostName.MatchString(c.RailwayDomain) {
		wrong = append(wrong, errors.New("RAILWAY_PUBLIC_DOMAIN is malformed: write a host name such as api.example.com, without https://"))
		// What follows from it is no fault of its own.
		c.AllowedHosts = slices.DeleteFunc(c.AllowedHosts, func(host string) bool { return host == c.RailwayDomain })
		c.RailwayDomain = ""
	}
	for i, host := range c.AllowedHosts {
		if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
			c.AllowedHosts[i] = ip.String()
		} else if host != "*" && !hostName.MatchString(strings.TrimPrefix(host, ".")) {
			return append(wrong, errors.New("ENV_ALLOWED_HOSTS is malformed: write host names such as api.example.com, or .example.com with its subdomains, without https:// or a port and separated by commas"))
		}
	}
	return wrong
}

// brokerPath is nothing or the number of one of Redis's databases.
var brokerPath = regexp.MustCompile(`^(/\d*)?$`)

func (c *Config) checkServers() (wrong []error) {
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:///var/digitalpath.db"
	}
	if path, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:///"); !ok || path == "" {
		if parseURL(c.DatabaseURL, "postgresql", "postgres") == nil {
			wrong = append(wrong, errors.New("DATABASE_URL is malformed: write it as postgresql://user:password@host:port/name or sqlite:///path"))
		} else if _, err := pgconn.ParseConfig(c.DatabaseURL); err != nil { // err would show parts of it
			wrong = append(wrong, errors.New("DATABASE_URL is malformed: write it as postgresql://user:password@host:port/name, with %XX for special characters in the password, and check its port and what follows the ?"))
		}
	}
	if c.Embedded {
		return wrong
	}
	if u := parseURL(c.BrokerURL, "redis", "rediss"); u == nil || !brokerPath.MatchString(u.Path) {
		wrong = append(wrong, errors.New("CELERY_BROKER_URL is malformed: write it as redis://host:port/0, with the number of a database at its end"))
	}
	return wrong
}

func (c *Config) checkSites() (wrong []error) {
	if c.BackendURL == (url.URL{}) && c.RailwayDomain != "" {
		c.BackendURL = url.URL{Scheme: "https", Host: c.RailwayDomain}
	}
	const remedy = "%s is malformed: write it as %s, without ? and #"
	if !isSite(c.FrontendURL.String()) {
		wrong = append(wrong, fmt.Errorf(remedy, "FRONTEND_URL", "https://example.com"))
	}
	if c.BackendURL != (url.URL{}) && !isSite(c.BackendURL.String()) {
		wrong = append(wrong, fmt.Errorf(remedy, "BACKEND_URL", "https://api.example.com"))
	}
	return wrong
}

// checkOrigins spells the origins as browsers do, which is how they are compared, and
// takes no header that is none.
func (c *Config) checkOrigins() []error {
	for i, origin := range c.CORSOrigins {
		origin = strings.TrimSuffix(origin, "/")
		u := parseURL(origin, "http", "https")
		if u == nil || !isSite(origin) || u.Path != "" {
			return []error{errors.New("CORS_ALLOWED_ORIGINS is malformed: write origins such as https://example.com, without a path and separated by commas")}
		}
		standardPort := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
		c.CORSOrigins[i] = u.Scheme + "://" + strings.ToLower(strings.TrimSuffix(u.Host, standardPort))
	}
	for _, name := range c.CORSHeaders {
		if !httpguts.ValidHeaderFieldName(name) {
			return []error{errors.New("CORS_ALLOW_HEADERS is malformed: write names of headers such as X-Tenant, separated by commas")}
		}
	}
	return nil
}

// parseURL is nil where value has no host, a port that is none, or another scheme.
func parseURL(value string, schemes ...string) *url.URL {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
		return nil
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil
		}
	}
	return u
}

// isSite tells whether value is a web address that a path can be put behind.
func isSite(value string) bool {
	u := parseURL(value, "http", "https")
	return u != nil && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(value, "?#")
}
