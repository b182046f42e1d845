package bench

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// pages tells what every address costs that reads, with 1,000 rows of each model: the pages
// of the back office, the probes, and the routes of the API. On PostgreSQL each is held
// against its bare twin: a Fiber handler that sends the same statements, prepared, by pgx
// and then the same answer. The twin looks at nothing that it is asked and makes nothing
// of what it finds.
func pages(b *testing.B) (lines []line) {
	const n = 100
	app := handlerstest.Prepare(b, "DJANGO_SECRET_KEY="+apiSecret, "RATE_LIMIT_API=off")
	var watched *tap
	if models.IsPostgres(app.DB) {
		watched = newTap(b, app.DatabaseURL)
		app.Serve("DATABASE_URL=" + watched.url)
	} else {
		app.Serve()
	}
	fillAll(b, app, 1_000)
	paths := slices.DeleteFunc(addresses(b, app), func(path string) bool {
		return strings.Contains(path, "?") // a state of a list, which growth asks for
	})
	cookie, token := app.Login().CookieHeader(), tokenOf(app)
	at := func(path string) target { return target{app.URL + path, token, cookie} }
	var bare string
	var twins []replay
	if watched != nil {
		for _, path := range paths {
			var twin replay
			twin.Statements = watched.during(func() { twin.Body = at(path).get(b) })
			twins = append(twins, twin)
		}
		bare = serveBare(b, task{URL: app.DatabaseURL, Replays: twins})
		app.Stop(10 * time.Second)
		app.Serve()
	}
	for i, path := range paths {
		ours, took := at(path), time.Duration(0)
		size := len(ours.get(b))
		cost := costOf(b, app.DB, app.PID(), n, func() { took = inParallel(8, n, func(int) { ours.get(b) }) })
		l := line{what: fmt.Sprintf("%s, %d KB", path, size>>10), ours: fmt.Sprintf("%.0f/s", perSecond(n, took)), cost: cost}
		if watched != nil {
			a, z := rates(b, ours, target{url: bare + fmt.Sprint("/", i)}, n)
			l.ours, l.bare, l.ratio = fmt.Sprintf("%.0f/s", a), fmt.Sprintf("%.0f/s", z), ratio(a, z)
			l.cost += fmt.Sprintf(", %d", len(twins[i].Statements))
		}
		lines = append(lines, l)
	}
	app.Kill()
	return lines
}
