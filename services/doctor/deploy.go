package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"digitalpath/config"
	"digitalpath/models"
)

// Deploy is what there is to know of a deployment besides Examine.
type Deploy struct {
	*Doctor
	Guessable func(context.Context) (usernames []string, err error) // accounts of staff with a common password
	Ask       func(ctx context.Context, url string) (Page, error)   // gets a page, without following where it leads
}

// Page is an answer of the program itself, as it is reached from outside.
type Page struct {
	Status int
	Header func(name string) string
}

// backupAge is how old the newest backup may be.
const backupAge = 7 * 24 * time.Hour

// Examine goes through what is to be done before and after a deployment, and says of
// each thing whether it is done, and why not. What Django's check --deploy has a number
// for carries it.
func (d *Deploy) Examine(ctx context.Context) []Finding {
	return run(ctx, []check{
		{name: "debug", what: "Debug is off (security.W018)", run: one(d.debug)},
		{name: "secret", what: "The secret key is safe (security.W009)", run: one(d.secret)},
		{name: "hosts", what: "Allowed hosts are named (security.W020)", run: one(d.hosts)},
		{name: "backups", what: "Backups run, and one was restored", run: d.backups},
		{name: "limits", what: "Rate limits are on, and count visitors", run: d.limits},
		{name: "compat", what: "Answers are those of this program", run: one(d.compat)},
		{name: "passwords", what: "No account of staff has a common password", run: d.passwords, within: passwordsTime},
		{name: "https", what: "HTTPS and its headers (security.W004, W008, W012, W016, W022, W024)", run: d.https},
		{name: "static", what: "Static files", run: one(func() Finding { return ok("They are in the binary: there is nothing to collect.") })},
		{name: "superuser", what: "There is a superuser", run: d.superuser},
		{name: "sent", what: "A mail was sent", run: d.sent},
		{name: "endpoints", what: "The API answers from outside", run: d.endpoints},
		{name: "logins", what: "Somebody has logged in", run: d.logins},
		{name: "monitoring", what: "Log and monitoring", run: d.monitoring},
	})
}

func one(look func() Finding) func(context.Context) []Finding {
	return func(context.Context) []Finding { return []Finding{look()} }
}

func (d *Deploy) debug() Finding {
	if d.Config.Debug {
		return failed("DJANGO_DEBUG is on: the program listens on 127.0.0.1 alone, shows mail to everybody, and takes unsafe settings.").mend("DJANGO_DEBUG=0")
	}
	return ok("DJANGO_DEBUG is off.")
}

// secret was refused at the start where it is unsafe, but in development.
func (d *Deploy) secret() Finding {
	for _, warning := range d.Config.Warnings {
		if strings.Contains(warning, "DJANGO_SECRET_KEY") {
			return failed("%s", warning).mend("DJANGO_SECRET_KEY=$(openssl rand -base64 48)")
		}
	}
	return ok("DJANGO_SECRET_KEY is long enough, and no sample.")
}

func (d *Deploy) hosts() Finding {
	switch hosts := d.Config.AllowedHosts; {
	case len(hosts) == 0:
		return failed("ENV_ALLOWED_HOSTS is empty.").mend("ENV_ALLOWED_HOSTS=api.example.com")
	case slices.Contains(hosts, "*"):
		return warn("ENV_ALLOWED_HOSTS takes every host.").mend("ENV_ALLOWED_HOSTS=api.example.com")
	default:
		return ok("%s", strings.Join(hosts, ", "))
	}
}

// backups go by the history, where backup and restore --drill write what they did.
func (d *Deploy) backups(ctx context.Context) []Finding {
	var findings []Finding
	for _, need := range []struct{ summary, missing, command string }{
		{models.BackupMade, "No backup was made in the last week by digitalpath backup.", "digitalpath backup FILE"},
		{models.BackupDrilled, "No backup was restored in a drill in the last week.", "digitalpath restore --drill FILE"},
	} {
		var newest []models.HistoryEntry
		err := d.DB.NewSelect().Model(&newest).Where("model = ?", models.BackupsSlug).Where("summary = ?", need.summary).OrderExpr("id DESC").Limit(1).Scan(ctx)
		switch {
		case err != nil:
			return nil // the database's finding tells it
		case len(newest) == 0 || d.Now().Sub(newest[0].At) > backupAge:
			findings = append(findings, warn(need.missing).mend(need.command))
		default:
			findings = append(findings, ok("%s: %s, at %s", need.summary, newest[0].ObjectLabel, newest[0].At.UTC().Format(time.RFC3339)))
		}
	}
	return findings
}

func (d *Deploy) limits(context.Context) []Finding {
	c := d.Config
	var findings []Finding
	for _, limit := range []struct {
		name string
		set  config.Limits
	}{
		{"CONTACT", c.RateLimitContact}, {"WAITLIST", c.RateLimitWaitlist}, {"LOGIN_FAILED", c.RateLimitLogin}, {"SIGNUP", c.RateLimitSignup},
		{"RESET", c.RateLimitReset}, {"CONFIRM", c.RateLimitConfirm}, {"API", c.RateLimitAPI},
	} {
		if len(limit.set) == 0 {
			findings = append(findings, warn("RATE_LIMIT_%s is off.", limit.name).mend("# RATE_LIMIT_%s=off", limit.name))
		}
	}
	if findings == nil {
		findings = []Finding{ok("Every limit is on.")}
	}
	if len(c.TrustedProxies) == 0 {
		findings = append(findings, warn("TRUSTED_PROXIES is empty: behind a proxy all visitors share one limit.").mend("TRUSTED_PROXIES=10.0.0.0/8"))
	}
	return findings
}

