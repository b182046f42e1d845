package listing

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
)

// State is which rows of a table a list shows, in which order, and which page of them.
type State struct {
	Of      *Table
	Words   []string // all of them are looked for
	Picks   []Pick
	Drill   Drill
	Zone    *time.Location // whose days filters and dates mean
	Order   Order
	Page    int // 1-based; 0 where a cursor's page is not known
	Size    int // rows of a page
	Place   Cursor
	Reverse bool // rows before Place rather than after it
	Last    bool
	sizes   []size // of the conditions, where several could lead to the rows
	led     bool   // by the smallest alone: SQLite would be by another
}

// Find says where the rows are that have every word, and that the table, or one of the
// filters, leads to; Conds are still to be added.
func (s *State) Find(ctx context.Context, db *bun.DB) (rows, counts Source, err error) {
	return s.find(ctx, db, commonWord)
}

// FindShort says where the rows are counted; short is false where that takes reading many.
func (s *State) FindShort(ctx context.Context, db *bun.DB) (counts Source, short bool, err error) {
	_, counts, err = s.find(ctx, db, longHits)
	return counts, !counts.long, err
}

// FindAll says where the rows are for who reads all of them by their ids.
func (s *State) FindAll(ctx context.Context, db *bun.DB) (Source, error) {
	rows, _, err := s.Of.find(ctx, db, s.Words, commonWord)
	return rows.With(s.Conds(nil)...), err
}

func (s *State) find(ctx context.Context, db *bun.DB, look int) (rows, counts Source, err error) {
	if rows, counts, err = s.Of.find(ctx, db, s.Words, look); err != nil {
		return rows, counts, err
	}
	if err := s.measure(ctx, db); err != nil {
		return rows, counts, err
	}
	lead := s.leading(nil)
	few := lead != nil && lead.rows < commonWord
	if s.led && !few && len(s.sizes) > 1 {
		counts.cap = searchCap
	}
	for _, pick := range s.Picks {
		if pick.Index < 0 || (few || s.led) && lead.column != pick.Column {
			continue
		}
		if counts = counts.led(pick.Column, pick.Choices[pick.Index]); few {
			rows = rows.led(pick.Column, pick.Choices[pick.Index])
		}
	}
	return rows, counts, nil
}

// Conds are the conditions of filters and dates; except, if not nil, is left out.
func (s *State) Conds(except *kinds.Column) []Cond {
	var all []Cond
	for _, pick := range s.Picks {
		if pick.Column != except {
			all = append(all, pick.where()...)
		}
	}
	if s.Drill.Year > 0 {
		all = within(all, s.drilled())
	}
	return s.onlyLed(all, except)
}

// drilled is the condition of the drill-down.
func (s *State) drilled() Cond {
	where, args := s.Of.Dates.Between(s.Drill.Span(s.days()))
	return Where(where, args...)
}

// within narrows what conds say of a span's time, if they do, to the span: SQLite looks for
// rows between the ends of one span alone.
func within(conds []Cond, span Cond) []Cond {
	i := slices.IndexFunc(conds, func(c Cond) bool { return c.SQL == span.SQL })
	if i < 0 {
		return append(conds, span)
	}
	from, to := conds[i].Args[0].(time.Time), conds[i].Args[1].(time.Time)
	if start := span.Args[0].(time.Time); start.After(from) {
		from = start
	}
	if end := span.Args[1].(time.Time); end.Before(to) {
		to = end
	}
	conds[i].Args = []any{from, to}
	return conds
}

// days is the zone whose days the list goes down to: a date has none.
func (s *State) days() *time.Location {
	if s.Of.Dates != nil && s.Of.Dates.Kind == (kinds.Date{}) {
		return time.UTC
	}
	return s.Zone
}

// narrowed tells whether anything but except and the default filters limits the
// list, so that an index need not hold what is left.
func (s *State) narrowed(except *kinds.Column) bool {
	return len(s.Words) > 0 || s.filtered(except)
}

// filtered is narrowed by anything but words.
func (s *State) filtered(except *kinds.Column) bool {
	return s.Drill.Year > 0 || slices.ContainsFunc(s.Picks, func(p Pick) bool {
		return p.Column != except && p.Default == "" && p.Active()
	})
}

// defaults are the conditions of the default filters that leave one choice.
func (s *State) defaults() (conds []Cond) {
	for _, pick := range s.Picks {
		if pick.Default != "" && pick.Index >= 0 {
			conds = append(conds, condOf(pick.Choices[pick.Index]))
		}
	}
	return conds
}

// parts splits the list along its default filters: one part, with their conditions,
// for each combination of values that the list shows. In each the indexes, which
// start with these columns, hold the rows in order.
func (s *State) parts() [][]Cond {
	parts := [][]Cond{nil}
	for _, pick := range s.Picks {
		if pick.Default == "" || pick.Index >= 0 {
			continue
		}
		var split [][]Cond
		for _, part := range parts {
			for _, c := range pick.Choices {
				split = append(split, append(slices.Clone(part), condOf(c)))
			}
		}
		parts = split
	}
	return parts
}

// WithoutDefaults is the state without the default filters that apply to it; false where
// there are none.
func (s *State) WithoutDefaults() (wider *State, ok bool) {
	wider = new(*s)
	wider.Picks = slices.Clone(s.Picks)
	for i, pick := range s.Picks {
		if pick.Default != "" && !pick.Active() {
			wider.Picks[i].Index, ok = -1, true
		}
	}
	return wider, ok
}

// LeftOut are the states of what the default filters that apply leave out: no two of them
// have a row in common, and all that WithoutDefaults has and s has not.
func (s *State) LeftOut() (states []*State) {
	picks := slices.Clone(s.Picks)
	for i, pick := range s.Picks {
		if pick.Default == "" || pick.Active() {
			continue
		}
		for choice := range pick.Choices {
			if picks[i].Index = choice; choice != pick.Index {
				left := new(*s)
				left.Picks = slices.Clone(picks)
				states = append(states, left)
			}
		}
		picks[i].Index = -1
	}
	return states
}
