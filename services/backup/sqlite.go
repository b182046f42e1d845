package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
)

// writeSQLite copies the pages of one moment: who writes meanwhile is not waited for,
// and waits for nobody (https://sqlite.org/backup.html).
func writeSQLite(ctx context.Context, db *bun.DB, path string) ([]Table, error) {
	err := copyPages(ctx, db, func(conn backuper) (*sqlite.Backup, error) { return conn.NewBackup(uri(path, "")) })
	if err != nil {
		return nil, fmt.Errorf("copy the database: %w", err)
	}
	return inFile(ctx, path, nil)
}

// restoreSQLite writes the pages in one transaction of the database.
func restoreSQLite(ctx context.Context, db *bun.DB, path string) ([]Table, error) {
	tables, err := inFile(ctx, path, db)
	if err != nil {
		return nil, err
	}
	if err := copyPages(ctx, db, func(conn backuper) (*sqlite.Backup, error) { return conn.NewRestore(uri(path, asItIs)) }); err != nil {
		return nil, fmt.Errorf("restore the database: %w", err)
	}
	return tables, nil
}

// backuper is what SQLite's connections can do besides.
type backuper = interface {
	NewBackup(to string) (*sqlite.Backup, error)
	NewRestore(from string) (*sqlite.Backup, error)
}

func copyPages(ctx context.Context, db *bun.DB, begin func(backuper) (*sqlite.Backup, error)) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return conn.Raw(func(driver any) error {
		copying, err := begin(driver.(backuper))
		if err != nil {
			return err
		}
		_, err = copying.Step(-1) // all of them, in one moment
		return errors.Join(err, copying.Finish())
	})
}

// asItIs opens a file without a lock or a log beside it.
const asItIs = "mode=ro&immutable=1"

func uri(path, query string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query
}

// inFile counts what a backup holds. A damaged one is refused and, where it is meant
// for a database, one that this version does not know.
func inFile(ctx context.Context, path string, to *bun.DB) (tables []Table, err error) {
	pool, err := sql.Open("sqlite", uri(path, asItIs))
	if err != nil {
		return nil, err
	}
	db := bun.NewDB(pool, sqlitedialect.New())
	defer func() { err = errors.Join(err, db.Close()) }()
	var state string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&state); err != nil || state != "ok" {
		return nil, errors.Join(fmt.Errorf("%s is damaged: %s", path, state), err)
	}
	if to != nil {
		var applied []string
		if err := db.NewRaw("SELECT name FROM bun_migrations").Scan(ctx, &applied); err != nil {
			return nil, fmt.Errorf("%s is no database of this program: %w", path, err)
		}
		if err := knows(ctx, to, applied); err != nil {
			return nil, err
		}
	}
	names, err := tablesOf(ctx, db)
	for _, name := range names {
		rows, err := db.NewSelect().TableExpr("?", bun.Ident(name)).Count(ctx)
		if err != nil {
			return nil, fmt.Errorf("count the rows of the backup: %w", err)
		}
		tables = append(tables, Table{name, int64(rows)})
	}
	return tables, err
}
