package djangoimport

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver of a source that is a file

	"digitalpath/models"
)

// Source is one consistent snapshot of a Django program's database. Nothing is ever
// written to it.
type Source struct {
	db       *sql.DB
	tx       *sql.Tx
	postgres bool
	columns  map[string][]string // of each table
}

// OpenSource opens the snapshot of a database, given as in DATABASE_URL, and makes sure
// that it is one that this package knows. Its errors are sentences for who runs it.
func OpenSource(ctx context.Context, databaseURL string) (s *Source, err error) {
	s = new(Source)
	if s.db, s.postgres, err = connect(databaseURL); err != nil {
		return nil, err
	}
	options := &sql.TxOptions{ReadOnly: true}
	if s.postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	if s.tx, err = s.db.BeginTx(ctx, options); err != nil {
		return nil, errors.Join(fmt.Errorf("the source does not answer: check --from: %s", models.Reason(err)), s.db.Close())
	}
	if err = s.introspect(ctx); err == nil {
		err = s.recognise(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connect(databaseURL string) (db *sql.DB, postgres bool, err error) {
	path, file := strings.CutPrefix(databaseURL, "sqlite:///")
	if !file {
		target, err := models.Open(databaseURL)
		if err != nil {
			return nil, false, errors.New("--from is malformed: write it as postgresql://user:password@host:port/name or sqlite:///path, with %XX for special characters in the password")
		}
		return target.DB, true, nil
	}
	if _, err := os.Stat(path); err != nil {
		return nil, false, fmt.Errorf("--from names a file that cannot be opened: %w", err)
	}
	query := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "query_only(1)"}}
	db, err = sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	return db, false, err
}

// Close ends the snapshot.
func (s *Source) Close() error {
	return errors.Join(s.tx.Rollback(), s.db.Close())
}

func (s *Source) introspect(ctx context.Context) error {
	query := "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
	if s.postgres {
		query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
	}
	rows, err := s.tx.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("the source is no database that can be read: %w", err)
	}
	defer func() { _ = rows.Close() }() // read to its end, or given up
	s.columns = map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return fmt.Errorf("read the source's tables: %w", err)
		}
		s.columns[table] = append(s.columns[table], column)
	}
	return rows.Err()
}

// has tells whether the source has the columns of a table.
func (s *Source) has(table string, columns ...string) bool {
	return s.columns[table] != nil && !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(s.columns[table], c) })
}

// newest is the last migration of each Django app whose tables this package knows.
var newest = map[string]string{"auth": "0012", "account": "0009", "socialaccount": "0006", "admin": "0003", "contenttypes": "0002"}

// recognise refuses what is not the database of a Django program, or of a newer one.
func (s *Source) recognise(ctx context.Context) error {
	if !s.has("auth_user", "id", "username", "password", "email", "last_login", "date_joined", "is_active") || !s.has("django_migrations", "app", "name") {
		return errors.New("the source is not the database of the Django program: it lacks auth_user or django_migrations; check the name of the database in --from")
	}
	for app, known := range newest {
		var name string
		err := s.tx.QueryRowContext(ctx, "SELECT coalesce(max(name), '') FROM django_migrations WHERE app = '"+app+"' AND name LIKE '0%'").Scan(&name)
		if err != nil {
			return fmt.Errorf("read the source's migrations: %w", err)
		}
		if len(name) > 4 && name[:4] > known {
			return fmt.Errorf("the source is newer than this program knows: its migration %s.%s comes after %s; use a newer digitalpath", app, name, known)
		}
	}
	return nil
}

func (s *Source) count(ctx context.Context, table string) (n int64, err error) {
	if err = s.tx.QueryRowContext(ctx, "SELECT count(*) FROM "+quoted(table)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count %s: %w", table, err)
	}
	return n, nil
}

// lastID is the highest id that a table ever gave out, as far as the engine remembers:
// the ids of deleted rows are not given out again, for tokens and links may name them.
func (s *Source) lastID(ctx context.Context, table string) (n int64, err error) {
	query := "SELECT max(coalesce((SELECT max(id) FROM " + quoted(table) + "), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = '" + table + "'), 0))"
	if s.postgres {
		query = "SELECT greatest((SELECT max(id) FROM " + quoted(table) + "), pg_sequence_last_value(pg_get_serial_sequence('" + quoted(table) + "', 'id')::regclass), 0)"
	}
	if err = s.tx.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("read the last id of %s: %w", table, err)
	}
	return n, nil
}

// each reads the rows of a query one by one.
func (s *Source) each(ctx context.Context, query string, do func(*row) error) error {
	rows, err := s.tx.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("read the source: %w", err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("read the source: %w", err)
	}
	at := map[string]int{}
	for i, name := range names {
		at[name] = i
	}
	values, pointers := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		pointers[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(pointers...); err != nil {
			return fmt.Errorf("read the source: %w", err)
		}
		if err := do(&row{at: at, values: values}); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the source: %w", err)
	}
	return nil
}

// quoted is a name of a table or a column in SQL, the same on both engines.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
