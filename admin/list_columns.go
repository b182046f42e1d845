package admin

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/listing"
	"digitalpath/views/adminpages"
)

// columnsChosen are the parameters of the form that chooses columns: the boxes, and
// before the name of a column the input of its place.
const (
	columnBox   = "col"
	columnPlace = "place."
)

// mayList are the columns that a list can show: those that it does, and those of the row's
// page that the table holds.
func (r *resource) mayList() []*column {
	columns := slices.Clone(r.list)
	for _, c := range r.shown() {
		if !c.Password && !c.Kept() && !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	return columns
}

// chooser offers the columns, those that are shown first.
func (q *request) chooser(ctx context.Context) *adminpages.Chooser {
	if len(q.listable) == 1 {
		return nil
	}
	c := &adminpages.Chooser{Params: q.formParams("cols"), Chosen: q.carry.Has("cols"), ResetURL: q.link(adminpages.Param{Name: "cols"})}
	for i, column := range q.columns {
		c.Columns = append(c.Columns, adminpages.ChooserColumn{Name: column.name, Label: column.title(ctx), Place: i + 1})
	}
	for _, column := range q.listable {
		if !slices.Contains(q.columns, column) {
			c.Columns = append(c.Columns, adminpages.ChooserColumn{Name: column.name, Label: column.title(ctx)})
		}
	}
	return c
}

// chosenColumns is what the chooser's form means, as the parameter "cols": what is ticked,
// by its place. Without one a column comes last.
func (r *resource) chosenColumns(params url.Values) string {
	type placed struct {
		name  string
		place float64
	}
	var ticked []placed
	for _, name := range params[columnBox] {
		place, err := strconv.ParseFloat(params.Get(columnPlace+name), 64)
		if err != nil {
			place = float64(len(r.listable) + 1)
		}
		ticked = append(ticked, placed{name, place})
	}
	slices.SortStableFunc(ticked, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	cols := r.list[0].name
	for _, c := range ticked {
		cols += "," + c.name
	}
	return cols
}

// heads are the heads of the columns. A click sorts by a column first, and by what the
// list was sorted by then, as Django's do.
func (q *request) heads(ctx context.Context) []adminpages.Column {
	columns := make([]adminpages.Column, len(q.columns))
	for i, c := range q.columns {
		columns[i] = adminpages.Column{Name: c.name, Label: c.title(ctx), Phone: i == 0 || c == q.status || q.carry.Has("cols")}
		if !c.Sorts() {
			continue
		}
		var others []listing.Key
		if q.carry.Has("o") && !q.tooMany {
			others = slices.DeleteFunc(slices.Clone(q.Order.Keys[:q.Order.Named]), func(key listing.Key) bool { return key.Field == c.Field })
		}
		next := listing.Key{Column: &c.Column, Desc: c.Kind.Traits(&c.Column).Times} // dates: newest first
		rank, desc := q.Order.By(&c.Column)
		if rank > 0 {
			next.Desc = !desc
			columns[i].Sort = map[bool]string{false: "ascending", true: "descending"}[desc]
		}
		if q.Order.Named > 1 && rank > 0 {
			columns[i].Rank, columns[i].UnsortURL = rank, q.orderLink(others)
		}
		columns[i].SortURL = q.orderLink(append([]listing.Key{next}, others...))
	}
	return columns
}

// orderLink is the list sorted by keys.
func (q *request) orderLink(keys []listing.Key) string {
	param := q.orderBy(keys[:min(len(keys), maxKeys)]...).Param()
	if param == q.orderBy().Param() {
		param = ""
	}
	return q.link(adminpages.Param{Name: "o", Value: param})
}

// limitOrder sorts by the first column alone, or as if nothing was asked for, where no
// index holds the order and there are more rows than can be sorted while somebody waits.
func (q *request) limitOrder(ctx context.Context, db *bun.DB, src listing.Source, total adminpages.Count) error {
	if q.Order.Indexed || !total.Capped {
		return nil
	}
	few, err := q.Few(ctx, db, src)
	if err != nil || few {
		return err
	}
	q.tooMany = true
	q.useIndex()
	return nil
}

// useIndex takes instead of an order that no index holds the nearest that one does.
func (q *request) useIndex() {
	if q.Order.Indexed {
		return
	}
	if q.Order = q.orderBy(q.Order.Keys[0]); !q.Order.Indexed {
		q.Order = q.orderBy()
	}
	q.readPage(q.params)
}

// readOrder takes "-status,created_at"; what cannot be sorted by is left out, and
// nothing is the default.
func (r *resource) readOrder(param string) listing.Order {
	var keys []listing.Key
	for word := range strings.SplitSeq(param, ",") {
		name, desc := strings.CutPrefix(word, "-")
		i := slices.IndexFunc(r.listable, func(c *column) bool { return c.name == name && c.Sorts() })
		known := i >= 0 && slices.ContainsFunc(keys, func(key listing.Key) bool { return key.Field == r.listable[i].Field })
		if i >= 0 && !known && len(keys) < maxKeys {
			keys = append(keys, listing.Key{Column: &r.listable[i].Column, Desc: desc})
		}
	}
	return r.orderBy(keys...)
}

// orderBy completes an order so that every row has its place. Where an index holds it,
// rows of one choice go on by date, as the indexes do that serve its filter too. Columns
// of the declared list have an index but those of other rows; what has none is sorted as
// long as rows are few.
func (r *resource) orderBy(keys ...listing.Key) listing.Order {
	if len(keys) == 0 {
		keys = []listing.Key{{Column: r.PK, Desc: true}}
		if r.dates != nil {
			keys[0].Column = r.Dates
		}
	}
	first, c := keys[0], r.columns[keys[0].Field.Name]
	natural := []listing.Key{first}
	if r.dates != nil && (first.Kind.Traits(first.Column).Few || c != nil && c.options != nil) {
		natural = append(natural, listing.Key{Column: r.Dates, Desc: first.Desc})
	}
	if first.Field != r.PK.Field {
		natural = append(natural, listing.Key{Column: r.PK, Desc: first.Desc})
	}
	indexed := first.Through == nil && (slices.Contains(r.list, c) || c == r.dates) || first.Field == r.PK.Field
	if indexed && len(keys) <= len(natural) && slices.Equal(keys, natural[:len(keys)]) {
		return listing.Order{Keys: natural, Named: len(keys), Indexed: true}
	}
	named := len(keys)
	if !slices.ContainsFunc(keys, func(key listing.Key) bool { return key.Field == r.PK.Field }) {
		keys = append(keys, listing.Key{Column: r.PK, Desc: keys[named-1].Desc})
	}
	return listing.Order{Keys: keys, Named: named}
}
