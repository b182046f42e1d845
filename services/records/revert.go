package records

import (
	"context"
	"digitalpath/models"
	"digitalpath/problem"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"
)

// Revert takes back what one act did to rows: those that it changed are again what they
// were, those that it added go into the trash, and those that it deleted come back from
// there. What somebody changed since, and what mail went out about, stays as it is.
// protected are columns that the actor may not change of a row, a *T.
func (k *Keeper[T]) Revert(ctx context.Context, act string, ids []int64, protected func(row any) []string) (undone models.Undone, err error) {
	err = models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) error {
		ctx = models.Undoing(ctx, act)
		entries, err := k.undoable(ctx, tx, act, ids)
		if err == nil && k.May != nil {
			entries, err = k.allowed(ctx, tx, entries, &undone)
		}
		if err != nil {
			return err
		}
		of := map[models.HistoryAction][]int64{}
		for _, entry := range entries {
			of[entry.Action] = append(of[entry.Action], entry.ObjectID)
		}
		if err := k.restoreOf(ctx, tx, act, of[models.HistoryDeleted], &undone); err != nil {
			return err
		}
		there := slices.Concat(of[models.HistoryAdded], of[models.HistoryChanged])
		if len(there) > 0 && k.UndoMail != nil {
			if undone.Mailed, err = k.UndoMail(ctx, tx, act, there); err != nil {
				return err
			}
			entries = slices.DeleteFunc(entries, func(e models.HistoryEntry) bool { return slices.Contains(undone.Mailed, e.ObjectID) })
		}
		if err := k.revertAll(ctx, tx, entries, protected, &undone); err != nil {
			return err
		}
		return k.removeAdded(ctx, tx, act, entries, &undone)
	})
	if err != nil {
		return models.Undone{}, err
	}
	return undone, nil
}

// allowed leaves out what was changed of rows that the actor may not change, and notes why.
func (k *Keeper[T]) allowed(ctx context.Context, tx bun.Tx, entries []models.HistoryEntry, undone *models.Undone) ([]models.HistoryEntry, error) {
	var changed []int64
	for _, entry := range entries {
		if entry.Action == models.HistoryChanged {
			changed = append(changed, entry.ObjectID)
		}
	}
	rows, err := k.read(ctx, tx, changed)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		err := k.may(ctx, tx, models.Change, row)
		why, refused := problem.As(err)
		if !refused && err != nil {
			return nil, err
		}
		if refused {
			undone.Refused = append(undone.Refused, why)
			entries = slices.DeleteFunc(entries, func(e models.HistoryEntry) bool { return e.ObjectID == k.id(row) })
		}
	}
	return entries, nil
}

// restoreOf brings back what an act deleted.
func (k *Keeper[T]) restoreOf(ctx context.Context, tx bun.Tx, act string, objects []int64, undone *models.Undone) error {
	if len(objects) == 0 {
		return nil
	}
	var ids []int64
	if err := tx.NewSelect().Model((*models.TrashedRow)(nil)).Column("id").Where("model = ?", k.slug()).Where("act = ?", act).
		Where("object_id IN (?)", bun.List(objects)).OrderExpr("id").Scan(ctx, &ids); err != nil {
		return fmt.Errorf("look into the trash: %w", err)
	}
	n, err := k.asManyAsCan(ctx, ids, undone, func(ctx context.Context, _ bun.Tx, ids []int64) (int, error) { return k.Restore(ctx, ids) })
	undone.Restored, undone.Rows = n, undone.Rows+n
	return err
}

// removeAdded puts what an act added into the trash, but for what was changed since.
func (k *Keeper[T]) removeAdded(ctx context.Context, tx bun.Tx, act string, entries []models.HistoryEntry, undone *models.Undone) error {
	labels := map[int64]string{}
	for _, entry := range entries {
		if entry.Action == models.HistoryAdded {
			labels[entry.ObjectID] = entry.ObjectLabel
		}
	}
	if len(labels) == 0 {
		return nil
	}
	var since []int64
	ids := slices.Sorted(maps.Keys(labels))
	if err := tx.NewSelect().TableExpr("history_entries AS added").ColumnExpr("DISTINCT later.object_id").
		Join("JOIN history_entries AS later ON later.model = added.model AND later.object_id = added.object_id").
		Where("added.model = ?", k.slug()).Where("added.object_id IN (?)", bun.List(ids)).Where("added.act = ?", act).Where("added.action = ?", models.HistoryAdded).
		Where("later.id > added.id").Where("later.act IS NULL OR later.act <> added.act").Scan(ctx, &since); err != nil {
		return fmt.Errorf("look for later changes: %w", err)
	}
	for _, id := range since {
		undone.Left = append(undone.Left, labels[id])
	}
	ids = slices.DeleteFunc(ids, func(id int64) bool { return slices.Contains(since, id) })
	n, err := k.asManyAsCan(ctx, ids, undone, func(ctx context.Context, tx bun.Tx, ids []int64) (int, error) {
		rows, err := k.DeleteIn(ctx, tx, ids)
		return len(rows), err
	})
	undone.Rows += n
	return err
}

// asManyAsCan does rows together or, where that is refused, one by one, and notes why those
// that refuse do.
func (k *Keeper[T]) asManyAsCan(ctx context.Context, ids []int64, undone *models.Undone, do func(context.Context, bun.Tx, []int64) (int, error)) (done int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	err = models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) (err error) {
		done, err = do(ctx, tx, ids)
		return err
	})
	p, refused := problem.As(err)
	switch {
	case !refused:
		return done, err
	case len(ids) == 1:
		undone.Refused = append(undone.Refused, p)
		return 0, nil
	}
	done = 0
	for i := range ids {
		n, err := k.asManyAsCan(ctx, ids[i:i+1], undone, do)
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// revertAll gives the rows of entries that tell of a change back what they were.
func (k *Keeper[T]) revertAll(ctx context.Context, tx bun.Tx, entries []models.HistoryEntry, protected func(row any) []string, undone *models.Undone) error {
	added := map[int64]bool{}
	var changed []int64
	for _, entry := range entries {
		switch entry.Action {
		case models.HistoryAdded:
			added[entry.ObjectID] = true // which goes with all that was changed of it
		case models.HistoryChanged:
			changed = append(changed, entry.ObjectID)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	rows, err := k.held(ctx, tx, changed)
	if err != nil {
		return err
	}
	was := map[int64]bool{} // what became of a row so far: an act may have changed it twice
	for _, entry := range entries {
		id := entry.ObjectID
		if reverted, known := was[id]; entry.Action != models.HistoryChanged || added[id] || known && !reverted {
			continue
		}
		var row *T
		err := models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) (err error) {
			row, err = k.revert(ctx, tx, rows[id], entry, protected)
			return err
		})
		_, refused := problem.As(inWords(err))
		switch {
		case refused:
			undone.Left = append(undone.Left, entry.ObjectLabel)
		case err != nil:
			return err
		case !was[id]:
			undone.Rows++
		}
		rows[id], was[id] = row, !refused
	}
	return nil
}
