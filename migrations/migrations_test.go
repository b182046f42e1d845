package migrations_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/migrations"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// stored is every model; TestSchemaIsWhatTheModelsSay fails for a table without one.
var stored = []any{
	(*models.User)(nil), (*models.Session)(nil), (*models.DjangoToken)(nil), (*models.EmailChange)(nil), (*models.ContactMessage)(nil), (*models.OutboxMessage)(nil),
	(*models.MailAttempt)(nil), (*models.IdempotencyKey)(nil), (*models.Group)(nil), (*models.GroupPermission)(nil),
	(*models.UserPermission)(nil), (*models.UserGroup)(nil), (*models.HistoryEntry)(nil),
	(*models.SocialAccount)(nil), (*models.OneTimeCode)(nil),
	(*models.WaitlistEntry)(nil), (*models.WaitlistOptout)(nil),
	(*models.Project)(nil), (*models.DataSource)(nil), (*models.Report)(nil), (*models.Analytic)(nil),
	(*models.AIIntegration)(nil), (*models.ProjectMember)(nil),
}

func TestSchemaIsWhatTheModelsSay(t *testing.T) {
	db := modelstest.New(t)
	db.RegisterModel(stored...)
	want := map[string][]string{}
	for _, model := range stored {
		table := db.NewCreateTable().Model(model).GetTableName()
		for _, field := range db.Dialect().Tables().ByModel(modelName(model)).Fields {
			want[table] = append(want[table], describe(field.Name, field.NullZero && !field.AutoIncrement && field.SQLDefault == ""))
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

// columns reads the schema: every table's columns, and which may be null.
func columns(t *testing.T, db *bun.DB) map[string][]string {
	t.Helper()
	query := `SELECT m.name, p.name, p."notnull" = 0 AND p.pk = 0
		FROM sqlite_master m, pragma_table_info(m.name) p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'bun_%' AND m.name NOT LIKE '%_search%'`
	if models.IsPostgres(db) {
		query = `SELECT table_name, column_name, is_nullable = 'YES' FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'bun_%'
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
