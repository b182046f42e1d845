package listing

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Beside is what stands beside a row in a list.
type Beside struct {
	Previous, Next int64 // ids; 0: none
	Before, After  int   // how many, up to CountCap
	Here           bool  // the row itself is in the list
}

// Beside looks beside the place that row has in the list's order, whether the list
// still has it or not. Where the rows and their counts are, Find says.
func (s *State) Beside(ctx context.Context, db *bun.DB, rows, counts Source, row any) (*Beside, error) {
	rows, _, err := s.source(ctx, db, rows, counts)
	if err != nil {
		return nil, err
	}
	after, before := *s, *s
	after.Place, after.Page, after.Last, after.Reverse = s.Order.Place(row), 0, false, false
	before.Place, before.Page, before.Last, before.Reverse = after.Place, 0, false, true
	b, limit := &Beside{}, int64(CountCap)+1
	itself := s.Of.SelectFrom(db, rows.With(Where(s.Of.PK.SQL+" = ?", s.Of.PK.Value(row).Int()))).ColumnExpr("count(*) > 0")
	err = db.NewSelect().With("rows_before", before.keys(db, rows, before.stretches(), 0, limit)).
		With("rows_after", after.keys(db, rows, after.stretches(), 0, limit)).
		ColumnExpr("(?)", before.nearest(db, "rows_before")).ColumnExpr("(?)", after.nearest(db, "rows_after")).
		ColumnExpr("(SELECT count(*) FROM rows_before)").ColumnExpr("(SELECT count(*) FROM rows_after)").ColumnExpr("(?)", itself).
		Scan(ctx, &b.Previous, &b.Next, &b.Before, &b.After, &b.Here)
	if err != nil {
		return nil, fmt.Errorf("look beside a row of %s: %w", s.Of.Name, err)
	}
	return b, nil
}

// Around reads at most limit rows on either side of the place that row has, each in the
// list's order.
func (s *State) Around(ctx context.Context, db *bun.DB, rows, counts Source, row any, limit int) (before, after []any, err error) {
	if rows, _, err = s.source(ctx, db, rows, counts); err != nil {
		return nil, nil, err
	}
	place := s.Order.Place(row)
	if before, err = s.step(ctx, db, rows, place, limit, true); err != nil {
		return nil, nil, err
	}
	slices.Reverse(before)
	after, err = s.step(ctx, db, rows, place, limit, false)
	return before, after, err
}

// source is where the rows are that the list shows, found as the list finds them: it
// collects few rows before it sorts them. Of a list that nothing narrows, few says nothing.
func (s *State) source(ctx context.Context, db *bun.DB, rows, counts Source) (src Source, few bool, err error) {
	if s.narrowed(nil) {
		totals, err := Totals(ctx, db, []*State{s}, []Source{counts})
		if err != nil {
			return rows, false, err
		}
		if few = !totals[0].Capped; few {
			rows, rows.gather = counts, true
		}
	}
	if rows = rows.With(s.Conds(nil)...); !few {
		if rows = s.walked(rows); s.strays(rows) {
			if _, err = s.SortFew(ctx, db, counts); err != nil { // as its list does
				return rows, false, err
			}
		}
	}
	return s.sortable(rows), few, nil
}

// nearest selects the id of the first of keys, 0 where there is none.
func (s *State) nearest(db *bun.DB, keys string) *bun.SelectQuery {
	first := db.NewSelect().ColumnExpr(s.idKey()).TableExpr(keys).OrderExpr("rank, " + s.Order.terms(s.Reverse)).Limit(1)
	return db.NewSelect().ColumnExpr("COALESCE((?), 0)", first)
}
