package listing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// spans tells whether a pick leaves a span of another column than the list is ordered by,
// or one choice of a list that is ordered by neither its column nor dates, which no index
// holds in that order.
func (s *State) spans(p Pick) bool {
	order := s.Order.Keys[0]
	if !p.Active() || p.Column.Field == order.Field || p.Index >= 0 && p.Choices[p.Index].IDs != "" {
		return false
	}
	dated := s.Of.Dates != nil && s.Of.Dates.Field == order.Field
	return p.Range != nil || p.Column.Kind.Traits(p.Column).Times || p.Default == "" && p.Index >= 0 && !dated && !order.Nullable
}

// spanned tells whether a pick, or the drill-down, spans another column than the order's.
func (s *State) spanned() bool {
	return slices.ContainsFunc(s.Picks, s.spans) || s.Drill.Year > 0 && s.Of.Dates.Field != s.Order.Keys[0].Field
}

// walked is src as SQLite must read it where a span leaves many rows. It takes any index
// on a condition for better than the order's, and would sort all that it finds: few rows
// are sorted, and of more the order is walked, with conditions that no index is asked for.
func (s *State) walked(ctx context.Context, db *bun.DB, src Source) (Source, error) {
	var n int
	found := s.Of.SelectFrom(db, src).ColumnExpr("1").Limit(commonWord)
	if err := db.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS found", found).Scan(ctx, &n); err != nil {
		return src, fmt.Errorf("count what to sort of %s: %w", s.Of.Name, err)
	}
	if n < commonWord {
		src.gather, src.cap = true, commonWord
		return src, nil
	}
	src.where = slices.Clone(src.where)
	for i := range src.where {
		for _, pick := range s.Picks {
			if s.spans(pick) {
				src.where[i].SQL = strings.ReplaceAll(src.where[i].SQL, pick.Column.SQL, "+"+pick.Column.SQL)
			}
		}
		if dates := s.Of.Dates; s.Drill.Year > 0 && dates.Field != s.Order.Keys[0].Field {
			src.where[i].SQL = strings.ReplaceAll(src.where[i].SQL, dates.SQL, "+"+dates.SQL)
		}
	}
	return src, nil
}

// newest narrows src to the rows in which words are looked for that no index knows. Of a
// join with these PostgreSQL would rather read the whole table.
func (t *Table) newest(db *bun.DB, src Source) Source {
	rows := Where(fmt.Sprintf("SELECT %s AS id FROM %s AS %s ORDER BY 1 DESC LIMIT ?", t.PK.SQL, t.Schema.SQLName, t.Schema.SQLAlias), NewestRows)
	src.Bounded = true
	if models.IsPostgres(db) {
		return src.With(Where(t.PK.SQL+" = ANY (ARRAY("+rows.SQL+"))", rows.Args...))
	}
	src.hits = &rows
	return src
}
