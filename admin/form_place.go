package admin

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin/listing"
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

// KeepPlace is the address of a page that leads back to the list from which the coded page
// of a row was reached.
func KeepPlace(c *fiber.Ctx, page string) string { return originOf(c).url(page) }

// listURL is the list that one came from, else the list as it opens.
func (r *resource) listURL(from *origin) string {
	if from == nil || from.query == "" {
		return r.url()
	}
	return r.url() + "?" + from.query
}

// neighbours looks beside a row in the list that it was opened from.
func (s *Site) neighbours(ctx context.Context, r *resource, from *origin, row any) (*listing.Beside, error) {
	params, err := url.ParseQuery(from.query)
	if err != nil {
		return nil, fmt.Errorf("read origin: %w", err)
	}
	q := r.read(ctx, s.Now(), params)
	rows, counts, err := q.find(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	if err := q.limitOrder(ctx, s.DB, counts, adminpages.Count{Capped: true}); err != nil {
		return nil, err
	}
	return q.Beside(ctx, s.DB, rows, counts, row)
}

// pager draws the way to the neighbours, and where among them the row is.
func (r *resource) pager(beside *listing.Beside, from *origin) *adminpages.RowPager {
	pager := &adminpages.RowPager{List: r.listURL(from)}
	if beside.Previous != 0 {
		pager.Previous = from.url(r.url(strconv.FormatInt(beside.Previous, 10)))
	}
	if beside.Next != 0 {
		pager.Next = from.url(r.url(strconv.FormatInt(beside.Next, 10)))
	}
	if beside.Here && beside.Before < listing.CountCap {
		total := beside.Before + 1 + beside.After
		pager.Number, pager.Total = beside.Before+1, adminpages.Count{N: min(total, listing.CountCap), Capped: total > listing.CountCap}
	}
	return pager
}

// actIn does an action to a row and goes on: where the list that the row was opened from
// has lost it, with the next one there, so that a list is worked through row by row.
func (h handler) actIn(c *fiber.Ctx, row any, q *question) error {
	ctx, from := c.UserContext(), originOf(c)
	q.back = from.url(h.url(strconv.FormatInt(h.id(row), 10)))
	switch {
	case from != nil:
		before, err := h.site.neighbours(ctx, h.resource, from, row)
		if err != nil {
			return err
		}
		q.next = func(ctx context.Context) (string, error) { return h.goOn(ctx, from, row, before) }
	case q.action.Name == deleteAction:
		q.back = h.url()
	}
	return h.do(c, q)
}

// goOn is the page after an act on row: its own while the list has it, else that of the
// next one, at whose end the list.
func (h handler) goOn(ctx context.Context, from *origin, row any, before *listing.Beside) (string, error) {
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
		here = now.Here || !before.Here
	}
	switch {
	case here:
		return from.url(h.url(strconv.FormatInt(id, 10))), nil
	case before.Next != 0 && h.may(ctx, models.View):
		return from.url(h.url(strconv.FormatInt(before.Next, 10))), nil
	}
	return h.listURL(from), nil
}
