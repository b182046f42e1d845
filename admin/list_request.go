package admin

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

const (
	pageSize = 50
	// maxPage is the last page that can be asked for by number alone. Cursors lead
	// as far as there are rows.
	maxPage = 200
	// zoneParam names the zone of a list's days.
	zoneParam = "tz"
)

// request is what one URL of a list asks for. What the model does not know, or
// cannot be, is left out of it rather than refused.
type request struct {
	*resource
	search  string
	words   []string
	picks   []picked
	zone    *time.Location // whose days filters and dates mean
	drill   listing.Drill
	order   listing.Order
	page    int // 1-based; 0 where a cursor's page is not known
	size    int // rows of a page
	place   listing.Cursor
	reverse bool // rows before place rather than after it
	last    bool
	carry   url.Values // the URL's valid parameters, paging left out
	paging  []adminpages.Param
	err     error // of asking for a filter's choices
}

// read parses a list's parameters.
func (r *resource) read(ctx context.Context, now time.Time, params url.Values) *request {
	q := &request{resource: r, page: 1, size: pageSize, carry: url.Values{}, zone: i18n.Zone(ctx)}
	if zone, ok := models.TimeZone(params.Get(zoneParam)); ok {
		q.zone = zone
	}
	search := models.Truncate(strings.TrimSpace(params.Get("q")), models.MaxSearch)
	if len(r.texts) > 0 && search != "" {
		q.search, q.words = search, models.SearchWords(search)
		q.carry.Set("q", search)
	}
	for _, c := range r.filters {
		pick := r.pick(ctx, now.In(q.zone), c, params)
		q.picks, q.err = append(q.picks, pick), errors.Join(q.err, pick.err)
		if value := pick.value(); value != "" {
			q.carry.Set(c.name, value)
		}
	}
	if r.dates != nil {
		q.drill = listing.ReadDrill(&r.dates.Column, params)
		q.drill.Set(&r.dates.Column, q.carry)
	}
	q.setZone(q.carry)
	q.order = r.readOrder(params.Get("o"))
	if q.order.Param() != r.readOrder("").Param() {
		q.carry.Set("o", q.order.Param())
	}
	q.readPage(params)
	return q
}

func (q *request) readPage(params url.Values) {
	number, err := strconv.Atoi(params.Get("page"))
	known := err == nil && number > 0 && number <= 1_000_000_000
	if q.place = q.order.Decode(params.Get("after")); q.place == nil {
		q.place = q.order.Decode(params.Get("before"))
		q.reverse = q.place != nil
	}
	switch {
	case q.place != nil && known:
		q.page = number
	case q.place != nil:
		q.page = 0
	case params.Get("page") == "last":
		q.last = true
	case known:
		q.page = min(number, maxPage)
	}
	for _, name := range []string{"after", "before", "page"} {
		if value := params.Get(name); value != "" && (q.place != nil || q.last || name == "page" && q.page > 1) {
			q.paging = append(q.paging, adminpages.Param{Name: name, Value: value})
		}
	}
}

// setZone lets a link that means days say whose: who gets it may live elsewhere.
func (q *request) setZone(params url.Values) {
	params.Del(zoneParam)
	if q.dates != nil && params.Has(listing.DrillNames(&q.dates.Column)[0]) || slices.ContainsFunc(q.filters, func(c *column) bool {
		return c.Kind.Traits(&c.Column).Times && params.Has(c.name)
	}) {
		params.Set(zoneParam, q.zone.String())
	}
}

// conds are the conditions of filters and dates; except, if not nil, is left out.
func (q *request) conds(except *column) []cond {
	var all []cond
	for _, pick := range q.picks {
		if pick.column != except {
			all = append(all, pick.where()...)
		}
	}
	if q.drill.Year > 0 {
		where, args := q.dates.Between(q.drill.Span(q.zone))
		all = append(all, cond{where, args})
	}
	return all
}

// narrowed tells whether anything but except and the default filters limits the
// list, so that an index need not hold what is left.
func (q *request) narrowed(except *column) bool {
	return len(q.words) > 0 || q.drill.Year > 0 || slices.ContainsFunc(q.picks, func(p picked) bool {
		return p.column != except && p.byDefault == "" && p.active()
	})
}

// parts splits the list along its default filters: one part, with their conditions,
// for each combination of values that the list shows. In each the indexes, which
// start with these columns, hold the rows in order.
func (q *request) parts() [][]cond {
	parts := [][]cond{nil}
	for _, pick := range q.picks {
		if pick.byDefault == "" || pick.index >= 0 {
			continue
		}
		var split [][]cond
		for _, part := range parts {
			for _, c := range pick.choices {
				split = append(split, append(slices.Clone(part), c.where))
			}
		}
		parts = split
	}
	return parts
}

