package records

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// purgeBatch is how many rows leave the trash in one statement.
const purgeBatch = 500

// Delete moves rows into the trash, with everything that goes with them, and returns
// how many there were. All or none.
func (k *Keeper[T]) Delete(ctx context.Context, ids []int64) (deleted int, err error) {
	err = models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) error {
		rows, err := k.DeleteIn(ctx, tx, ids)
		deleted = len(rows)
		return err
	})
	return deleted, err
}

// DeleteIn is Delete as a part of a transaction; it returns what was deleted.
func (k *Keeper[T]) DeleteIn(ctx context.Context, tx bun.Tx, ids []int64) ([]*T, error) {
	if err := k.lock(ctx, tx, ids); err != nil {
		return nil, err
	}
	rows, err := k.read(ctx, tx, ids)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	there := make([]int64, len(rows))
	for i, row := range rows {
		if err := k.may(ctx, tx, models.Delete, row); err != nil {
			return nil, err
		}
		there[i] = k.id(row)
	}
	if err := k.discard(ctx, tx, rows, there); err != nil {
		return nil, err
	}
	entries := make([]models.HistoryEntry, len(rows))
	for i, row := range rows {
		var changes []models.FieldChange
		if !k.Discreet {
			changes, _ = k.changes(row, nil)
		}
		entries[i] = k.entry(models.HistoryDeleted, changes, row)
		if k.After != nil {
			if err := k.After(ctx, tx, row, nil); err != nil {
				return nil, err
			}
		}
	}
	return rows, models.Record(ctx, tx, entries...)
}

// discard keeps rows in the trash and deletes them.
func (k *Keeper[T]) discard(ctx context.Context, tx bun.Tx, rows []*T, ids []int64) error {
	snapshots, err := collect(ctx, tx, k.table().Name, ids, k.Owned)
	if err != nil {
		return err
	}
	trash := make([]models.TrashedRow, len(rows))
	for i, row := range rows {
		content, err := json.Marshal(snapshots[ids[i]])
		if err != nil {
			return fmt.Errorf("keep %s: %w", k.table().Name, err)
		}
		trash[i] = models.TrashedRow{
			Model: k.slug(), ObjectID: ids[i], ObjectLabel: models.Truncate(k.label(row), 255), Snapshot: content,
			Act: models.ActOf(ctx), DeletedAt: k.now(),
		}
		if user := models.ActorOf(ctx).User; user != nil {
			trash[i].Username = user.Username
		}
	}
	if _, err := tx.NewInsert().Model(&trash).Exec(ctx); err != nil {
		return fmt.Errorf("put into the trash: %w", err)
	}
	return k.remove(ctx, tx, ids)
}

// remove deletes rows with what is theirs.
func (k *Keeper[T]) remove(ctx context.Context, tx bun.Tx, ids []int64) error {
	for _, owned := range k.Owned {
		query := tx.NewDelete().Table(owned.Table).Where("? IN (?)", bun.Ident(owned.Column), bun.List(ids))
		if owned.Where != "" {
			query.Where(owned.Where, owned.Args...)
		}
		if _, err := query.Exec(ctx); err != nil {
			return fmt.Errorf("delete from %s: %w", owned.Table, err)
		}
	}
	if _, err := tx.NewDelete().Model((*T)(nil)).Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return fmt.Errorf("delete from %s: %w", k.table().Name, err)
	}
	return nil
}

