package handlerstest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"digitalpath/models"
)

// figures are what a fault cost, as far as the invariants were checked.
type figures struct {
	submitted, delivered, lost, copies int
	recovery                           time.Duration // the longest wait until nothing was under way
}

// reportFigures adds a line about the app's test to the file of TEST_FAULTS_TABLE, which
// make test-faults prints in the end.
func (a *App) reportFigures() {
	path := os.Getenv("TEST_FAULTS_TABLE")
	if path == "" || a.figures.submitted == 0 {
		return
	}
	engine := "SQLite"
	if models.IsPostgres(a.DB) {
		engine = "PostgreSQL"
	}
	table, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		a.t.Error(err)
		return
	}
	f := a.figures
	_, err = fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%.1f\n", a.t.Name(), engine, f.submitted, f.delivered, f.lost, f.copies, f.recovery.Seconds())
	if closeErr := table.Close(); err != nil || closeErr != nil {
		a.t.Error(err, closeErr)
	}
}

// Random is where a test gets its chances from. Its seed is printed where the test fails,
// and TEST_FAULTS_SEED sets it: the same kills in the same order, as far as the machine
// is the same.
func Random(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if set := os.Getenv("TEST_FAULTS_SEED"); set != "" {
		var err error
		if seed, err = strconv.ParseUint(set, 10, 64); err != nil {
			t.Fatalf("TEST_FAULTS_SEED: %v", err)
		}
	}
	t.Logf("TEST_FAULTS_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0)) // #nosec G404 -- of a test
}
