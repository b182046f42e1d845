package migrations

import (
	"context"
	"fmt"
	"time"

	"github.com/gofrs/flock"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// lockKey is the advisory lock that migrating processes share on PostgreSQL.
const lockKey = 0x6469676974616c // "digital"

// lock makes other migrating processes wait until tx ends. On SQLite lockFile has
// done so.
func lock(ctx context.Context, tx bun.IConn, db *bun.DB) error {
	if db.Dialect().Name() != dialect.PG {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", lockKey); err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	return nil
}

// lockFile makes other processes wait beside SQLite's file: waiting for SQLite's own
// lock ends after busy_timeout, which a long migration exceeds.
func lockFile(ctx context.Context, db *bun.DB) (*flock.Flock, error) {
	var path string
	if err := db.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path); err != nil {
		return nil, fmt.Errorf("find the database file: %w", err)
	}
	file := flock.New(path + ".migrate.lock")
	if _, err := file.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return nil, fmt.Errorf("wait for the migration lock: %w", err)
	}
	return file, nil
}
