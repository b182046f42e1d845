package modelstest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/uptrace/bun"

	"digitalpath/migrations"
	"digitalpath/models"
)

// sqliteTemplate is the file of a migrated database, made once in a process.
var sqliteTemplate = sync.OnceValues(func() (file []byte, err error) {
	folder, err := os.MkdirTemp("", "digitalpath-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "template.db")
	if err := migrate("sqlite:///" + path); err != nil { // closed, all of it is in this file
		return nil, err
	}
	return os.ReadFile(path)
})

// templateLock is the advisory lock of processes that want the template at once.
const templateLock = 0x74656d706c617465 // "template"

// postgresTemplate is a migrated database on the server of TEST_DATABASE_URL, made by
// the first process that asks. It stays for the next run: its name tells the schema.
var postgresTemplate = sync.OnceValues(func() (name string, err error) {
	if name, err = schemaName(); err != nil {
		return "", err
	}
	server := os.Getenv("TEST_DATABASE_URL")
	admin, err := models.Open(server)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	ctx := context.Background()
	conn, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }() // admin's Close then ends its session, and the lock
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(?)", templateLock); err != nil {
		return "", err
	}
	var there bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = ?)", name).Scan(&there); err != nil {
		return "", err
	}
	if !there {
		err = makeTemplate(ctx, conn, server, name)
	}
	return name, err
})

// makeTemplate gives the database its name at the end, so that one of that name is
// whole.
func makeTemplate(ctx context.Context, conn bun.Conn, server, name string) error {
	const unfinished = "test_template_unfinished"
	url, err := onServer(server, unfinished)
	if err != nil {
		return err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS ? WITH (FORCE)", "CREATE DATABASE ?"} {
		if _, err := conn.ExecContext(ctx, statement, bun.Ident(unfinished)); err != nil {
			return err
		}
	}
	if err := migrate(url); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE ? RENAME TO ?", bun.Ident(unfinished), bun.Ident(name))
	return err
}

func migrate(url string) error {
	db, err := models.Open(url)
	if err != nil {
		return err
	}
	_, err = migrations.Up(context.Background(), db)
	return errors.Join(err, db.Close())
}

// schemaName is made of all that the migrations say.
func schemaName() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(here), "..", "..", "migrations", "postgres", "*.sql"))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(path), len(text), text)
	}
	return fmt.Sprintf("test_template_%.16x", sum.Sum(nil)), nil
}