// Restore brings rows back from the trash, by the ids that they have there, and returns
// how many. All or none: what stands in the way is a problem.Conflict.
func (k *Keeper[T]) Restore(ctx context.Context, ids []int64) (int, error) {
	ctx = models.WithSummary(ctx, "Restored")
	restored := 0
	err := models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) error {
		trash, err := k.take(ctx, tx, ids)
		if err != nil || len(trash) == 0 {
			return err
		}
		if err := k.putBack(ctx, trash); err != nil {
			return err
		}
		back := make([]int64, len(trash))
		for i, thrown := range trash {
			back[i] = thrown.ObjectID
		}
		rows, err := k.read(ctx, tx, back)
		if err != nil {
			return err
		}
		if len(rows) < len(back) {
			return notSeen()
		}
		for _, row := range rows {
			if err := k.may(ctx, tx, models.Delete, row); err != nil {
				return err
			}
		}
		if k.Restored != nil {
			if err := k.Restored(ctx, tx, rows); err != nil {
				return err
			}
		}
		restored = len(rows)
		return k.Record(ctx, tx, models.HistoryAdded, nil, rows...)
	})
	return restored, err
}

// putBack stores rows of the trash again, all at once. Where something is in the way,
// it tries them one by one to name it.
func (k *Keeper[T]) putBack(ctx context.Context, trash []models.TrashedRow) error {
	whole := new(snapshot)
	for _, thrown := range trash {
		if err := whole.read(thrown.Snapshot); err != nil {
			return err
		}
	}
	err := models.InTx(ctx, k.DB, whole.putBack)
	_, conflict := problem.As(err)
	switch {
	case err == nil || !conflict && !models.IsUniqueViolation(err):
		return err
	case len(trash) == 1:
		return inTheWay(trash[0], err)
	}
	for i := range trash {
		if err := k.putBack(ctx, trash[i:i+1]); err != nil {
			return err
		}
	}
	return err
}

// inTheWay names the trashed row whose restoring failed on what is there now.
func inTheWay(thrown models.TrashedRow, err error) error {
	if p, ok := problem.As(err); ok {
		return problem.New(p.Kind, p.Code, "%s cannot be restored: it belongs to something that is not there any more.", thrown.ObjectLabel)
	}
	if models.IsUniqueViolation(err) {
		return problem.New(problem.Conflict, "conflict", "%s cannot be restored: something else has its %s now.", thrown.ObjectLabel, models.Violated(err))
	}
	return err
}

// Purge deletes rows of the trash for good, by the ids that they have there, and what
// their history tells of their content: that they were, and who did what when, stays.
func (k *Keeper[T]) Purge(ctx context.Context, ids []int64) (int, error) {
	ctx = models.WithSummary(ctx, "Deleted for good")
	purged := 0
	err := models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) error {
		trash, err := k.take(ctx, tx, ids)
		if err != nil || len(trash) == 0 {
			return err
		}
		purged = len(trash)
		objects := make([]int64, len(trash))
		for i, thrown := range trash {
			objects[i] = thrown.ObjectID
		}
		return k.forget(ctx, tx, objects)
	})
	return purged, err
}

// take takes rows of the model out of the trash.
func (k *Keeper[T]) take(ctx context.Context, tx bun.Tx, ids []int64) ([]models.TrashedRow, error) {
	var trash []models.TrashedRow
	if _, err := tx.NewDelete().Model(&trash).Where("model = ?", k.slug()).Where("id IN (?)", bun.List(ids)).
		Returning("id, model, object_id, object_label, snapshot").Exec(ctx); err != nil {
		return nil, fmt.Errorf("take out of the trash: %w", err)
	}
	slices.SortFunc(trash, func(a, b models.TrashedRow) int { return int(a.ID - b.ID) })
	return trash, nil
}

// ForgetTrash deletes what was deleted before a time for good, a few rows at a time.
func ForgetTrash(ctx context.Context, db *bun.DB, before time.Time) error {
	for {
		old := db.NewSelect().Model((*models.TrashedRow)(nil)).Column("id").Where("deleted_at < ?", before).Limit(purgeBatch)
		result, err := db.NewDelete().Model((*models.TrashedRow)(nil)).Where("id IN (?)", old).Exec(ctx)
		if err != nil {
			return fmt.Errorf("empty the trash: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n < purgeBatch {
			return err
		}
	}
}
