package handlers_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// afterKill is how soon after a killed sender everything must be settled (I4).
const afterKill = 90 * time.Second

func TestWebKilledRightAfterItsAnswerLosesNothing(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	sender := app.ServeWithSender()
	var names []string
	for i := range 5 {
		names = append(names, fmt.Sprintf("Visitor %d", i))
		app.MustSubmit(names[i])
		app.Kill()
		app.Serve()
	}
	crashes := 0
	if app.Redis == nil {
		crashes = 5 // each kill may have hit the sender between 250 and commit
	} else if !sender.Running() {
		t.Error("the worker went away with the web process")
	}
	app.CheckInvariants(afterKill, crashes, names...)
}

// In a long run 100 kills, and as many mails as TEST_FAULTS_MAILS says.
func TestRandomKillsDuringSubmitsLoseNothing(t *testing.T) {
	t.Parallel()
	random, submits, kills, visitors := handlerstest.Random(t), 200, handlerstest.Load(4, 100), 4
	if mails := os.Getenv("TEST_FAULTS_MAILS"); mails != "" {
		if _, err := fmt.Sscan(mails, &submits); err != nil {
			t.Fatalf("TEST_FAULTS_MAILS: %v", err)
		}
	}
	// A mail may be under way in more kills than it has tries.
	app := handlerstest.Prepare(t, "PORT="+handlerstest.FreePort(t), "MAIL_RETRY_DELAY=3s", "MAIL_MAX_RETRIES=30")
	if !models.IsPostgres(app.DB) {
		visitors = 32 // a file has one writer at a time
	}
	sender := app.ServeWithSender()
	crowd := newCrowd(t, app, submits, visitors)
	for kill := range kills {
		// At any moment of the time until the next kill, and any number of ms into it.
		target := kill*submits/kills + random.IntN(submits/kills+1)
		handlerstest.Eventually(t, time.Minute, "submits go on", func() bool { return crowd.count() >= min(target, submits) })
		time.Sleep(time.Duration(random.IntN(50_000)) * time.Microsecond)
		if app.Redis != nil && random.IntN(2) == 0 {
			sender.Kill()
			sender = app.NewSender()
			continue
		}
		app.Kill()
		wantSoundDatabase(t, app)
		app.Serve()
		if app.Redis == nil {
			sender = app.Process
		}
	}
	crowd.clients.Wait()
	// Each of the senders of a process may have been killed between 250 and commit.
	const sendersOfAProcess = 8
	app.CheckInvariants(max(afterKill, time.Duration(submits/20)*time.Second), kills*sendersOfAProcess, crowd.accepted...)
}

// crowd submits until so many submits were accepted, whatever becomes of the program.
type crowd struct {
	clients  sync.WaitGroup
	mu       sync.Mutex
	accepted []string
}

func newCrowd(t *testing.T, app *handlerstest.App, submits, visitors int) *crowd {
	t.Helper()
	c := new(crowd)
	var next atomic.Int64
	for range visitors {
		c.clients.Go(func() {
			for c.count() < submits {
				// A name of its own each time: of a broken connection nobody knows what it did.
				name := fmt.Sprintf("Visitor %d", next.Add(1))
				ok, err := app.Submit(name)
				if err == nil && !ok {
					t.Errorf("%s was refused", name)
					return
				}
				if ok {
					c.mu.Lock()
					c.accepted = append(c.accepted, name)
					c.mu.Unlock()
				} else {
					time.Sleep(20 * time.Millisecond) // until the process is back
				}
			}
		})
	}
	return c
}

func (c *crowd) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.accepted)
}

