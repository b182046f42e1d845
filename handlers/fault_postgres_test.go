package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// execSQL runs a statement on the test's own connections.
func execSQL(t *testing.T, db *bun.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// whileRefusing submits from 8 clients until over says so, and holds that each was
// answered 503 in time.
func whileRefusing(t *testing.T, app *handlerstest.App, over func() bool) {
	t.Helper()
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := 0; i == 0 || !over(); i++ {
				start := time.Now()
				answer := app.PostJSON("/api/contact", contact(quoted(fmt.Sprintf("Refused %d-%d", client, i)), anns, hello))
				if took := time.Since(start); took > 5500*time.Millisecond {
					t.Errorf("a refusal took %v", took)
				}
				if answer.Status != http.StatusServiceUnavailable {
					t.Errorf("a submit that cannot be stored is answered %d %s", answer.Status, answer.Body)
					return
				}
				wantEnvelope(t, answer, "unavailable")
			}
		})
	}
	clients.Wait()
	if answer := app.Get("/healthz"); answer.Status != http.StatusOK {
		t.Errorf("/healthz: %d", answer.Status)
	}
}

// wantRecovered holds that submits are accepted again within 10 s, that what was
// accepted was kept and mailed, and that nothing that was refused is there.
func wantRecovered(t *testing.T, app *handlerstest.App, accepted ...string) {
	t.Helper()
	handlerstest.Eventually(t, 10*time.Second, "submits are accepted again", func() bool {
		return app.PostJSON("/api/contact", contact(quoted("After"), anns, hello), "Idempotency-Key", "after").Status == http.StatusOK
	})
	app.CheckInvariants(60*time.Second, 0, append(accepted, "After")...)
	stored, err := app.DB.NewSelect().Model((*models.ContactMessage)(nil)).Count(context.Background())
	if err != nil || stored != int64(len(accepted)+1) {
		t.Errorf("%d messages are stored (%v), want the %d that were accepted", stored, err, len(accepted)+1)
	}
}

func TestReadOnlyDatabaseIsNeverAFalseSuccess(t *testing.T) {
	t.Parallel()
	app, gate := behindGate(t)
	gate.Open()
	app.Serve()
	app.MustSubmit("Before")
	app.CheckInvariants(30*time.Second, 0, "Before")
	var name string
	if err := app.DB.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	// New connections see it, so those that there are must go.
	execSQL(t, app.DB, "ALTER DATABASE ? SET default_transaction_read_only = on", bun.Ident(name))
	gate.Close()
	gate.Open()
	handlerstest.Eventually(t, 10*time.Second, "/readyz tells of it", func() bool {
		ready := app.Get("/readyz")
		return ready.Status == http.StatusOK && strings.Contains(ready.Body, "takes no changes")
	})
	start := time.Now()
	whileRefusing(t, app, func() bool { return time.Since(start) > 3*time.Second })
	execSQL(t, app.DB, "SET default_transaction_read_only = off; ALTER DATABASE ? RESET default_transaction_read_only", bun.Ident(name))
	gate.Close()
	gate.Open()
	wantRecovered(t, app, "Before")
}

func TestDatabaseThatIsOutOfConnectionsIsNeverAFalseSuccess(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	role := fmt.Sprintf("limited_%d", time.Now().UnixNano())
	admin, err := models.Open(os.Getenv("TEST_DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	execSQL(t, admin, "CREATE ROLE ? LOGIN PASSWORD ?", bun.Ident(role), role)
	t.Cleanup(func() { // after its database is gone
		execSQL(t, admin, "DROP ROLE ?", bun.Ident(role))
		_ = admin.Close() // nothing is left to lose
	})
	direct := modelstest.URL(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	execSQL(t, admin, "ALTER DATABASE ? OWNER TO ?", bun.Ident(strings.TrimPrefix(u.Path, "/")), bun.Ident(role))
	u.User = url.UserPassword(role, role)
	app := handlerstest.PrepareOn(t, direct, "DATABASE_URL="+u.String())
	app.Serve()
	app.MustSubmit("Before")
	app.CheckInvariants(30*time.Second, 0, "Before")
	execSQL(t, admin, "ALTER ROLE ? CONNECTION LIMIT 0", bun.Ident(role))
	execSQL(t, admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ?", role)
	start := time.Now()
	whileRefusing(t, app, func() bool { return time.Since(start) > 3*time.Second })
	execSQL(t, admin, "ALTER ROLE ? CONNECTION LIMIT -1", bun.Ident(role))
	wantRecovered(t, app, "Before")
}

// A table is locked by a migration or a backup that holds on to it.
func TestLockedTableIsNeverAFalseSuccess(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	app := handlerstest.Start(t)
	app.MustSubmit("Before")
	app.CheckInvariants(30*time.Second, 0, "Before")
	release := holdSubmits(t, app)
	start := time.Now()
	whileRefusing(t, app, func() bool { return time.Since(start) > handlerstest.Load(6*time.Second, 20*time.Second) })
	release()
	wantRecovered(t, app, "Before")
}

func TestBackOfficeSaysThatTheDatabaseIsSlow(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	login := app.Browser()
	form := login.Get("/admin/login/")
	tx, err := app.DB.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // it changed nothing
	if _, err := tx.ExecContext(t.Context(), "LOCK TABLE users IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	const sentence = "The service cannot answer right now."
	var clients sync.WaitGroup
	clients.Go(func() {
		page := app.Get("/admin/contact-messages/", "Cookie", staff.CookieHeader())
		if id := page.Header.Get("X-Request-Id"); page.Status != http.StatusServiceUnavailable || !strings.Contains(page.Body, sentence) || id == "" || !strings.Contains(page.Body, id) {
			t.Errorf("a list: %d %s", page.Status, page.Body)
		}
	})
	clients.Go(func() {
		toast := app.Get("/admin/users/", "Cookie", staff.CookieHeader(), "HX-Request", "true", "HX-Target", "list")
		if toast.Status != http.StatusServiceUnavailable || toast.Header.Get("HX-Retarget") != "#toasts" || !strings.Contains(toast.Body, sentence) {
			t.Errorf("a fragment: %d %s", toast.Status, toast.Body)
		}
	})
	clients.Go(func() {
		page := login.Post(form, "/admin/login/", url.Values{"username": {handlerstest.Username}, "password": {handlerstest.Password}})
		if page.Status != http.StatusServiceUnavailable || !strings.Contains(page.Text(), sentence) {
			t.Errorf("a login: %d %s", page.Status, page.Text())
		}
	})
	clients.Wait()
	handlerstest.Eventually(t, 5*time.Second, "each is logged", func() bool {
		return len(regexp.MustCompile(`msg=request .*status=503`).FindAllString(app.Log(), -1)) == 3
	})
	if metrics := app.Get("/metrics"); !regexp.MustCompile(`http_requests_total\{method="POST",.*status="503"\} 1`).MatchString(metrics.Body) {
		t.Errorf("the login is not counted:\n%s", metrics.Body)
	}
}
