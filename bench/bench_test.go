package bench

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"digitalpath/handlers/handlerstest"
)

// line is one row of the table; docs/architecture.md has its bar ("Speed and size").
type line struct {
	what, ours, bare, ratio, bar string
	cost                         string // CPU ms of a request, ours and PostgreSQL's; round trips
}

// measures are the rows by what ROW=... calls them.
var measures = []struct {
	name string
	take func(*testing.B) []line
}{
	{"start", both(startAndSize)}, {"submit", both(submits)}, {"writes", both(writes)}, {"latency", both(latency)}, {"mails", throughput},
	{"logins", refusedLogins}, {"reads", apiReads}, {"pages", both(pages)}, {"idle", idle}, {"growth", growth}, {"import", imports},
}

// both takes a measure on PostgreSQL, where there is one, and on SQLite.
func both(take func(*testing.B) []line) func(*testing.B) []line {
	return func(b *testing.B) (all []line) {
		server := os.Getenv("TEST_DATABASE_URL")
		if server != "" {
			all = take(b)
			b.Setenv("TEST_DATABASE_URL", "")
			defer b.Setenv("TEST_DATABASE_URL", server)
		}
		for _, l := range take(b) {
			l.what = "SQLite: " + l.what
			all = append(all, l)
		}
		return all
	}
}

// BenchmarkProgram takes every measure once, or the one that BENCH_ROW names, and
// prints the table.
func BenchmarkProgram(b *testing.B) {
	for b.Loop() {
		var lines []line
		for _, m := range measures {
			if strings.HasPrefix(m.name, os.Getenv("BENCH_ROW")) {
				lines = append(lines, m.take(b)...)
			}
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "\nMEASURE\tOURS\tBESIDE\tRATIO\tBAR\tCPU ms: OURS + POSTGRESQL, TRIPS")
		for _, l := range lines {
			fmt.Fprintln(table, strings.Join([]string{l.what, l.ours, l.bare, l.ratio, l.bar, l.cost}, "\t"))
		}
		if err := table.Flush(); err != nil {
			b.Fatal(err)
		}
	}
}

// startAndSize measures what a second start takes, on a database that is there.
func startAndSize(b *testing.B) []line {
	app := handlerstest.Start(b)
	app.Stop(10 * time.Second)
	start := time.Now()
	app.Serve()
	took := time.Since(start)
	idle := app.ResidentMB()
	info, err := os.Stat(handlerstest.Binary(b))
	if err != nil {
		b.Fatal(err)
	}
	app.Kill()
	return []line{
		{what: "start to first answer", ours: took.Round(time.Millisecond).String(), bar: "< 300 ms"},
		{what: "memory when idle", ours: fmt.Sprintf("%d MB", idle), bar: "< 64 MB"},
		{what: "binary, with symbols", ours: fmt.Sprintf("%d MB", info.Size()>>20), bar: "< 60 MB"},
	}
}

// quantile of durations, in 1/100.
func quantile(all []time.Duration, q int) time.Duration {
	slices.Sort(all)
	return all[(len(all)*q+99)/100-1]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func perSecond(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }

func ratio(a, b float64) string { return fmt.Sprintf("%.2f", a/b) }
