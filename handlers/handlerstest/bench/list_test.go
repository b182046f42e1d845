package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// pages are the states of the lists that must not slow down with their length: of
// each model its first page, orders that begin otherwise, filters that leave much and
// little, and searches.
var pages = []struct{ slug, queries string }{
	{models.ContactSlug, `/ page=200 page=last o=created_at o=name o=email o=status o=-sent_at
		is_spam=all is_spam=all&o=name is_spam=1 status=failed status=pending status=failed&o=name status=failed&o=sent_at
		created_at=7days created_at__year=2026 sent_at=none q=zebra q=Visitor q=nowhere q=zebra&status=failed q=zebra&status=sent q=Visitor&status=pending
		size=200 cols=name,error_message,updated_at o=-status,-created_at o=name,-email o=updated_at o=name,-email&status=failed&is_spam=1
		created_at=30days created_at__older=30 created_at__gte=2026-11-01 sent_at__lte=2026-11-20&status=sent created_at__gte=2099-01-01`},
	{models.UsersSlug, `/ page=200 page=last o=username o=email o=first_name o=last_name o=is_staff o=is_active o=-last_login
		is_staff=1 is_active=0 is_superuser=1 last_login=7days last_login=none date_joined=month q=zebra q=person`},
	{"history", `/ page=200 page=last o=object_label o=model o=action o=summary o=username
		action=added action=deleted model=users username=ada at=7days q=zebra q=person`},
	{models.ProjectsSlug, `/ o=name o=status o=progress o=budget o=due_date status=active created_at=7days q=zebra q=project`},
	{models.WaitlistSlug, `/ o=email o=notified o=-invited_at notified=0 invited_at=any is_spam=all q=zebra q=person`},
}

// lists compares the list pages of 1,000,000 messages, and 100,000 of anything else,
// with those of 1,000. Both are asked in turn: what else the machine does meets both.
func lists(b *testing.B) []line {
	apps := []*handlerstest.App{filled(b, 1_000), filled(b, 1_000_000)}
	staff := []*handlerstest.Staff{apps[0].Login(), apps[1].Login()}
	var lines []line
	for _, p := range pages {
		for query := range strings.FieldsSeq(p.queries) {
			path := "/admin/" + p.slug + "/?" + strings.TrimPrefix(query, "/")
			var times [2][]time.Duration
			for range 25 {
				for i := range staff {
					start := time.Now()
					if page := staff[i].Get(path); page.Status != 200 {
						b.Fatalf("%s: %d", path, page.Status)
					}
					times[i] = append(times[i], time.Since(start))
				}
			}
			small, large := quantile(times[0][1:], 95), quantile(times[1][1:], 95)
			lines = append(lines, line{"list, " + p.slug + " " + query + ": p95 of many, beside 1,000", ms(large), ms(small), ratio(float64(large), float64(small)), "<= 2"})
		}
	}
	for _, app := range apps {
		app.Kill()
	}
	return lines
}

// filled is the program on a database with rows of every model that has a list.
func filled(b *testing.B, rows int) *handlerstest.App {
	app := handlerstest.Start(b)
	app.CreateSuperuser()
	fill(b, app, rows)
	fillOthers(b, app, min(rows, 100_000))
	settle(b, app)
	return app
}

// generated is a table n of the numbers i from 1 to rows, and the time that is i
// minutes ago, as the engine says it.
func generated(app *handlerstest.App, rows int) (numbers, at string) {
	if models.IsPostgres(app.DB) {
		return fmt.Sprintf("WITH n(i) AS (SELECT generate_series(1, %d))", rows), "now() - i * interval '1 minute'"
	}
	return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)", rows),
		"strftime('%Y-%m-%d %H:%M:%f+00:00', 'now', '-' || i || ' minutes')"
}

// zebra is a word in every 500th row.
const zebra = "CASE WHEN i % 500 = 0 THEN ' zebra' ELSE '' END"

// fill stores messages of which every 10th is failed, and every 100th is spam.
func fill(b *testing.B, app *handlerstest.App, rows int) {
	numbers, at := generated(app, rows)
	run(b, app, numbers+` INSERT INTO contact_messages (name, email, message, status, is_spam, ip_address, created_at, updated_at, sent_at)
		SELECT 'Visitor ' || i, 'visitor' || i || '@example.com', 'Hello from ' || i || `+zebra+`,
			CASE WHEN i % 10 = 0 THEN 'failed' ELSE 'sent' END, i % 100 = 7, '127.0.0.1', `+at+`, `+at+`,
			CASE WHEN i % 10 > 0 THEN `+at+` END FROM n`)
}

// fillOthers stores accounts, of which few are staff, and rows of the other models.
func fillOthers(b *testing.B, app *handlerstest.App, rows int) {
	numbers, at := generated(app, rows)
	run(b, app, numbers+` INSERT INTO users (username, email, password, first_name, last_name, is_active, is_staff, is_superuser, date_joined, last_login)
		SELECT 'person' || i, 'person' || i || '@example.com', '', 'Person ' || i, 'Last' || `+zebra+`, i % 50 <> 3, i % 1000 = 5, i % 5000 = 5, `+at+`,
			CASE WHEN i % 3 > 0 THEN `+at+` END FROM n`)
	run(b, app, numbers+` INSERT INTO history_entries (at, username, ip_address, channel, model, object_id, object_label, action, summary, changes)
		SELECT `+at+`, CASE WHEN i % 10 = 0 THEN 'ada' ELSE 'person' || (i % 300) END, '127.0.0.1', 'backoffice',
			CASE WHEN i % 10 = 0 THEN 'users' ELSE 'projects' END, i, 'Object ' || i || `+zebra+`,
			CASE WHEN i % 2000 = 0 THEN 'deleted' WHEN i % 3 = 0 THEN 'added' ELSE 'changed' END, '', '[]' FROM n`)
	run(b, app, numbers+` INSERT INTO projects (name, status, progress, due_date, budget, created_at, updated_at)
		SELECT 'Project ' || i || `+zebra+`, CASE WHEN i % 4 = 0 THEN 'completed' ELSE 'active' END, i % 101, 'May ' || (i % 30), i || ' EUR', `+at+`, `+at+` FROM n`)
	run(b, app, numbers+` INSERT INTO waitlist_entries (email, first_name, description, notified, is_spam, created_at, updated_at, invited_at)
		SELECT 'person' || i || '@example.com', 'Person ' || i, 'Hello' || `+zebra+`, i % 3 = 0, i % 100 = 7, `+at+`, `+at+`,
			CASE WHEN i % 5 = 0 THEN `+at+` END FROM n`)
}

// settle lets PostgreSQL learn what the tables hold, which it would do by itself while
// we measure. Of SQLite nobody asks that in production either.
func settle(b *testing.B, app *handlerstest.App) {
	if models.IsPostgres(app.DB) {
		run(b, app, "VACUUM ANALYZE")
	}
}

func run(b *testing.B, app *handlerstest.App, statement string) {
	b.Helper()
	if _, err := app.DB.DB.ExecContext(context.Background(), statement); err != nil {
		b.Fatal(err)
	}
}
