package models

import (
	"context"
	"crypto/rand"

	"github.com/uptrace/bun"
)

// transaction is one that a context carries, with what waits for its commit.
type transaction struct {
	tx    bun.Tx
	after []func()
}

type transactionKey struct{}

// InTx runs change in a transaction. Where ctx carries one already, change becomes part
// of it, behind a savepoint: then it can fail alone, and what it did lasts only if the
// whole is committed.
func InTx(ctx context.Context, db *bun.DB, change func(context.Context, bun.Tx) error) error {
	outer, inside := ctx.Value(transactionKey{}).(*transaction)
	begin := db.BeginTx
	if inside {
		begin = outer.tx.BeginTx
	}
	tx, err := begin(ctx, nil)
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_ = tx.Rollback() // change's error, or its panic, tells more
		}
	}()
	inner := &transaction{tx: tx}
	if err := change(context.WithValue(ctx, transactionKey{}, inner), tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	committed = true
	if inside {
		outer.after = append(outer.after, inner.after...)
		return nil
	}
	for _, f := range inner.after {
		f()
	}
	return nil
}

// AfterCommit calls f once the transaction that ctx carries is committed, and never if it
// is rolled back. Without one it calls f at once.
func AfterCommit(ctx context.Context, f func()) {
	if open, inside := ctx.Value(transactionKey{}).(*transaction); inside {
		open.after = append(open.after, f)
		return
	}
	f()
}

type actKey struct{}

// WithAct makes what is done in ctx one act, whose random id it returns: Record keeps
// it, and so does the trash.
func WithAct(ctx context.Context) (_ context.Context, act string) {
	act = rand.Text()
	return InAct(ctx, act), act
}

// InAct makes what is done in ctx a part of an act of at most 26 characters.
func InAct(ctx context.Context, act string) context.Context {
	return context.WithValue(ctx, actKey{}, act)
}

// ActOf is the act that is done in ctx, or none.
func ActOf(ctx context.Context) string {
	act, _ := ctx.Value(actKey{}).(string)
	return act
}
