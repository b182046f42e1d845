package migrations_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/migrations"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// stored is every model; TestSchemaIsWhatTheModelsSay fails for a table without one.
var stored = []any{
	(*models.User)(nil), (*models.Session)(nil), (*models.DjangoToken)(nil), (*models.DjangoLink)(nil), (*models.EmailChange)(nil), (*models.Signup)(nil), (*models.ContactMessage)(nil), (*models.OutboxMessage)(nil),
	(*models.MailAttempt)(nil), (*models.IdempotencyKey)(nil), (*models.Group)(nil), (*models.GroupPermission)(nil),
	(*models.UserPermission)(nil), (*models.UserGroup)(nil), (*models.HistoryEntry)(nil),
	(*models.SocialAccount)(nil), (*models.OneTimeCode)(nil),
	(*models.WaitlistEntry)(nil), (*models.WaitlistOptout)(nil), (*models.Job)(nil), (*models.JobFailure)(nil), (*models.JobFile)(nil), (*models.JobUpload)(nil),
	(*models.Project)(nil), (*models.DataSource)(nil), (*models.Report)(nil), (*models.Analytic)(nil),
	(*models.AIIntegration)(nil), (*models.ProjectMember)(nil), (*models.TrashedRow)(nil), (*models.RefusedOrigin)(nil), (*models.DeadLetter)(nil),
	(*models.SavedView)(nil), (*models.SavedViewDefault)(nil),
}

func TestSchemaIsWhatTheModelsSay(t *testing.T) {
	db := modelstest.New(t)
	db.RegisterModel(stored...)
	want := map[string][]string{}
	for _, model := range stored {
		table := db.NewCreateTable().Model(model).GetTableName()
		for _, field := range db.Dialect().Tables().ByModel(modelName(model)).Fields {
			want[table] = append(want[table], describe(field.Name, (field.NullZero || field.IsPtr) && !field.AutoIncrement && field.SQLDefault == ""))
		}
	}
	got := columns(t, db)
	for table := range got {
		if want[table] == nil {
			t.Errorf("table %s has no model", table)
		}
	}
	for table := range want {
		slices.Sort(want[table])
		if !slices.Equal(want[table], got[table]) {
			t.Errorf("table %s\nmodel  %v\nschema %v", table, want[table], got[table])
		}
	}
}

func modelName(model any) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", model), "*models.")
}

func describe(column string, nullable bool) string {
	if nullable {
		return column + " null"
	}
	return column
}

// columns reads the schema: every table's columns, and which may be null. What triggers alone
// write has no model.
func columns(t *testing.T, db *bun.DB) map[string][]string {
	t.Helper()
	query := `SELECT m.name, p.name, p."notnull" = 0 AND p.pk = 0
		FROM sqlite_master m, pragma_table_info(m.name) p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'bun_%' AND m.name NOT LIKE '%_search%' AND m.name <> 'row_counts'`
	if models.IsPostgres(db) {
		query = `SELECT table_name, column_name, is_nullable = 'YES' FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'bun_%' AND table_name <> 'row_counts'
			AND table_name NOT IN (SELECT table_name FROM information_schema.views)`
	}
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	all := map[string][]string{}
	for rows.Next() {
		var table, column string
		var nullable bool
		if err := rows.Scan(&table, &column, &nullable); err != nil {
			t.Fatal(err)
		}
		all[table] = append(all[table], describe(column, nullable))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for table := range all {
		slices.Sort(all[table])
	}
	return all
}

func TestEveryMigrationCanBeTakenBackAndAppliedAgain(t *testing.T) {
	ctx, db := context.Background(), modelstest.New(t)
	before := columns(t, db)
	steps, err := migrations.Status(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	undone, err := migrations.Down(ctx, db, len(steps))
	if err != nil || len(undone) != len(steps) {
		t.Fatalf("took back %v of %d migrations: %v", undone, len(steps), err)
	}
	if left := columns(t, db); len(left) != 0 {
		t.Errorf("tables left after taking everything back: %v", left)
	}
	if pending, err := migrations.Pending(ctx, db); err != nil || pending != len(steps) {
		t.Errorf("%d migrations pending, want %d (%v)", pending, len(steps), err)
	}
	if _, err := migrations.Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	if after := columns(t, db); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the schema differs after taking back and applying again:\n%v\n%v", before, after)
	}
}

func TestLossesNameEveryTableAndColumnThatGoes(t *testing.T) {
	ctx, db := context.Background(), modelstest.New(t)
	for before := columns(t, db); len(before) > 0; {
		losses, err := migrations.Losses(ctx, db, 1)
		if err != nil || len(losses) != 1 {
			t.Fatalf("losses %v: %v", losses, err)
		}
		undone, err := migrations.Down(ctx, db, 1)
		if err != nil || !slices.Equal(undone, []string{losses[0].Name}) {
			t.Fatalf("took back %v, not %s: %v", undone, losses[0].Name, err)
		}
		after := columns(t, db)
		for table, had := range before {
			if after[table] == nil {
				had = []string{""}
			}
			for _, column := range had {
				column, _, _ = strings.Cut(column, " ")
				want := fmt.Sprintf("column %s of %s", column, table)
				if after[table] == nil {
					want = fmt.Sprintf("table %s (rows: 0)", table)
				}
				gone := after[table] == nil || !slices.Contains(after[table], column) && !slices.Contains(after[table], column+" null")
				if named := slices.Contains(losses[0].What, want); named != gone {
					t.Errorf("%s: %s goes: %v, is named: %v", losses[0].Name, want, gone, named)
				}
			}
		}
		before = after
	}
}

// Taking an error for "nothing applied" would let a start migrate, and a check say
// that nothing is there.
func TestUnreadableTableOfMigrationsIsAnError(t *testing.T) {
	ctx, db := context.Background(), modelstest.New(t)
	if _, err := db.ExecContext(ctx, "ALTER TABLE bun_migrations RENAME COLUMN migrated_at TO other"); err != nil {
		t.Fatal(err)
	}
	if pending, err := migrations.Pending(ctx, db); err == nil {
		t.Errorf("%d migrations are said to be pending", pending)
	}
	if names, err := migrations.Up(ctx, db); err == nil || len(names) > 0 {
		t.Errorf("applied %v, %v", names, err)
	}
}

// Behind a pooler as small as can be, processes get one connection each and no more.
func TestManyProcessesMigrateOnceOverOneConnectionEach(t *testing.T) {
	ctx, url := context.Background(), modelstest.URL(t)
	applied := make(chan string, 100)
	var processes sync.WaitGroup
	for range 4 {
		db := open(t, url)
		db.SetMaxOpenConns(1)
		processes.Go(func() {
			names, err := migrations.Up(ctx, db)
			if err != nil {
				t.Error(err)
			}
			for _, name := range names {
				applied <- name
			}
		})
	}
	processes.Wait()
	close(applied)
	var names []string
	for name := range applied {
		names = append(names, name)
	}
	slices.Sort(names)
	steps, err := migrations.Status(ctx, open(t, url))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, step := range steps {
		want = append(want, step.Name)
		if step.AppliedAt.IsZero() {
			t.Errorf("%s is not applied", step.Name)
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("the processes applied %v, want each of %v once", names, want)
	}
}

func open(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := models.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
