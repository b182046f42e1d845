package backup

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"digitalpath/migrations"
)

// A backup of PostgreSQL is a zip of one file a table, as COPY writes it, and of
// manifest. Whoever restores needs no tool of PostgreSQL's, whose versions must fit.
const manifest = "manifest.json"

// contents are what the manifest says. It is written last.
type contents struct {
	Migrations []string `json:"migrations"`
	Tables     []table  `json:"tables"` // those that others point at first
}

type table struct {
	Table
	Columns []string         `json:"columns"`
	Next    map[string]int64 `json:"next"` // of columns that count by themselves
}

// writePostgres reads all tables as of one moment.
func writePostgres(ctx context.Context, db *bun.DB, to io.Writer) (tables []Table, err error) {
	archive := zip.NewWriter(to)
	err = transaction(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		said, err := describe(ctx, tx)
		if err != nil {
			return err
		}
		for i := range said.Tables {
			t := &said.Tables[i]
			entry, err := archive.Create(t.Name + ".copy")
			if err != nil {
				return err
			}
			done, err := tx.Conn().PgConn().CopyTo(ctx, entry, "COPY "+t.sql()+" TO STDOUT")
			if err != nil {
				return fmt.Errorf("copy %s: %w", t.Name, err)
			}
			t.Rows = done.RowsAffected()
			tables = append(tables, t.Table)
		}
		entry, err := archive.Create(manifest)
		if err != nil {
			return err
		}
		return json.NewEncoder(entry).Encode(said)
	})
	return tables, errors.Join(err, archive.Close())
}

// sql names the table with its columns.
func (t *table) sql() string {
	text := pgx.Identifier{t.Name}.Sanitize() + " ("
	for i, column := range t.Columns {
		if i > 0 {
			text += ", "
		}
		text += pgx.Identifier{column}.Sanitize()
	}
	return text + ")"
}

// describe lists the tables with their columns, but for those that are computed. What
// row_counts says triggers write anew.
func describe(ctx context.Context, tx pgx.Tx) (contents, error) {
	var said contents
	rows, err := tx.Query(ctx, "SELECT name FROM bun_migrations ORDER BY name")
	if err != nil {
		return said, fmt.Errorf("read applied migrations: %w", err)
	}
	if said.Migrations, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return said, fmt.Errorf("read applied migrations: %w", err)
	}
	rows, err = tx.Query(ctx, `SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
		array_agg(DISTINCT f.confrelid::regclass::text) FILTER (WHERE f.confrelid <> c.oid),
		array_agg(DISTINCT a.attname::text) FILTER (WHERE pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		LEFT JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f' AND f.conkey[1] = a.attnum
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname NOT IN ('bun_migrations', 'row_counts')
		GROUP BY c.oid, c.relname ORDER BY c.relname`)
	if err != nil {
		return said, fmt.Errorf("list the tables: %w", err)
	}
	targets, counting := map[string][]string{}, map[string][]string{}
	var name string
	var columns, pointsAt, counts []string
	if _, err := pgx.ForEachRow(rows, []any{&name, &columns, &pointsAt, &counts}, func() error {
		said.Tables = append(said.Tables, table{Table: Table{Name: name}, Columns: slices.Clone(columns), Next: map[string]int64{}})
		targets[name], counting[name] = slices.Clone(pointsAt), slices.Clone(counts)
		return nil
	}); err != nil {
		return said, fmt.Errorf("list the tables: %w", err)
	}
	said.Tables, err = inOrder(said.Tables, targets)
	for i := range said.Tables {
		t := &said.Tables[i]
		for _, column := range counting[t.Name] {
			var next int64
			sequence := "SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM "
			if err := tx.QueryRow(ctx, "SELECT pg_get_serial_sequence($1, $2)", pgx.Identifier{t.Name}.Sanitize(), column).Scan(&name); err != nil {
				return said, fmt.Errorf("find the counter of %s: %w", t.Name, err)
			}
			if err := tx.QueryRow(ctx, sequence+name).Scan(&next); err != nil {
				return said, fmt.Errorf("read the counter of %s: %w", t.Name, err)
			}
			t.Next[column] = next
		}
	}
	return said, err
}

// inOrder puts each table behind those that it points at.
func inOrder(tables []table, targets map[string][]string) ([]table, error) {
	var ordered []table
	for len(tables) > 0 {
		i := slices.IndexFunc(tables, func(t table) bool {
			return !slices.ContainsFunc(tables, func(other table) bool { return other.Name != t.Name && slices.Contains(targets[t.Name], other.Name) })
		})
		if i < 0 {
			return nil, fmt.Errorf("the tables from %s on point at each other", tables[0].Name)
		}
		ordered, tables = append(ordered, tables[i]), slices.Delete(tables, i, i+1)
	}
	return ordered, nil
}

