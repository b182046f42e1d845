package records

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Links are the values that a table of pairs ties to the row, in no order.
type Links[P any, V cmp.Ordered] struct {
	Name               string // in changes
	Table, Key, Column string
	Values             func(*P) *[]V
	Of                 func(*P, V) string // names a value in history; nil: itself
}

func (l Links[P, V]) read(ctx context.Context, db bun.IDB, parents map[int64]*P) error {
	var pairs []struct {
		Parent int64
		Value  V
	}
	args := new(models.Args)
	if err := db.NewSelect().Table(l.Table).ColumnExpr("? AS parent, ? AS value", bun.Ident(l.Key), bun.Ident(l.Column)).
		Where("? IN (?)", bun.Ident(l.Key), args.Among(keysOf(parents))).OrderExpr("?", bun.Ident(l.Column)).Scan(args.In(ctx), &pairs); err != nil {
		return fmt.Errorf("read %s: %w", l.Table, err)
	}
	for _, parent := range parents {
		*l.Values(parent) = []V{}
	}
	for _, pair := range pairs {
		values := l.Values(parents[pair.Parent])
		*values = append(*values, pair.Value)
	}
	return nil
}

func (l Links[P, V]) check(_ bun.IDB, _ int64, _ problem.Fields, _, after *P) error {
	values := l.Values(after)
	*values = slices.Compact(slices.Sorted(slices.Values(*values)))
	return nil
}

func (l Links[P, V]) save(ctx context.Context, tx bun.Tx, parent int64, before, after *P) error {
	old, now := *l.Values(before), *l.Values(after)
	gone := slices.DeleteFunc(slices.Clone(old), func(v V) bool { return slices.Contains(now, v) })
	if len(gone) > 0 {
		if _, err := tx.NewDelete().Table(l.Table).Where("? = ?", bun.Ident(l.Key), parent).
			Where("? IN (?)", bun.Ident(l.Column), bun.List(gone)).Exec(ctx); err != nil {
			return fmt.Errorf("delete from %s: %w", l.Table, err)
		}
	}
	var added []any
	for _, value := range now {
		if !slices.Contains(old, value) {
			added = append(added, bun.SafeQuery("(?, ?)", parent, value))
		}
	}
	if len(added) == 0 {
		return nil
	}
	if _, err := tx.NewRaw("INSERT INTO ? (?, ?) VALUES ?", bun.Ident(l.Table), bun.Ident(l.Key), bun.Ident(l.Column), bun.List(added)).Exec(ctx); err != nil {
		return fmt.Errorf("add to %s: %w", l.Table, err)
	}
	return nil
}

func (l Links[P, V]) changes(_ bun.IDB, before, after *P) []models.FieldChange {
	from, to := l.names(before, after), l.names(after, after)
	if from == to {
		return nil
	}
	return []models.FieldChange{{Field: l.Name, From: from, To: to}}
}

// names are the values of row in words, as namer knows them.
func (l Links[P, V]) names(row, namer *P) string {
	texts := make([]string, len(*l.Values(row)))
	for i, value := range slices.Sorted(slices.Values(*l.Values(row))) {
		if texts[i] = fmt.Sprint(value); l.Of != nil {
			texts[i] = l.Of(namer, value)
		}
	}
	return strings.Join(texts, ", ")
}
