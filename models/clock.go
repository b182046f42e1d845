package models

import (
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Clock is the database's time plus an offset, as an expression: what processes on
// several machines compare must not depend on their own clocks. All statements of one
// ExecBatch get the same time. The clock of an SQLite database is this process's.
func Clock(db bun.IDB, offset time.Duration) schema.QueryWithArgs {
	if IsPostgres(db) {
		return bun.SafeQuery("statement_timestamp() + ? * interval '1 microsecond'", offset.Microseconds())
	}
	return bun.SafeQuery("?", time.Now().Add(offset).UTC().Truncate(time.Microsecond))
}
