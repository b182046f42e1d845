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
type line struct{ what, ours, bare, ratio, bar string }

// BenchmarkProgram runs every measure once and prints the table.
func BenchmarkProgram(b *testing.B) {
	for b.Loop() {
		lines := slices.Concat(startAndSize(b), submits(b), latency(b), throughput(b), refusedLogins(b), apiReads(b), lists(b), imports(b))
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "\nMEASURE\tOURS\tBESIDE\tRATIO\tBAR")
		for _, l := range lines {
			fmt.Fprintln(table, strings.Join([]string{l.what, l.ours, l.bare, l.ratio, l.bar}, "\t"))
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
		{"start to first answer", took.Round(time.Millisecond).String(), "", "", "< 300 ms"},
		{"memory when idle", fmt.Sprintf("%d MB", idle), "", "", "< 64 MB"},
		{"binary, with symbols", fmt.Sprintf("%d MB", info.Size()>>20), "", "", "< 60 MB"},
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
