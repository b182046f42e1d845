// Package modelstest gives each test a migrated database of its own: PostgreSQL
// where TEST_DATABASE_URL names a server, else a SQLite file.
package modelstest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// URL makes an empty database that lives as long as the test and returns its
// DATABASE_URL.
func URL(t testing.TB) string {
	t.Helper()
	if server := os.Getenv("TEST_DATABASE_URL"); server != "" {
		return create(t, server, "template1")
	}
	return "sqlite:///" + filepath.Join(t.TempDir(), "test.db")
}

// Migrated is URL with the schema of today: a copy, as migrating takes longer.
func Migrated(t testing.TB) string {
	t.Helper()
	if server := os.Getenv("TEST_DATABASE_URL"); server != "" {
		template, err := postgresTemplate()
		if err != nil {
			t.Fatalf("make the database that tests get copies of: %v", err)
		}
		return create(t, server, template)
	}
	file, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make the database that tests get copies of: %v", err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:///" + path
}

// create makes a database on a server of PostgreSQL, and drops it with the test.
func create(t testing.TB, server, template string) string {
	t.Helper()
	admin, err := models.Open(server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := admin.ExecContext(context.Background(), "CREATE DATABASE ? TEMPLATE ?", bun.Ident(name), bun.Ident(template)); err != nil {
		t.Fatalf("create a database for the test: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE ? WITH (FORCE)", bun.Ident(name)); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	at, err := onServer(server, name)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// onServer is the URL of another database of the server.
func onServer(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// New opens the database of Migrated.
func New(t testing.TB) *bun.DB {
	t.Helper()
	db, err := models.Open(Migrated(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}
