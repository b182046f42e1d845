package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// further are the states of lists that no link of their first page leads to: deep pages,
// orders of what is filtered, ranges, columns, and searches.
var further = map[string]string{
	models.ContactSlug: `page=200 page=last o=name&is_spam=all status=failed&o=name status=failed&o=sent_at
		q=zebra q=Visitor q=nowhere q=zebra&status=failed q=zebra&status=sent q=Visitor&status=pending
		size=200 cols=name,error_message,updated_at o=-status,-created_at o=name,-email o=updated_at o=name,-email&status=failed&is_spam=1
		created_at__older=30 created_at__gte=2026-11-01 sent_at__lte=2026-11-20&status=sent created_at__gte=2099-01-01`,
	models.UsersSlug:    `page=200 page=last q=zebra q=person`,
	"history":           `page=200 page=last q=zebra q=person`,
	models.ProjectsSlug: `page=last q=zebra q=project`,
	models.WaitlistSlug: `page=last o=email&is_spam=all q=zebra q=person`,
}

// lists compares the list pages of many rows with those of few, in every state that the
// list itself leads to. Of each list it tells the slowest state beside the few rows, and
// each beyond the bar.
func lists(b *testing.B, staff []*handlerstest.Staff) (lines []line) {
	for _, list := range staff[1].Get("/admin/").Links("nav a[href^='/admin/']") {
		page := staff[0].Get(list) // whose dates the other has, too
		if !page.Has("#list") {
			continue
		}
		var worst line
		slowest, all := 0.0, states(page, list)
		for _, state := range all {
			small, large := compare(func(i int) { mustGet(b, staff[i], state) })
			found := float64(large) / float64(small)
			told := grown(fmt.Sprintf("list, %s of %d states", strings.TrimPrefix(state, "/admin/"), len(all)), small, large)
			if found > slowest {
				slowest, worst = found, told
			}
			if found > 2 {
				lines = append(lines, told)
			}
		}
		if slowest <= 2 {
			lines = append(lines, worst)
		}
	}
	return lines
}

// states are the list's own address and all that differ from it by one filter, date, order
// or page, each order both ways, and the further ones.
func states(page *handlerstest.Page, list string) []string {
	all := []string{list}
	for _, link := range page.Links("#list a[href^='" + list + "?']") {
		all = append(all, link)
		if _, column, ordered := strings.Cut(link, "?o="); ordered && !strings.Contains(link, "&") {
			all = append(all, list+"?o=-"+strings.TrimPrefix(column, "-"), list+"?o="+strings.TrimPrefix(column, "-"))
		}
	}
	for query := range strings.FieldsSeq(further[strings.Trim(strings.TrimPrefix(list, "/admin/"), "/")]) {
		all = append(all, list+"?"+query)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// compare returns the p95 of what is asked of few rows (0), and of many (1). Both are
// asked in turn: what else the machine does meets both.
func compare(ask func(i int)) (small, large time.Duration) {
	var times [2][]time.Duration
	for range 25 {
		for i := range times {
			start := time.Now()
			ask(i)
			times[i] = append(times[i], time.Since(start))
		}
	}
	return quantile(times[0][1:], 95), quantile(times[1][1:], 95)
}

func mustGet(b *testing.B, staff *handlerstest.Staff, path string) {
	if page := staff.Get(path); page.Status != 200 {
		b.Fatalf("%s: %d", path, page.Status)
	}
}

func grown(what string, small, large time.Duration) line {
	return line{what: what + ": p95 of many, beside 1,000", ours: ms(large), bare: ms(small), ratio: ratio(float64(large), float64(small)), bar: "<= 2"}
}

// filled is the program on a database with rows of every model that has a list.
func filled(b *testing.B, rows int) *handlerstest.App {
	app := handlerstest.Start(b, "RATE_LIMIT_API=off")
	app.CreateSuperuser()
	fill(b, app, rows)
	fillMail(b, app, rows)
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

// fillMail stores as many mails, of which half failed and half wait for long.
func fillMail(b *testing.B, app *handlerstest.App, rows int) {
	numbers, at := generated(app, rows)
	later := "'2100-01-01 00:00:00+00:00'"
	if models.IsPostgres(app.DB) {
		later += "::timestamptz"
	}
	run(b, app, numbers+` INSERT INTO outbox_messages (kind, object_id, recipient, message_id, state, max_attempts, next_attempt_at, queued_at, created_at, updated_at)
		SELECT 'contact_notice', i, 'a@example.com', 'm' || i, CASE WHEN i % 2 = 0 THEN 'retrying' ELSE 'failed' END, 4,
			CASE WHEN i % 2 = 0 THEN `+later+` END, `+at+`, `+at+`, `+at+` FROM n`)
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
	run(b, app, `INSERT INTO social_accounts (user_id, provider, subject, email, created_at, last_login)
		SELECT id, CASE WHEN id % 2 = 0 THEN 'google' ELSE 'github' END, 's' || id, email, date_joined, date_joined FROM users`)
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
