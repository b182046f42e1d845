package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/migrations"
	"digitalpath/models/modelstest"
)

func TestFourProcessesMigrateAnEmptyDatabaseOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.PrepareOn(t, modelstest.URL(t))
	var processes []*handlerstest.Process
	for range 4 {
		processes = append(processes, handlerstest.Spawn(t, app.Env(), "migrate", "up"))
	}
	applied := 0
	for _, process := range processes {
		if code := process.Wait(handlerstest.StartTime); code != 0 {
			t.Errorf("migrate up ended with %d:\n%s", code, process.Log())
		}
		applied += strings.Count(process.Log(), "Applied")
	}
	steps, err := migrations.Status(context.Background(), app.DB)
	if err != nil {
		t.Fatal(err)
	}
	if applied != len(steps) || len(steps) == 0 {
		t.Errorf("%d migrations were applied in all, there are %d", applied, len(steps))
	}
	wantMigrated(t, app)
}

func wantMigrated(t *testing.T, app *handlerstest.App) {
	t.Helper()
	app.Serve()
	if pending, err := migrations.Pending(context.Background(), app.DB); err != nil || pending != 0 {
		t.Errorf("%d migrations are pending (%v)", pending, err)
	}
	app.MustSubmit("Ada")
	app.CheckInvariants(20*time.Second, 0, "Ada")
}

// The kills are a few milliseconds apart, so that some hit between a migration and
// the note that it is applied.
func TestKilledMigrationIsCompletedByTheNextStart(t *testing.T) {
	t.Parallel()
	for offset := range 4 {
		app := handlerstest.PrepareOn(t, modelstest.URL(t))
		for after := 10 + offset; after < 100; after += 8 {
			process := handlerstest.Spawn(t, app.Env(), "migrate", "up")
			process.Wait(time.Duration(after) * time.Millisecond)
			process.Kill()
		}
		wantMigrated(t, app)
		app.Kill()
	}
}

func TestDownAndUpAgainKeepsTheProgramRunning(t *testing.T) {
	t.Parallel()
	app := handlerstest.PrepareOn(t, modelstest.URL(t))
	for _, step := range [][]string{{"migrate", "up"}, {"migrate", "down", "100", "--yes"}, {"migrate", "status"}, {"migrate", "up"}} {
		process := handlerstest.Spawn(t, app.Env(), step...)
		if code := process.Wait(handlerstest.StartTime); code != 0 {
			t.Errorf("%v ended with %d:\n%s", step, code, process.Log())
		}
	}
	wantMigrated(t, app)
}

func TestOldSchemaIsRefusedWithoutAutoMigrate(t *testing.T) {
	t.Parallel()
	app := handlerstest.PrepareOn(t, modelstest.URL(t), "AUTO_MIGRATE=0")
	process := handlerstest.Spawn(t, app.Env(), "serve")
	if code := process.Wait(handlerstest.StartTime); code <= 0 || !strings.Contains(process.Log(), "migrate up") {
		t.Errorf("exit code %d:\n%s", code, process.Log())
	}
}

