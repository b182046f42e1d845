package listing

import (
	"context"
	"net/url"
	"slices"
	"time"

	"digitalpath/admin/kinds"
	"digitalpath/models"
)

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

// shares tells whether the pick leaves the rows that share one value.
func (p Pick) shares() bool { return p.Index >= 0 && p.Choices[p.Index].Text != "" }

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

func condOf(o kinds.Option) Cond { return Cond{o.Where, o.Args, o.IDs} }

// Excludes tells whether no row that the pick leaves has value, as a form spells it.
func (p Pick) Excludes(value string) bool {
	if p.Index < 0 {
		return false
	}
	chosen := p.Choices[p.Index].Text
	return chosen != "" && chosen != value
}
