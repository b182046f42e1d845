package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// connector makes connections that keep the statements of Args prepared, unless what
// answers can't: the first one finds out.
type connector struct {
	driver.Connector
	first    sync.Once
	prepares atomic.Bool
}

// Connect makes a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	plain := made.(*stdlib.Conn) // pgx's own connector makes no other
	// PostgreSQL would compile a list's counts, 20 ms for what runs in 5. A pooler refuses this as a parameter of the connection.
	if _, err := plain.Conn().PgConn().Exec(ctx, "SET jit = off").ReadAll(); err != nil {
		_ = plain.Close()
		return nil, fmt.Errorf("turn the compiler of statements off: %w", err)
	}
	c.first.Do(func() { c.prepares.Store(prepares(ctx, plain.Conn().PgConn())) })
	return conn{plain, &c.prepares}, nil
}

// prepares tells whether statements stay prepared behind a connection: PostgreSQL itself
// answers, or a pooler that gives them names of its own because it keeps them for all of
// its connections, as PgBouncer with max_prepared_statements does since 1.21.
func prepares(ctx context.Context, connection *pgconn.PgConn) bool {
	const name = "digitalpath_probe"
	if _, err := connection.Prepare(ctx, name, `SELECT pg_backend_pid()::text,
		EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'digitalpath_probe')::text`, nil); err != nil {
		return false
	}
	found := connection.ExecPrepared(ctx, name, nil, nil, nil).Read()
	if found.Err != nil || len(found.Rows) != 1 {
		return false // another server of the pooler's, which was not told of it
	}
	direct := string(found.Rows[0][0]) == strconv.FormatUint(uint64(connection.PID()), 10)
	renamed := string(found.Rows[0][1]) == "false"
	_ = connection.Deallocate(ctx, name) // the worst that is left is a name
	return direct || renamed
}

type pgxConn = stdlib.Conn // the field of conn must leave the name to the method

// conn hands the Args of a statement's context to pgx.
type conn struct {
	*pgxConn
	prepares *atomic.Bool
}

// QueryContext asks for rows.
func (c conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = c.withArgs(ctx, args, func(args []driver.NamedValue) error {
		rows, err = c.pgxConn.QueryContext(ctx, query, args)
		return err
	})
	return rows, err
}

// ExecContext asks for none.
func (c conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	err = c.withArgs(ctx, args, func(args []driver.NamedValue) error {
		result, err = c.pgxConn.ExecContext(ctx, query, args)
		return err
	})
	return result, err
}

// withArgs runs a statement with its Args. One that was kept but is not good any more
// was not run, so it is run again, unless that is for the caller to do, whose transaction
// it has ended.
func (c conn) withArgs(ctx context.Context, args []driver.NamedValue, run func([]driver.NamedValue) error) error {
	given, found := ctx.Value(argsKey{}).(Args)
	if !found {
		return run(args)
	}
	mode := pgx.QueryExecModeExec
	if !given.once && c.prepares.Load() {
		mode = pgx.QueryExecModeCacheStatement
	}
	err := run(named(mode, given.values))
	if isLost(err) {
		c.prepares.Store(false)
	} else if !isOutdated(err) {
		return err
	}
	if c.Conn().PgConn().TxStatus() != 'I' {
		return err
	}
	return run(named(pgx.QueryExecModeExec, given.values))
}

// pipeline is ExecBatch for PostgreSQL.
func pipeline(ctx context.Context, pool *sql.DB, statements []Statement) (changed []int64, err error) {
	one, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, one.Close()) }()
	err = one.Raw(func(driver any) error {
		c := driver.(conn) // the connector makes no other
		changed, err = c.pipeline(ctx, statements)
		lost := isLost(err)
		if lost {
			c.prepares.Store(false)
		}
		if lost || isOutdated(err) {
			if err = c.Conn().DeallocateAll(ctx); err == nil {
				changed, err = c.pipeline(ctx, statements)
			}
		}
		return err
	})
	return changed, err
}

func (c conn) pipeline(ctx context.Context, statements []Statement) (changed []int64, err error) {
	batch := new(pgx.Batch)
	for _, statement := range statements {
		text := statement.Query.String()
		if c.prepares.Load() {
			if _, err := c.Conn().Prepare(ctx, text, text); err != nil {
				return nil, err
			}
		}
		batch.Queue(text, statement.Args.values...)
	}
	results := c.Conn().SendBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for _, statement := range statements {
		n, err := next(results, statement.Into)
		if err != nil {
			return nil, err
		}
		changed = append(changed, n)
	}
	return changed, nil
}

// next reads the result of the next statement of a batch.
func next(results pgx.BatchResults, into []any) (int64, error) {
	if into == nil {
		tag, err := results.Exec()
		return tag.RowsAffected(), err
	}
	err := results.QueryRow().Scan(into...)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return 1, err
}

// isLost tells whether a pooler has lost a statement that was kept, or has another's of
// its name.
func isLost(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains([]string{"26000", "42P05"}, refusal.Code) // invalid_sql_statement_name, duplicate_prepared_statement
}

// isOutdated tells whether a migration has given the result of a statement that was kept
// other columns.
func isOutdated(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && refusal.Code == "0A000" // feature_not_supported
}

func named(mode pgx.QueryExecMode, values []any) []driver.NamedValue {
	args := make([]driver.NamedValue, 1, 1+len(values))
	args[0].Value = mode
	for _, value := range values {
		args = append(args, driver.NamedValue{Value: value})
	}
	return args
}

// IsPooled tells whether a PgBouncer stands before PostgreSQL. Both refuse a parameter
// that nobody knows, each in its own words.
func IsPooled(ctx context.Context, databaseURL string) (bool, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return false, errors.New("the database's URL is malformed") // err would show the password
	}
	config.RuntimeParams["digitalpath_probe"] = "1"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err == nil { // a pooler that was told to ignore it
		return true, conn.Close(ctx)
	}
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false, err
	}
	return strings.Contains(refusal.Message, "unsupported startup parameter"), nil
}

// IsRefusedLogin tells whether PostgreSQL knows the user or the password not.
func IsRefusedLogin(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains([]string{"28P01", "28000"}, refusal.Code)
}

// IsUnknownDatabase tells whether PostgreSQL has no database of the name.
func IsUnknownDatabase(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && refusal.Code == "3D000"
}
