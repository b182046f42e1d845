package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// cpu is what processes have used of the processor, in seconds.
type cpu struct{ program, database float64 }

// cpuOf reads the CPU of a process of the program (0: none) and of PostgreSQL's backends.
func cpuOf(b *testing.B, db *bun.DB, pid int) (used cpu) {
	if pid != 0 {
		used.program = processCPU(pid)
	}
	if models.IsPostgres(db) {
		var backends []int
		if err := db.NewRaw("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").Scan(context.Background(), &backends); err != nil {
			b.Fatal(err)
		}
		for _, backend := range backends {
			used.database += processCPU(backend)
		}
	}
	return used
}

// processCPU is 0 of a process that has ended.
func processCPU(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(stat), ") ") // its name may hold spaces
	fields := strings.Fields(after)
	user, _ := strconv.ParseFloat(fields[11], 64)   // utime, see proc(5)
	system, _ := strconv.ParseFloat(fields[12], 64) // stime
	return (user + system) / 100                    // USER_HZ
}

// until says what each of n things cost since from.
func (from cpu) until(to cpu, n int) string {
	each := func(a, z float64) float64 { return 1000 * max(0, z-a) / float64(n) }
	return fmt.Sprintf("%.2f + %.2f", each(from.program, to.program), each(from.database, to.database))
}

// costOf says what each of n requests that do makes costs.
func costOf(b *testing.B, db *bun.DB, pid, n int, do func()) string {
	from := cpuOf(b, db, pid)
	do()
	return from.until(cpuOf(b, db, pid), n)
}

// medianCost is costOf the median of five rounds, after one that warms up.
func medianCost(b *testing.B, db *bun.DB, pid, n int, do func()) string {
	var rounds []cpu
	do()
	for range 5 {
		from := cpuOf(b, db, pid)
		do()
		to := cpuOf(b, db, pid)
		rounds = append(rounds, cpu{to.program - from.program, to.database - from.database})
	}
	slices.SortFunc(rounds, func(a, z cpu) int { return cmp.Compare(a.program+a.database, z.program+z.database) })
	return cpu{}.until(rounds[2], n)
}

// idle measures what a web process and a worker cost that have nothing to do.
func idle(b *testing.B) []line {
	const seconds = 30
	app := handlerstest.Start(b)
	if app.Redis == nil || !models.IsPostgres(app.DB) {
		return []line{{what: "idle, CPU a second", ours: "needs PostgreSQL and Redis", bar: "< 1.2 ms"}}
	}
	worker := handlerstest.Spawn(b, app.Env(), "worker")
	time.Sleep(12 * time.Second) // both have started, and PostgreSQL has counted what that took: 10 s late
	commits := func() (n int) {
		if err := app.DB.NewRaw("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()").Scan(context.Background(), &n); err != nil {
			b.Fatal(err)
		}
		return n
	}
	used := func() float64 { return processCPU(app.PID()) + processCPU(worker.PID()) }
	from, start := used(), commits()
	time.Sleep(seconds * time.Second)
	spent, transactions := used()-from, commits()-start
	worker.Kill()
	app.Kill()
	return []line{
		{what: "idle web process and worker, CPU a second", ours: fmt.Sprintf("%.1f ms", 1000*spent/seconds), bar: "<= 1.2 ms"},
		{what: "idle web process and worker, transactions a second", ours: fmt.Sprintf("%.1f", float64(transactions)/seconds), bar: "<= 1"},
	}
}
