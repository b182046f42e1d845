package bench

import (
	"context"
	"fmt"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// filled is the program on a database with rows of every model that has a list.
func filled(b testing.TB, rows int) *handlerstest.App {
	app := handlerstest.Start(b, "RATE_LIMIT_API=off")
	fillAll(b, app, rows)
	return app
}

func fillAll(b testing.TB, app *handlerstest.App, rows int) {
	app.CreateSuperuser()
	fill(b, app, rows)
	fillMail(b, app, rows)
	fillOthers(b, app, min(rows, 100_000))
	fillParts(b, app, min(rows, 100_000))
	settle(b, app)
}

// generated is a table n of the numbers i from 1 to rows, and a time for each: the first one
// is two years ago, and they become more towards now, so that a day, a month and what is
// older have rows to show in a short table, too.
func generated(app *handlerstest.App, rows int) (numbers, at string) {
	const span = 2 * 365 * 24 * 3600
	age := fmt.Sprintf("%d.0 * (%[2]d - i) / %[2]d * (%[2]d - i) / %[2]d", span, rows)
	if models.IsPostgres(app.DB) {
		return fmt.Sprintf("WITH n(i) AS (SELECT generate_series(1::bigint, %d))", rows), "now() - " + age + " * interval '1 second'"
	}
	return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)", rows),
		"strftime('%Y-%m-%d %H:%M:%f+00:00', 'now', '-' || (" + age + ") || ' seconds')"
}

// shuffled is the number of a name: what people are called does not tell when they came.
func shuffled(rows int) string { return fmt.Sprintf("(i * 7919 %% %d)", rows) }

// rare tells which of rows are of a kind that there are 2,000 of, or a tenth.
func rare(rows int) string { return fmt.Sprintf("i %% %d = 0", max(10, rows/2000)) }

// quagga is a word that a hundred rows have, however many there are.
func quagga(rows int) string {
	return fmt.Sprintf("CASE WHEN i %% %d = 7 THEN ' quagga' ELSE '' END", max(10, rows/100))
}

// zebra is a word in what is rare.
func zebra(rows int) string { return "CASE WHEN " + rare(rows) + " THEN ' zebra' ELSE '' END" }

// fill stores messages of which every 10th is failed, and every 20th is spam.
func fill(b testing.TB, app *handlerstest.App, rows int) {
	numbers, at := generated(app, rows)
	run(b, app, numbers+` INSERT INTO contact_messages (name, email, message, status, is_spam, ip_address, created_at, updated_at, sent_at)
		SELECT 'Visitor ' || `+shuffled(rows)+`, 'visitor' || `+shuffled(rows)+` || '@example.com', 'Hello from ' || i || `+zebra(rows)+`,
			CASE WHEN i % 10 = 0 THEN 'failed' ELSE 'sent' END, i % 20 = 7, '127.0.0.1', `+at+`, `+at+`,
			CASE WHEN i % 10 > 0 THEN `+at+` END FROM n`)
}

