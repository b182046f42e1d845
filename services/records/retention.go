package records

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// RetentionSlug names in the history what was removed because it was old.
const RetentionSlug = "retention"

// Aged is what of a table is too old to be kept.
type Aged struct {
	What string // names it in the history
	// Find selects the ids of the rows.
	Find func(db bun.IDB) *bun.SelectQuery
	// Lock is called before the rows are locked, where others lock more, and earlier; nil:
	// nobody does.
	Lock func(ctx context.Context, tx bun.Tx, ids []int64) error
	// Remove deletes the rows.
	Remove func(ctx context.Context, tx bun.Tx, ids []int64) error
}

// RemoveOld removes what is too old, a few rows in a transaction, and tells the history
// in one entry how many there were. Where another process is at the same rows it leaves
// them to that one.
func RemoveOld(ctx context.Context, db *bun.DB, now time.Time, aged Aged) error {
	entries, total := []models.HistoryEntry{{
		At: now, Model: RetentionSlug, ObjectLabel: aged.What, Action: models.HistoryDeleted, Summary: "Removed by age",
	}}, 0
	for {
		found, removed := 0, 0
		err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
			if found, removed, err = aged.batch(ctx, tx); err != nil || removed == 0 {
				return err
			}
			total += removed
			return tell(ctx, tx, entries, total)
		})
		if err != nil {
			return fmt.Errorf("remove old %s: %w", aged.What, err)
		}
		if found < purgeBatch || removed == 0 {
			return nil
		}
	}
}

// batch removes a few of the rows and returns how many it found, and removed.
func (a Aged) batch(ctx context.Context, tx bun.Tx) (found, removed int, err error) {
	var old, ids []int64
	if err := a.Find(tx).Limit(purgeBatch).Scan(ctx, &old); err != nil || len(old) == 0 {
		return 0, 0, err
	}
	if a.Lock != nil {
		if err := a.Lock(ctx, tx, old); err != nil {
			return 0, 0, err
		}
	}
	query := a.Find(tx).Where("id IN (?)", bun.List(old)).OrderExpr("id")
	if models.IsPostgres(tx) {
		query.For("UPDATE SKIP LOCKED")
	}
	if err := query.Scan(ctx, &ids); err != nil || len(ids) == 0 {
		return len(old), 0, err
	}
	return len(old), len(ids), a.Remove(ctx, tx, ids)
}

// tell keeps the one entry of a removal true with each batch, so that a process which is
// killed between two leaves none untold.
func tell(ctx context.Context, tx bun.Tx, entries []models.HistoryEntry, total int) error {
	entry := &entries[0]
	entry.Changes = []models.FieldChange{{Field: "count", From: strconv.Itoa(total)}}
	if entry.ID == 0 {
		return models.Record(models.WithActor(ctx, models.Actor{Channel: models.ChannelSystem}), tx, entries...)
	}
	if _, err := tx.NewUpdate().Model(entry).Column("changes").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("tell of what was removed: %w", err)
	}
	return nil
}

// Aged is what of the keeper's rows find selects. They are removed for good, with what
// is theirs and what the history tells of their content, and do not go into the trash.
func (k *Keeper[T]) Aged(what string, find func(*bun.SelectQuery) *bun.SelectQuery) Aged {
	return Aged{
		What: what,
		Find: func(db bun.IDB) *bun.SelectQuery { return find(db.NewSelect().Model((*T)(nil)).Column("id")) },
		Lock: k.lock,
		Remove: func(ctx context.Context, tx bun.Tx, ids []int64) error {
			if err := k.remove(ctx, tx, ids); err != nil {
				return err
			}
			return k.erase(ctx, tx, ids)
		},
	}
}

// OldSpam are the rows that came before a time and have been spam since, or longer: what
// was marked by mistake stays to be found for as long as any.
func (k *Keeper[T]) OldSpam(what string, before time.Time) Aged {
	return k.Aged(what, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("is_spam = ?", true).Where("created_at < ?", before).Where("updated_at < ?", before)
	})
}

// AgedRows is what of a table without a keeper find selects.
func AgedRows[T any](what string, find func(*bun.SelectQuery) *bun.SelectQuery) Aged {
	return Aged{
		What: what,
		Find: func(db bun.IDB) *bun.SelectQuery { return find(db.NewSelect().Model((*T)(nil)).Column("id")) },
		Remove: func(ctx context.Context, tx bun.Tx, ids []int64) error {
			_, err := tx.NewDelete().Model((*T)(nil)).Where("id IN (?)", bun.List(ids)).Exec(ctx)
			return err
		},
	}
}
