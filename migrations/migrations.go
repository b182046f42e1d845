// Package migrations is the frozen history of the schema, one folder of SQL per
// engine, applied under a lock so that any number of processes may start at once.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/migrate"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// table is bun's standard name.
const table = "bun_migrations"

// Up applies what is not applied yet and returns the names of what it applied.
func Up(ctx context.Context, db *bun.DB) ([]string, error) {
	return up(ctx, db, func(string) bool { return true })
}

// UpTo brings the schema to where these migrations alone are applied. It takes none
// back: where others are applied, its error says how to.
func UpTo(ctx context.Context, db *bun.DB, names []string) error {
	steps, err := Status(ctx, db)
	if err != nil {
		return err
	}
	more := 0
	for _, step := range steps {
		if !step.AppliedAt.IsZero() && !slices.Contains(names, step.Name) {
			more++
		}
	}
	if more > 0 {
		return fmt.Errorf("the database has %d migrations more: take them back (digitalpath migrate down %d), or use an empty database", more, more)
	}
	_, err = up(ctx, db, func(name string) bool { return slices.Contains(names, name) })
	return err
}

func up(ctx context.Context, db *bun.DB, wanted func(name string) bool) ([]string, error) {
	return locked(ctx, db, true, func(m *migrate.Migrator, all migrate.MigrationSlice) (names []string, err error) {
		group := all.LastGroupID() + 1
		for _, step := range all.Unapplied() {
			if !wanted(step.Name) {
				continue
			}
			step.GroupID = group
			if err := step.Up(ctx, m, &step); errors.Is(err, errDone) {
				continue
			} else if err != nil {
				return names, fmt.Errorf("%s: up: %w", step.Name, err)
			}
			names = append(names, step.Name)
		}
		return names, nil
	})
}

// Down rolls back the newest steps migrations and returns their names.
func Down(ctx context.Context, db *bun.DB, steps int) ([]string, error) {
	return locked(ctx, db, false, func(m *migrate.Migrator, all migrate.MigrationSlice) (names []string, err error) {
		for _, step := range all.Applied()[:min(steps, len(all.Applied()))] {
			if err := step.Down(ctx, m, &step); errors.Is(err, errDone) {
				continue
			} else if err != nil {
				return names, fmt.Errorf("%s: down: %w", step.Name, err)
			}
			names = append(names, step.Name)
		}
		return names, nil
	})
}

// Step is one migration; AppliedAt is zero where it is not applied.
type Step struct {
	Name      string
	AppliedAt time.Time
}

// Status lists every migration in order. Where there is no table of migrations yet,
// nothing is applied; asking does not make it.
func Status(ctx context.Context, db *bun.DB) ([]Step, error) {
	m, err := migrator(db)
	if err != nil {
		return nil, err
	}
	known, err := hasTable(ctx, db)
	if err != nil {
		return nil, err
	}
	var rows migrate.MigrationSlice
	if known {
		if err := db.NewSelect().ColumnExpr("name, migrated_at").Model(&rows).ModelTableExpr(table).Scan(ctx); err != nil {
			return nil, fmt.Errorf("read applied migrations: %w", err)
		}
	}
	applied := map[string]time.Time{}
	for _, row := range rows {
		applied[row.Name] = row.MigratedAt
	}
	var steps []Step
	for _, step := range m.Sorted() {
		steps = append(steps, Step{Name: step.Name, AppliedAt: applied[step.Name]})
	}
	return steps, nil
}

func hasTable(ctx context.Context, db bun.IDB) (found bool, err error) {
	query := "SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = ?"
	if db.Dialect().Name() == dialect.PG {
		query = "SELECT to_regclass(?) IS NOT NULL"
	}
	if err := db.QueryRowContext(ctx, query, table).Scan(&found); err != nil {
		return false, fmt.Errorf("look for the table of migrations: %w", err)
	}
	return found, nil
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

// Unknown names the migrations that are applied and that this version does not have.
func Unknown(ctx context.Context, db *bun.DB) (names []string, err error) {
	m, err := migrator(db)
	if err != nil {
		return nil, err
	}
	if err := db.NewSelect().ColumnExpr("name").TableExpr(table).OrderExpr("name").Scan(ctx, &names); err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(m.Sorted(), func(known migrate.Migration) bool { return known.Name == name })
	}), nil
}

func folder(db *bun.DB) string {
	if db.Dialect().Name() == dialect.PG {
		return "postgres"
	}
	return "sqlite"
}

func migrator(db *bun.DB) (*migrate.Migrations, error) {
	sub, err := fs.Sub(files, folder(db))
	if err != nil {
		return nil, fmt.Errorf("open the %s migrations: %w", folder(db), err)
	}
	m := migrate.NewMigrations()
	if err := m.Discover(sub); err != nil {
		return nil, fmt.Errorf("read the %s migrations: %w", folder(db), err)
	}
	return m, nil
}

// errDone is a step that another process has made in the meantime.
var errDone = errors.New("done by another process")

// locked runs change, whose steps are each made once, however many processes are at
// it. A step's lock, its check, its changes and its mark are one transaction: a kill
// undoes all of them, and a pooler that gives each transaction another connection
// (PgBouncer's transaction mode) takes nothing away. For the same reason no process
// needs a second connection while it holds the lock.
func locked(ctx context.Context, db *bun.DB, up bool, change func(*migrate.Migrator, migrate.MigrationSlice) ([]string, error)) (names []string, failed error) {
	set, err := migrator(db)
	if err != nil {
		return nil, err
	}
	if db.Dialect().Name() != dialect.PG {
		file, err := lockFile(ctx, db)
		if err != nil {
			return nil, err
		}
		defer func() { failed = errors.Join(failed, file.Unlock()) }()
	}
	if err := makeTable(ctx, db); err != nil {
		return nil, fmt.Errorf("create the table of migrations: %w", err)
	}
	check := func(ctx context.Context, tx bun.IConn, step *migrate.Migration) error {
		if err := lock(ctx, tx, db); err != nil {
			return err
		}
		var applied bool
		if err := tx.QueryRowContext(ctx, "SELECT count(*) > 0 FROM bun_migrations WHERE name = ?", step.Name).Scan(&applied); err != nil {
			return fmt.Errorf("read applied migrations: %w", err)
		}
		if applied == up {
			return errDone
		}
		return nil
	}
	mark := markApplied
	if !up {
		mark = markTakenBack
	}
	m := migrate.NewMigrator(db, set, migrate.WithTableName(table), migrate.BeforeMigration(check), migrate.AfterMigration(mark))
	all, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	return change(m, all)
}

// makeTable is bun's Init under the lock: two CREATE TABLE IF NOT EXISTS at once can
// both find nothing, and one then fails.
func makeTable(ctx context.Context, db *bun.DB) error {
	if found, err := hasTable(ctx, db); found || err != nil {
		return err
	}
	return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lock(ctx, tx, db); err != nil {
			return err
		}
		if _, err := tx.NewCreateTable().Model((*migrate.Migration)(nil)).ModelTableExpr(table).IfNotExists().Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewCreateIndex().Unique().TableExpr(table).Index(table + "_name_unique").Column("name").IfNotExists().Exec(ctx)
		return err
	})
}

func markApplied(ctx context.Context, tx bun.IConn, step *migrate.Migration) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO bun_migrations (name, group_id, migrated_at) VALUES (?, ?, ?)", step.Name, step.GroupID, time.Now())
	return err
}

func markTakenBack(ctx context.Context, tx bun.IConn, step *migrate.Migration) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM bun_migrations WHERE name = ?", step.Name)
	return err
}
