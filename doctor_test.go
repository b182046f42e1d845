package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// finding is one that doctor --json prints.
type finding struct{ Check, State, What, Evidence, Remedy string }

// diagnosis is what doctor said, and how it ended.
type diagnosis struct {
	t        *testing.T
	code     int
	findings []finding
}

// examine runs doctor with settings, the last of a name counts.
func examine(t *testing.T, environ []string, args ...string) diagnosis {
	t.Helper()
	var out, log bytes.Buffer
	environ = append([]string{"DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12)}, environ...) // none is made and kept here
	err := run(context.Background(), append([]string{"doctor", "--json"}, args...), environ, strings.NewReader(""), &out, &log)
	code, coded := errors.AsType[exitCode](err)
	if err != nil && !coded {
		t.Fatalf("doctor: %v", err)
	}
	if log.Len() > 0 {
		t.Errorf("doctor logs:\n%s", &log)
	}
	return readDiagnosis(t, int(code), out.Bytes())
}

func readDiagnosis(t *testing.T, code int, text []byte) diagnosis {
	t.Helper()
	var report struct {
		State    string
		Findings []finding
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatalf("no JSON: %v\n%s", err, text)
	}
	if want := map[int]string{0: "ok", 1: "warning", 2: "failed"}[code]; report.State != want {
		t.Errorf("exit code %d of the state %s", code, report.State)
	}
	return diagnosis{t, code, report.Findings}
}

// want looks for a finding and returns it.
func (d diagnosis) want(check, state, evidence, remedy string) finding {
	d.t.Helper()
	for _, f := range d.findings {
		if f.Check == check && f.State == state && strings.Contains(f.Evidence, evidence) && strings.Contains(f.Remedy, remedy) {
			return f
		}
	}
	d.t.Fatalf("%s is not %s with %q and %q:\n%s", check, state, evidence, remedy, d)
	return finding{}
}

// wantFault is want where it is the only one that is not ok.
func (d diagnosis) wantFault(check, state, evidence, remedy string) finding {
	d.t.Helper()
	f := d.want(check, state, evidence, remedy)
	for _, other := range d.findings {
		if other.State != "ok" && other != f {
			d.t.Errorf("%s is found too", other)
		}
	}
	if f.Remedy == "" || d.code != map[string]int{"warning": 1, "failed": 2}[state] {
		d.t.Errorf("exit code %d with %s", d.code, f)
	}
	return f
}

func (f finding) String() string {
	return fmt.Sprintf("%s %s (%s): %s → %s", f.State, f.Check, f.What, f.Evidence, f.Remedy)
}

func (d diagnosis) String() string {
	lines := make([]string, len(d.findings))
	for i, f := range d.findings {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// frontendAllowed is the setting without which the doctor finds a fault in development.
const frontendAllowed = "CORS_ALLOWED_ORIGINS=http://localhost:3000"

func TestDoctorFindsNothingWrongWithASystemThatWorks(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, frontendAllowed)
	d := examine(t, app.Env())
	if d.code != 0 {
		t.Fatalf("exit code %d:\n%s", d.code, d)
	}
	d.want("database", "ok", "answers", "")
	d.want("migrations", "ok", "are applied", "")
	d.want("outbox", "ok", "0 mails wait", "")
	d.want("mail", "ok", "Nothing was sent", "")
	d.want("cors", "ok", "http://localhost:3000", "")
	d.want("social", "ok", "http://localhost", "")
	d.want("disk", "ok", "free", "")
	if app.Redis == nil {
		d.want("broker", "ok", "inside serve", "")
	} else {
		d.want("jobs", "ok", "every job", "")
		d.want("workers", "ok", "1 alive", "")
		d.want("probe", "ok", "done, by", "")
		d.want("clock", "ok", "apart", "")
	}
	if len(app.Mails.Accepted()) != 0 {
		t.Error("a mail was sent")
	}
}

func TestDoctorTellsAPersonTheStateTheEvidenceAndTheRemedy(t *testing.T) {
	d := newDesk(t)
	out, err := d.run("", "doctor")
	if code, ok := errors.AsType[exitCode](err); !ok || code != 2 {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(out, "failed   Migrations: ") || !strings.Contains(out, "→ digitalpath migrate up\n") || strings.Contains(out, "\x1b") {
		t.Errorf("got:\n%s", out)
	}
	if out, err := d.run("", "migrate", "up"); err != nil { // what it printed
		t.Fatalf("%v\n%s", err, out)
	}
	examine(t, append(d.environ, frontendAllowed)).want("migrations", "ok", "are applied", "")
}

func TestDoctorNamesWhatTheSettingsBreak(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, frontendAllowed)
	closed := handlerstest.FreePort(t)
	for _, test := range []struct {
		name, setting                  string
		args                           []string
		check, state, evidence, remedy string
	}{
		{"a port that is none", "EMAIL_PORT=abc", nil, "settings", "failed", `EMAIL_PORT is "abc"`, ""},
		{"an address of Sentry that is none", "SENTRY_DSN=https://sentry.example.com/7", nil, "settings", "failed", "SENTRY_DSN is malformed", ""},
		{"a misspelt name", "EMAIL_HOTS=x", nil, "settings", "warning", "is EMAIL_HOST meant?", ""},
		{"no database there", "DATABASE_URL=postgresql://u:hunter2@127.0.0.1:" + closed + "/x", nil, "database", "failed", "refused", `psql "$DATABASE_URL"`},
		{"no broker there", "CELERY_BROKER_URL=redis://127.0.0.1:" + closed + "/0", nil, "broker", "failed", "refused", "redis-cli"},
		{"no mail server there", "EMAIL_PORT=" + closed, nil, "mail", "failed", "refused the connection", "EMAIL_PORT=" + closed},
		{"a mail server without STARTTLS", "EMAIL_USE_TLS=1", nil, "mail", "failed", "does not offer STARTTLS", "EMAIL_USE_TLS=1"},
		{"nobody to mail to", "CONTACT_RECIPIENTS=", nil, "mail", "failed", "Nobody gets the contact messages", "CONTACT_RECIPIENTS=you@example.com"},
		{"a mail server without a login", "EMAIL_HOST_USER=ada", nil, "mail", "failed", "login", "EMAIL_HOST_PASSWORD=..."},
		{"another origin", frontendAllowed, []string{"--origin", "https://Example.com/app/"}, "cors", "failed", "https://example.com may not", frontendAllowed[:len("CORS_ALLOWED_ORIGINS=")] + "http://localhost:3000,https://example.com"},
		{"no origin", frontendAllowed, []string{"--origin", "example.com"}, "cors", "failed", "no origin", "--origin https://"},
		{"no origin is allowed", "CORS_ALLOWED_ORIGINS=", nil, "cors", "warning", "http://localhost:3000 may not", "CORS_ALLOWED_ORIGINS=http://localhost:3000"},
		{"no token", frontendAllowed, []string{"--token", "abc"}, "token", "failed", "no token", "Bearer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := examine(t, app.Env(test.setting), test.args...)
			f := d.want(test.check, test.state, test.evidence, test.remedy)
			if d.code != map[string]int{"warning": 1, "failed": 2}[test.state] || strings.Contains(d.String(), "hunter2") {
				t.Errorf("exit code %d:\n%s", d.code, d)
			}
			if test.check == "cors" && strings.HasPrefix(f.Remedy, "CORS") { // the line mends it
				examine(t, app.Env(f.Remedy), test.args...).want("cors", "ok", "may call", "")
			}
		})
	}
}

func TestDoctorSaysWhyATokenIsRefused(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, frontendAllowed, "JWT_ACCESS_TOKEN_LIFETIME=1h")
	app.CreateSuperuser()
	logIn := func() (access, refresh string) {
		pair := app.PostJSON("/api/token/pair", fmt.Sprintf(`{"username":%q,"password":%q}`, handlerstest.Username, handlerstest.Password)).JSON()
		return pair["access"].(string), pair["refresh"].(string)
	}
	access, refresh := logIn()
	secret := secretOf(t, app)
	want := func(token, state, evidence, remedy string, settings ...string) {
		t.Helper()
		examine(t, app.Env(append([]string{secret}, settings...)...), "--token", token).want("token", state, evidence, remedy)
	}
	want(access, "ok", "good", "")
	want("Bearer "+refresh, "ok", "good", "")
	want(access, "failed", "another secret key", "DJANGO_SECRET_KEY", "DJANGO_SECRET_KEY="+strings.Repeat("other", 8))
	if answer := app.PostJSON("/api/token/blacklist", fmt.Sprintf(`{"refresh":%q}`, refresh)); answer.Status != 200 {
		t.Fatalf("log out: %s", answer.Body)
	}
	want(access, "failed", "was ended at", "/api/token/pair")
	want(access, "failed", "was ended at", "/api/token/pair", "DJANGO_SECRET_KEY="+strings.Repeat("other", 8), strings.Replace(secret, "=", "_FALLBACKS=", 1))
	access, _ = logIn()
	short := handlerstest.PrepareOn(t, app.DatabaseURL, frontendAllowed, secret, "JWT_ACCESS_TOKEN_LIFETIME=1s")
	short.Serve()
	brief := short.PostJSON("/api/token/pair", fmt.Sprintf(`{"username":%q,"password":%q}`, handlerstest.Username, handlerstest.Password)).JSON()["access"].(string)
	handlerstest.Eventually(t, handlerstest.StartTime, "the token has expired", func() bool {
		return short.Get("/api/me", "Authorization", "Bearer "+brief).Status == http.StatusUnauthorized
	})
	want(brief, "failed", "The token (access) expired at 20", "/api/token/refresh")
	set := func(column string, value any) {
		t.Helper()
		if _, err := app.DB.NewUpdate().Model((*models.User)(nil)).Set("? = ?", bun.Ident(column), value).Where("username = ?", handlerstest.Username).Exec(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	set("token_epoch", 1)
	want(access, "failed", "were ended", "/api/token/pair")
	set("disabled_at", time.Now())
	want(access, "failed", "was disabled at", "Users, "+handlerstest.Username)
}

// secretOf is the generated secret of a running program, as a setting.
func secretOf(t *testing.T, app *handlerstest.App) string {
	t.Helper()
	return "DJANGO_SECRET_KEY=" + readFile(t, app.Dir()+"/var/secret_key")
}

func TestDoctorSendsAMailWhereItIsAsked(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, frontendAllowed)
	examine(t, app.Env(), "--send-to", "ann@example.com").want("test-mail", "ok", "ann@example.com", "")
	if mails := app.Mails.Accepted(); len(mails) != 1 || mails[0].To[0] != "ann@example.com" {
		t.Errorf("got %v", mails)
	}
	app.Mails.Refuse()
	examine(t, app.Env(), "--send-to", "ann@example.com").want("test-mail", "failed", "refused the connection", "")
}

func TestDoctorRepeatsWhatTheMailServerSaid(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t, frontendAllowed, "MAIL_RETRY_DELAY=1h")
	app.Mails.OnMail = func(int) error { return handlerstest.Reply(451, "the cellar is full") }
	app.Serve()
	app.MustSubmit("Ann")
	handlerstest.Eventually(t, handlerstest.StartTime, "the attempt failed", func() bool { return app.Mails.Deliveries() > 0 })
	var d diagnosis
	handlerstest.Eventually(t, handlerstest.StartTime, "the answer is written", func() bool {
		d = examine(t, app.Env())
		return d.code != 0
	})
	d.wantFault("outbox", "failed", "the cellar is full", "--send-to")
}

func TestDoctorTellsWhetherAProviderKnowsUs(t *testing.T) {
	t.Parallel()
	providers := handlerstest.NewProviders(t)
	app := handlerstest.Start(t, frontendAllowed)
	ask := func() diagnosis {
		t.Helper()
		program := handlerstest.Spawn(t, app.Env(append(providers.Env(), "BACKEND_URL=https://api.example.com")...), "doctor", "--json")
		code := program.Wait(handlerstest.StartTime)
		return readDiagnosis(t, code, []byte(program.Log()))
	}
	d := ask()
	d.want("social", "ok", "Google knows these credentials. Its console must have the redirect address https://api.example.com/accounts/google/login/callback/", "")
	d.want("social", "ok", "https://api.example.com/accounts/github/login/callback/", "")
	providers.Answer(handlerstest.GoogleToken, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
	})
	providers.Answer(handlerstest.GitHubToken, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	d = ask()
	d.want("social", "failed", "Google does not know these credentials", "GOOGLE_CLIENT_ID=...")
	d.want("social", "failed", "GitHub does not answer: the answer is 502", "curl")
}

func TestDoctorNamesADatabaseThatTakesNoChanges(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	app := handlerstest.Start(t, frontendAllowed)
	u, err := url.Parse(app.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.DB.ExecContext(context.Background(), "ALTER DATABASE ? SET default_transaction_read_only = on", bun.Ident(u.Path[1:])); err != nil {
		t.Fatal(err)
	}
	f := examine(t, app.Env()).wantFault("database", "failed", "takes no changes", "psql")
	_, statement, _ := strings.Cut(f.Remedy, "-c '")
	server, err := models.Open(modelstest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }() // its database is dropped
	if _, err := server.ExecContext(context.Background(), strings.TrimSuffix(statement, "'")); err != nil {
		t.Fatalf("the remedy %s: %v", f.Remedy, err)
	}
	examine(t, app.Env()).want("database", "ok", "answers", "")
	u.Path = "/nowhere"
	examine(t, app.Env("DATABASE_URL="+u.String())).want("database", "failed", "nowhere", "createdb nowhere")
}

func TestDoctorFindsTheTracesOfANewerVersion(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, frontendAllowed)
	if _, err := app.DB.ExecContext(context.Background(), "INSERT INTO bun_migrations (name, group_id) VALUES ('29990101000001', 99)"); err != nil {
		t.Fatal(err)
	}
	examine(t, app.Env()).wantFault("migrations", "warning", "1 migrations that this version does not know", "digitalpath version")
}

func TestDoctorKnowsAPooler(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	app := handlerstest.Start(t, frontendAllowed)
	pooled := handlerstest.NewPooler(t, app.DatabaseURL)
	if d := examine(t, app.Env()); strings.Contains(d.String(), "PgBouncer") {
		t.Errorf("there is none:\n%s", d)
	}
	examine(t, app.Env("DATABASE_URL="+pooled)).want("database", "ok", "PgBouncer", "")
}

func TestDoctorNamesWhatIsWrongWithTheQueue(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	app := handlerstest.Start(t, frontendAllowed, "WORKERS_IN_PROCESS=0")
	d := examine(t, app.Env())
	if f := d.wantFault("workers", "failed", "No worker is alive", ""); f.Remedy != "digitalpath worker" {
		t.Errorf("the remedy is %q", f.Remedy)
	}
	worker := app.Worker() // what it printed
	handlerstest.Eventually(t, handlerstest.StartTime, "the worker is heard of", func() bool {
		d = examine(t, app.Env())
		return d.code == 0
	})
	d.want("probe", "ok", "done, by", "")

	letter := models.DeadLetter{JobID: "x", Job: "other", Cause: "stray job", FailedAt: time.Now().UTC()}
	if _, err := app.DB.NewInsert().Model(&letter).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	examine(t, app.Env()).wantFault("broker", "warning", "1 jobs became dead letters", "Put back")
	if _, err := app.DB.NewDelete().Model(&letter).WherePK().Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := examine(t, app.Env()); d.code != 0 {
		t.Errorf("not mended:\n%s", d)
	}

	app.Redis.Do("SADD", "digitalpath:worker_pools", "old")
	app.Redis.Do("HSET", "digitalpath:worker_pools:old", "heartbeat_at", time.Now().Unix(), "started_at", 1, "job_names", "mail",
		"concurrency", 1, "host", "old.example.com", "pid", 7, "worker_ids", "1")
	examine(t, app.Env()).wantFault("jobs", "warning", "old.example.com:7 does not know the jobs probe", "restart")
	app.Redis.Do("SREM", "digitalpath:worker_pools", "old")

	worker.Freeze()
	examine(t, app.Env()).wantFault("probe", "failed", "no worker took the job", "restart")
	if left := app.Redis.Do("LLEN", "digitalpath:jobs:probe"); left != int64(0) {
		t.Errorf("%v probes are left in the queue", left)
	}
	worker.Thaw()
}
