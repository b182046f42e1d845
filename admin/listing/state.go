package listing

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/models"
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
}

// Pick is a filter with the choice that applies: -1 is All.
type Pick struct {
	Column  *kinds.Column
	Choices []kinds.Option
	Known   []models.Choice // what the declaration lists
	Index   int
	Default string        // the value that applies while the URL names none; empty for All
	Range   *kinds.Option // instead of a choice: what lies between Bounds; nil: none
	Bounds  kinds.Bounds
}

// All turns a default off.
const All = "all"

// RangeNames are the parameters of a range.
func RangeNames(c *kinds.Column) [3]string {
	return [3]string{c.Field.Name + "__gte", c.Field.Name + "__lte", c.Field.Name + "__older"}
}

// Read takes a filter's value, or its range, from a URL; false where the filter does not
// know it, and it counts as none.
func (p *Pick) Read(ctx context.Context, now time.Time, params url.Values) (known bool) {
	value, names := params.Get(p.Column.Field.Name), RangeNames(p.Column)
	p.Bounds = kinds.Bounds{From: params.Get(names[0]), To: params.Get(names[1]), Older: params.Get(names[2])}
	p.Index, known = p.Find(value), true
	if p.Bounds != (kinds.Bounds{}) {
		var span kinds.Option
		if span, known = p.Column.Kind.Range(ctx, p.Column, now, p.Bounds); known {
			p.Index, p.Range = -1, &span
			return known
		}
		p.Bounds = kinds.Bounds{}
	}
	if p.Index < 0 && value != All {
		p.Index, known = p.Find(p.Default), known && value == ""
	}
	return known
}

// Set writes the pick into params, as far as the URL must say it.
func (p Pick) Set(params url.Values) {
	name := p.Column.Field.Name
	p.Unset(params)
	switch {
	case p.Range != nil:
		for i, bound := range [3]string{p.Bounds.From, p.Bounds.To, p.Bounds.Older} {
			if bound != "" {
				params.Set(RangeNames(p.Column)[i], bound)
			}
		}
	case !p.Active():
	case p.Index < 0:
		params.Set(name, All)
	default:
		params.Set(name, p.Choices[p.Index].Value)
	}
}

// Unset takes the filter out of params.
func (p Pick) Unset(params url.Values) {
	params.Del(p.Column.Field.Name)
	for _, name := range RangeNames(p.Column) {
		params.Del(name)
	}
}

// Find is where the choice of a value is; -1 where there is none.
func (p Pick) Find(value string) int {
	return slices.IndexFunc(p.Choices, func(c kinds.Option) bool { return c.Value == value })
}

// spansTime tells whether the pick leaves a span of some time.
func (p Pick) spansTime() bool {
	return p.Column.Kind.Traits(p.Column).Times && (p.Range != nil || p.Index >= 0 && len(p.Choices[p.Index].Args) > 0)
}

// Active tells whether the pick differs from what the bare list shows.
func (p Pick) Active() bool { return p.Range != nil || p.Index != p.Find(p.Default) }

// where is the pick's condition. All of a default filter names every value, because
// the indexes start with its column.
func (p Pick) where() []Cond {
	switch {
	case p.Range != nil:
		return []Cond{condOf(*p.Range)}
	case p.Index >= 0:
		return []Cond{condOf(p.Choices[p.Index])}
	case p.Default != "":
		return []Cond{Where(p.Column.SQL + " IN (FALSE, TRUE)")}
	}
	return nil
}

func condOf(o kinds.Option) Cond { return Cond{o.Where, o.Args} }

// Excludes tells whether no row that the pick leaves has value, as a form spells it.
func (p Pick) Excludes(value string) bool {
	if p.Index < 0 {
		return false
	}
	chosen := p.Choices[p.Index].Text
	return chosen != "" && chosen != value
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

func (s *State) find(ctx context.Context, db *bun.DB, look int) (rows, counts Source, err error) {
	rows, counts, err = s.Of.find(ctx, db, s.Words, look)
	for _, pick := range s.Picks {
		if pick.Index >= 0 {
			counts = counts.led(pick.Choices[pick.Index])
		}
	}
	return rows, counts, err
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
		where, args := s.Of.Dates.Between(s.Drill.Span(s.days()))
		all = append(all, Cond{where, args})
	}
	return all
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
