package records

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Undo restores what one act deleted.
func (k *Keeper[T]) Undo(ctx context.Context, act string) (int, error) {
	var ids []int64
	if err := k.DB.NewSelect().Model((*models.TrashedRow)(nil)).Column("id").Where("model = ?", k.slug()).Where("act = ?", act).
		Scan(ctx, &ids); err != nil {
		return 0, fmt.Errorf("look into the trash: %w", err)
	}
	restored := 0
	for batch := range slices.Chunk(ids, purgeBatch) {
		n, err := k.Restore(ctx, batch)
		restored += n
		if err != nil {
			return restored, err
		}
	}
	return restored, nil
}

// Revert gives rows back what one act changed of them: rows that somebody changed there
// since, and those about which mail went out, stay as they are. All others, or none.
// protected are columns that the actor may not change of a row, a *T.
func (k *Keeper[T]) Revert(ctx context.Context, act string, ids []int64, protected func(row any) []string) (undone models.Undone, err error) {
	err = models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) error {
		ctx = models.Undoing(ctx, act)
		entries, err := k.undoable(ctx, tx, act, ids)
		if err != nil || len(entries) == 0 {
			return err
		}
		objects := make([]int64, len(entries))
		for i, entry := range entries {
			objects[i] = entry.ObjectID
		}
		if k.UndoMail != nil {
			if undone.Mailed, err = k.UndoMail(ctx, tx, act, objects); err != nil {
				return err
			}
		}
		rows, err := k.held(ctx, tx, objects)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			row := rows[entry.ObjectID]
			if slices.Contains(undone.Mailed, entry.ObjectID) {
				continue
			}
			err := models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) error { return k.revert(ctx, tx, row, entry, protected) })
			if _, refused := problem.As(err); refused || models.IsUniqueViolation(err) {
				undone.Left = append(undone.Left, entry.ObjectLabel)
				continue
			}
			if err != nil {
				return err
			}
			undone.Rows++
		}
		return nil
	})
	if err != nil {
		return models.Undone{}, err
	}
	return undone, nil
}

// undoable are the entries of an act about rows that it can be undone for, and was not.
func (k *Keeper[T]) undoable(ctx context.Context, tx bun.Tx, act string, ids []int64) ([]models.HistoryEntry, error) {
	var entries []models.HistoryEntry
	if err := models.Undoable(tx, k.slug(), act).Column("id", "object_id", "object_label", "before", "after").Where("object_id IN (?)", bun.List(ids)).
		OrderExpr("object_id, id").Scan(ctx, &entries); err != nil {
		return nil, fmt.Errorf("read what an act did: %w", err)
	}
	return entries, nil
}

// held reads rows and holds them until tx ends, by their ids.
func (k *Keeper[T]) held(ctx context.Context, tx bun.Tx, ids []int64) (map[int64]*T, error) {
	lock := tx.NewSelect().Model((*T)(nil)).Column("id").Where("id IN (?)", bun.List(ids)).OrderExpr("id")
	if _, err := models.ForUpdate(lock).Exec(ctx); err != nil {
		return nil, fmt.Errorf("lock %s: %w", k.table().Name, err)
	}
	all, err := k.read(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	rows := map[int64]*T{}
	for _, row := range all {
		if err := k.may(ctx, tx, models.Change, row); err != nil {
			return nil, err
		}
		rows[k.id(row)] = row
	}
	return rows, nil
}

// revert gives a row its columns back, with all checks, or refuses.
func (k *Keeper[T]) revert(ctx context.Context, tx bun.Tx, before *T, entry models.HistoryEntry, protected func(row any) []string) error {
	if before == nil || !k.isAs(before, entry.After) {
		return problem.New(problem.Conflict, "conflict", "Somebody else saved this meanwhile.")
	}
	after := copyOf(before)
	if err := k.put(after, entry.Before); err != nil {
		return err
	}
	if protected != nil {
		for _, name := range protected(before) {
			if _, changes := entry.Before[name]; changes {
				return problem.New(problem.Forbidden, "forbidden", "You may not change this.")
			}
		}
	}
	if err := k.check(ctx, tx, before, after); err != nil && !elsewhere(err, entry.Before) {
		return err
	}
	if changes, _ := k.changes(before, after); len(changes) == 0 { // its mail was all there was to it
		return k.Record(ctx, tx, models.HistoryChanged, nil, before)
	}
	return k.store(ctx, tx, before, after)
}

// elsewhere tells whether err finds fault with other columns than these alone: they
// were so before.
func elsewhere(err error, columns models.Columns) bool {
	p, ok := problem.As(err)
	if !ok || len(p.Fields) == 0 {
		return false
	}
	for name := range p.Fields {
		if _, ours := columns[name]; ours {
			return false
		}
	}
	return true
}

// values are columns of a row; nil where one of them is told nobody.
func (k *Keeper[T]) values(row *T, names []string) (models.Columns, error) {
	values := models.Columns{}
	for _, name := range names {
		field := k.table().FieldMap[name]
		if field.StructField.Tag.Get("json") == "-" {
			return nil, nil
		}
		value, err := json.Marshal(field.Value(reflect.ValueOf(row).Elem()).Interface())
		if err != nil {
			return nil, fmt.Errorf("keep %s: %w", name, err)
		}
		values[name] = value
	}
	return values, nil
}

// put sets columns of a row.
func (k *Keeper[T]) put(row *T, values models.Columns) error {
	for name, value := range values {
		field, ok := k.table().FieldMap[name]
		if !ok {
			continue // of a release before
		}
		column := field.Value(reflect.ValueOf(row).Elem())
		column.SetZero()
		if err := json.Unmarshal(value, column.Addr().Interface()); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	return nil
}

// isAs tells whether a row has these values.
func (k *Keeper[T]) isAs(row *T, values models.Columns) bool {
	then := copyOf(row)
	if k.put(then, values) != nil {
		return false
	}
	for name := range values {
		if field, ok := k.table().FieldMap[name]; ok && !same(valueIn(field, row), valueIn(field, then)) {
			return false
		}
	}
	return true
}
