package modelstest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// asked notes what is read of a database.
type asked struct{ queries sync.Map }

func (a *asked) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	reads := strings.HasPrefix(e.Query, "SELECT") || strings.HasPrefix(e.Query, "WITH")
	if reads && !strings.Contains(e.Query, "$1") { // whose arguments are not here: see models.Args
		a.queries.Store(e.Query, true)
	}
	return ctx
}

func (*asked) AfterQuery(context.Context, *bun.QueryEvent) {}

// Plans are the lines of the engine's plans for what do reads of the database. PostgreSQL
// is told that reading a table from its start to its end, and sorting, are the dearest
// that there is, as they are in a long table.
func Plans(t testing.TB, db *bun.DB, do func(db *bun.DB)) (lines []string) {
	t.Helper()
	return PlansWithout(t, db, []string{"enable_seqscan", "enable_sort"}, do)
}

// PlansWithout are the plans where PostgreSQL takes some of its settings to be off.
func PlansWithout(t testing.TB, db *bun.DB, off []string, do func(db *bun.DB)) (lines []string) {
	t.Helper()
	noted := new(asked)
	do(db.WithQueryHook(noted))
	ctx, explain := t.Context(), "EXPLAIN QUERY PLAN "
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	if models.IsPostgres(db) {
		explain = "EXPLAIN "
		for _, dearest := range off {
			if _, err := tx.ExecContext(ctx, "SET LOCAL "+dearest+" = off"); err != nil {
				t.Fatal(err)
			}
		}
	}
	noted.queries.Range(func(query, _ any) bool {
		rows, err := tx.QueryContext(ctx, explain+query.(string))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()                     // Err tells what went wrong
		values := []any{new(any), new(any), new(any), new(any)} // SQLite's last one is the line
		if models.IsPostgres(db) {
			values = values[:1]
		}
		for rows.Next() {
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, fmt.Sprint(*values[len(values)-1].(*any)))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return true
	})
	return lines
}
