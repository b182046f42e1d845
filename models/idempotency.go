package models

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/problem"
)

// idempotencyLife is how long a repeated request is recognised.
const idempotencyLife = 24 * time.Hour

// IdempotencyKey remembers a request that was accepted under an Idempotency-Key.
type IdempotencyKey struct {
	bun.BaseModel `bun:"table:idempotency_keys,alias:idempotency_key"`

	Route       string    `bun:"route,pk,type:varchar(100)"`
	Key         string    `bun:"key,pk,type:varchar(255)"`
	RequestHash string    `bun:"request_hash,type:char(64)"` // SHA-256 of the body, hex
	CreatedAt   time.Time `bun:"created_at,type:timestamptz"`
}

// Idempotency is what a client says to make a repeated request harmless.
type Idempotency struct {
	Key         string // the Idempotency-Key header; empty: none
	RequestHash string // SHA-256 of the request's body, hex
}

// Claim takes the key for this transaction. repeated means that a request with the
// same key and body was accepted before, so that nothing is left to do; parallel
// ones wait here for the first one's commit.
func (k Idempotency) Claim(ctx context.Context, tx bun.Tx, route string, now time.Time) (repeated bool, err error) {
	if k.Key == "" {
		return false, nil
	}
	if len(k.Key) > 255 {
		return false, problem.New(problem.Invalid, "invalid", "The Idempotency-Key is longer than 255 characters.")
	}
	row := &IdempotencyKey{Route: route, Key: k.Key, RequestHash: k.RequestHash, CreatedAt: now}
	result, err := tx.NewInsert().Model(row).
		On("CONFLICT (route, key) DO UPDATE").
		Set("request_hash = EXCLUDED.request_hash").Set("created_at = EXCLUDED.created_at").
		Where("idempotency_key.created_at < ?", now.Add(-idempotencyLife)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("claim idempotency key: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return false, err
	}
	if err := tx.NewSelect().Model(row).WherePK().Scan(ctx); err != nil {
		return false, fmt.Errorf("read idempotency key: %w", err)
	}
	if row.RequestHash != k.RequestHash {
		return false, problem.New(problem.Conflict, "idempotency_conflict", "This Idempotency-Key was used for another request.")
	}
	return true, nil
}

// ForgetIdempotencyKeys deletes the keys that are not recognised any more.
func ForgetIdempotencyKeys(ctx context.Context, db bun.IDB, now time.Time) error {
	_, err := db.NewDelete().Model((*IdempotencyKey)(nil)).Where("created_at < ?", now.Add(-idempotencyLife)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete old idempotency keys: %w", err)
	}
	return nil
}
