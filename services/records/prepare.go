package records

import (
	"context"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// prepare lets Prepare work on what edit makes of a row as it is now, and returns an edit
// that does the same to a row that is still so.
func (k *Keeper[T]) prepare(ctx context.Context, id int64, edit func(*T) error) (func(*T) error, error) {
	if k.Prepare == nil {
		return edit, nil
	}
	before, after := (*T)(nil), k.fresh()
	if id != 0 {
		err := models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) (err error) {
			before, err = k.one(ctx, tx, id)
			return err
		})
		if err != nil {
			return nil, err
		}
		after = copyOf(before)
	}
	faults := edit(after)
	if p, ok := problem.As(faults); faults != nil && (!ok || len(p.Fields) == 0) {
		return nil, faults
	}
	if err := k.Prepare(ctx, after); err != nil {
		return nil, err
	}
	return func(row *T) error {
		if before != nil {
			if changes, _ := k.changes(before, row); len(changes) > 0 {
				return problem.New(problem.Conflict, "conflict", "It was changed meanwhile. Please try again.")
			}
		}
		*row = *copyOf(after)
		return faults
	}, nil
}