// wantSoundDatabase asks SQLite whether a kill broke its file.
func wantSoundDatabase(t *testing.T, app *handlerstest.App) {
	t.Helper()
	if models.IsPostgres(app.DB) {
		return
	}
	// A new connection: fts5 judges the file by what a long-lived one remembers of it.
	fresh, err := models.Open(app.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = fresh.Close() }() // it only read
	var verdict string
	if err := fresh.QueryRowContext(context.Background(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check says %q (%v)", verdict, err)
	}
}

func TestKilledSendersMailIsSentByAnother(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for a lease to run out")
	}
	for _, moment := range []struct {
		name   string
		arm    func(box *handlerstest.Mailbox, strike func())
		copies int
	}{
		{"before the server's greeting", func(box *handlerstest.Mailbox, strike func()) {
			box.OnGreet = func(connection int) {
				if connection == 1 {
					strike()
				}
			}
		}, 1},
		{"in the middle of the data", func(box *handlerstest.Mailbox, strike func()) {
			box.OnData = func(delivery int) error {
				if delivery == 1 {
					strike()
					return handlerstest.ErrHangUp
				}
				return nil
			}
		}, 1},
		{"after the server took it, before our commit", func(box *handlerstest.Mailbox, strike func()) {
			box.OnMail = func(delivery int) error {
				if delivery == 1 {
					strike()
					return handlerstest.ErrTakeAndHangUp
				}
				return nil
			}
		}, 2},
	} {
		t.Run(moment.name, func(t *testing.T) {
			t.Parallel()
			var sender atomic.Pointer[handlerstest.Process]
			app := handlerstest.Prepare(t)
			accepted := make(chan struct{})
			moment.arm(app.Mails, func() {
				<-accepted // where the sender is the web server too
				sender.Load().Kill()
			})
			sender.Store(app.ServeWithSender())
			app.MustSubmit("Ada")
			close(accepted)
			handlerstest.Eventually(t, 20*time.Second, "the sender is struck", func() bool { return !sender.Load().Running() })
			app.NewSender()
			app.CheckInvariants(afterKill, moment.copies-1, "Ada")
			if copies := len(app.Mails.Accepted()); copies != moment.copies {
				t.Errorf("%d copies, want %d", copies, moment.copies)
			}
			attempts := app.Attempts("Ada")
			if len(attempts) != 2 || attempts[0].Outcome != models.AttemptLost || attempts[1].Outcome != models.AttemptSent {
				t.Errorf("the timeline is %+v", attempts)
			}
		})
	}
}

// A sender that was frozen while another took its mail over must not change what
// the other one wrote, whatever its server says in the end.
func TestZombieSenderCannotOverwriteTheStatus(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	if testing.Short() {
		t.Skip("waits for a lease to run out")
	}
	app := handlerstest.Prepare(t, "WORKERS_IN_PROCESS=0")
	var zombie atomic.Pointer[handlerstest.Process]
	frozen, wake := make(chan struct{}), make(chan struct{})
	app.Mails.OnMail = func(delivery int) error {
		if delivery == 1 {
			zombie.Load().Freeze()
			close(frozen)
			<-wake
			return notHere
		}
		return nil
	}
	app.Serve()
	zombie.Store(app.Worker())
	app.MustSubmit("Ada")
	<-frozen
	app.Worker()
	handlerstest.Eventually(t, afterKill, "the other one sent it", func() bool { return app.Message("Ada").Status == models.ContactSent })
	before := app.Message("Ada")
	close(wake)
	zombie.Load().Thaw()
	handlerstest.Eventually(t, 30*time.Second, "the zombie noticed", func() bool {
		log := zombie.Load().Log()
		return strings.Contains(log, "lease was lost") || strings.Contains(log, "abandoned")
	})
	app.CheckInvariants(30*time.Second, 0, "Ada")
	if after := app.Message("Ada"); after != before {
		t.Errorf("the zombie changed %+v\nto %+v", before, after)
	}
	zombie.Load().Kill()
}

