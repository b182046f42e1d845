package models

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// period is the part of time that row_counts tells rows apart by: a quarter of an hour, as
// the days of every zone begin with one.
const period = 15 * 60 // seconds

// KeptCounts are the counts that triggers keep of a table's rows by what these have in
// common, whenever they were created: of each of the parts that has rows.
func KeptCounts(ctx context.Context, db *bun.DB, table string, parts ...string) (map[string]int, error) {
	var groups []struct {
		Part  string
		Count int
	}
	args := new(Args)
	if err := db.NewSelect().TableExpr("row_counts").ColumnExpr("part, CAST(sum(number) AS bigint) AS count").
		Where("subject = ?", args.Of(table)).Where("part IN (?)", bun.List(parts)).Where("period = 0").GroupExpr("part").Scan(args.In(ctx), &groups); err != nil {
		return nil, fmt.Errorf("read counts of %s: %w", table, err)
	}
	counts := map[string]int{}
	for _, group := range groups {
		counts[group.Part] = group.Count
	}
	return counts, nil
}

// KeptBetween are the counts of a part of a table's rows that were created from each edge
// to the next. They cost the same whatever the number of rows.
func KeptBetween(ctx context.Context, db *bun.DB, table, part string, edges ...time.Time) (counts []int, err error) {
	type span struct{ Number, First, Next int64 }
	spans := make([]span, len(edges)-1)
	for i := range spans {
		spans[i] = span{int64(i), edges[i].Unix() / period, edges[i+1].Unix() / period}
	}
	args := new(Args)
	within := db.NewSelect().TableExpr("row_counts").ColumnExpr("CAST(coalesce(sum(row_counts.number), 0) AS bigint)").
		Where("subject = ?", args.Of(table)).Where("part = ?", args.Of(part)).Where("period >= spans.first").Where("period < spans.next")
	if err := db.NewSelect().With("spans", args.Rows(db, &spans)).TableExpr("spans").ColumnExpr("(?)", within).
		OrderExpr("spans.number").Scan(args.In(ctx), &counts); err != nil {
		return nil, fmt.Errorf("read counts of %s: %w", table, err)
	}
	return counts, nil
}