// restorePostgres brings the schema to the backup's, and then fills it in one
// transaction.
func restorePostgres(ctx context.Context, db *bun.DB, path string) (tables []Table, err error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s is not a whole backup: %w", path, err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	var said contents
	if err := readEntry(archive, manifest, func(r io.Reader) error { return json.NewDecoder(r).Decode(&said) }); err != nil {
		return nil, fmt.Errorf("%s is no backup of this program: %w", path, err)
	}
	if err := knows(ctx, db, said.Migrations); err != nil {
		return nil, err
	}
	if err := migrations.UpTo(ctx, db, said.Migrations); err != nil {
		return nil, err
	}
	err = transaction(ctx, db, pgx.TxOptions{}, func(tx pgx.Tx) error {
		tables, err = fill(ctx, tx, archive, said)
		return err
	})
	return tables, err
}

// fill empties every table that the backup knows and copies its rows. Tables of other
// programs are left alone, in the backup too.
func fill(ctx context.Context, tx pgx.Tx, archive *zip.ReadCloser, said contents) (filled []Table, err error) {
	there, err := describe(ctx, tx)
	if err != nil {
		return nil, err
	}
	said.Tables = slices.DeleteFunc(said.Tables, func(t table) bool {
		return !slices.ContainsFunc(there.Tables, func(other table) bool { return other.Name == t.Name })
	})
	for _, t := range said.Tables { // a program that runs waits, and then goes on with the rows of the backup
		if _, err := tx.Exec(ctx, "LOCK TABLE "+pgx.Identifier{t.Name}.Sanitize()+" IN ACCESS EXCLUSIVE MODE"); err != nil {
			return nil, fmt.Errorf("lock %s: %w", t.Name, err)
		}
	}
	for _, t := range slices.Backward(said.Tables) {
		if _, err := tx.Exec(ctx, "DELETE FROM "+pgx.Identifier{t.Name}.Sanitize()); err != nil {
			return nil, fmt.Errorf("empty %s: %w", t.Name, err)
		}
	}
	for _, t := range said.Tables {
		if err := readEntry(archive, t.Name+".copy", func(r io.Reader) error {
			done, err := tx.Conn().PgConn().CopyFrom(ctx, r, "COPY "+t.sql()+" FROM STDIN")
			if err == nil && done.RowsAffected() != t.Rows {
				err = fmt.Errorf("%d rows of %d", done.RowsAffected(), t.Rows)
			}
			return err
		}); err != nil {
			return nil, fmt.Errorf("fill %s: %w", t.Name, err)
		}
		for column, next := range t.Next {
			if _, err := tx.Exec(ctx, "SELECT setval(pg_get_serial_sequence($1, $2), $3, false)", pgx.Identifier{t.Name}.Sanitize(), column, next); err != nil {
				return nil, fmt.Errorf("set the counter of %s: %w", t.Name, err)
			}
		}
		filled = append(filled, t.Table)
	}
	return filled, nil
}

func readEntry(archive *zip.ReadCloser, name string, read func(io.Reader) error) (err error) {
	entry, err := archive.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, entry.Close()) }()
	return read(entry)
}

// transaction runs do in a transaction of pgx's own, which COPY needs.
func transaction(ctx context.Context, db *bun.DB, options pgx.TxOptions, do func(pgx.Tx) error) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return conn.Raw(func(driver any) error {
		return pgx.BeginTxFunc(ctx, driver.(interface{ Conn() *pgx.Conn }).Conn(), options, do)
	})
}

// scratchPostgres makes an empty database on the same server.
func scratchPostgres(ctx context.Context, db *bun.DB, databaseURL string) (string, func() error, error) {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("%.40s_drill_%d", strings.TrimPrefix(u.Path, "/"), time.Now().Unix())
	if _, err := db.ExecContext(ctx, "CREATE DATABASE ?", bun.Ident(name)); err != nil {
		return "", nil, fmt.Errorf("make a scratch database (the login needs CREATEDB, and the address must be PostgreSQL's own): %w", err)
	}
	drop := func() error {
		_, err := db.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE ? WITH (FORCE)", bun.Ident(name))
		return err
	}
	u.Path = "/" + name
	return u.String(), drop, nil
}