func TestWithoutAWorkerMailWaitsVisiblyAndGoesWhenOneComes(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	app := handlerstest.Start(t, "WORKERS_IN_PROCESS=0")
	app.MustSubmit("Ada")
	tenMinutesAgo := time.Now().Add(-10 * time.Minute)
	if _, err := app.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).Where("TRUE").
		Set("created_at = ?", tenMinutesAgo).Set("next_attempt_at = ?", tenMinutesAgo).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	if status := app.Message("Ada").Status; status != models.ContactPending {
		t.Errorf("it is %s", status)
	}
	ready := app.Get("/readyz")
	if ready.Status != 200 || !strings.Contains(ready.Body, "degraded") || !strings.Contains(ready.Body, "10m") || !strings.Contains(ready.Body, "No worker") {
		t.Errorf("/readyz: %d %s", ready.Status, ready.Body)
	}
	if metrics := app.Get("/metrics").Body; !strings.Contains(metrics, "mail_waiting 1\n") || !strings.Contains(metrics, "mail_oldest_waiting_seconds 60") {
		t.Errorf("/metrics does not tell that one mail waits for 10 minutes:\n%s", metrics)
	}
	app.CreateSuperuser()
	desk := app.Login()
	for _, path := range []string{"/admin/", "/admin/queue/"} {
		if tile := desk.Get(path).Part("main li", "Mail waiting"); !strings.Contains(tile.Text(), "10 min ago") {
			t.Errorf("%s tells of the mail that waits: %q", path, tile.Text())
		}
	}
	app.Worker()
	app.CheckInvariants(60*time.Second, 0, "Ada")
}

func TestStopLetsRequestsInFlightFinish(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	names := make([]string, 50)
	var clients sync.WaitGroup
	release := holdSubmits(t, app)
	for i := range names {
		names[i] = fmt.Sprintf("In flight %d", i)
		clients.Go(func() { app.MustSubmit(names[i]) })
	}
	handlerstest.Eventually(t, 10*time.Second, "50 requests are in flight", func() bool { return app.Connections() >= 50 })
	start := time.Now()
	stopped := make(chan int)
	go func() { stopped <- app.Stop(10 * time.Second) }()
	handlerstest.Eventually(t, 5*time.Second, "it takes no more connections", func() bool { return !app.Listening() })
	release()
	clients.Wait()
	if code := <-stopped; code != 0 {
		t.Errorf("exit code %d after %v", code, time.Since(start))
	}
	app.Serve()
	app.CheckInvariants(60*time.Second, 0, names...)
}

// holdSubmits keeps every submit waiting for the database until release.
func holdSubmits(t *testing.T, app *handlerstest.App) (release func()) {
	t.Helper()
	tx, err := app.DB.BeginTx(context.Background(), nil) // on SQLite this alone locks out writers
	if err != nil {
		t.Fatal(err)
	}
	if models.IsPostgres(app.DB) {
		if _, err := tx.ExecContext(context.Background(), "LOCK TABLE contact_messages IN EXCLUSIVE MODE"); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

func TestStopInTheMiddleOfAMailLetsItFinish(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	release := make(chan struct{})
	app.Mails.OnMail = func(int) error { <-release; return nil }
	sender := app.ServeWithSender()
	app.MustSubmit("Ada")
	handlerstest.Eventually(t, 20*time.Second, "the mail is under way", func() bool { return app.Mails.Deliveries() == 1 })
	stopped := make(chan int)
	go func() { stopped <- sender.Stop(10 * time.Second) }()
	time.AfterFunc(time.Second, func() { close(release) })
	if code := <-stopped; code != 0 {
		t.Errorf("exit code %d", code)
	}
	app.CheckInvariants(5*time.Second, 0, "Ada")
	if copies := len(app.Mails.Accepted()); copies != 1 {
		t.Errorf("%d copies", copies)
	}
}

func TestStopWhileTheMailServerHangsGivesTheMailBack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for a lease to run out")
	}
	app := handlerstest.Prepare(t)
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	app.Mails.OnMail = func(delivery int) error {
		if delivery == 1 {
			<-ended
			return handlerstest.ErrHangUp
		}
		return nil
	}
	sender := app.ServeWithSender()
	app.MustSubmit("Ada")
	handlerstest.Eventually(t, 20*time.Second, "the mail is under way", func() bool { return app.Mails.Deliveries() == 1 })
	if code := sender.Stop(10 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	app.NewSender()
	app.CheckInvariants(afterKill, 0, "Ada")
}
