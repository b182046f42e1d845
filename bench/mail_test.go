package bench

import (
	"context"
	"fmt"
	"net/smtp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// inParallel runs do that often in so many goroutines and returns how long all took.
func inParallel(goroutines, n int, do func(i int)) time.Duration {
	start := time.Now()
	var all sync.WaitGroup
	for worker := range goroutines {
		all.Go(func() {
			for i := worker; i < n; i += goroutines {
				do(i)
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

// submits compares the contact form with the two rows that it writes, in rounds that
// take turns, and then lets everybody come at once. No mail is sent meanwhile where a
// Redis lies between.
func submits(b *testing.B) []line {
	const n, rounds, burst = 1000, 7, 10_000
	app := handlerstest.Start(b, "WORKERS_IN_PROCESS=0")
	var ours, bare []time.Duration
	cost := costOf(b, app.DB, app.PID(), n, func() { inParallel(8, n, func(i int) { app.MustSubmit(fmt.Sprintf("Visitor %d", i)) }) }) + ", 1"
	for range rounds {
		ours = append(ours, inParallel(8, n, func(i int) { app.MustSubmit(fmt.Sprintf("Visitor %d", i)) }))
		bare = append(bare, inParallel(8, n, func(int) { insertBare(b, app.DB) }))
	}
	waits := make([]time.Duration, burst)
	inParallel(50, burst, func(i int) {
		start := time.Now()
		app.MustSubmit(fmt.Sprintf("Visitor %d", i))
		waits[i] = time.Since(start)
	})
	memory := app.ResidentMB()
	app.Kill()
	a, z := perSecond(n, quantile(ours, 50)), perSecond(n, quantile(bare, 50))
	return []line{
		{"contact submits/s, beside two bare inserts/s", fmt.Sprintf("%.0f", a), fmt.Sprintf("%.0f", z), ratio(a, z), ">= 0.7", cost},
		{"answer to a submit in a burst of 10,000, p99", ms(quantile(waits, 99)), "", "", "< 1 s", ""},
		{"memory after it", fmt.Sprintf("%d MB", memory), "", "", "< 512 MB", ""},
	}
}

func insertBare(b *testing.B, db *bun.DB) {
	now := time.Now().UTC()
	err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		message := &models.ContactMessage{Name: "Bare", Email: "visitor@example.com", Message: "Hello from Bare", Status: models.ContactPending, CreatedAt: now, UpdatedAt: now}
		if _, err := tx.NewInsert().Model(message).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&models.OutboxMessage{Kind: "bare", ObjectID: message.ID, MessageID: fmt.Sprint(message.ID), State: models.MailSent, Status: models.ContactSent, QueuedAt: now, CreatedAt: now, UpdatedAt: now}).Exec(ctx)
		return err
	})
	if err != nil {
		b.Error(err)
	}
}

// latency is from the submit's start to the mail's arrival, one at a time.
func latency(b *testing.B) []line {
	app := handlerstest.Prepare(b)
	arrived := make(chan time.Time, 1)
	app.Mails.OnMail = func(int) error { arrived <- time.Now(); return nil }
	app.Serve()
	var all []time.Duration
	for i := range 60 {
		time.Sleep(50 * time.Millisecond) // idle again
		start := time.Now()
		app.MustSubmit(fmt.Sprintf("Visitor %d", i))
		all = append(all, (<-arrived).Sub(start))
	}
	app.Kill()
	return []line{{"submit to mail when idle, p50 and p95", ms(quantile(all, 50)), ms(quantile(all, 95)), "", "p95 < 100 ms", ""}}
}

// throughput compares workers that empty a queue with one bare connection over which one
// of their mails is sent again and again.
func throughput(b *testing.B) []line {
	app := handlerstest.Prepare(b)
	if app.Redis == nil || !handlerstest.HasRealServer() {
		return []line{{what: "mails/s of one worker", ours: "needs Redis and aiosmtpd", bar: ">= 0.5"}}
	}
	app.Serve("WORKERS_IN_PROCESS=0")
	server := handlerstest.NewRealServer(b)
	lines := []line{
		mailing(b, app, "mails/s of one worker to aiosmtpd", server, server.Port, "1"),
		mailing(b, app, "mails/s of two workers to aiosmtpd", server, server.Port, "2"),
		mailing(b, app, "mails/s of one worker to a server in Go", server, app.Mails.Port(), "1"),
	}
	app.Kill()
	return lines
}

// mailing takes the best of rounds, in which the workers and the bare connection take
// turns: one is frozen while the other sends.
func mailing(b *testing.B, app *handlerstest.App, what string, real *handlerstest.RealServer, port, workers string) line {
	const n, rounds = 300, 5
	bare, ours := time.Hour, time.Hour
	worker := handlerstest.Spawn(b, app.Env("EMAIL_PORT="+port), "worker", "--concurrency", workers)
	defer worker.Kill()
	sent := func() (last int64) {
		if err := app.DB.NewSelect().Model((*models.MailAttempt)(nil)).ColumnExpr("coalesce(max(id), 0)").Scan(context.Background(), &last); err != nil {
			b.Fatal(err)
		}
		return last
	}
	app.MustSubmit("The first one")
	handlerstest.Eventually(b, time.Minute, "the worker sends", func() bool { return openMail(b, app) == 0 })
	text, spent := real.Texts()[0], cpu{}
	for range rounds {
		before := sent()
		worker.Freeze()
		inParallel(8, n, func(i int) { app.MustSubmit(fmt.Sprintf("Visitor %d", i)) })
		bare = min(bare, bareConnection(b, port, text, n))
		from := cpuOf(b, app.DB, worker.PID())
		worker.Thaw()
		handlerstest.Eventually(b, 5*time.Minute, "all are sent", func() bool { return openMail(b, app) == 0 })
		to := cpuOf(b, app.DB, worker.PID())
		spent = cpu{spent.program + to.program - from.program, spent.database + to.database - from.database}
		var first, last time.Time
		if err := app.DB.NewSelect().Model((*models.MailAttempt)(nil)).ColumnExpr("min(started_at), max(finished_at)").
			Where("id > ?", before).Scan(context.Background(), &first, &last); err != nil {
			b.Fatal(err)
		}
		ours = min(ours, last.Sub(first))
	}
	a, z := perSecond(n, ours), perSecond(n, bare)
	return line{what + ", beside one bare connection", fmt.Sprintf("%.0f", a), fmt.Sprintf("%.0f", z), ratio(a, z), ">= 0.5 each", cpu{}.until(spent, n*rounds) + ", 2"}
}

func openMail(b *testing.B, app *handlerstest.App) int64 {
	open, err := app.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("next_attempt_at IS NOT NULL").Count(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return open
}

func bareConnection(b *testing.B, port, text string, n int) time.Duration {
	client, err := smtp.Dial("127.0.0.1:" + port)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for range n {
		if err := sendBare(client, text); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(start)
	if err := client.Quit(); err != nil {
		b.Error(err)
	}
	return took
}

func sendBare(client *smtp.Client, text string) error {
	if err := client.Mail("noreply@digitalpath.test"); err != nil {
		return err
	}
	if err := client.Rcpt(handlerstest.Recipient); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	return w.Close()
}

// writes are what a join of the waitlist and a refresh cost.
func writes(b *testing.B) []line {
	const n = 1000
	app := handlerstest.Start(b, "WORKERS_IN_PROCESS=0", "RATE_LIMIT_API=off", "RATE_LIMIT_CONTACT=off", "RATE_LIMIT_WAITLIST=off")
	app.CreateSuperuser()
	pair := app.PostJSON("/api/token/pair", fmt.Sprintf(`{"username":%q,"password":%q}`, handlerstest.Username, handlerstest.Password)).JSON()
	var lines []line
	for _, write := range []struct{ what, path, body, trips string }{
		{"waitlist joins/s", "/api/waitlists/", `{"email":"person%d@example.com","first_name":"Ann"}`, "1"},
		{"token refreshes/s", "/api/token/refresh", fmt.Sprintf(`{"refresh":%q}`, pair["refresh"]), "1"},
	} {
		var took time.Duration
		var sent atomic.Int64
		cost := medianCost(b, app.DB, app.PID(), n, func() {
			took = inParallel(50, n, func(int) { // a join is answered after 150 ms
				body := write.body
				if strings.Contains(body, "%d") {
					body = fmt.Sprintf(body, sent.Add(1))
				}
				if answer := app.PostJSON(write.path, body); answer.Status >= 300 {
					b.Errorf("%s: %d %.200s", write.path, answer.Status, answer.Body)
				}
			})
		})
		lines = append(lines, line{what: write.what, ours: fmt.Sprintf("%.0f", perSecond(n, took)), cost: cost + ", " + write.trips})
	}
	app.Kill()
	return lines
}
