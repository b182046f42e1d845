package djangoimport_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/migrations"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// secretKey is what testdata/make.py signed with.
const secretKey = "a-secret-key-that-only-these-tests-know-0123456789"

// signed is what Django's libraries signed for the accounts of a dump.
type signed struct {
	Access, Refresh, Blacklisted string
	DeletedUser                  string `json:"deleted_user"`
}

func readSigned(t testing.TB, shape string) (s signed) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", shape+".json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// engines are those that the test can have databases of.
func engines() []string {
	if os.Getenv("TEST_DATABASE_URL") == "" {
		return []string{"sqlite"}
	}
	return []string{"sqlite", "postgres"}
}

// empty is the URL of a new database on an engine.
func empty(t testing.TB, engine string) string {
	t.Helper()
	if engine == "postgres" {
		return modelstest.URL(t)
	}
	return "sqlite:///" + filepath.Join(t.TempDir(), "a database.db")
}

// migrated is empty with this program's tables.
func migrated(t testing.TB, engine string) string {
	t.Helper()
	if engine == "postgres" || os.Getenv("TEST_DATABASE_URL") == "" {
		return modelstest.Migrated(t)
	}
	at := empty(t, engine)
	db, err := models.Open(at)
	if err == nil {
		_, err = migrations.Up(context.Background(), db)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return at
}

// django makes the database of the Django program from a dump.
func django(t testing.TB, shape, engine string) string {
	t.Helper()
	dump, err := os.ReadFile(filepath.Join("testdata", shape+"."+engine+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	at := empty(t, engine)
	change(t, at, regexp.MustCompile(`(?m)^CREATE SCHEMA.*|^ALTER SCHEMA.*`).ReplaceAllString(string(dump), ""))
	return at
}

// change runs statements on a database as another program would.
func change(t testing.TB, at, statements string) {
	t.Helper()
	db := connect(t, at)
	if _, err := db.ExecContext(context.Background(), statements); err != nil {
		t.Fatalf("%v", err)
	}
}

// connect opens a database without this program's settings.
func connect(t testing.TB, at string) *sql.DB {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	var db *sql.DB
	if u.Scheme == "sqlite" {
		db, err = sql.Open("sqlite", "file:"+(&url.URL{Path: u.Path[1:]}).EscapedPath())
	} else {
		target, failed := models.Open(at)
		db, err = target.DB, failed
	}
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

// importInto runs the command and returns its exit code and what it said.
func importInto(t testing.TB, target, source string, args ...string) (code int, said string) {
	t.Helper()
	program := handlerstest.Spawn(t, []string{"DJANGO_DEBUG=1", "DATABASE_URL=" + target, "DJANGO_SECRET_KEY=" + secretKey},
		append([]string{"import-django", "--from", source}, args...)...)
	code = program.Wait(handlerstest.StartTime)
	return code, program.Log()
}
