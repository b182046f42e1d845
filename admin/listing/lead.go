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

// size is how many rows a condition of a list leaves by itself, up to commonWord.
type size struct {
	column  *kinds.Column
	rows    int
	shared  bool // all have one value
	span    bool // of a time
	drilled bool // by the drill-down, and not by a filter
	src     Source
}

// measure counts what each condition leaves where SQLite could be led by several, or by
// another than the order's: it takes what equals a value for better than a span, and any
// condition for better than the order, however many rows that leaves.
func (s *State) measure(ctx context.Context, db *bun.DB) error {
	s.sizes, s.led = nil, false
	if len(s.Words) > 0 {
		return nil
	}
	var sizes []size
	named := false // are rows, by another table
	drilled := s.Drill.Year > 0
	for _, pick := range s.Picks {
		if pick.Default != "" || !pick.Active() || drilled && pick.Column == s.Of.Dates && pick.spansTime() {
			continue
		}
		src := Source{}.With(pick.where()...)
		if pick.Index >= 0 {
			src = src.led(pick.Column, pick.Choices[pick.Index])
		}
		named = named || src.hits != nil
		if src.hits != nil || s.Of.indexed(pick.Column) {
			sizes = append(sizes, size{column: pick.Column, shared: pick.shares(), span: pick.spansTime(), src: src})
		}
	}
	if drilled {
		sizes = append(sizes, size{column: s.Of.Dates, span: true, drilled: true, src: Source{}.With(s.drilled())})
	}
	if len(sizes) == 0 || s.ledTogether(sizes) || models.IsPostgres(db) && !(named && len(sizes) > 1) {
		return nil
	}
	query, dests := db.NewSelect(), make([]any, len(sizes))
	for i, some := range sizes {
		found := s.Of.SelectFrom(db, some.src.With(s.defaults()...)).ColumnExpr("1").Limit(commonWord)
		query.ColumnExpr("(SELECT count(*) FROM (?) AS counted)", found)
		dests[i] = &sizes[i].rows
	}
	if err := query.Scan(ctx, dests...); err != nil {
		return fmt.Errorf("count what leads to %s: %w", s.Of.Name, err)
	}
	s.sizes, s.led = sizes, !models.IsPostgres(db)
	return nil
}

// ledTogether tells whether one index leads to what two conditions leave, or to what the
// only one leaves in the order of the list.
func (s *State) ledTogether(sizes []size) bool {
	order := s.Order.Keys[s.sorts()].Column
	for _, some := range sizes {
		if len(sizes) == 1 && (some.column.Field == order.Field || some.shared && s.Of.together(some.column, order)) {
			return true
		}
		for _, other := range sizes {
			if some.shared && s.Of.together(some.column, other.column) {
				return true
			}
		}
	}
	return false
}

// sorts is where among the keys of the order the first is by which rows differ that the
// filters leave.
func (s *State) sorts() int {
	return slices.IndexFunc(s.Order.Keys, func(key Key) bool {
		return key.Field == s.Of.PK.Field || !slices.ContainsFunc(s.Picks, func(p Pick) bool { return p.Column.Field == key.Field && p.shares() })
	})
}

// leading is the condition, but for except's, that leaves fewest rows; of equal ones a span,
// and before others one whose index tells the dates; nil where the database chooses.
func (s *State) leading(except *kinds.Column) *size {
	var lead *size
	better := func(some size) bool {
		if lead == nil || some.rows != lead.rows {
			return lead == nil || some.rows < lead.rows
		}
		return some.span && (!lead.span || s.Of.dated(some.column) && !s.Of.dated(lead.column))
	}
	for i, some := range s.sizes {
		if (some.column != except || some.drilled) && better(some) {
			lead = &s.sizes[i]
		}
	}
	return lead
}

// onlyLed keeps SQLite from being led by any condition but one.
func (s *State) onlyLed(conds []Cond, except *kinds.Column) []Cond {
	lead := s.leading(except)
	for _, some := range s.sizes {
		if s.led && lead != nil && some.column != lead.column {
			conds = unled(conds, some.column)
		}
	}
	return conds
}

// unled are conds without an index on a column.
func unled(conds []Cond, column *kinds.Column) []Cond {
	conds = slices.Clone(conds)
	for i := range conds {
		conds[i].SQL = strings.ReplaceAll(conds[i].SQL, column.SQL, "+"+column.SQL)
	}
	return conds
}

// lead is the column by whose index rows are found: those of one choice, or those of a span.
type lead struct {
	*kinds.Column
	span bool
	of   *kinds.Column // whose filter does not apply: nothing, or one of its choices does; nil: none
}

// lead is what leads to the rows that the filters leave but for except's: a span whose index
// tells the dates too, before any other; that before a time that there is, that before a
// choice, and dates where nothing else does.
func (s *State) lead(except *kinds.Column) lead {
	found, best := lead{s.Of.Dates, true, except}, -1
	if s.Drill.Year > 0 {
		best = 2
	}
	for _, pick := range s.Picks {
		rank := 0
		switch {
		case pick.spansTime() && s.Of.dated(pick.Column):
			rank = 3
		case pick.Range != nil || pick.spansTime():
			rank = 2
		case pick.Column.Kind.Traits(pick.Column).Times:
			rank = 1
		}
		if pick.Column != except && pick.Default == "" && pick.Active() && s.Of.indexed(pick.Column) && rank > best {
			found, best = lead{pick.Column, !pick.shares(), except}, rank
		}
	}
	return found
}

// along finds rows of src in the order of the index that leads to them, the newest of a span
// first. PostgreSQL takes what a condition leaves for spread evenly over the table: to count a
// thousand rows it would rather read the table, and past all that lies before them. SQLite
// takes an index that holds all it reads for better than one that leads to them.
func (s *State) along(db *bun.DB, src Source, to lead) *bun.SelectQuery {
	query := s.Of.SelectFrom(db, src)
	if len(s.Words) > 0 || to.Column == nil || !s.Of.indexed(to.Column) {
		return query
	}
	if !models.IsPostgres(db) {
		if some := s.leading(to.of); s.led && some != nil {
			to = lead{some.column, !some.shared, to.of}
		}
		if to.span && src.hits == nil && len(s.parts()) == 1 {
			query.OrderExpr(to.SQL + " DESC")
		}
		return query
	}
	for _, pick := range s.Picks {
		if pick.Default != "" && pick.Index < 0 && pick.Column != to.of {
			query.OrderExpr(pick.Column.SQL + Key{Desc: to.span}.direction(false)) // indexes begin with it
		}
	}
	keys := s.Of.natural(Key{to.Column, false})
	if !to.span {
		keys = keys[1:] // which rows of one choice share
	}
	for _, key := range keys {
		query.OrderExpr(key.SQL + Key{Desc: to.span}.direction(false))
	}
	return query
}

// Having finds the rows that the filters leave of which a column has a value.
func (s *State) Having(db *bun.DB, c *kinds.Column, value string) *bun.SelectQuery {
	return s.along(db, Source{}.With(append(s.Conds(nil), Where(c.SQL+" = ?", value))...), lead{c, false, c})
}