// fillMail stores as many mails, of which half failed and half wait for long.
func fillMail(b testing.TB, app *handlerstest.App, rows int) {
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
func fillOthers(b testing.TB, app *handlerstest.App, rows int) {
	numbers, at := generated(app, rows)
	run(b, app, numbers+` INSERT INTO users (username, email, password, first_name, last_name, is_active, is_staff, is_superuser, date_joined, last_login)
		SELECT 'person' || `+shuffled(rows)+`, 'person' || `+shuffled(rows)+` || '@example.com', '', 'Person ' || `+shuffled(rows)+`, 'Last ' || (i % 91) || `+zebra(rows)+`, i % 11 <> 3, `+rare(rows)+`, i % 5000 = 5, `+at+`,
			CASE WHEN i % 3 > 0 THEN `+at+` END FROM n`)
	run(b, app, numbers+` INSERT INTO history_entries (at, username, ip_address, channel, model, object_id, object_label, action, summary, changes)
		SELECT `+at+`, CASE WHEN i % 10 = 0 THEN 'ada' ELSE 'person' || (i % 17) END, '127.0.0.1', 'backoffice',
			CASE WHEN i % 9 = 0 THEN 'users' ELSE 'projects' END, i, 'Object ' || `+shuffled(rows)+` || `+zebra(rows)+`,
			CASE WHEN i % 19 = 0 THEN 'deleted' WHEN i % 3 = 0 THEN 'added' ELSE 'changed' END, 'Field ' || (i % 97), '[]' FROM n`)
	run(b, app, `INSERT INTO social_accounts (user_id, provider, subject, email, created_at, last_login)
		SELECT id, CASE WHEN id % 2 = 0 THEN 'google' ELSE 'github' END, 's' || id, email, date_joined, date_joined FROM users`)
	run(b, app, numbers+` INSERT INTO projects (name, status, progress, due_date, budget, created_at, updated_at)
		SELECT 'Project ' || `+shuffled(rows)+` || `+zebra(rows)+` || `+quagga(rows)+`, CASE WHEN i % 4 = 0 THEN 'completed' ELSE 'active' END, i % 101, 'May ' || (i % 30), i || ' EUR', `+at+`, `+at+` FROM n`)
	run(b, app, numbers+` INSERT INTO waitlist_entries (email, first_name, company, description, notified, is_spam, created_at, updated_at, invited_at)
		SELECT 'person' || `+shuffled(rows)+` || '@example.com', 'Person ' || `+shuffled(rows)+`, 'Company ' || (i % 89) || `+quagga(rows)+`, 'Hello' || `+zebra(rows)+`, i % 3 = 0, i % 20 = 7, `+at+`, `+at+`,
			CASE WHEN i % 7 = 0 THEN `+at+` END FROM n`)
}

// fillParts stores what belongs to rows of models, and the views over a list.
func fillParts(b testing.TB, app *handlerstest.App, rows int) {
	numbers, at := generated(app, rows)
	for _, table := range []string{"data_sources", "reports", "analytics"} {
		run(b, app, numbers+` INSERT INTO `+table+` (project_id, name) SELECT i, 'Part of ' || i FROM n`)
	}
	run(b, app, numbers+` INSERT INTO ai_integrations (project_id) SELECT i FROM n`)
	run(b, app, numbers+` INSERT INTO project_members (project_id, user_id, role) SELECT i, i + 1, 'owner' FROM n`)
	run(b, app, numbers+` INSERT INTO mail_attempts (outbox_message_id, number, worker, server, outcome, reply, started_at, finished_at)
		SELECT i, 1, 'w', '127.0.0.1:25', 'refused', '550 No', `+at+`, `+at+` FROM n`)
	run(b, app, numbers+` INSERT INTO sessions (user_id, token_hash, ip_address, user_agent, created_at, last_seen_at, expires_at)
		SELECT i, 'h' || i, '127.0.0.1', '', `+at+`, `+at+`, `+at+` FROM n`)
	run(b, app, numbers+` INSERT INTO trash (model, object_id, object_label, snapshot, username, deleted_at)
		SELECT 'projects', 1000000 + i, 'Gone ' || i, '{}', 'ada', `+at+` FROM n`)
	run(b, app, numbers+` INSERT INTO jobs (kind, model, action, query, up_to, signature, user_id, username, ip_address, language, state, total, lease_until, created_at, updated_at)
		SELECT 'export', 'projects', '', '', 0, 's' || i, 1, 'ada', '127.0.0.1', 'en', 'done', 0, `+at+`, `+at+`, `+at+` FROM n`)
	run(b, app, numbers+` INSERT INTO dead_letters (job_id, job, arguments, cause, fails, failed_at)
		SELECT 'job' || i, 'send_outbox_mail', '{}', 'It failed', 4, `+at+` FROM n ORDER BY i DESC LIMIT 10000`)
	run(b, app, `INSERT INTO groups (name) VALUES ('Everybody')`)
	run(b, app, numbers+` INSERT INTO user_groups (group_id, user_id) SELECT 1, i FROM n`)
	run(b, app, `INSERT INTO saved_views (model, name, query, created_at, updated_at)
		SELECT 'contact-messages', 'Failed', 'status=failed', created_at, created_at FROM projects WHERE id = 1
		UNION ALL SELECT 'contact-messages', 'Zebras', 'q=zebra&status=sent', created_at, created_at FROM projects WHERE id = 1`)
}

// settle lets PostgreSQL learn what the tables hold, which it would do by itself while
// we measure. Of SQLite nobody asks that in production either.
func settle(b testing.TB, app *handlerstest.App) {
	if models.IsPostgres(app.DB) {
		run(b, app, "VACUUM ANALYZE")
	}
}

func run(b testing.TB, app *handlerstest.App, statement string) {
	b.Helper()
	if _, err := app.DB.DB.ExecContext(context.Background(), statement); err != nil {
		b.Fatal(err)
	}
}
