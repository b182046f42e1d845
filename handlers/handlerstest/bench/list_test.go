package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// pages are the views of the list that must not slow down with its length.
var pages = []struct{ what, query string }{
	{"first page", ""},
	{"filter: failed", "?status=failed"},
	{"search: rare word", "?q=zebra"},
	{"search: word in every message", "?q=Visitor"},
	{"search and filter", "?q=zebra&status=failed"},
	{"oldest first", "?sort=created_at"},
	{"by name", "?sort=name"},
}

// lists compares the list page of 1,000,000 messages with that of 1,000.
func lists(b *testing.B) []line {
	small, large := listTimes(b, 1_000), listTimes(b, 1_000_000)
	var lines []line
	for i, s := range small {
		l := large[i]
		lines = append(lines, line{"list, " + s.what + ": p95 of 1,000,000, beside 1,000", ms(l.p95), ms(s.p95), ratio(float64(l.p95), float64(s.p95)), "<= 2"})
	}
	return lines
}

type listTime struct {
	what string
	p95  time.Duration
}

func listTimes(b *testing.B, rows int) []listTime {
	app := handlerstest.Start(b)
	app.CreateSuperuser()
	fill(b, app, rows)
	staff := app.Login()
	var times []listTime
	measure := func(what, path string) {
		var all []time.Duration
		for range 25 {
			start := time.Now()
			if page := staff.Get(path); page.Status != 200 {
				b.Fatalf("%s: %d", path, page.Status)
			}
			all = append(all, time.Since(start))
		}
		times = append(times, listTime{what, quantile(all[1:], 95)})
	}
	const list = "/admin/contact-messages/"
	for _, p := range pages {
		measure(p.what, list+p.query)
	}
	last := staff.Get(list).Attribute(`nav[aria-label="Pages"] a:last-child`, "href")
	if last == "" {
		b.Fatal("the list has no link to its last page")
	}
	measure("last page", last)
	app.Kill()
	return times
}

// fill stores rows of which every 10th is failed and every 500th has a rare word.
func fill(b *testing.B, app *handlerstest.App, rows int) {
	numbers := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)", rows)
	at := "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now', '-' || i || ' minutes')"
	settle := "ANALYZE"
	if models.IsPostgres(app.DB) {
		numbers = fmt.Sprintf("WITH n(i) AS (SELECT generate_series(1, %d))", rows)
		at = "now() - i * interval '1 minute'"
		settle = "VACUUM ANALYZE" // else it would run by itself, while we measure
	}
	statements := []string{
		numbers + ` INSERT INTO contact_messages (name, email, message, status, is_spam, ip_address, created_at, updated_at)
			SELECT 'Visitor ' || i, 'visitor' || i || '@example.com',
				'Hello from ' || i || CASE WHEN i % 500 = 0 THEN ' about a zebra' ELSE '' END,
				CASE WHEN i % 10 = 0 THEN 'failed' ELSE 'sent' END, FALSE, '127.0.0.1', ` + at + `, ` + at + ` FROM n`,
		settle,
	}
	for _, statement := range statements {
		if _, err := app.DB.DB.ExecContext(context.Background(), statement); err != nil {
			b.Fatal(err)
		}
	}
}
