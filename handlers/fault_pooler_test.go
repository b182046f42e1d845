package handlers_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/migrations"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// behindPooler is an app whose processes reach PostgreSQL through PgBouncer in
// transaction mode. The test itself looks at the database directly.
func behindPooler(t *testing.T, env ...string) *handlerstest.App {
	t.Helper()
	handlerstest.NeedsServers(t)
	direct := modelstest.URL(t)
	return handlerstest.PrepareOn(t, direct, append(env, "DATABASE_URL="+handlerstest.NewPooler(t, direct))...)
}

func TestFourStartsAtOnceThroughAPoolerMigrateOnce(t *testing.T) {
	t.Parallel()
	app := behindPooler(t)
	var processes []*handlerstest.Process
	for range 4 {
		processes = append(processes, handlerstest.Spawn(t, app.Env(), "serve"))
	}
	applied := 0
	for _, process := range processes {
		handlerstest.Eventually(t, handlerstest.StartTime, "each listens", func() bool { return strings.Contains(process.Log(), "listening") })
		applied += strings.Count(process.Log(), "migration applied")
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

func TestKilledMigrationThroughAPoolerIsCompletedByTheNextStart(t *testing.T) {
	t.Parallel()
	app := behindPooler(t)
	for after := 10; after < 100; after += 3 {
		process := handlerstest.Spawn(t, app.Env(), "migrate", "up")
		process.Wait(time.Duration(after) * time.Millisecond)
		process.Kill()
	}
	wantMigrated(t, app)
}

// With a pool of 1 whoever needs a second connection while it holds one would wait
// for ever.
func TestMessageReachesStaffThroughAPooler(t *testing.T) {
	t.Parallel()
	for _, size := range []string{"20", "1"} {
		t.Run("a pool of "+size, func(t *testing.T) {
			t.Parallel()
			wantMessagesToReachStaff(t, behindPooler(t, "DATABASE_POOL_SIZE="+size))
		})
	}
}

func wantMessagesToReachStaff(t *testing.T, app *handlerstest.App) {
	t.Helper()
	app.ServeWithSender()
	app.Worker()
	app.CreateSuperuser()
	var accepted []string
	for i := range 20 {
		name := fmt.Sprintf("Visitor %d", i)
		app.MustSubmit(name)
		accepted = append(accepted, name)
	}
	app.CheckInvariants(30*time.Second, 0, accepted...)
	if row := app.Login().Get("/admin/contact-messages/?q=Visitor+7").Row("Visitor 7"); !row.Has("[data-status=sent]") {
		t.Errorf("the back office does not show it as sent: %+v", row)
	}
}

// A pooler that keeps no statements for its clients gets none: whoever found another
// connection behind it would miss theirs.
func TestNoStatementIsKeptBehindAPoolerThatLosesThem(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	db, err := models.Open(handlerstest.NewPooler(t, modelstest.URL(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // the test is over
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			args, found := new(models.Args), 0
			if err := db.NewSelect().ColumnExpr("?::integer", args.Of(int64(i))).Scan(args.In(t.Context()), &found); err != nil || found != i {
				t.Errorf("%d: %d, %v", i, found, err)
			}
		})
	}
	all.Wait()
	var kept int
	if err := db.NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(t.Context(), &kept); err != nil || kept != 0 {
		t.Errorf("%d statements were kept: %v", kept, err)
	}
}
