package admin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

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
	drill   drill
	order   order
	page    int // 1-based; 0 where a cursor's page is not known
	size    int // rows of a page
	place   cursor
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
		q.drill = readDrill(r.dates, params)
		setDrill(q.carry, r.dates, q.drill)
	}
	q.setZone(q.carry)
	q.order = r.readOrder(params.Get("o"))
	if q.order.param() != r.readOrder("").param() {
		q.carry.Set("o", q.order.param())
	}
	q.readPage(params)
	return q
}

func (q *request) readPage(params url.Values) {
	number, err := strconv.Atoi(params.Get("page"))
	known := err == nil && number > 0 && number <= 1_000_000_000
	if q.place = q.order.decode(params.Get("after")); q.place == nil {
		q.place = q.order.decode(params.Get("before"))
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

func setDrill(params url.Values, c *column, d drill) {
	for i, name := range drillNames(c) {
		params.Del(name)
		if n := [3]int{d.year, d.month, d.day}[i]; n > 0 {
			params.Set(name, strconv.Itoa(n))
		}
	}
}

// setZone lets a link that means days say whose: who gets it may live elsewhere.
func (q *request) setZone(params url.Values) {
	params.Del(zoneParam)
	if q.dates != nil && params.Has(drillNames(q.dates)[0]) || slices.ContainsFunc(q.filters, func(c *column) bool {
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
	if q.drill.year > 0 {
		where, args := q.dates.Between(q.drill.span(q.zone))
		all = append(all, cond{where, args})
	}
	return all
}

// narrowed tells whether anything but except and the default filters limits the
// list, so that an index need not hold what is left.
func (q *request) narrowed(except *column) bool {
	return len(q.words) > 0 || q.drill.year > 0 || slices.ContainsFunc(q.picks, func(p picked) bool {
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

func (q *request) drillLink(d drill) string {
	params := url.Values{}
	for name, values := range q.carry {
		params[name] = values
	}
	setDrill(params, q.dates, d)
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

// order is how a list is sorted: by keys, all in one direction. The last key is the
// primary key, so that every row has a place of its own. Only the first key can be
// null; null is the largest value, as in PostgreSQL.
type order struct {
	keys []*column
	desc bool
}

// readOrder takes "-created_at"; what is no sortable column of the list counts as
// the default.
func (r *resource) readOrder(param string) order {
	name, desc := strings.CutPrefix(param, "-")
	for _, c := range r.list {
		if c.name == name && !c.Kind.Traits(&c.Column).Unsorted {
			return r.orderBy(c, desc)
		}
	}
	if r.dates != nil {
		return r.orderBy(r.dates, true)
	}
	return order{[]*column{r.pk}, true}
}

// orderBy sorts rows of one choice by date, as the indexes do that serve its filter too.
func (r *resource) orderBy(c *column, desc bool) order {
	switch {
	case c.name == r.pk.name:
		return order{[]*column{r.pk}, desc}
	case r.dates != nil && (c.Kind.Traits(&c.Column).Few || c.options != nil):
		return order{[]*column{c, r.dates, r.pk}, desc}
	}
	return order{[]*column{c, r.pk}, desc}
}

// param is the order as the URL spells it.
func (o order) param() string {
	if o.desc {
		return "-" + o.keys[0].name
	}
	return o.keys[0].name
}

// cursor is the place of one row in an order: the values of its keys, nil for null.
type cursor []any

// place reads a row's cursor.
func (o order) place(row any) cursor {
	place := make(cursor, len(o.keys))
	for i, key := range o.keys {
		if value := key.Value(row); !key.Nullable || !value.IsZero() {
			place[i] = reflect.Indirect(value).Interface()
		}
	}
	return place
}

// encode makes a cursor fit for a URL.
func (place cursor) encode() (string, error) {
	words := make([]*string, len(place))
	for i, value := range place {
		switch v := value.(type) {
		case nil:
		case time.Time:
			words[i] = new(v.UTC().Format(time.RFC3339Nano))
		default:
			words[i] = new(fmt.Sprint(v))
		}
	}
	text, err := json.Marshal(words)
	return base64.RawURLEncoding.EncodeToString(text), err
}

// decode reads a cursor; nil for what is none of this order.
func (o order) decode(param string) cursor {
	text, err := base64.RawURLEncoding.DecodeString(param)
	if err != nil {
		return nil
	}
	var words []*string
	if json.Unmarshal(text, &words) != nil || len(words) != len(o.keys) {
		return nil
	}
	place := make(cursor, len(words))
	for i, word := range words {
		if word == nil && o.keys[i].Nullable && i == 0 {
			continue
		}
		if word == nil {
			return nil
		}
		if place[i], err = o.keys[i].Kind.Key(*word); err != nil {
			return nil
		}
	}
	return place
}