func (d *Deploy) compat() Finding {
	if d.Config.Compat {
		return warn("DJANGO_COMPAT is on: failures answer 200, and tokens stand in addresses. It is meant for the time of a migration.").mend("DJANGO_COMPAT=0")
	}
	return ok("DJANGO_COMPAT is off.")
}

func (d *Deploy) passwords(ctx context.Context) []Finding {
	names, err := d.Guessable(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return []Finding{warn("There was no time to try every account of staff.").mend("digitalpath doctor --deploy")}
	case err != nil:
		return nil // the database's finding tells it
	}
	findings := make([]Finding, len(names))
	for i, name := range names {
		findings[i] = failed("The password of %s is one of the commonest, or that of the documentation.", name).mend("digitalpath changepassword %s", name)
	}
	if len(names) == 0 {
		findings = []Finding{ok("None of the 100 commonest, nor changeme123, opens an account of staff.")}
	}
	return findings
}

func (d *Deploy) superuser(ctx context.Context) []Finding {
	count, err := d.DB.NewSelect().Model((*models.User)(nil)).Where("is_superuser").Where("is_active").Count(ctx)
	switch {
	case err != nil:
		return nil // the database's finding tells it
	case count == 0:
		return []Finding{failed("There is none: nobody can give anybody a right.").mend("digitalpath createsuperuser")}
	}
	return []Finding{ok("There are %d.", count)}
}

func (d *Deploy) sent(ctx context.Context) []Finding {
	var newest []models.MailAttempt
	err := d.DB.NewSelect().Model(&newest).Where("outcome = ?", models.AttemptSent).OrderExpr("id DESC").Limit(1).Scan(ctx)
	switch {
	case err != nil:
		return nil // the database's finding tells it
	case len(newest) == 0:
		return []Finding{warn("No mail was sent yet.").mend("digitalpath doctor --deploy --send-to you@example.com")}
	}
	return []Finding{ok("The newest: %s", newest[0].Reply)}
}

func (d *Deploy) logins(ctx context.Context) []Finding {
	var newest []models.Session
	err := d.DB.NewSelect().Model(&newest).OrderExpr("id DESC").Limit(1).Scan(ctx)
	switch {
	case err != nil:
		return nil // the database's finding tells it
	case len(newest) == 0:
		return []Finding{warn("Nobody has logged in yet.").mend("%s/admin/login/", d.Config.OwnURL())}
	}
	return []Finding{ok("The newest login was at %s.", newest[0].CreatedAt.UTC().Format(time.RFC3339))}
}

func (d *Deploy) monitoring(context.Context) []Finding {
	findings := []Finding{ok("The log goes to standard error, from the level %s on.", strings.ToLower(d.Config.LogLevel.String()))}
	if d.Config.LogLevel > slog.LevelWarn {
		findings[0] = warn("LOG_LEVEL hides warnings.").mend("LOG_LEVEL=info")
	}
	if d.Config.SentryDSN == "" {
		findings = append(findings, ok("SENTRY_DSN is not set: faults are in the log alone."))
	} else {
		findings = append(findings, ok("Faults are reported to Sentry as of %s.", d.Config.SentryEnvironment))
	}
	if d.Config.MetricsToken == "" {
		findings = append(findings, warn("METRICS_TOKEN is not set: no Prometheus of another machine can read /metrics.").mend("METRICS_TOKEN=$(openssl rand -hex 32)"))
	}
	return findings
}

// https asks the program by its public address what a browser is told.
func (d *Deploy) https(ctx context.Context) []Finding {
	own := d.Config.OwnURL()
	if !strings.HasPrefix(own, "https://") {
		return []Finding{failed("The public address %s is not HTTPS.", own).mend("BACKEND_URL=https://api.example.com")}
	}
	page, err := d.Ask(ctx, own+"/admin/login/")
	if err != nil {
		return []Finding{failed("%s cannot be reached: %s", own, models.Reason(err)).mend("curl -sI %s/healthz", own)}
	}
	var missing []string
	for _, header := range []string{"Strict-Transport-Security", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Content-Security-Policy"} {
		if page.Header(header) == "" {
			missing = append(missing, header)
		}
	}
	if cookie := page.Header("Set-Cookie"); cookie != "" && !strings.Contains(strings.ToLower(cookie), "secure") {
		missing = append(missing, "Set-Cookie: Secure")
	}
	if len(missing) > 0 {
		return []Finding{failed("%s answers without %s: DJANGO_DEBUG is on there, or a proxy takes them away.", own, strings.Join(missing, ", ")).mend("DJANGO_DEBUG=0")}
	}
	return []Finding{ok("%s answers with HSTS and secure cookies.", own)}
}

func (d *Deploy) endpoints(ctx context.Context) []Finding {
	var findings []Finding
	for _, path := range []string{"/api/hello", "/readyz", "/api/openapi.json"} {
		url := d.Config.OwnURL() + path
		switch page, err := d.Ask(ctx, url); {
		case err != nil:
			findings = append(findings, failed("%s cannot be reached: %s", url, models.Reason(err)).mend("curl -si %s", url))
		case page.Status != 200:
			findings = append(findings, failed("%s answers %s.", url, fmt.Sprint(page.Status)).mend("curl -si %s", url))
		default:
			findings = append(findings, ok("%s answers.", url))
		}
	}
	return findings
}
