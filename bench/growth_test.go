package bench

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// growth compares everything that reads: of 1,000,000 messages and mails, or BENCH_ROWS,
// and 100,000 of anything else, with 1,000 of each; on PostgreSQL, where there is one,
// and on SQLite.
func growth(b *testing.B) (lines []line) {
	large := 1_000_000
	if rows, err := strconv.Atoi(os.Getenv("BENCH_ROWS")); err == nil {
		large = rows
	}
	for _, server := range slices.Compact([]string{os.Getenv("TEST_DATABASE_URL"), ""}) {
		b.Setenv("TEST_DATABASE_URL", server)
		few, many := filled(b, 1_000), filled(b, large)
		lines = append(lines, grown(b, few, many)...)
		few.Kill()
		many.Kill()
	}
	return lines
}

// noise is by how much one time differs from the next on a machine that does other things too.
const noise = 3 * time.Millisecond

// grown tells of each address how long it takes with few rows and with many, the worst
// last. What else the machine does tells less on the CPU beside.
func grown(b *testing.B, few, many *handlerstest.App) []line {
	engine := "SQLite: "
	if models.IsPostgres(few.DB) {
		engine = "PostgreSQL: "
	}
	readers := []func(string) string{readerOf(b, few), readerOf(b, many)}
	lines := []line{}
	factors := map[string]float64{}
	for _, path := range addresses(b, few) {
		asked, from := 0, []cpu{cpuOf(b, few.DB, few.PID()), cpuOf(b, many.DB, many.PID())}
		small, large := compare(func(i int) { readers[i](path); asked++ })
		what, bar := engine+path, "<= 2"
		if factors[what] = float64(large) / float64(small); factors[what] > 2 && large-small < noise {
			bar = "<= 2: noise"
		}
		cost := from[1].until(cpuOf(b, many.DB, many.PID()), asked/2) + " beside " + from[0].until(cpuOf(b, few.DB, few.PID()), asked/2)
		lines = append(lines, line{what: what, ours: ms(large), bare: ms(small), ratio: ratio(float64(large), float64(small)), bar: bar, cost: cost})
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(factors[a.what], factors[b.what]) })
	return lines
}

// readerOf reads addresses of the program as a superuser.
func readerOf(b testing.TB, app *handlerstest.App) func(path string) string {
	cookie, token := app.Login().CookieHeader(), tokenOf(app)
	return func(path string) string { return target{app.URL + path, token, cookie}.get(b) }
}

// compare returns the p95 of what is asked of few rows (0), and of many (1). Both are
// asked in turn: what else the machine does meets both. What is beyond the bar by more
// than the machine's noise is asked again, as that may have met one of them.
func compare(ask func(i int)) (small, large time.Duration) {
	const tries = 3
	for range tries {
		var times [2][]time.Duration
		for range 25 {
			for i := range times {
				start := time.Now()
				ask(i)
				times[i] = append(times[i], time.Since(start))
			}
		}
		a, z := quantile(times[0][1:], 95), quantile(times[1][1:], 95)
		if small == 0 || float64(z)/float64(a) < float64(large)/float64(small) {
			small, large = a, z
		}
		if large <= 2*small || large-small < noise {
			break
		}
	}
	return small, large
}

// tokenOf is the superuser's, of the API.
func tokenOf(app *handlerstest.App) string {
	login := fmt.Sprintf(`{"username":%q,"password":%q}`, handlerstest.Username, handlerstest.Password)
	return app.PostJSON("/api/token/pair", login).JSON()["access"].(string)
}
