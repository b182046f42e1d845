// Package models is what is stored: the columns of each table, the choices a
// column may take, what makes a value valid, and the queries that more than one
// story needs. Functions take a bun.IDB and return rows; no rule of the business
// and no HTTP lives here.
package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Open makes the pool for a DATABASE_URL: postgres://..., postgresql://..., or
// sqlite:///relative.db, sqlite:////absolute.db (dj-database-url's spelling). It
// does not connect yet.
func Open(databaseURL string) (*bun.DB, error) {
	if path, ok := strings.CutPrefix(databaseURL, "sqlite:///"); ok {
		return openSQLite(path)
	}
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, errors.New("the database's URL is malformed") // err would show the password
	}
	// bun inlines arguments, so prepared statements would never be used again but for
	// those with Args.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnectTimeout = 3 * time.Second
	if config.RuntimeParams["timezone"] == "" {
		config.RuntimeParams["timezone"] = "UTC"
	}
	pool := sql.OpenDB(&connector{Connector: stdlib.GetConnector(*config)})
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(20)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return bun.NewDB(pool, pgdialect.New()), nil
}

// readCache is how much of an SQLite database the reading connections keep in memory, all
// together in KiB: 16 MB each hold the pages of what a search finds in a long table.
const readCache = 64 << 10

// openSQLite opens one writing connection and a pool of reading ones: SQLite has
// one writer at a time, and waiting in Go's queue never ends in SQLITE_BUSY.
func openSQLite(path string) (*bun.DB, error) {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(NORMAL)",
	}}
	dsn := func(q url.Values) string { return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode() }
	engine, err := sqliteDriver()
	if err != nil {
		return nil, err
	}
	writer := sql.OpenDB(sqliteOpener{engine, dsn(query)})
	writer.SetMaxOpenConns(1)
	readers := max(4, runtime.NumCPU())
	query["_pragma"] = append(query["_pragma"], "query_only(1)", fmt.Sprintf("cache_size(-%d)", readCache/readers))
	reader := sql.OpenDB(sqliteOpener{engine, dsn(query)})
	reader.SetMaxOpenConns(readers)
	return bun.NewDB(writer, sqlitedialect.New(), bun.WithConnResolver(readPool{reader})), nil
}

// readPool sends SELECTs outside of transactions to the reading connections.
type readPool struct{ *sql.DB }

func (p readPool) ResolveConn(_ context.Context, query bun.Query) bun.IConn {
	if _, ok := query.(*bun.SelectQuery); ok {
		return p.DB
	}
	return nil // bun then uses the writing connection
}

// IsPostgres tells the engine behind db, for the few statements that differ.
func IsPostgres(db bun.IDB) bool { return db.Dialect().Name() == dialect.PG }

// ForUpdate locks the rows that q reads until its transaction ends. SQLite has one
// writer at a time, and a transaction there is the writer from its start.
func ForUpdate(q *bun.SelectQuery) *bun.SelectQuery {
	if IsPostgres(q.DB()) {
		q.For("UPDATE")
	}
	return q
}

// Clock is the database's time plus an offset, as an expression: what processes on
// several machines compare must not depend on their own clocks. The clock of an SQLite database is this process's.
func Clock(db bun.IDB, offset time.Duration) schema.QueryWithArgs {
	if IsPostgres(db) {
		return bun.SafeQuery("statement_timestamp() + ? * interval '1 microsecond'", offset.Microseconds())
	}
	return bun.SafeQuery("?", time.Now().Add(offset).UTC().Truncate(time.Microsecond))
}

// Args are the arguments of a statement that runs often: PostgreSQL parses and plans its
// text once for each connection, where bun would write the arguments into it.
//
//	args := new(models.Args)
//	err := query.Where("id = ?", args.Of(id)).Scan(args.In(ctx))
type Args struct {
	values []any
	once   bool
}

// Of puts an argument into a query. A text is best a string and a number an int64, whose
// kinds PostgreSQL knows.
func (a *Args) Of(value any) schema.QueryAppender {
	a.values = append(a.values, value)
	return arg{len(a.values), value}
}

// Among puts a list of ids into a query. Where it is one, that is an argument: pages and the
// API ask for one row; how many others ask for is part of the text.
func (a *Args) Among(ids []int64) schema.QueryAppender {
	if len(ids) == 1 {
		return a.Of(ids[0])
	}
	a.once = true
	return bun.List(ids)
}

// Insert is an insert of one row, whose values are arguments. What is NULL is part of its text.
func (a *Args) Insert(db bun.IDB, row any) *bun.InsertQuery {
	insert := db.NewInsert().Model(row)
	values := reflect.ValueOf(row).Elem()
	for _, field := range db.Dialect().Tables().Get(values.Type()).Fields {
		if value := field.Value(values); !field.AutoIncrement && !(field.NullZero && value.IsZero()) {
			insert.Value(field.Name, "?", a.Of(value.Interface()))
		}
	}
	return insert
}

// Rows is a table of rows, which ptr points to: its text tells their columns, not how many
// there are.
func (a *Args) Rows(db bun.IDB, ptr any) bun.Query {
	if !IsPostgres(db) {
		return db.NewValues(ptr)
	}
	query, rows := db.NewSelect(), reflect.ValueOf(ptr).Elem()
	for _, field := range db.Dialect().Tables().Get(rows.Type().Elem()).Fields {
		column := reflect.MakeSlice(reflect.SliceOf(field.StructField.Type), rows.Len(), rows.Len())
		for i := range rows.Len() {
			column.Index(i).Set(field.Value(rows.Index(i)))
		}
		query.ColumnExpr("unnest(?::?[]) AS ?", a.Of(column.Interface()), bun.Safe(field.DiscoveredSQLType), bun.Ident(field.Name))
	}
	return query
}

