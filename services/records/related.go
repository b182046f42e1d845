package records

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// Related counts, up to models.RelatedCap of each table, what else the deletion of rows
// changes, as the foreign keys say, with what goes with the rows that go with them.
func (k *Keeper[T]) Related(ctx context.Context, ids []int64) ([]models.Related, error) {
	keys, err := foreignKeys(ctx, k.DB)
	if err != nil {
		return nil, err
	}
	c := &counter{db: k.DB, keys: keys, seen: map[string]map[int64]bool{}}
	table := k.table().Name
	if err := c.below(ctx, table, c.unseen(table, ids), k.Owned); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(c.all, func(r models.Related) bool { return r.Count == 0 }), nil
}

// counter counts the rows that a deletion changes.
type counter struct {
	db   bun.IDB
	keys []foreignKey
	seen map[string]map[int64]bool // by table, the ids of rows that go
	all  []models.Related
}

// unseen are those of the ids that are new, and not any more.
func (c *counter) unseen(table string, ids []int64) []int64 {
	if c.seen[table] == nil {
		c.seen[table] = map[int64]bool{}
	}
	fresh := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return c.seen[table][id] })
	for _, id := range fresh {
		c.seen[table][id] = true
	}
	return fresh
}

// below counts what belongs to rows of a table that go: in one statement, but for rows
// that go themselves and have what belongs to them.
func (c *counter) below(ctx context.Context, table string, ids []int64, owned []Owned) error {
	if len(ids) == 0 {
		return nil
	}
	args, query := new(models.Args), c.db.NewSelect()
	var found []models.Related
	var counts []any
	count := func(owned Owned, effect models.DeleteEffect) {
		rows := c.db.NewSelect().Table(owned.Table).ColumnExpr("1").Where("? IN (?)", bun.Ident(owned.Column), args.Among(ids))
		query.ColumnExpr("(SELECT count(*) FROM (?) AS found)", owned.narrow(rows).Limit(models.RelatedCap+1))
		found, counts = append(found, models.Related{Table: owned.Table, Effect: effect}), append(counts, new(int))
	}
	var parents []foreignKey
	effects := map[string]models.DeleteEffect{cascade: models.DeletedToo, setNull: models.LosesReference}
	for _, key := range c.keys {
		switch {
		case key.Parent != table:
		case key.OnDelete == cascade && slices.ContainsFunc(c.keys, func(other foreignKey) bool { return other.Parent == key.Table }):
			parents = append(parents, key)
		default:
			count(Owned{Table: key.Table, Column: key.Column}, effects[key.OnDelete])
		}
	}
	for _, some := range owned {
		count(some, models.DeletedToo)
	}
	if len(counts) > 0 {
		if err := query.Scan(args.In(ctx), counts...); err != nil {
			return fmt.Errorf("count what belongs to %s: %w", table, err)
		}
	}
	for i, related := range found {
		c.add(related.Table, *counts[i].(*int), related.Effect)
	}
	for _, key := range parents {
		if err := c.through(ctx, key, ids); err != nil {
			return err
		}
	}
	return nil
}

// through counts the rows that go by a foreign key, and what belongs to them.
func (c *counter) through(ctx context.Context, key foreignKey, ids []int64) error {
	var found []int64
	err := c.db.NewSelect().Table(key.Table).Column("id").Where("? IN (?)", bun.Ident(key.Column), bun.List(ids)).Limit(models.RelatedCap+1).Scan(ctx, &found)
	if err != nil {
		return fmt.Errorf("look for what goes of %s: %w", key.Table, err)
	}
	fresh := c.unseen(key.Table, found)
	c.add(key.Table, len(fresh), models.DeletedToo)
	return c.below(ctx, key.Table, fresh, nil)
}

func (c *counter) add(table string, n int, effect models.DeleteEffect) {
	i := slices.IndexFunc(c.all, func(known models.Related) bool { return known.Table == table && known.Effect == effect })
	if i < 0 {
		i, c.all = len(c.all), append(c.all, models.Related{Table: table, Effect: effect})
	}
	n += c.all[i].Count
	c.all[i].Count, c.all[i].More = min(n, models.RelatedCap), c.all[i].More || n > models.RelatedCap
}
