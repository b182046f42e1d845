package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getsentry/sentry-go"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/waitlist"
)

// ingest takes what is reported, as Sentry does.
type ingest struct {
	dsn string

	mu   sync.Mutex
	sent string // every body
}

func newIngest(t *testing.T) *ingest {
	in := new(ingest)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/api/7/envelope/" {
			t.Errorf("%s: %v", r.URL, err)
		}
		in.mu.Lock()
		defer in.mu.Unlock()
		in.sent += string(body) + "\n"
	}))
	t.Cleanup(server.Close)
	in.dsn = "SENTRY_DSN=" + strings.Replace(server.URL, "://", "://key@", 1) + "/7"
	return in
}

// events are those reported so far.
func (in *ingest) events(t *testing.T) []sentry.Event {
	t.Helper()
	in.mu.Lock()
	defer in.mu.Unlock()
	var all []sentry.Event
	for line := range strings.Lines(in.sent) {
		if strings.Contains(line, `"exception":`) {
			var event sentry.Event
			if err := json.Unmarshal([]byte(line), &event); err != nil {
				t.Fatal(err)
			}
			all = append(all, event)
		}
	}
	return all
}

func TestFaultsAreReportedToSentryWithoutPersonalData(t *testing.T) {
	t.Parallel()
	in := newIngest(t)
	app := handlerstest.Prepare(t, in.dsn, "SENTRY_ENVIRONMENT=staging", "MAIL_MAX_RETRIES=0")
	app.Mails.OnMail = func(int) error { return handlerstest.Reply(550, "<ann@example.com> is unknown") }
	orphan := models.Job{Kind: waitlist.InviteJob, State: models.JobQueued, Signature: strings.Repeat("0", 64), LeaseUntil: now(), CreatedAt: now(), UpdatedAt: now()}
	if _, err := app.DB.NewInsert().Model(&orphan).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	app.Serve() // which looks for its tables
	if _, err := app.DB.ExecContext(t.Context(), "ALTER TABLE projects RENAME TO elsewhere"); err != nil {
		t.Fatal(err)
	}
	app.CreateSuperuser()
	pair := app.PostJSON("/api/token/pair", `{"username":"`+handlerstest.Username+`","password":"`+handlerstest.Password+`"}`).JSON()
	access := pair["access"].(string)
	app.MustSubmit("Ann")
	broken := app.Get("/api/projects/?search=ann@example.com", "Authorization", "Bearer "+access, "Cookie", "sessionid=hunter2")
	if broken.Status != http.StatusInternalServerError {
		t.Fatalf("got %d %s", broken.Status, broken.Body)
	}
	handlerstest.Eventually(t, handlerstest.StartTime, "the mail is given up and the job failed", func() bool {
		return strings.Contains(app.Log(), "job failed") && strings.Contains(app.Log(), "level=ERROR msg=\"mail attempt ended\"")
	})
	if code := app.Stop(15 * time.Second); code != 0 { // which sends what is left
		t.Errorf("exit code %d", code)
	}
	want := map[string]string{"request failed": "projects", "mail attempt ended": "550", "job failed": "staff"}
	for _, event := range in.events(t) {
		fault := event.Exception[0]
		if words, wanted := want[fault.Type]; !wanted || !strings.Contains(fault.Value, words) {
			t.Errorf("reported: %s: %s, want %q", fault.Type, fault.Value, words)
		}
		delete(want, fault.Type)
		if event.Environment != "staging" || event.Release != "digitalpath@"+version() || event.Level != sentry.LevelError {
			t.Errorf("environment %q, release %q, level %q", event.Environment, event.Release, event.Level)
		}
		if fault.Type == "request failed" && event.Tags["request_id"] != broken.Header.Get("X-Request-Id") {
			t.Errorf("request id %q", event.Tags["request_id"])
		}
		if last := fault.Stacktrace.Frames[len(fault.Stacktrace.Frames)-1]; !strings.HasPrefix(last.Module, "digitalpath/") {
			t.Errorf("%s ends in %s.%s", fault.Type, last.Module, last.Function)
		}
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
	for _, never := range []string{"example.com", access, "hunter2", "Authorization", "search"} {
		if strings.Contains(in.sent, never) {
			t.Errorf("%q is reported", never)
		}
	}
}

// A panic is one fault, however many middlewares it passes.
func TestPanicIsReportedOnceWithWhereItHappened(t *testing.T) {
	t.Parallel()
	in := newIngest(t)
	d := keepers(t, handlerstest.Prepare(t), 1, in.dsn)[0]
	mail, err := d.newWorkers(1)
	if err != nil {
		t.Fatal(err)
	}
	app, err := d.newApp(mail)
	if err != nil {
		t.Fatal(err)
	}
	app.Queue = nil // which /readyz asks
	answer, err := app.New().Test(httptest.NewRequest(http.MethodGet, "/readyz", nil), -1)
	if err != nil || answer.StatusCode != http.StatusInternalServerError {
		t.Fatalf("got %v (%v)", answer, err)
	}
	d.sentry.Flush(10 * time.Second)
	events := in.events(t)
	if len(events) != 1 {
		t.Fatalf("%d events:\n%s", len(events), in.sent)
	}
	fault := events[0].Exception[0]
	if last := fault.Stacktrace.Frames[len(fault.Stacktrace.Frames)-1]; fault.Type != "panic" || last.Module != "digitalpath/workers" ||
		events[0].Tags["request_id"] != answer.Header.Get("X-Request-Id") {
		t.Errorf("%s: %s at %s.%s", fault.Type, fault.Value, last.Module, last.Function)
	}
}

func TestWhatIsLoggedLastIsReportedBeforeTheEnd(t *testing.T) {
	t.Parallel()
	in := newIngest(t)
	p := &program{environ: append([]string{"DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12)}, handlerstest.Prepare(t).Env(in.dsn)...), errOut: t.Output()}
	d, err := p.open()
	if err != nil {
		t.Fatal(err)
	}
	d.log.Error("last words")
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	if events := in.events(t); len(events) != 1 || events[0].Exception[0].Type != "last words" {
		t.Errorf("reported: %+v", events)
	}
}

func TestNothingIsReportedWithoutItsSetting(t *testing.T) {
	t.Parallel()
	if d := keepers(t, handlerstest.Prepare(t), 1)[0]; d.sentry != nil {
		t.Error("there is a client of Sentry")
	}
}
