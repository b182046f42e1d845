package listing

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// opens tells whether a page is read from an end of the list.
func (s *State) opens() bool { return s.Place == nil && s.Page <= 1 }

// walked is src as a page is read of many rows in the order of an index: few that one
// condition leaves are sorted; where each leaves many, the order leads.
func (s *State) walked(src Source) Source {
	lead := s.leading(nil)
	switch {
	case lead == nil || !s.led:
	case lead.rows < commonWord && !(s.opens() && s.strays(src) && s.dated()):
		src.gather, src.cap = true, commonWord
	case lead.column.Field != s.Order.Keys[s.sorts()].Field:
		src.where = unled(src.where, lead.column)
	}
	return src
}

const (
	// nearRows is how far an order is followed past rows that filters leave out.
	nearRows = 2000
	// nearDated is how far where its index tells which these are.
	nearDated = 10_000
)

// dated tells whether the index of the order tells which rows the filters leave: it has the
// dates too, and nothing else is filtered by.
func (s *State) dated() bool {
	order := s.Order.Keys[s.sorts()].Column
	return s.Of.dated(order) && !slices.ContainsFunc(s.Picks, func(p Pick) bool {
		return p.Default == "" && p.Active() && p.Column != s.Of.Dates && p.Column.Field != order.Field
	})
}

// near is how far the order is followed.
func (s *State) near() int64 {
	if s.dated() {
		return nearDated
	}
	return nearRows
}

// strays tells whether nobody knows how far the order leads past rows that the filters leave
// out.
func (s *State) strays(src Source) bool {
	order := s.Order.Keys[s.sorts()].Column
	return s.filtered(nil) && len(s.Words) == 0 && s.Order.Indexed && !src.gather &&
		order.Field != s.OwnOrder().Keys[0].Field && len(s.parts()) == 1 && !slices.ContainsFunc(s.Picks, func(p Pick) bool {
		return p.Active() && p.shares() && s.Of.together(p.Column, order)
	})
}

// fetchNear reads the first page from the first rows of the order; far tells that it
// reaches beyond.
func (s *State) fetchNear(ctx context.Context, db *bun.DB, src Source) (rows []any, far bool, err error) {
	for _, part := range s.stretches() {
		near, last, err := s.last(ctx, db, part)
		if err != nil {
			return nil, false, fmt.Errorf("find how far to list %s: %w", s.Of.Name, err)
		}
		first := src.With(near...)
		if last && models.IsPostgres(db) { // it would read all that the filters leave, and sort that
			first.begin = s.begin(db, s.near(), part.where...)
		}
		more, err := s.fetchStretches(ctx, db, first, []stretch{part}, 0)
		if err != nil {
			return nil, false, fmt.Errorf("list %s: %w", s.Of.Name, err)
		}
		if rows = append(rows, more...); len(rows) > s.Size || last {
			return rows[:min(len(rows), s.Size+1)], len(rows) <= s.Size, nil
		}
	}
	return rows, false, nil
}

// last is the condition that rows are among the first ones of a stretch; found is
// false where it has no more.
func (s *State) last(ctx context.Context, db *bun.DB, part stretch) (near []Cond, found bool, err error) {
	plain, one := *s.Of, *s
	plain.Complete, plain.Through = nil, nil
	one.Of, one.Size = &plain, 0
	rows, err := one.fetchStretches(ctx, db, Source{}.With(s.defaults()...), []stretch{part}, s.near())
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	from := s.sorts()
	if part.nulls {
		from = max(1, from)
	}
	return []Cond{s.Order.seek(from, s.Order.Place(rows[0]), !s.Reverse)}, true, nil
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
	return len(s.Words) > 0 && !s.filtered(nil) && s.Order.Indexed && !s.Order.Keys[0].Nullable && s.opens() && !s.Last && len(s.parts()) == 1
}

// begin selects the first rows of the list's order, or of a stretch of it, whatever filters them.
func (s *State) begin(db *bun.DB, limit int64, stretch ...Cond) *bun.SelectQuery {
	query := s.Of.SelectFrom(db, Source{}.With(append(s.defaults(), stretch...)...)).ColumnExpr("?.*", s.Of.Schema.SQLAlias).Limit(limit)
	for _, key := range s.Order.Keys {
		query.OrderExpr(key.SQL + key.direction(s.Reverse))
	}
	return query
}

// fetchBegin reads the first page from the list's first rows or, where few of these have
// the words, from all that do, if they are less than commonWord; else none. PostgreSQL
// guesses from a hundred texts how many rows have a word, and would walk past 25,000 for a
// page of one that 2,000 have.
func (s *State) fetchBegin(ctx context.Context, db *bun.DB, src Source) ([]any, error) {
	first := src
	first.begin = s.begin(db, beginRows)
	rows, err := s.fetchRows(ctx, db, first)
	switch {
	case err != nil || len(rows) > s.Size:
		return rows, err
	case len(rows) >= rareRows: // it is a common word
		return nil, nil
	}
	src.gather, src.whole, src.cap = true, true, commonWord
	return s.fetchRows(ctx, db, src)
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
