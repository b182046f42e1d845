package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// command runs a command line with settings inside the test.
func command(environ []string, args ...string) (string, error) {
	var out bytes.Buffer
	err := run(context.Background(), args, append([]string{"DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12)}, environ...), strings.NewReader(""), &out, &out)
	return out.String(), err
}

func mustRun(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	out, err := command(environ, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", args[0], err, out)
	}
	return out
}

// on are the settings of a command for another database.
func on(url string) []string { return []string{"DJANGO_DEBUG=1", "DATABASE_URL=" + url} }

func openTest(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := models.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // it was opened to be looked at
	return db
}

// rowsOf are the rows of every table that matters, as texts by table.
func rowsOf(t *testing.T, db *bun.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, table := range []string{"users", "contact_messages", "outbox_messages", "mail_attempts", "sessions", "history_entries"} {
		var rows []map[string]any
		if err := db.NewSelect().TableExpr("?", bun.Ident(table)).OrderExpr("id").Scan(context.Background(), &rows); err != nil {
			t.Fatal(err)
		}
		all[table] = fmt.Sprintf("%d %v", len(rows), rows)
	}
	return all
}

// stocked is a program with an account, a login, messages and their mails.
func stocked(t *testing.T) *handlerstest.App {
	t.Helper()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	app.Login()
	names := []string{"Ann", "Bén", "Cem"}
	for _, name := range names {
		app.MustSubmit(name)
	}
	app.CheckInvariants(handlerstest.StartTime, 0, names...)
	if _, err := app.DB.NewUpdate().Model((*models.ContactMessage)(nil)).Set("message = ?", "a\tb\nc \\N \"d\" \\.\n\\.\n").Where("name = 'Bén'").Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	return app
}

func TestBackupIsRestoredWithEveryRow(t *testing.T) {
	t.Parallel()
	app := stocked(t)
	file := filepath.Join(t.TempDir(), "it's 100%.backup")
	before := rowsOf(t, app.DB)
	if out := mustRun(t, app.Env(), "backup", file); !regexp.MustCompile(`(?m)^ +3  contact_messages$`).MatchString(out) {
		t.Errorf("got:\n%s", out)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v (%v)", info.Mode(), err)
	}
	url := modelstest.URL(t)
	mustRun(t, on(url), "restore", file)
	if after := rowsOf(t, openTest(t, url)); !maps.Equal(before, after) {
		t.Errorf("before:\n%v\nafter:\n%v", before, after)
	}
	again := handlerstest.PrepareOn(t, url)
	again.Serve() // applies nothing, and counts on where the rows end
	again.Login()
	again.MustSubmit("Dee")
	handlerstest.Eventually(t, handlerstest.StartTime, "the mail went out", func() bool { return len(again.Mails.Accepted()) == 1 })
}

// A message and its mail are one transaction: a backup holds both or neither.
func TestBackupOfARunningProgramIsOfOneMoment(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				_, _ = app.Submit(fmt.Sprintf("Visitor %d", i)) // what was not accepted is in no table
			}
		}
	}()
	folder := t.TempDir()
	for i := range 5 {
		file, url := filepath.Join(folder, fmt.Sprint(i)), modelstest.URL(t)
		mustRun(t, app.Env(), "backup", file)
		mustRun(t, on(url), "restore", file)
		db := openTest(t, url)
		messages, err := db.NewSelect().Table("contact_messages").Count(context.Background())
		mails, mailErr := db.NewSelect().Table("outbox_messages").Count(context.Background())
		if err != nil || mailErr != nil || messages != mails {
			t.Errorf("%d messages with %d mails (%v, %v)", messages, mails, err, mailErr)
		}
	}
	close(stop)
	<-ended
}

func TestRestoreRefusesWhatItCannotDoAndChangesNothing(t *testing.T) {
	t.Parallel()
	app := stocked(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "backup")
	mustRun(t, app.Env(), "backup", file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := []byte("PK\x03\x04")
	if models.IsPostgres(app.DB) {
		other = []byte("SQLite format 3\x00")
	}
	for _, test := range []struct {
		name, says string
		content    []byte
		args       []string
	}{
		{"rows that are there", "--replace", whole, nil},
		{"a text", "no backup", []byte("hello"), []string{"--replace"}},
		{"nothing", "no backup", nil, []string{"--replace"}},
		{"the other engine's", "other engine", other, []string{"--replace"}},
		{"half of a file", "", whole[:len(whole)/2], []string{"--replace"}},
		{"a drill of half a file", "", whole[:len(whole)/2], []string{"--drill"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			before := rowsOf(t, app.DB)
			out, err := command(app.Env(), append([]string{"restore", path}, test.args...)...)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v\n%s", err, out)
			}
			if !maps.Equal(before, rowsOf(t, app.DB)) {
				t.Error("rows were changed")
			}
		})
	}
	if out, err := command(app.Env(), "restore", filepath.Join(folder, "nowhere")); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v\n%s", err, out)
	}
}

func TestBackupOfANewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	url, file := modelstest.Migrated(t), filepath.Join(t.TempDir(), "backup")
	if _, err := openTest(t, url).ExecContext(context.Background(), "INSERT INTO bun_migrations (name, group_id) VALUES ('29990101000001', 99)"); err != nil {
		t.Fatal(err)
	}
	mustRun(t, on(url), "backup", file)
	if out, err := command(on(modelstest.URL(t)), "restore", file); err == nil || !strings.Contains(err.Error(), "newer version") || !strings.Contains(err.Error(), "29990101000001") {
		t.Errorf("got %v\n%s", err, out)
	}
}

