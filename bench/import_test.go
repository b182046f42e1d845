package bench

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // makes the database to import from

	"digitalpath/handlers/handlerstest"
	"digitalpath/models/modelstest"
)

// imported is how many rows of each the Django program of the measure has.
const (
	importedUsers    = 100_000
	importedMessages = 1_000_000
)

// imports measures how a large database of the Django program is brought over: in a
// stream, so that memory does not grow with it.
func imports(b *testing.B) []line {
	source := djangoDatabase(b)
	program := handlerstest.Spawn(b, []string{"DJANGO_DEBUG=1", "DATABASE_URL=" + modelstest.Migrated(b)}, "import-django", "--from", "sqlite:///"+source)
	start := time.Now()
	if code := program.Wait(20 * time.Minute); code != 0 {
		b.Fatalf("import ended with %d:\n%s", code, program.Log())
	}
	took := time.Since(start)
	what := fmt.Sprintf("import of %d users and %d messages from Django", importedUsers, importedMessages)
	return []line{
		{what + ": most memory", fmt.Sprintf("%d MB", program.MostResidentMB()), "", "", "< 256 MB", ""},
		{what + ": time", took.Round(time.Second).String(), fmt.Sprintf("%.0f rows/s", perSecond(2*importedUsers+importedMessages, took)), "", "", ""},
	}
}

// djangoDatabase is the file of a Django program with many rows.
func djangoDatabase(b *testing.B) string {
	dump, err := os.ReadFile("../services/djangoimport/testdata/new.sqlite.sql")
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "django.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		b.Fatal(err)
	}
	numbers := "WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 + %d) "
	for _, statement := range []string{
		string(dump),
		fmt.Sprintf(numbers, importedUsers) + `INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
			SELECT i, 'pbkdf2_sha256$1000$salt$key', 0, 'user' || i, 'First', 'Last', 'user' || i || '@example.com', 0, 1, '2026-01-01 00:00:00.123456' FROM n`,
		`INSERT INTO account_emailaddress (email, verified, "primary", user_id) SELECT email, 1, 1, id FROM auth_user WHERE id > 1000`,
		fmt.Sprintf(numbers, importedMessages) + `INSERT INTO contact_contactmessage (id, name, email, message, status, created_at, updated_at, sent_at)
			SELECT i, 'Visitor ' || i, 'visitor' || i || '@example.com', 'Hello, this is message ' || i || ' about a project that we would like to talk about.',
			'sent', '2026-02-01 00:00:00.5', '2026-02-01 00:00:01', '2026-02-01 00:00:02' FROM n`,
	} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}
