package listing

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digitalpath/admin/kinds"
	"digitalpath/views/adminpages"
)

const (
	// maxKeys is by how many columns a list can be sorted.
	maxKeys = 4
	// maxSkip is how many rows a page that is asked for by number alone may pass over.
	// Cursors lead as far as there are rows.
	maxSkip = 10_000

	// ColumnBox and columnPlace are the parameters of the form that chooses columns: the
	// boxes, and before the name of a column the input of its place.
	ColumnBox   = "col"
	columnPlace = "place."
)

// ColumnsParam is what the form that chooses columns means, as the parameter "cols": what
// is ticked, by its place. Without one a column comes last.
func (t *Table) ColumnsParam(params url.Values) string {
	type placed struct {
		name  string
		place float64
	}
	var ticked []placed
	for _, name := range params[ColumnBox] {
		place, err := strconv.ParseFloat(params.Get(columnPlace+name), 64)
		if err != nil {
			place = float64(len(t.Listable) + 1)
		}
		ticked = append(ticked, placed{name, place})
	}
	slices.SortStableFunc(ticked, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	cols := t.List[0].Name
	for _, c := range ticked {
		cols += "," + c.name
	}
	return cols
}

// ReadColumns takes the names of columns in their order. The first one of the list always
// is: it leads to the row.
func (t *Table) ReadColumns(param string) []*kinds.Column {
	if param == "" {
		return t.List
	}
	chosen := []*kinds.Column{t.List[0]}
	for name := range strings.SplitSeq(param, ",") {
		i := slices.IndexFunc(t.Listable, func(c *kinds.Column) bool { return c.Name == name })
		if i >= 0 && !slices.Contains(chosen, t.Listable[i]) {
			chosen = append(chosen, t.Listable[i])
		}
	}
	return chosen
}

// ReadOrder takes "-status,created_at"; what cannot be sorted by is left out, and nothing
// is the default.
func (t *Table) ReadOrder(param string) Order {
	var keys []Key
	for word := range strings.SplitSeq(param, ",") {
		name, desc := strings.CutPrefix(word, "-")
		i := slices.IndexFunc(t.Listable, func(c *kinds.Column) bool { return c.Name == name && c.Sorts() })
		if i >= 0 && !slices.ContainsFunc(keys, func(key Key) bool { return key.Field == t.Listable[i].Field }) {
			keys = append(keys, Key{t.Listable[i], desc})
		}
	}
	return t.OrderBy(keys...)
}

// OrderBy completes an order so that every row has its place. Where an index holds it,
// rows that share a value go on by date, as the indexes do. What has none is sorted as long
// as rows are few.
func (t *Table) OrderBy(keys ...Key) Order {
	keys = keys[:min(len(keys), maxKeys):min(len(keys), maxKeys)]
	if len(keys) == 0 {
		keys = []Key{{t.PK, true}}
		if t.Dates != nil {
			keys[0].Column = t.Dates
		}
	}
	first, natural := keys[0], t.natural(keys[0])
	indexed := t.indexed(first.Column)
	if indexed && len(keys) <= len(natural) && slices.Equal(keys, natural[:len(keys)]) {
		return Order{Keys: natural, Named: len(keys), Indexed: true}
	}
	named := len(keys)
	if !slices.ContainsFunc(keys, func(key Key) bool { return key.Field == t.PK.Field }) {
		keys = append(keys, Key{t.PK, keys[named-1].Desc})
	}
	many := !first.Kind.Traits(first.Column).Few && first.Options == nil
	return Order{Keys: keys, Named: named, Led: indexed && many && first.Field != t.PK.Field && !first.Nullable}
}

// indexed tells whether an index holds the order by a column.
func (t *Table) indexed(c *kinds.Column) bool {
	return slices.Contains(t.Ordered, c) || c == t.Dates || c.Field == t.PK.Field
}

// dated tells whether an index holds the order by a column, and then the dates.
func (t *Table) dated(c *kinds.Column) bool {
	return t.Dates != nil && c.Field != t.Dates.Field && slices.Contains(t.Ordered, c)
}

// natural is the order by one column as an index holds it.
func (t *Table) natural(first Key) []Key {
	keys := []Key{first}
	if t.Dates != nil && first.Field != t.Dates.Field && first.Field != t.PK.Field {
		keys = append(keys, Key{t.Dates, first.Desc})
	}
	if first.Field != t.PK.Field {
		keys = append(keys, Key{t.PK, first.Desc})
	}
	return keys
}

// ReadPage takes the page of the list from a URL, and returns the parameters that name it.
func (s *State) ReadPage(params url.Values) (paging []adminpages.Param) {
	number, err := strconv.Atoi(params.Get("page"))
	known := err == nil && number > 0 && number <= 1_000_000_000
	if s.Place = s.Order.Decode(params.Get("after")); s.Place == nil {
		s.Place = s.Order.Decode(params.Get("before"))
		s.Reverse = s.Place != nil
	}
	switch {
	case s.Place != nil && known:
		s.Page = number
	case s.Place != nil:
		s.Page = 0
	case params.Get("page") == "last":
		s.Last = true
	case known:
		s.Page = min(number, maxSkip/s.Size)
	}
	for _, name := range []string{"after", "before", "page"} {
		if value := params.Get(name); value != "" && (s.Place != nil || s.Last || name == "page" && s.Page > 1) {
			paging = append(paging, adminpages.Param{Name: name, Value: value})
		}
	}
	return paging
}
