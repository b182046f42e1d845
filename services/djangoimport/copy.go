package djangoimport

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// batch is how many rows go into the target with one statement.
const batch = 500

// made is what becomes of one row of the source.
type made[T any] struct {
	row     T
	id      int64 // in the source
	outcome Outcome
	notes   []string
}

func leave[T any](because string, args ...any) made[T] {
	return made[T]{outcome: LeftOut, notes: []string{fmt.Sprintf(because, args...)}}
}

// copying is how the rows of one table come over.
type copying[T any] struct {
	table  string   // of the source
	needed []string // columns without which it is another table
	query  string   // empty: all rows by id
	make   func(*row) made[T]
	// find settles the outcome of rows that are in the target already, of those that
	// are still to be imported.
	find func(context.Context, bun.Tx, []made[T]) error
	// after writes what goes with rows that were added; nil: nothing.
	after func(context.Context, bun.Tx, []T) error
}

func (c copying[T]) run(ctx context.Context, r *run) error {
	advance, found, err := r.open(ctx, c.table, c.needed...)
	if err != nil || !found {
		return err
	}
	query := c.query
	if query == "" {
		query = "SELECT * FROM " + quoted(c.table) + " ORDER BY id"
	}
	var open []made[T]
	flush := func() error {
		err := c.write(ctx, r, open)
		advance(len(open))
		open = open[:0]
		return err
	}
	err = r.source.each(ctx, query, func(from *row) error {
		m := c.make(from)
		m.id = from.id("id")
		m.notes = append(m.notes, from.notes...)
		if open = append(open, m); len(open) < batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// write adds those rows of a batch that are not in the target yet, and accounts for all.
func (c copying[T]) write(ctx context.Context, r *run, all []made[T]) error {
	if len(all) == 0 {
		return nil
	}
	if err := c.find(ctx, r.tx, all); err != nil {
		return err
	}
	var added []T
	for _, m := range all {
		if m.outcome == Imported {
			added = append(added, m.row)
		}
		if err := r.ledger.tell(c.table, m.id, m.outcome, m.notes...); err != nil {
			return err
		}
	}
	if len(added) > 0 {
		if _, err := r.tx.NewInsert().Model(&added).Exec(ctx); err != nil {
			return fmt.Errorf("import %s: %w", c.table, err)
		}
	}
	if c.after == nil {
		return nil
	}
	return c.after(ctx, r.tx, added)
}

// byID finds rows in the target by their ids. A row that is there must be the one that
// an earlier run made of the source's; it stays as it is, for it may have been changed
// here since.
func byID[T any](table string, id func(*T) int64, same func(have, want *T) bool) func(context.Context, bun.Tx, []made[T]) error {
	return func(ctx context.Context, tx bun.Tx, all []made[T]) error {
		var ids []int64
		for i := range all {
			if all[i].outcome == Imported {
				ids = append(ids, id(&all[i].row))
			}
		}
		if len(ids) == 0 {
			return nil
		}
		var rows []T
		if err := tx.NewSelect().Model(&rows).Where("?TableAlias.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
			return fmt.Errorf("look for rows that are there: %w", err)
		}
		have := make(map[int64]*T, len(rows))
		for i := range rows {
			have[id(&rows[i])] = &rows[i]
		}
		for i := range all {
			found := have[id(&all[i].row)]
			switch {
			case all[i].outcome != Imported || found == nil:
			case same(found, &all[i].row):
				all[i].outcome = Present
			default:
				return fmt.Errorf("the target holds another row under the id %d of %s: import into an empty database, or into one that only earlier imports filled; nothing was imported",
					id(&all[i].row), table)
			}
		}
		return nil
	}
}

// link is a row without an id of its own.
type link[T any] struct {
	table  string
	needed []string
	query  string
	make   func(*row) (T, string) // why it is left out; empty: it is not
}

// run adds the rows that are not there yet.
func (l link[T]) run(ctx context.Context, r *run) error {
	advance, found, err := r.open(ctx, l.table, l.needed...)
	if err != nil || !found {
		return err
	}
	var open []T
	flush := func() error {
		if len(open) == 0 {
			return nil
		}
		result, err := r.tx.NewInsert().Model(&open).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("import %s: %w", l.table, err)
		}
		added, err := result.RowsAffected()
		if err != nil {
			return fmt.Errorf("count %s: %w", l.table, err)
		}
		r.ledger.add(l.table, Imported, int(added))
		r.ledger.add(l.table, Present, len(open)-int(added))
		advance(len(open))
		open = open[:0]
		return nil
	}
	err = r.source.each(ctx, l.query, func(from *row) error {
		made, because := l.make(from)
		if because != "" {
			advance(1)
			return r.ledger.tell(l.table, from.id("id"), LeftOut, because)
		}
		if open = append(open, made); len(open) < batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}
