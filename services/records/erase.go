package records

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// Held is what a keeper has of somebody: rows, and rows of the trash by their ids there.
type Held struct{ Rows, Trashed []int64 }

// HeldOf finds what the keeper has under some addresses, in lower case, and what find
// selects besides where it is given.
func (k *Keeper[T]) HeldOf(ctx context.Context, db bun.IDB, addresses []string, find func(*bun.SelectQuery) *bun.SelectQuery) (Held, error) {
	var held Held
	query := db.NewSelect().Model((*T)(nil)).Column("id").Where("lower(email) IN (?)", bun.List(addresses)).OrderExpr("id")
	if find != nil {
		query = find(query)
	}
	if err := query.Scan(ctx, &held.Rows); err != nil {
		return held, fmt.Errorf("look for somebody in %s: %w", k.table().Name, err)
	}
	email := "json_extract(snapshot, '$.tables[0].rows[0].email')"
	if models.IsPostgres(db) {
		email = "snapshot #>> '{tables,0,rows,0,email}'"
	}
	if err := db.NewSelect().Model((*models.TrashedRow)(nil)).Column("id").Where("model = ?", k.slug()).
		Where("lower("+email+") IN (?)", bun.List(addresses)).OrderExpr("id").Scan(ctx, &held.Trashed); err != nil {
		return held, fmt.Errorf("look for somebody in the trash: %w", err)
	}
	return held, nil
}

// Erase deletes rows for good, whether they are in the trash or not, with all that is
// theirs and what the history tells of their content. It returns what they were called.
func (k *Keeper[T]) Erase(ctx context.Context, tx bun.Tx, held Held) ([]string, error) {
	if err := k.lock(ctx, tx, held.Rows); err != nil {
		return nil, err
	}
	var rows []*T
	if err := tx.NewSelect().Model(&rows).Where("id IN (?)", bun.List(held.Rows)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read %s: %w", k.table().Name, err)
	}
	var names []string
	for _, row := range rows {
		if err := k.may(ctx, tx, models.Purge, row); err != nil {
			return nil, err
		}
		names = append(names, k.label(row))
	}
	trash, err := k.take(ctx, tx, held.Trashed)
	if err != nil {
		return nil, err
	}
	ids := held.Rows
	for _, thrown := range trash {
		ids, names = append(ids, thrown.ObjectID), append(names, thrown.ObjectLabel)
	}
	if err := k.remove(ctx, tx, held.Rows); err != nil {
		return nil, err
	}
	return names, k.forget(ctx, tx, ids)
}

// forget deletes what the history tells of the content of rows that are gone, and
// records that they were.
func (k *Keeper[T]) forget(ctx context.Context, tx bun.Tx, ids []int64) error {
	if err := k.erase(ctx, tx, ids); err != nil {
		return err
	}
	entries := make([]models.HistoryEntry, len(ids))
	for i, id := range ids {
		entries[i] = models.HistoryEntry{
			At: k.now(), Model: k.slug(), ObjectID: id, ObjectLabel: fmt.Sprintf("#%d", id), Action: models.HistoryDeleted,
		}
	}
	return models.Record(ctx, tx, entries...)
}

// erase deletes what the history tells of the content of rows.
func (k *Keeper[T]) erase(ctx context.Context, tx bun.Tx, ids []int64) error {
	if _, err := tx.NewUpdate().Model((*models.HistoryEntry)(nil)).Set("object_label = '#' || object_id").Set("changes = '[]'").
		Set("version = NULL").Set("before = NULL").Set("after = NULL").Where("model = ?", k.slug()).Where("object_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return fmt.Errorf("erase history: %w", err)
	}
	return nil
}
