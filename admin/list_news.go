package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// What a list's question for news says: when the newest row is from that it shows, and of
// how many newer ones it tells.
const (
	newestParam = "newest"
	toldParam   = "told"
)

// badges brings the badges of the rows that a list watches up to date, and with the last
// of them what the page counts.
func (h handler) badges(c *fiber.Ctx) error {
	ctx, params := c.UserContext(), query(c)
	var ids []int64
	for _, value := range params["id"] {
		id, ok := kinds.ParseID(value)
		if !ok || len(ids) == slices.Max(pageSizes) {
			return problem.ErrNotFound()
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 || h.status == nil {
		return problem.ErrNotFound()
	}
	rows, err := h.ByID(ctx, h.site.DB, ids)
	if err != nil {
		return err
	}
	notes, err := h.badgesOf(ctx, rows)
	if err != nil {
		return err
	}
	badges := make([]adminpages.Badge, len(rows))
	for i, row := range rows {
		badges[i] = h.cell(ctx, h.status, row, notes[h.ID(row)]).Badge
	}
	tabs := new(adminpages.Views)
	if params.Has("views") {
		views, err := h.views(ctx)
		if err != nil {
			return err
		}
		if tabs, err = h.tabs(ctx, h.read(ctx, h.site.Now(), nil), views); err != nil {
			return err
		}
	}
	news := adminpages.News{Badges: badges, Tabs: tabs.Tabs}
	if !news.Live() {
		if err := h.addCounts(ctx, h.readDrawn(ctx, h.site.Now(), params), &news); err != nil {
			return err
		}
	}
	return Render(c, adminpages.Badges(news))
}

// addCounts tells what the segments of a list count now, and the menu.
func (h handler) addCounts(ctx context.Context, q *request, news *adminpages.News) error {
	_, counts, err := q.find(ctx, h.site.DB)
	if err != nil {
		return err
	}
	t, err := q.Count(ctx, h.site.DB, counts)
	if err != nil {
		return err
	}
	list := adminpages.List{}
	if q.filterLinks(ctx, t, &list); list.Segments != nil {
		news.Segments = list.Segments.Links
	}
	news.Menu, err = h.site.Menu(ctx, h.url())
	return err
}

// asksForNews tells whether the list begins with the newest rows, so that a look at the end
// of its index tells of newer ones.
func (q *request) asksForNews() bool {
	first := q.Order.Keys[0]
	return q.Dates != nil && first.Field == q.Dates.Field && first.Desc && q.Page == 1 && !q.Last && !q.Reverse && len(q.Words) == 0 && q.Drill.Year == 0
}

// newsURL is where the list that shows rows asks for newer ones.
func (q *request) newsURL(rows []any) string {
	if len(rows) == 0 {
		return q.newsOf(q.site.Now(), 0)
	}
	return q.newsOf(q.Dates.Value(rows[0]).Interface().(time.Time), 0)
}

func (q *request) newsOf(newest time.Time, told int) string {
	params := q.carried()
	params.Set(newestParam, newest.UTC().Format(time.RFC3339Nano))
	if told > 0 {
		params.Set(toldParam, strconv.Itoa(told))
	}
	return join(q.url("news"), params)
}

// news tells of rows that have come since the list was shown, once for each number of them.
func (h handler) news(c *fiber.Ctx) error {
	ctx, params := c.UserContext(), query(c)
	newest, err := time.Parse(time.RFC3339Nano, params.Get(newestParam))
	if err != nil {
		return problem.ErrNotFound()
	}
	q := h.read(ctx, h.site.Now(), params)
	count, err := q.Newer(ctx, h.site.DB, newest)
	if err != nil {
		return err
	}
	if count == 0 || params.Get(toldParam) == strconv.Itoa(count) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	news := adminpages.News{
		Sentence: i18n.T(ctx, "%d new: %s", count, i18n.T(ctx, h.plural)), ListURL: q.link(), AskURL: q.newsOf(newest, count),
	}
	if news.Menu, err = h.site.Menu(ctx, h.url()); err != nil {
		return err
	}
	return Render(c, adminpages.NewRows(news))
}

// alarms counts the rows that need somebody, up to listing.CountCap of each model, in one
// query.
func (s *Site) alarms(ctx context.Context) (map[*resource]int, error) {
	query, counts := s.DB.NewSelect(), map[*resource]*int{}
	var dests []any
	for _, r := range s.visible(ctx) {
		values := r.alarming()
		if r.needs == nil && len(values) == 0 {
			continue
		}
		var terms []string
		var found []any
		add := func(rows *bun.SelectQuery) {
			terms, found = append(terms, "(SELECT count(*) FROM (?) AS counted)"), append(found, rows.ColumnExpr("1").Limit(listing.CountCap+1))
		}
		q := r.read(ctx, s.Now(), nil)
		if r.needs != nil {
			sql, args := r.needs(s.Now())
			add(r.SelectFrom(s.DB, listing.Source{}.With(append(q.Conds(nil), listing.Where(sql, args...))...)))
		} else {
			for _, value := range values {
				add(q.Having(s.DB, r.segments, value))
			}
		}
		query.ColumnExpr(strings.Join(terms, " + "), found...)
		counts[r] = new(int)
		dests = append(dests, counts[r])
	}
	if len(dests) == 0 {
		return nil, nil
	}
	if err := query.Scan(new(models.Args).In(ctx), dests...); err != nil { // the same words on every page
		return nil, fmt.Errorf("count for the menu: %w", err)
	}
	alarms := map[*resource]int{}
	for r, n := range counts {
		alarms[r] = min(*n, listing.CountCap)
	}
	return alarms, nil
}

// alarming are the choices of a model's status with which rows need somebody. What
// was deleted, or has happened otherwise, needs nobody: only what can change does.
func (r *resource) alarming() []string {
	if r.segments == nil || !slices.Contains(r.verbs(), models.Change) {
		return nil
	}
	var values []string
	for _, c := range r.segments.Choices {
		if c.Tone == models.ToneNegative {
			values = append(values, c.Value)
		}
	}
	return values
}
