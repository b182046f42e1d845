package migrations_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/migrations"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

func TestRowsThatAreThereAlreadyAreCounted(t *testing.T) {
	ctx, db := context.Background(), modelstest.New(t)
	for undone := []string{""}; undone[0] != "20261126000070"; {
		var err error
		if undone, err = migrations.Down(ctx, db, 1); err != nil || len(undone) == 0 {
			t.Fatalf("%v %v", undone, err)
		}
	}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, statement := range []string{
		`INSERT INTO contact_messages (name, email, message, is_spam, created_at, updated_at) VALUES ('Ann', 'a@example.com', 'x', false, ?0, ?0), ('Bot', 'b@example.com', 'x', true, ?0, ?0)`,
		`INSERT INTO waitlist_entries (email, created_at, updated_at, invited_at) VALUES ('a@example.com', ?0, ?0, NULL), ('b@example.com', ?0, ?0, ?0)`,
		`INSERT INTO projects (name, status, progress, created_at, updated_at) VALUES ('A', 'active', 30, ?0, ?0), ('B', 'active', 50, ?0, ?0)`,
	} {
		if _, err := db.NewRaw(statement, noon).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := migrations.Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		table, part string
		count       int
	}{{"contact_messages", "received", 1}, {"waitlist_entries", "joined", 2}} {
		counts, err := models.KeptBetween(ctx, db, want.table, want.part, noon.Add(-time.Hour), noon, noon.Add(time.Hour), noon.Add(2*time.Hour))
		if err != nil || !slices.Equal(counts, []int{0, want.count, 0}) {
			t.Errorf("%s: %v %v", want.table, counts, err)
		}
	}
	kept, err := models.KeptCounts(ctx, db, "waitlist_entries", "---", "i--", "iun")
	if err != nil || kept["---"] != 1 || kept["i--"] != 1 || len(kept) != 2 {
		t.Errorf("the waitlist: %v %v", kept, err)
	}
	lines := modelstest.Plans(t, db, func(db *bun.DB) { _, err = models.KeptCounts(ctx, db, "waitlist_entries", "---", "i--") })
	if plan := strings.Join(lines, "\n"); err != nil || !models.IsPostgres(db) && !strings.Contains(plan, "period=?") {
		t.Errorf("counts of all times are looked for among those of each day: %s (%v)", plan, err)
	}
	var number, total int
	if err := db.NewRaw("SELECT number, total FROM row_counts WHERE subject = 'projects'").Scan(ctx, &number, &total); err != nil || number != 2 || total != 80 {
		t.Errorf("%d projects, %d per cent in all (%v)", number, total, err)
	}
}

func TestCountingCallsNoFunctionOfSQL(t *testing.T) {
	db := modelstest.New(t)
	if !models.IsPostgres(db) {
		t.Skip("PostgreSQL's function")
	}
	var plan string
	if err := db.NewRaw("EXPLAIN (VERBOSE, FORMAT JSON) SELECT row_counts_period(created_at) FROM contact_messages").Scan(context.Background(), &plan); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plan, "row_counts_period") {
		t.Errorf("the function is called, not put in place: %s", plan)
	}
}
