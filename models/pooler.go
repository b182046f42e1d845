package models

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

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
