package admin

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/views/adminpages"
)

const (
	// fromParam carries the query of the list that a page was opened from.
	fromParam = "from"
	// maxFrom bounds it; a list that says more of itself opens as it is by itself.
	maxFrom = 2000
)

// origin is the list that a page was opened from; nil: from none. It is a query alone,
// so that it leads to no other place than the model's own list.
type origin struct{ query string }

func originOf(c *fiber.Ctx) *origin {
	params := query(c)
	if !params.Has(fromParam) {
		return nil
	}
	from, err := url.ParseQuery(params.Get(fromParam))
	if err != nil || len(params.Get(fromParam)) > maxFrom {
		return &origin{}
	}
	return &origin{from.Encode()}
}

// origin is the list itself, at the page that it shows.
func (q *request) origin() *origin {
	_, query, _ := strings.Cut(q.self(), "?")
	return &origin{query}
}

// url is the address of a page below the list that leads back to where one was.
func (o *origin) url(page string) string {
	if o == nil {
		return page
	}
	separator := "?"
	if strings.Contains(page, "?") {
		separator = "&"
	}
	return page + separator + fromParam + "=" + url.QueryEscape(o.query)
}

// listURL is the list that one came from, else the list as it opens.
func (r *resource) listURL(from *origin) string {
	if from == nil || from.query == "" {
		return r.url()
	}
	return r.url() + "?" + from.query
}

// neighbours are what stands beside a row in the list that it was opened from.
type neighbours struct {
	previous, next int64 // ids; 0: none
	before, after  int   // how many, up to countCap
	here           bool  // the row itself is in the list
}

// neighbours looks beside the place that row has in the list's order, whether the list
// still has it or not.
func (s *Site) neighbours(ctx context.Context, r *resource, from *origin, row any) (*neighbours, error) {
	params, err := url.ParseQuery(from.query)
	if err != nil {
		return nil, fmt.Errorf("read origin: %w", err)
	}
	q := r.read(ctx, s.Now(), params)
	rows, counts, err := q.find(ctx, s.DB, q.words)
	if err != nil {
		return nil, err
	}
	if q.narrowed(nil) { // as the list, which collects few rows before it sorts them
		var total adminpages.Count
		c := &counter{request: q, db: s.DB, src: counts, query: s.DB.NewSelect()}
		c.sample(nil, nil, &total, nil)
		if err := c.query.Scan(ctx, c.dests...); err != nil {
			return nil, fmt.Errorf("count %s: %w", r.slug, err)
		}
		for _, read := range c.after {
			read()
		}
		rows.gather = !total.Capped
	}
	rows = rows.with(q.conds(nil)...)
	q.place, q.page, q.last, q.reverse = q.order.Place(row), 0, false, false
	before := *q
	before.reverse = true
	beside, limit := &neighbours{}, int64(countCap)+1
	itself := r.selectFrom(s.DB, rows.with(cond{r.pk.SQL + " = ?", []any{r.id(row)}})).ColumnExpr("count(*) > 0")
	err = s.DB.NewSelect().With("rows_before", before.keys(s.DB, rows, before.stretches(), 0, limit)).
		With("rows_after", q.keys(s.DB, rows, q.stretches(), 0, limit)).
		ColumnExpr("(?)", before.nearest(s.DB, "rows_before")).ColumnExpr("(?)", q.nearest(s.DB, "rows_after")).
		ColumnExpr("(SELECT count(*) FROM rows_before)").ColumnExpr("(SELECT count(*) FROM rows_after)").ColumnExpr("(?)", itself).
		Scan(ctx, &beside.previous, &beside.next, &beside.before, &beside.after, &beside.here)
	if err != nil {
		return nil, fmt.Errorf("look beside a row of %s: %w", r.slug, err)
	}
	return beside, nil
}

// nearest selects the id of the first of keys, 0 where there is none.
func (q *request) nearest(db *bun.DB, keys string) *bun.SelectQuery {
	first := db.NewSelect().ColumnExpr(q.idKey()).TableExpr(keys).OrderExpr("rank, " + q.keyOrder()).Limit(1)
	return db.NewSelect().ColumnExpr("COALESCE((?), 0)", first)
}

// pager draws the way to the neighbours, and where among them the row is.
func (r *resource) pager(beside *neighbours, from *origin) *adminpages.RowPager {
	pager := &adminpages.RowPager{List: r.listURL(from)}
	if beside.previous != 0 {
		pager.Previous = from.url(r.url(strconv.FormatInt(beside.previous, 10)))
	}
	if beside.next != 0 {
		pager.Next = from.url(r.url(strconv.FormatInt(beside.next, 10)))
	}
	if beside.here && beside.before < countCap {
		total := beside.before + 1 + beside.after
		pager.Number, pager.Total = beside.before+1, adminpages.Count{N: min(total, countCap), Capped: total > countCap}
	}
	return pager
}

// actIn runs an action on a row and goes on: where the list that the row was opened from
// has lost it, with the next one there, so that a list is worked through row by row.
func (h handler) actIn(c *fiber.Ctx, row any, action *Action) error {
	ctx, from := c.UserContext(), originOf(c)
	here := from.url(h.url(strconv.FormatInt(h.id(row), 10)))
	next := func(context.Context) (string, error) { return here, nil }
	switch {
	case from != nil:
		before, err := h.site.neighbours(ctx, h.resource, from, row)
		if err != nil {
			return err
		}
		next = func(ctx context.Context) (string, error) { return h.goOn(ctx, from, row, before) }
	case action.Name == deleteAction:
		next = func(context.Context) (string, error) { return h.url(), nil }
	}
	return h.run(c, []int64{h.id(row)}, action, next)
}

// goOn is the page after an act on row: its own while the list has it, else that of the
// next one, at whose end the list.
func (h handler) goOn(ctx context.Context, from *origin, row any, before *neighbours) (string, error) {
	here, id := false, h.id(row)
	rows, err := h.byID(ctx, h.site.DB, []int64{id})
	if err != nil {
		return "", err
	}
	if len(rows) > 0 {
		now, err := h.site.neighbours(ctx, h.resource, from, rows[0])
		if err != nil {
			return "", err
		}
		here = now.here || !before.here
	}
	switch {
	case here:
		return from.url(h.url(strconv.FormatInt(id, 10))), nil
	case before.next != 0 && h.may(ctx, models.View):
		return from.url(h.url(strconv.FormatInt(before.next, 10))), nil
	}
	return h.listURL(from), nil
}
