package djangoimport_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/djangoimport"
	"digitalpath/services/outbox"
)

// Old and new shapes of the Django program's tables, from and into each engine.
func TestEveryRowComesOverOrIsAccountedFor(t *testing.T) {
	for _, shape := range []string{"old", "new"} {
		for _, from := range engines() {
			for _, into := range engines() {
				t.Run(shape+" from "+from+" into "+into, func(t *testing.T) {
					t.Parallel()
					source, target := django(t, shape, from), migrated(t, into)
					checkLedger(t, source, target)
					db := open(t, target)
					checkAccounts(t, db)
					checkOtherRows(t, db, shape, from)
				})
			}
		}
	}
}

func open(t *testing.T, target string) *bun.DB {
	t.Helper()
	db, err := models.Open(target)
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

// all reads the rows of a table by id.
func all[T any](t *testing.T, db *bun.DB) []T {
	t.Helper()
	var rows []T
	if err := db.NewSelect().Model(&rows).OrderExpr("id").Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	return rows
}

func mustImport(t *testing.T, target, source string, args ...string) string {
	t.Helper()
	code, said := importInto(t, target, source, args...)
	if code != 0 {
		t.Fatalf("import ended with %d:\n%s", code, said)
	}
	return said
}

// sums reads the ledger's table: rows, imported, there already, merged, left out.
func sums(t *testing.T, said string) map[string][5]int {
	t.Helper()
	tables := map[string][5]int{}
	for line := range strings.Lines(said) {
		var table string
		var n [5]int
		if got, _ := fmt.Sscan(line, &table, &n[0], &n[1], &n[2], &n[3], &n[4]); got == 6 {
			tables[table] = n
		}
	}
	if len(tables) < 10 {
		t.Fatalf("this is no ledger:\n%s", said)
	}
	return tables
}

// checkLedger imports: as a dry run, really, and again.
func checkLedger(t *testing.T, source, target string) {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.csv")
	dry := mustImport(t, target, source, "--dry-run", "--report", report)
	if n := len(all[models.User](t, open(t, target))); n != 0 {
		t.Fatalf("a dry run left %d users", n)
	}
	first := mustImport(t, target, source)
	if !strings.Contains(dry, "Dry run") || !strings.HasSuffix(dry, first[strings.Index(first, "table  rows"):]) {
		t.Errorf("the dry run said\n%s\nthe run\n%s", dry, first)
	}
	imported := sums(t, first)
	for table, n := range imported {
		if n[0] != n[1]+n[2]+n[3]+n[4] || n[2] != 0 {
			t.Errorf("%s does not add up: %v", table, n)
		}
	}
	for table, n := range sums(t, mustImport(t, target, source)) {
		if was := imported[table]; n[1] != 0 || n[2] != was[1] || n[3] != was[3] || n[4] != was[4] {
			t.Errorf("%s: first %v, then %v", table, was, n)
		}
	}
	// Every row that is left out is in the report, by its id or with its table.
	file, err := os.Open(report)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(file).ReadAll()
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	left := map[string]int{}
	for _, line := range lines[1:] {
		if line[3] == "" {
			t.Errorf("%v has no reason", line)
		}
		if line[2] == "left out" {
			left[line[0]]++
			if line[1] == "all" {
				left[line[0]] = imported[line[0]][4]
			}
		}
	}
	for table, n := range imported {
		if left[table] != n[4] {
			t.Errorf("%s: %d of the rows left out are in the report, want %d (%v)", table, left[table], n[4], err)
		}
	}
}

func TestLaterRunTakesWhatIsNewAndKeepsWhatWasChangedHere(t *testing.T) {
	for _, engine := range engines() {
		source, target := django(t, "new", engine), migrated(t, engine)
		mustImport(t, target, source)
		db := open(t, target)
		if _, err := db.ExecContext(context.Background(), "UPDATE users SET first_name = 'Anna' WHERE id = 2"); err != nil {
			t.Fatal(err)
		}
		change(t, source, `INSERT INTO contact_contactmessage (id, name, email, message, status, created_at, updated_at)
			VALUES (77, 'Late', 'late@example.com', 'Hello', 'pending', '2026-11-25 08:00:00', '2026-11-25 08:00:00')`)
		again := sums(t, mustImport(t, target, source, "--send-pending"))
		mustImport(t, target, source, "--send-pending") // mails nobody twice
		if n := again["contact_contactmessage"]; n != [5]int{6, 1, 5, 0, 0} {
			t.Errorf("messages: %v", n)
		}
		if user := all[models.User](t, db)[1]; user.FirstName != "Anna" {
			t.Errorf("Ann is called %q again", user.FirstName)
		}
		var mailed []int64
		if err := db.NewSelect().Model((*models.OutboxMessage)(nil)).Column("object_id").OrderExpr("object_id").Scan(context.Background(), &mailed); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(mailed, []int64{2, 5, 77}) {
			t.Errorf("mails are stored about %v, want those that are pending: 2, 5, 77", mailed)
		}
	}
}

func TestBadSourceOrTargetIsOneSentenceAndChangesNothing(t *testing.T) {
	good := django(t, "new", "sqlite")
	for _, test := range []struct{ name, from, change, occupy, says string }{
		{"no file", "sqlite:////nowhere/django.db", "", "", "--from names a file"},
		{"no URL", "nonsense", "", "", "--from is malformed"},
		{"no server", "postgresql://u:hunter2@127.0.0.1:1/db", "", "", "does not answer"},
		{"no Django database", empty(t, "sqlite"), "CREATE TABLE other (id integer)", "", "not the database of the Django program"},
		{"a newer Django", django(t, "new", "sqlite"), "INSERT INTO django_migrations (app, name, applied) VALUES ('socialaccount', '0099_new', '2027-01-01')", "", "newer than this program knows"},
		{"another's rows in the target", good, "", "INSERT INTO users (id, username, email, password, date_joined) VALUES (3, 'other', 'other@example.com', '', '2020-01-01 00:00:00+00:00')", "another row under the id 3"},
		{"another's address in the target", good, "", "INSERT INTO users (id, username, email, password, date_joined) VALUES (300, 'other', 'bob@example.com', '', '2020-01-01 00:00:00+00:00')", "rows that are not the source's"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.change != "" {
				change(t, test.from, test.change)
			}
			target := migrated(t, engines()[len(engines())-1])
			if test.occupy != "" {
				change(t, target, test.occupy)
			}
			code, said := importInto(t, target, test.from)
			lines := regexp.MustCompile(`(?m)^digitalpath: .*$`).FindAllString(said, -1)
			if code != 1 || len(lines) != 1 || !strings.Contains(lines[0], test.says) || strings.Contains(said, "hunter2") {
				t.Errorf("ended with %d:\n%s", code, said)
			}
			if test.occupy == "" {
				return
			}
			db := open(t, target)
			if users := all[models.User](t, db); len(users) != 1 || len(all[models.Group](t, db)) != 0 {
				t.Errorf("%d users are there", len(users))
			}
		})
	}
}

// What the Django program writes during the import is for a later run.
func TestSourceIsReadAsItWasWhenTheImportBegan(t *testing.T) {
	handlerstest.NeedsServers(t) // SQLite makes writers wait
	ctx := context.Background()
	at := django(t, "new", "postgres")
	source, err := djangoimport.OpenSource(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	change(t, at, "DELETE FROM contact_contactmessage WHERE id = 1; UPDATE auth_user SET username = 'renamed' WHERE id = 2")
	importer := &djangoimport.Importer{
		DB: open(t, migrated(t, "sqlite")), Outbox: &outbox.Outbox{}, Now: time.Now,
		IsSamplePassword: func(context.Context, string) (bool, error) { return false, nil },
		Progress:         func(string, int64) func(int) { return func(int) {} },
	}
	if _, err := importer.Run(ctx, source, nil); err != nil {
		t.Fatal(err)
	}
	if err := source.Close(); err != nil {
		t.Error(err)
	}
	if name, first := all[models.User](t, importer.DB)[1].Username, all[models.ContactMessage](t, importer.DB)[0].ID; name != "Ann" || first != 1 {
		t.Errorf("the user is %q and the first message %d", name, first)
	}
}