func TestRestoreWithReplaceGoesBackToTheBackup(t *testing.T) {
	t.Parallel()
	app := stocked(t)
	file := filepath.Join(t.TempDir(), "backup")
	before := rowsOf(t, app.DB)
	mustRun(t, app.Env(), "backup", file)
	app.MustSubmit("Dee")
	app.CheckInvariants(handlerstest.StartTime, 0, "Dee")
	mustRun(t, app.Env(), "restore", file, "--replace") // beside the running program
	if after := rowsOf(t, app.DB); !maps.Equal(before, after) {
		t.Errorf("before:\n%v\nafter:\n%v", before, after)
	}
	app.MustSubmit("Eve") // which goes on
}

func TestDrillCountsAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	app := stocked(t)
	file := filepath.Join(t.TempDir(), "backup")
	mustRun(t, app.Env(), "backup", file)
	before := rowsOf(t, app.DB)
	if out := mustRun(t, app.Env(), "restore", "--drill", file); !regexp.MustCompile(`(?m)^ +3  contact_messages$`).MatchString(out) || !strings.Contains(out, "dropped") {
		t.Errorf("got:\n%s", out)
	}
	after := rowsOf(t, app.DB)
	if !strings.Contains(after["history_entries"], "Restored in a drill") {
		t.Error("the history does not tell of the drill")
	}
	delete(before, "history_entries")
	delete(after, "history_entries")
	if !maps.Equal(before, after) {
		t.Error("the drill changed rows")
	}
	if models.IsPostgres(app.DB) {
		name, _, _ := strings.Cut(app.DatabaseURL[strings.LastIndexByte(app.DatabaseURL, '/')+1:], "?")
		left, err := app.DB.NewSelect().Table("pg_database").Where("datname LIKE ?", name+"_drill%").Count(context.Background())
		if err != nil || left != 0 {
			t.Errorf("%d scratch databases are left (%v)", left, err)
		}
	}
}

// many makes so many contact messages that a copy of them takes its time.
func many(t *testing.T, db *bun.DB, count int) {
	t.Helper()
	rows := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
	if _, err := db.ExecContext(context.Background(), rows+"INSERT INTO contact_messages (name, email, message, status, created_at, updated_at) SELECT 'Visitor', 'v@example.com', ?, 'sent', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM n",
		count, strings.Repeat("hello ", 100)); err != nil {
		t.Fatal(err)
	}
}

func TestBackupOfAnotherDatabaseLeavesTheOldFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "backup")
	if err := os.WriteFile(file, []byte("the old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := handlerstest.Spawn(t, on(modelstest.URL(t)), "backup", file)
	if code := program.Wait(handlerstest.StartTime); code != 1 || !strings.Contains(program.Log(), "there is nothing to back up") {
		t.Errorf("ended with %d:\n%s", code, program.Log())
	}
	if text := readFile(t, file); text != "the old one" {
		t.Errorf("the file holds %q", text)
	}
}

func TestKilledBackupLeavesTheOldFile(t *testing.T) {
	t.Parallel()
	url := modelstest.Migrated(t)
	many(t, openTest(t, url), 50_000)
	folder := t.TempDir()
	file := filepath.Join(folder, "backup")
	if err := os.WriteFile(file, []byte("the old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := handlerstest.Spawn(t, on(url), "backup", file)
	handlerstest.Eventually(t, handlerstest.StartTime, "the backup is under way", func() bool {
		half, err := filepath.Glob(filepath.Join(folder, ".backup-*"))
		return err == nil && len(half) == 1
	})
	program.Kill()
	if text := readFile(t, file); text != "the old one" {
		t.Errorf("the file has %d bytes", len(text))
	}
}

func TestKilledRestoreLeavesTheOldRows(t *testing.T) {
	t.Parallel()
	source, target, file := modelstest.Migrated(t), modelstest.Migrated(t), filepath.Join(t.TempDir(), "backup")
	many(t, openTest(t, source), 50_000)
	mustRun(t, on(source), "backup", file)
	db := openTest(t, target)
	many(t, db, 7)
	program := handlerstest.Spawn(t, on(target), "restore", file, "--replace")
	handlerstest.Eventually(t, handlerstest.StartTime, "the restore is under way", func() bool {
		if !models.IsPostgres(db) {
			log, err := os.Stat(strings.TrimPrefix(target, "sqlite:///") + "-wal")
			return err == nil && log.Size() > 1<<20
		}
		var copying bool
		err := db.NewSelect().ColumnExpr("count(*) > 0").Table("pg_stat_activity").
			Where("datname = current_database()").Where("query LIKE 'COPY%'").Scan(context.Background(), &copying)
		return err == nil && copying
	})
	program.Kill()
	rows, err := openTest(t, target).NewSelect().Table("contact_messages").Count(context.Background())
	if err != nil || rows != 7 {
		t.Errorf("%d rows (%v)", rows, err)
	}
	mustRun(t, on(target), "restore", file, "--replace")
	if rows, err := db.NewSelect().Table("contact_messages").Count(context.Background()); err != nil || rows != 50_000 {
		t.Errorf("restored again: %d rows (%v)", rows, err)
	}
}