// behindGate is an app whose PostgreSQL the test may take away.
func behindGate(t *testing.T, env ...string) (*handlerstest.App, *handlerstest.Gate) {
	t.Helper()
	handlerstest.NeedsServers(t)
	direct := modelstest.URL(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	gate := handlerstest.NewGate(t, u.Host)
	u.Host = gate.Address
	return handlerstest.PrepareOn(t, direct, append([]string{"DATABASE_URL=" + u.String()}, env...)...), gate
}

func TestProcessesWaitForTheDatabaseAndSaySo(t *testing.T) {
	t.Parallel()
	app, gate := behindGate(t, "WORKERS_IN_PROCESS=0", "PORT="+handlerstest.FreePort(t))
	worker := handlerstest.Spawn(t, app.Env(), "worker")
	web := handlerstest.Spawn(t, app.Env(), "serve")
	start := time.Now()
	for _, process := range []*handlerstest.Process{worker, web} {
		handlerstest.Eventually(t, 30*time.Second, "it says twice that it waits", func() bool { return strings.Count(process.Log(), "waiting for the database") >= 2 })
		if lines := strings.Count(process.Log(), "\n"); lines > int(time.Since(start).Seconds())+2 {
			t.Errorf("%d lines in %v:\n%s", lines, time.Since(start), process.Log())
		}
		for line := range strings.Lines(process.Log()) {
			if strings.Contains(line, "waiting") && (len(line) > 200 || !strings.Contains(line, "refused") || strings.Contains(line, `\n`)) {
				t.Errorf("not a short line: %s", line)
			}
		}
	}
	gate.Open()
	handlerstest.Eventually(t, 20*time.Second, "the worker works", func() bool { return strings.Contains(worker.Log(), "working") })
	handlerstest.Eventually(t, 20*time.Second, "the web process listens", func() bool { return strings.Contains(web.Log(), "listening") })
	if !worker.Running() || !web.Running() {
		t.Error("one of them ended")
	}
}

func TestWaitingProcessStopsWhenAsked(t *testing.T) {
	t.Parallel()
	app, _ := behindGate(t)
	web := handlerstest.Spawn(t, app.Env(), "serve")
	handlerstest.Eventually(t, 30*time.Second, "it waits", func() bool { return strings.Contains(web.Log(), "waiting for the database") })
	if code := web.Stop(10 * time.Second); code != 0 {
		t.Errorf("exit code %d:\n%s", code, web.Log())
	}
}

func TestLostDatabaseAnswers503AndIsFoundAgain(t *testing.T) {
	t.Parallel()
	app, gate := behindGate(t)
	gate.Open()
	app.Serve()
	var mu sync.Mutex
	var accepted []string
	burst := func(prefix string, count int) (statuses map[int]int) {
		statuses = map[int]int{}
		var clients sync.WaitGroup
		for i := range count {
			clients.Go(func() {
				name := fmt.Sprintf("%s %d", prefix, i)
				start := time.Now()
				answer := app.PostJSON("/api/contact", contact(quoted(name), anns, hello))
				if took := time.Since(start); took > 5500*time.Millisecond {
					t.Errorf("%s was answered after %v", name, took)
				}
				mu.Lock()
				defer mu.Unlock()
				statuses[answer.Status]++
				if answer.Status == http.StatusOK {
					accepted = append(accepted, name)
				} else {
					wantEnvelope(t, answer, "unavailable")
				}
			})
		}
		clients.Wait()
		return statuses
	}
	burst("Before", 10)
	time.AfterFunc(20*time.Millisecond, gate.Close)
	burst("During", 40)
	if statuses := burst("Without", 10); statuses[http.StatusServiceUnavailable] != 10 {
		t.Errorf("without a database the answers are %v", statuses)
	}
	if ready := app.Get("/readyz"); ready.Status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d %s", ready.Status, ready.Body)
	}
	if health := app.Get("/healthz"); health.Status != http.StatusOK {
		t.Errorf("/healthz: %d", health.Status)
	}
	gate.Open()
	handlerstest.Eventually(t, 10*time.Second, "submits are accepted again", func() bool {
		return app.PostJSON("/api/contact", contact(quoted("After"), anns, hello), "Idempotency-Key", "after").Status == http.StatusOK
	})
	app.CheckInvariants(60*time.Second, 0, append(accepted, "After")...)
}

// databaseIs tells whether /readyz names that state of the database.
func databaseIs(ready handlerstest.Answer, state string) bool {
	parts, _ := ready.JSON()["parts"].(map[string]any)
	database, _ := parts["database"].(map[string]any)
	return database["status"] == state
}

// A disk that is full is a small tmpfs, which only root may mount.
func TestFullDiskIsNeverAFalseSuccess(t *testing.T) {
	t.Parallel()
	if os.Getenv("TEST_DATABASE_URL") != "" {
		t.Skip("this is about SQLite's file")
	}
	path := handlerstest.SmallDisk(t, 8<<20)
	app := handlerstest.PrepareOn(t, "sqlite:///"+path+"/test.db")
	app.Serve()
	var accepted []string
	refusals := 0
	if ready := app.Get("/readyz"); !databaseIs(ready, "ok") {
		t.Errorf("before: %s", ready.Body)
	}
	text := quoted(strings.Repeat("m", 10_000))
	for i := 0; i < 3000 && refusals < 5; i++ {
		name := fmt.Sprintf("Visitor %d", i)
		answer := app.PostJSON("/api/contact", contact(quoted(name), anns, text))
		switch answer.Status {
		case http.StatusOK:
			accepted = append(accepted, name)
		case http.StatusServiceUnavailable:
			refusals++
		default:
			t.Fatalf("%s: %d %s", name, answer.Status, answer.Body)
		}
	}
	if refusals == 0 {
		t.Fatal("the disk never became full")
	}
	if ready := app.Get("/readyz"); ready.Status != http.StatusOK || ready.JSON()["status"] != "degraded" || !databaseIs(ready, "degraded") {
		t.Errorf("on a full disk: %d %s", ready.Status, ready.Body)
	}
	app.Kill()
	wantSoundDatabase(t, app)
	for _, name := range accepted {
		if app.Message(name).Name != name {
			t.Errorf("%s is gone", name)
		}
	}
}
