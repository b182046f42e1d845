package models

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"modernc.org/sqlite"
)

// sqliteOpener connects to a SQLite file.
type sqliteOpener struct {
	driver *sqlite.Driver
	dsn    string
}

// sqliteDriver is SQLite with a lower() that knows every letter, as PostgreSQL's does;
// its own knows ASCII only, and Ángel and ángel would be two usernames. It has the
// search_fold() of searches too.
func sqliteDriver() (*sqlite.Driver, error) {
	d := new(sqlite.Driver)
	for name, function := range map[string]func(string) string{"lower": strings.ToLower, "search_fold": Fold} {
		err := d.RegisterDeterministicScalarFunction(name, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if text, ok := args[0].(string); ok {
				return function(text), nil
			}
			return args[0], nil
		})
		if err != nil {
			return nil, fmt.Errorf("teach SQLite %s: %w", name, err)
		}
	}
	return d, nil
}

// Connect implements driver.Connector.
func (o sqliteOpener) Connect(context.Context) (driver.Conn, error) { return o.driver.Open(o.dsn) }

// Driver implements driver.Connector.
func (o sqliteOpener) Driver() driver.Driver { return o.driver }
