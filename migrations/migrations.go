// Package migrations is the frozen history of the schema, one folder of SQL per
// engine, applied under a lock so that any number of processes may start at once.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/gofrs/flock"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/migrate"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// lockKey is the advisory lock that migrating processes share on PostgreSQL.
const lockKey = 0x6469676974616c // "digital"

// Up applies what is not applied yet and returns the names of what it applied.
func Up(ctx context.Context, db *bun.DB) ([]string, error) {
	var names []string
	err := locked(ctx, db, markApplied, func(m *migrate.Migrator) error {
		group, err := m.Migrate(ctx)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		names = namesOf(group.Migrations)
		return nil
	})
	return names, err
}

// Down rolls back the newest steps migrations and returns their names.
func Down(ctx context.Context, db *bun.DB, steps int) ([]string, error) {
	var names []string
	err := locked(ctx, db, markTakenBack, func(m *migrate.Migrator) error {
		all, err := m.MigrationsWithStatus(ctx)
		if err != nil {
			return fmt.Errorf("read applied migrations: %w", err)
		}
		for _, step := range all.Applied()[:min(steps, len(all.Applied()))] {
			if err := step.Down(ctx, m, &step); err != nil {
				return fmt.Errorf("%s: down: %w", step.Name, err)
			}
			names = append(names, step.Name)
		}
		return nil
	})
	return names, err
}

// Step is one migration; AppliedAt is zero where it is not applied.
type Step struct {
	Name      string
	AppliedAt time.Time
}

// Status lists every migration in order.
func Status(ctx context.Context, db *bun.DB) ([]Step, error) {
	m, err := migrator(db)
	if err != nil {
		return nil, err
	}
	applied := map[string]time.Time{}
	var rows migrate.MigrationSlice
	// A database without the table is one where nothing is applied, and asking must
	// not create it.
	if err := db.NewSelect().ColumnExpr("*").Model(&rows).ModelTableExpr("bun_migrations").Scan(ctx); err == nil {
		for _, row := range rows {
			applied[row.Name] = row.MigratedAt
		}
	} else if pingErr := db.PingContext(ctx); pingErr != nil {
		return nil, fmt.Errorf("reach the database: %w", pingErr)
	}
	var steps []Step
	for _, step := range m.Sorted() {
		steps = append(steps, Step{Name: step.Name, AppliedAt: applied[step.Name]})
	}
	return steps, nil
}

// Pending is how many migrations are not applied.
func Pending(ctx context.Context, db *bun.DB) (int, error) {
	steps, err := Status(ctx, db)
	pending := 0
	for _, step := range steps {
		if step.AppliedAt.IsZero() {
			pending++
		}
	}
	return pending, err
}

func migrator(db *bun.DB) (*migrate.Migrations, error) {
	folder := "sqlite"
	if db.Dialect().Name() == dialect.PG {
		folder = "postgres"
	}
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return nil, fmt.Errorf("open the %s migrations: %w", folder, err)
	}
	m := migrate.NewMigrations()
	if err := m.Discover(sub); err != nil {
		return nil, fmt.Errorf("read the %s migrations: %w", folder, err)
	}
	return m, nil
}

// locked runs migrate while no other process does. The lock dies with its holder:
// bun's own lock table would stay locked after a kill.
// mark runs in the transaction of each migration.
func locked(ctx context.Context, db *bun.DB, mark migrate.MigrationHook, run func(*migrate.Migrator) error) (err error) {
	set, err := migrator(db)
	if err != nil {
		return err
	}
	unlock, err := lock(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	m := migrate.NewMigrator(db, set, migrate.WithMarkAppliedOnSuccess(true), migrate.WithUpsert(true), migrate.AfterMigration(mark))
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("create the migration table: %w", err)
	}
	return run(m)
}

// markApplied writes the mark together with what it marks: bun's own comes after the
// commit, and a kill between the two would leave a schema that no start gets past.
func markApplied(ctx context.Context, tx bun.IConn, step *migrate.Migration) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO bun_migrations (name, group_id, migrated_at) VALUES (?, ?, ?)", step.Name, step.GroupID, time.Now())
	return err
}

func markTakenBack(ctx context.Context, tx bun.IConn, step *migrate.Migration) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM bun_migrations WHERE name = ?", step.Name)
	return err
}

func lock(ctx context.Context, db *bun.DB) (unlock func() error, err error) {
	if db.Dialect().Name() != dialect.PG {
		var path string
		if err := db.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path); err != nil {
			return nil, fmt.Errorf("find the database file: %w", err)
		}
		file := flock.New(path + ".migrate.lock")
		if _, err := file.TryLockContext(ctx, 50*time.Millisecond); err != nil {
			return nil, fmt.Errorf("wait for the migration lock: %w", err)
		}
		return file.Unlock, nil
	}
	// Advisory locks belong to a connection, so this one is kept until the end.
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(?)", lockKey); err != nil {
		return nil, errors.Join(fmt.Errorf("wait for the migration lock: %w", err), conn.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(?)", lockKey)
		return errors.Join(err, conn.Close())
	}, nil
}

func namesOf(all migrate.MigrationSlice) []string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	return names
}
