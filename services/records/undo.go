package records

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// undoable are the entries of an act about rows that it can be undone for, and was not.
func (k *Keeper[T]) undoable(ctx context.Context, tx bun.Tx, act string, ids []int64) ([]models.HistoryEntry, error) {
	var entries []models.HistoryEntry
	if err := models.Undoable(tx, k.slug(), act).Column("id", "object_id", "object_label", "action", "before", "after").Where("object_id IN (?)", bun.List(ids)).
		OrderExpr("object_id, id DESC").Scan(ctx, &entries); err != nil {
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

// revert gives a row its columns back, with all checks, and returns it, or refuses.
func (k *Keeper[T]) revert(ctx context.Context, tx bun.Tx, before *T, entry models.HistoryEntry, protected func(row any) []string) (*T, error) {
	if before == nil || !k.isAs(before, entry.After) {
		return nil, problem.New(problem.Conflict, "conflict", "Somebody else saved this meanwhile.")
	}
	after := copyOf(before)
	if err := k.put(after, entry.Before); err != nil {
		return nil, err
	}
	if protected != nil {
		for _, name := range protected(before) {
			if _, changes := entry.Before[name]; changes {
				return nil, problem.New(problem.Forbidden, "forbidden", "You may not change this.")
			}
		}
	}
	if err := k.check(ctx, tx, before, after); err != nil && !elsewhere(err, entry.Before) {
		return nil, err
	}
	if changes, _ := k.changes(before, after); len(changes) == 0 { // its mail was all there was to it
		return after, k.Record(ctx, tx, models.HistoryChanged, nil, before)
	}
	return after, k.store(ctx, tx, before, after)
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
		if field, ok := k.table().FieldMap[name]; ok && !same(field, valueIn(field, row), valueIn(field, then)) {
			return false
		}
	}
	return true
}
