package records

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// save stores what edit makes of after; before is nil for a new row.
func (k *Keeper[T]) save(ctx context.Context, tx bun.Tx, before, after *T, edit func(*T) error) error {
	faults := edit(after)
	id := int64(0)
	if before != nil {
		id = k.id(before)
	}
	setInt(k.pk(), after, id)
	if faults != nil {
		return problem.Join(faults, k.check(ctx, tx, before, after))
	}
	if err := k.check(ctx, tx, before, after); err != nil {
		return err
	}
	return k.store(ctx, tx, before, after)
}

func (k *Keeper[T]) check(ctx context.Context, tx bun.Tx, before, after *T) error {
	faults, stored := problem.Fields{}, orNew(before)
	if err := checkRow(k.table(), faults, "", after); err != nil {
		return err
	}
	for _, children := range k.Children {
		if err := children.check(tx, k.id(after), faults, stored, after); err != nil {
			return err
		}
	}
	if k.Check != nil {
		if err := k.Check(ctx, tx, before, after, faults); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return faults.Problem()
	}
	return nil
}

// store writes a checked row with its children. Where nothing is changed nothing is
// written.
func (k *Keeper[T]) store(ctx context.Context, tx bun.Tx, before, after *T) error {
	if before == nil {
		if created := k.table().FieldMap["created_at"]; created != nil && valueIn(created, after).IsZero() {
			k.touch(after, "created_at") // an import may know it
		}
		k.touch(after, "updated_at")
		if _, err := tx.NewInsert().Model(after).Exec(ctx); err != nil {
			return fmt.Errorf("add to %s: %w", k.table().Name, err)
		}
	}
	for _, children := range k.Children {
		if err := children.save(ctx, tx, k.id(after), orNew(before), after); err != nil {
			return err
		}
	}
	changes, columns := k.changes(before, after)
	own := columns
	if len(changes) == 0 && before != nil {
		return nil
	}
	action := models.HistoryAdded
	if before != nil {
		action = models.HistoryChanged
		if k.touch(after, "updated_at") {
			columns = append(columns, "updated_at")
		}
		if len(columns) > 0 {
			if _, err := tx.NewUpdate().Model(after).Column(columns...).WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("change %s: %w", k.table().Name, err)
			}
		}
	}
	if k.After != nil {
		if err := k.After(ctx, tx, before, after); err != nil {
			return err
		}
	}
	entries, err := k.entries(action, changes, after)
	if err != nil {
		return err
	}
	told := slices.DeleteFunc(slices.Clone(own), func(column string) bool { return slices.Contains(k.Untold, column) })
	if before != nil && len(changes) == len(told) { // what was done to children is not undone
		if entries[0].Before, err = k.values(before, own); err != nil {
			return err
		}
		if entries[0].After, err = k.values(after, own); err != nil {
			return err
		}
	}
	return models.Record(ctx, tx, entries...)
}

// Record writes the same change of rows into the history of each.
func (k *Keeper[T]) Record(ctx context.Context, tx bun.Tx, action models.HistoryAction, changes []models.FieldChange, rows ...*T) error {
	entries, err := k.entries(action, changes, rows...)
	if err != nil {
		return err
	}
	return models.Record(ctx, tx, entries...)
}

// entries tell of the same change of rows, and keep each as it is now.
func (k *Keeper[T]) entries(action models.HistoryAction, changes []models.FieldChange, rows ...*T) ([]models.HistoryEntry, error) {
	entries := make([]models.HistoryEntry, len(rows))
	for i, row := range rows {
		entries[i] = k.entry(action, changes, row)
		version, err := json.Marshal(row)
		if err != nil {
			return nil, fmt.Errorf("keep version of %s: %w", k.table().Name, err)
		}
		entries[i].Version = version
	}
	return entries, nil
}

func (k *Keeper[T]) entry(action models.HistoryAction, changes []models.FieldChange, row *T) models.HistoryEntry {
	return models.HistoryEntry{
		At: k.now(), Model: k.slug(), ObjectID: k.id(row), ObjectLabel: k.label(row), Action: action, Changes: changes,
	}
}
