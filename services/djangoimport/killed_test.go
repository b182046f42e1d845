package djangoimport_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// begun tells whether an import into the database is among its rows.
func begun(db *bun.DB, target string) bool {
	if !models.IsPostgres(db) {
		log, err := os.Stat(strings.TrimPrefix(target, "sqlite:///") + "-wal")
		return err == nil && log.Size() > 1<<20
	}
	var inserting bool
	err := db.NewSelect().ColumnExpr("count(*) > 0").Table("pg_stat_activity").
		Where("datname = current_database()").Where("state <> 'idle'").Where("query LIKE 'INSERT INTO \"contact_messages\"%'").Scan(context.Background(), &inserting)
	return err == nil && inserting
}

func TestKilledImportLeavesNothingAndTheNextOneCompletes(t *testing.T) {
	const messages = 60_000
	for _, engine := range engines() {
		t.Run("into "+engine, func(t *testing.T) {
			t.Parallel()
			source, target := django(t, "new", "sqlite"), migrated(t, engine)
			change(t, source, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 + %d) INSERT INTO contact_contactmessage
				(id, name, email, message, status, created_at, updated_at) SELECT i, 'Visitor', 'v@example.com', 'Hello, this is a message about a project.',
				'sent', '2026-02-01 00:00:00.5', '2026-02-01 00:00:01' FROM n`, messages))
			db := open(t, target)
			program := handlerstest.Spawn(t, []string{"DJANGO_DEBUG=1", "DATABASE_URL=" + target, "DJANGO_SECRET_KEY=" + secretKey}, "import-django", "--from", source)
			handlerstest.Eventually(t, handlerstest.StartTime, "the import is under way", func() bool { return begun(db, target) })
			program.Kill()
			for _, model := range []any{(*models.User)(nil), (*models.ContactMessage)(nil), (*models.HistoryEntry)(nil)} {
				if rows, err := db.NewSelect().Model(model).Count(context.Background()); err != nil || rows != 0 {
					t.Errorf("%d rows of %T are there (%v)", rows, model, err)
				}
			}
			said := mustImport(t, target, source)
			if rows, err := db.NewSelect().Model((*models.ContactMessage)(nil)).Where("id > 1000").Count(context.Background()); err != nil || rows != messages {
				t.Errorf("%d messages came over (%v):\n%s", rows, err, said)
			}
			checkAccounts(t, db)
		})
	}
}
