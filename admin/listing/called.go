package listing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
)

// ByID fetches rows; ids that are gone are left out.
func (t *Table) ByID(ctx context.Context, db *bun.DB, ids []int64) ([]any, error) {
	return t.Fetch(ctx, db, func(q *bun.SelectQuery) {
		q.Where(t.PK.SQL+" IN (?)", bun.List(ids)).OrderExpr(t.PK.SQL)
	})
}

// ID is a row's primary key.
func (t *Table) ID(row any) int64 { return t.PK.Value(row).Int() }

// Called is the column by which people know a row: the Key, or else the id.
func (t *Table) Called() *kinds.Column {
	if t.Key == nil {
		return t.PK
	}
	return t.Key
}

// FirstByName reads the first rows with every word by what they are called, of those too
// that the list leaves out by default; where an index finds many, or that is their id, the
// list's newest ones.
func (s *State) FirstByName(ctx context.Context, db *bun.DB, limit int) ([]any, error) {
	named, _ := s.WithoutDefaults()
	if s.Of.Key == nil {
		return s.Newest(ctx, db, limit)
	}
	named.Order = s.Of.OrderBy(Key{s.Of.Key, false})
	rows, counts, err := named.Find(ctx, db)
	if err != nil {
		return nil, err
	}
	if rows.Bounded {
		rows.gather, rows.cap = true, NewestRows
		return named.Behind(ctx, db, rows.With(named.Conds(nil)...), nil, limit)
	}
	rows, few, err := named.source(ctx, db, rows, counts)
	if err != nil {
		return nil, err
	}
	if len(s.Words) > 0 && !few {
		return s.Newest(ctx, db, limit)
	}
	return named.Behind(ctx, db, rows, nil, limit)
}

// Labels are what forms and filters call rows, by id: their keys, with the id behind
// one that would not lead back to its row, as several have it or it reads like an id.
func (t *Table) Labels(ctx context.Context, db *bun.DB, rows []any) (map[int64]string, error) {
	labels, shared := map[int64]string{}, []string{}
	if t.Key == nil {
		for _, row := range rows {
			labels[t.ID(row)] = t.PK.Text(row)
		}
	}
	if len(rows) == 0 || t.Key == nil {
		return labels, nil
	}
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = t.Key.Text(row)
	}
	src := Source{}
	if t.indexed(t.Key) {
		src = src.With(t.leading...)
	}
	if err := t.SelectFrom(db, src).ColumnExpr(t.Key.SQL).Where(t.Key.SQL+" IN (?)", bun.List(keys)).
		GroupExpr(t.Key.SQL).Having("count(*) > 1").Scan(ctx, &shared); err != nil {
		return nil, fmt.Errorf("find what of %s is called alike: %w", t.Name, err)
	}
	for _, row := range rows {
		id, key := t.ID(row), t.Key.Text(row)
		labels[id] = key
		if key == "" || strings.Contains(key, kinds.RefMark) || slices.Contains(shared, key) {
			labels[id] = strings.TrimSpace(key + " " + kinds.RefMark + strconv.FormatInt(id, 10))
		}
	}
	return labels, nil
}

// Named finds rows by their label or, where none has it, by their key in any case, and
// then by a whole search column.
func (t *Table) Named(ctx context.Context, db *bun.DB, name string) ([]int64, error) {
	const called = "lower(?0) = lower(?1)"
	var steps []func(*bun.SelectQuery)
	if i := strings.LastIndex(name, " "+kinds.RefMark); i >= 0 && t.Key != nil {
		if id, ok := kinds.ParseID(name[i+len(" "+kinds.RefMark):]); ok {
			steps = append(steps, func(q *bun.SelectQuery) {
				q.Where(t.PK.SQL+" = ?", id).Where(t.Key.SQL+" = ?", name[:i])
			})
		}
	}
	keys := t.Texts
	if t.Key != nil {
		keys = []*kinds.Column{t.Key}
		steps = append(steps, func(q *bun.SelectQuery) { q.Where(t.Key.SQL+" = ?", name) })
	}
	for _, some := range [][]*kinds.Column{keys, t.Texts} {
		steps = append(steps, func(q *bun.SelectQuery) {
			for _, c := range some {
				q.WhereOr(called, bun.Safe(c.SQL), name)
			}
		})
	}
	for _, narrow := range steps {
		query := t.SelectFrom(db, Source{}).ColumnExpr(t.PK.SQL).Limit(2)
		narrow(query)
		var ids []int64
		if err := query.Scan(ctx, &ids); err != nil {
			return nil, fmt.Errorf("find %s by name: %w", t.Name, err)
		}
		if len(ids) > 0 {
			return ids, nil
		}
	}
	return nil, nil
}