type argsKey struct{}

// In is ctx for this one statement, whose text is one of few.
func (a *Args) In(ctx context.Context) context.Context {
	return context.WithValue(ctx, argsKey{}, *a)
}

// Once is In for a statement whose text is not worth keeping: it says more than its
// arguments do.
func (a *Args) Once(ctx context.Context) context.Context {
	return context.WithValue(ctx, argsKey{}, Args{a.values, true})
}

// ArgsIn are those of a statement that is run with ctx, for who looks on.
func ArgsIn(ctx context.Context) []any {
	given, _ := ctx.Value(argsKey{}).(Args)
	return given.values
}

// arg is the placeholder of an argument, or the argument where the engine gets no others.
type arg struct {
	number int
	value  any
}

// AppendQuery makes an arg part of bun's queries.
func (a arg) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	if gen.Dialect().Name() == dialect.PG {
		return strconv.AppendInt(append(b, '$'), int64(a.number), 10), nil
	}
	return gen.Append(b, a.value), nil
}

// Statement is one of a batch, with its Args.
type Statement struct {
	Query fmt.Stringer
	Args  *Args
	Into  []any // pointers to what the columns of its one row go into; nil: it has none
}

// ExecBatch runs statements in one transaction and returns how many rows each changed or,
// where it has an Into, found. PostgreSQL gets them in one pipeline, which it runs as one
// transaction: mail pays one round trip where begin, each statement and commit cost five.
func ExecBatch(ctx context.Context, db *bun.DB, statements ...Statement) (changed []int64, err error) {
	if IsPostgres(db) {
		return pipeline(ctx, db.DB, statements)
	}
	err = db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, statement := range statements {
			n, err := statement.exec(ctx, tx)
			if err != nil {
				return err
			}
			changed = append(changed, n)
		}
		return nil
	})
	return changed, err
}

func (s Statement) exec(ctx context.Context, tx bun.Tx) (int64, error) {
	if s.Into != nil {
		err := tx.NewRaw(s.Query.String()).Scan(ctx, s.Into...)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, nil
		}
		return 1, err
	}
	result, err := tx.ExecContext(ctx, s.Query.String())
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Reason is err in one short line, for a log that repeats it: PostgreSQL's driver
// tells of every address that it tried, in a line each.
func Reason(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Message
	}
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Error()
	}
	if connecting, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		err = connecting.Unwrap()
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// spareRoom is what SQLite must find on its disk, in bytes: some changes and their log.
const spareRoom = 256 << 10

// IsWritable tells whether the database takes changes: PostgreSQL not where it is a
// standby or was set to be read only, SQLite not on a full disk or in a folder that
// can't be written to. Nothing of the database is changed.
func IsWritable(ctx context.Context, db bun.IDB) (writable bool, err error) {
	if IsPostgres(db) {
		err = db.QueryRowContext(ctx, "SELECT NOT current_setting('transaction_read_only')::boolean").Scan(&writable)
		return writable, err
	}
	var path string
	err = db.NewSelect().TableExpr("pragma_database_list").Column("file").Where("name = 'main'").Scan(ctx, &path)
	if err != nil || path == "" { // kept in memory
		return err == nil, err
	}
	return hasRoom(filepath.Dir(path)), nil
}

// hasRoom takes spareRoom on the disk of a folder and gives it back. What the operating
// system says is free does not tell of quotas and of what is kept for root.
func hasRoom(folder string) bool {
	file, err := os.CreateTemp(folder, ".room-*")
	if err != nil {
		return false
	}
	_, err = file.Write(make([]byte, spareRoom))
	return errors.Join(err, file.Close(), os.Remove(file.Name())) == nil
}

// IsUniqueViolation tells whether err is a row that exists already, on either engine.
func IsUniqueViolation(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23505"
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && (lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsMissingReference tells whether err is a reference to a row that is not there, on either
// engine.
func IsMissingReference(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23503"
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

// Violated names what a unique index that err tells of is about: "email" for the
// column users.email or the index users_email_key.
func Violated(err error) string {
	name := err.Error()
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.TrimSuffix(strings.TrimPrefix(pg.ConstraintName, pg.TableName+"_"), "_key")
	}
	if _, after, ok := strings.Cut(name, "UNIQUE constraint failed: "); ok {
		name = strings.Trim(strings.TrimPrefix(after, "index "), "'")
		name, _, _ = strings.Cut(name, " (")
		name = strings.TrimSuffix(strings.Trim(name, "'"), "_key")
		name = name[strings.LastIndexAny(name, "._")+1:]
	}
	return name
}

// IsUnavailable tells whether err means that the database cannot serve right now
// (gone, full, read-only, out of connections, too slow), rather than that the
// statement was wrong.
func IsUnavailable(err error) bool {
	for _, gone := range []error{
		context.DeadlineExceeded, driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF,
		sql.ErrTxDone, // rolled back when its deadline came
	} {
		if errors.Is(err, gone) {
			return true
		}
	}
	if pgconn.SafeToRetry(err) { // the statement never left: the connection was closed before
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Classes of PostgreSQL's appendix A: connection, resources, operator
		// intervention, system; 25006 is read_only_sql_transaction.
		return slices.Contains([]string{"08", "53", "57", "58"}, pg.Code[:2]) || pg.Code == "25006" || pg.Code == "55P03"
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		code := lite.Code() & 0xff // the primary result code
		return slices.Contains([]int{sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY,
			sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}, code)
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	return connecting || network
}
