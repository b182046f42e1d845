// Package backup writes all rows of the database into one file while the program runs,
// and puts them back. The file is whole or is not there; a restore is done or is not.
package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/migrations"
	"digitalpath/models"
)

// Table is what a backup holds of a table.
type Table struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// Write makes the file at path, or takes the place of the one that is there. A database
// that was never migrated is another than was meant, and takes no good backup's place.
func Write(ctx context.Context, db *bun.DB, path string) (tables []Table, err error) {
	steps, err := migrations.Status(ctx, db)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(steps, func(s migrations.Step) bool { return !s.AppliedAt.IsZero() }) {
		return nil, errors.New("there is nothing to back up: the database of DATABASE_URL has no tables of this program")
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".backup-*") // of the owner alone: it holds what the database holds
	if err != nil {
		return nil, fmt.Errorf("make the backup's file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if models.IsPostgres(db) {
		tables, err = writePostgres(ctx, db, file)
	} else {
		tables, err = writeSQLite(ctx, db, file.Name())
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, err
	}
	return tables, os.Rename(file.Name(), path)
}

// Restore puts the rows of the file at path into the database, all or none. One that
// holds rows already is refused unless they are to be replaced.
func Restore(ctx context.Context, db *bun.DB, path string, replace bool) ([]Table, error) {
	if err := checkEngine(db, path); err != nil {
		return nil, err
	}
	if !replace {
		full, err := firstFull(ctx, db)
		if err != nil {
			return nil, err
		}
		if full != "" {
			return nil, fmt.Errorf("the database holds rows already (table %s): name an empty one in DATABASE_URL, or say --replace, which deletes them", full)
		}
	}
	if models.IsPostgres(db) {
		return restorePostgres(ctx, db, path)
	}
	return restoreSQLite(ctx, db, path)
}

// Drill restores the file at path into a database that is made for it and dropped, and
// returns what came out there. An error names what is missing.
func Drill(ctx context.Context, db *bun.DB, databaseURL, path string) (restored []Table, err error) {
	url, drop, err := scratch(ctx, db, databaseURL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	into, err := models.Open(url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, into.Close()) }()
	held, err := Restore(ctx, into, path, false)
	if err != nil {
		return nil, err
	}
	for _, table := range held {
		rows, err := into.NewSelect().TableExpr("?", bun.Ident(table.Name)).Count(ctx)
		if err != nil {
			return nil, fmt.Errorf("count the restored rows: %w", err)
		}
		if int64(rows) != table.Rows {
			return nil, fmt.Errorf("table %s has %d rows in the backup and %d once restored", table.Name, table.Rows, rows)
		}
	}
	return held, nil
}

// The first bytes of a backup tell its engine.
const (
	zipMagic    = "PK"
	sqliteMagic = "SQLite format 3\x00"
)

func checkEngine(db *bun.DB, path string) error {
	file, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	head, err := io.ReadAll(io.LimitReader(file, int64(len(sqliteMagic))))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	isZip, isSQLite := bytes.HasPrefix(head, []byte(zipMagic)), bytes.HasPrefix(head, []byte(sqliteMagic))
	switch {
	case !isZip && !isSQLite:
		return fmt.Errorf("%s is no backup that \"digitalpath backup\" made", path)
	case isZip != models.IsPostgres(db):
		return fmt.Errorf("%s is a backup of the other engine: name a database of that one in DATABASE_URL", path)
	}
	return nil
}

// firstFull is a table that holds rows, "" where none does.
func firstFull(ctx context.Context, db *bun.DB) (string, error) {
	names, err := tablesOf(ctx, db)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		full, err := db.NewSelect().TableExpr("?", bun.Ident(name)).Exists(ctx)
		if err != nil {
			return "", fmt.Errorf("look for rows: %w", err)
		}
		if full {
			return name, nil
		}
	}
	return "", nil
}

// tablesOf lists the tables of a database, but for what the migrations keep for
// themselves.
func tablesOf(ctx context.Context, db bun.IDB) (names []string, err error) {
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('bun_migrations', 'row_counts') ORDER BY name"
	if models.IsPostgres(db) {
		query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname NOT IN ('bun_migrations', 'row_counts') ORDER BY relname"
	}
	if err := db.NewRaw(query).Scan(ctx, &names); err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	return names, nil
}

// knows refuses a backup with migrations that this version does not have.
func knows(ctx context.Context, db *bun.DB, applied []string) error {
	steps, err := migrations.Status(ctx, db)
	if err != nil {
		return err
	}
	var unknown []string
	for _, name := range applied {
		if !slices.ContainsFunc(steps, func(step migrations.Step) bool { return step.Name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("a newer version made this backup (migration %s): restore it with that version", strings.Join(unknown, ", "))
	}
	return nil
}

// scratch makes an empty database beside the one of the program.
func scratch(ctx context.Context, db *bun.DB, databaseURL string) (url string, drop func() error, err error) {
	if models.IsPostgres(db) {
		return scratchPostgres(ctx, db, databaseURL)
	}
	folder, err := os.MkdirTemp("", "digitalpath-drill-")
	if err != nil {
		return "", nil, fmt.Errorf("make a scratch database: %w", err)
	}
	return "sqlite:///" + filepath.Join(folder, "drill.db"), func() error { return os.RemoveAll(folder) }, nil
}
