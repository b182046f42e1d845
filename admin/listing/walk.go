package listing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
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

const (
	// beginRows is how many of its first rows a long list is looked through for words.
	beginRows = 1000
	// rareRows is how many of them have a word that is not rare: a page of 50 is met soon.
	rareRows = 5
)

// searchesAll tells whether s is the first page of a long list, in the order of an index,
// that nothing narrows but words.
func (s *State) searchesAll() bool {
	return len(s.Words) > 0 && !s.filtered(nil) && s.Order.Indexed && !s.Order.Keys[0].Nullable && s.Place == nil && s.Page <= 1 && !s.Last && len(s.parts()) == 1
}

// fetchBegin reads the first page from the list's first rows or, where few of these have
// the words, from all that do, if they are less than commonWord; else none. PostgreSQL
// guesses from a hundred texts how many rows have a word, and would walk past 25,000 for a
// page of one that 2,000 have.
func (s *State) fetchBegin(ctx context.Context, db *bun.DB, src Source) ([]any, error) {
	begin := s.Of.SelectFrom(db, Source{}.With(s.defaults()...)).ColumnExpr("?.*", s.Of.Schema.SQLAlias).Limit(beginRows)
	for _, key := range s.Order.Keys {
		begin.OrderExpr(key.SQL + key.direction(false))
	}
	first := src
	first.begin = begin
	rows, err := s.fetchRows(ctx, db, first)
	switch {
	case err != nil || len(rows) > s.Size:
		return rows, err
	case len(rows) == 0 || len(rows) >= rareRows: // it may be a word of old rows, or is a common one
		return nil, nil
	}
	src.gather, src.whole, src.cap = true, true, commonWord
	return s.fetchRows(ctx, db, src)
}

// lead is the column by whose index rows are found: those of one choice, or those of a span.
type lead struct {
	*kinds.Column
	span bool
	of   *kinds.Column // of which a choice applies, rather than what the filters say; nil: none
}

// lead is what leads to the rows that the filters leave but for except's: a span before a
// choice, and dates where nothing else does.
func (s *State) lead(except *kinds.Column) lead {
	found := lead{s.Of.Dates, true, nil}
	if s.Drill.Year > 0 {
		return found
	}
	for _, pick := range s.Picks {
		span := pick.Range != nil || pick.Column.Kind.Traits(pick.Column).Times
		if pick.Column != except && pick.Default == "" && pick.Active() && s.Of.indexed(pick.Column) && (span || found.Column == s.Of.Dates) {
			found = lead{pick.Column, span, nil}
		}
	}
	return found
}

// along finds rows of src in the order of the index that leads to them. PostgreSQL takes
// what a condition leaves for spread evenly over the table: to count a thousand rows it would
// rather read the table, and past all that lies before them.
func (s *State) along(db *bun.DB, src Source, to lead) *bun.SelectQuery {
	query := s.Of.SelectFrom(db, src)
	if !models.IsPostgres(db) || len(s.Words) > 0 || src.hits != nil || to.Column == nil || !s.Of.indexed(to.Column) {
		return query
	}
	for _, pick := range s.Picks {
		if pick.Default != "" && pick.Index < 0 && pick.Column != to.of {
			query.OrderExpr(pick.Column.SQL) // indexes begin with it
		}
	}
	keys := s.Of.natural(Key{to.Column, false})
	if !to.span {
		keys = keys[1:] // which rows of one choice share
	}
	for _, key := range keys {
		query.OrderExpr(key.SQL)
	}
	return query
}

// Having finds the rows that the filters leave of which a column has a value.
func (s *State) Having(db *bun.DB, c *kinds.Column, value string) *bun.SelectQuery {
	return s.along(db, Source{}.With(append(s.Conds(nil), Where(c.SQL+" = ?", value))...), lead{c, false, c})
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