// link is the list's URL with some parameters changed; an empty value takes one
// away. Paging starts anew unless the changes say where.
func (q *request) link(changes ...adminpages.Param) string {
	params := url.Values{}
	for name, values := range q.carry {
		params[name] = values
	}
	for _, change := range changes {
		if params.Del(change.Name); change.Value != "" {
			params.Set(change.Name, change.Value)
		}
	}
	q.setZone(params)
	return join(q.url(), params)
}

// self is the URL of the very page that was asked for.
func (q *request) self() string { return q.link(q.paging...) }

func (q *request) drillLink(d listing.Drill) string {
	params := url.Values{}
	for name, values := range q.carry {
		params[name] = values
	}
	d.Set(&q.dates.Column, params)
	q.setZone(params)
	return join(q.url(), params)
}

// formParams are the parameters that a form of the list carries on beside except.
func (q *request) formParams(except string) []adminpages.Param {
	var params []adminpages.Param
	for name, values := range q.carry {
		if name != except {
			params = append(params, adminpages.Param{Name: name, Value: values[0]})
		}
	}
	slices.SortFunc(params, func(a, b adminpages.Param) int { return strings.Compare(a.Name, b.Name) })
	return params
}

func join(path string, params url.Values) string {
	if len(params) == 0 {
		return path
	}
	return path + "?" + params.Encode()
}

// readOrder takes "-created_at"; what is no sortable column of the list counts as
// the default.
func (r *resource) readOrder(param string) listing.Order {
	name, desc := strings.CutPrefix(param, "-")
	for _, c := range r.list {
		if c.name == name && !c.Kind.Traits(&c.Column).Unsorted {
			return r.orderBy(c, desc)
		}
	}
	if r.dates != nil {
		return r.orderBy(r.dates, true)
	}
	return listing.Order{Keys: []*kinds.Column{&r.pk.Column}, Desc: true}
}

// orderBy sorts rows of one choice by date, as the indexes do that serve its filter too.
func (r *resource) orderBy(c *column, desc bool) listing.Order {
	switch {
	case c.name == r.pk.name:
		return listing.Order{Keys: []*kinds.Column{&r.pk.Column}, Desc: desc}
	case r.dates != nil && (c.Kind.Traits(&c.Column).Few || c.options != nil):
		return listing.Order{Keys: []*kinds.Column{&c.Column, &r.dates.Column, &r.pk.Column}, Desc: desc}
	}
	return listing.Order{Keys: []*kinds.Column{&c.Column, &r.pk.Column}, Desc: desc}
}

// cond is one condition of a WHERE clause; columns are qualified with the table's
// alias.
type cond struct {
	sql  string
	args []any
}

// choice is one value of a filter.
type choice struct {
	value, label string
	where        cond
	text         string // what a form holds for it; empty: many things
	alarm        bool   // rows with it need somebody
}

// picked is a filter with the choice that applies: -1 is All.
type picked struct {
	column    *column
	choices   []choice
	known     []models.Choice // what the declaration lists
	index     int
	byDefault string // the value that applies while the URL names none; empty for All
	err       error
}

// allValue turns a default off.
const allValue = "all"

// pick reads a filter's value; one that the filter does not know counts as none.
func (r *resource) pick(ctx context.Context, now time.Time, c *column, params url.Values) picked {
	p := picked{column: c, byDefault: r.defaults[c.name]}
	p.known, p.err = c.known(ctx)
	for _, o := range c.Kind.Filter(ctx, &c.Column, now, p.known) {
		p.choices = append(p.choices, choice{o.Value, o.Label, cond{o.Where, o.Args}, o.Text, o.Alarm})
	}
	p.index = p.find(params.Get(c.name))
	if p.index < 0 && params.Get(c.name) != allValue {
		p.index = p.find(p.byDefault)
	}
	return p
}

func (p picked) find(value string) int {
	return slices.IndexFunc(p.choices, func(c choice) bool { return c.value == value })
}

// value is what the URL says for this pick; empty where it need not say anything.
func (p picked) value() string {
	switch {
	case !p.active():
		return ""
	case p.index < 0:
		return allValue
	}
	return p.choices[p.index].value
}

// active tells whether the pick differs from what the bare list shows.
func (p picked) active() bool { return p.index != p.find(p.byDefault) }

// where is the pick's condition. All of a default filter names every value, because
// the indexes start with its column.
func (p picked) where() []cond {
	if p.index >= 0 {
		return []cond{p.choices[p.index].where}
	}
	if p.byDefault != "" {
		return []cond{{p.column.SQL + " IN (FALSE, TRUE)", nil}}
	}
	return nil
}

// excludes tells whether no row that the pick leaves has value, as a form spells it.
func (p picked) excludes(value string) bool {
	if p.index < 0 {
		return false
	}
	chosen := p.choices[p.index].text
	return chosen != "" && chosen != value
}

// known are the values that the declaration lists for the column.
func (c *column) known(ctx context.Context) ([]models.Choice, error) {
	if c.options == nil {
		return nil, nil
	}
	choices, err := c.options(ctx)
	if err != nil {
		return nil, fmt.Errorf("choices of %s: %w", c.name, err)
	}
	return choices, nil
}
