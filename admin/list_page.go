package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// list computes a list page but for its frame, in two round trips to the database
// and those of the model's Badge hook.
func (s *Site) list(ctx context.Context, q *request) (adminpages.List, error) {
	rows, counts, err := q.find(ctx, s.DB, q.words)
	if err != nil {
		return adminpages.List{}, err
	}
	t, err := q.count(ctx, s.DB, counts)
	if err != nil {
		return adminpages.List{}, err
	}
	page, err := q.fetchPage(ctx, s.DB, rows.with(q.conds(nil)...), t.total)
	if err != nil {
		return adminpages.List{}, err
	}
	if !page.older && q.page > 0 {
		t.total = adminpages.Count{N: (q.page-1)*pageSize + len(page.rows)} // the end is in sight
	}
	badges, err := q.badgesOf(ctx, page.rows)
	if err != nil {
		return adminpages.List{}, err
	}
	l := q.head(ctx, t)
	q.filterLinks(ctx, t, &l)
	if err := q.fill(ctx, s, &l, page.rows, badges); err != nil {
		return l, err
	}
	return l, q.pageLinks(&l, page)
}

// head is a list without its rows.
func (q *request) head(ctx context.Context, t *counts) adminpages.List {
	l := adminpages.List{
		Title: i18n.T(ctx, q.plural), URL: q.url(), Total: t.total, ExportURL: join(q.url("export"), q.carry),
		Search: q.search, SearchLabel: q.searchLabel(ctx), Params: q.formParams("q"),
		Dates: q.drillLinks(ctx, t), Filtered: q.filtered(),
		Columns: q.heads(ctx), Actions: q.bulkActions(ctx), Place: q.paging, Pages: linksOf(ctx, q.resource, q.links, ""),
		Empty: i18n.T(ctx, "There is nothing here yet."),
	}
	if q.hint != "" {
		l.EmptyHint = i18n.T(ctx, q.hint)
	}
	if q.dates != nil {
		l.DatesTitle = q.dates.title(ctx)
	}
	if q.adds && q.may(ctx, models.Add) {
		l.AddURL = q.origin().url(q.url("add"))
	}
	if l.Filtered {
		l.ClearURL = q.url()
		l.Empty, l.EmptyHint = i18n.T(ctx, "Nothing matches."), i18n.T(ctx, "Try fewer words, or clear a filter.")
	}
	return l
}

// fill draws the rows. The list asks for news only of the rows that are live.
func (q *request) fill(ctx context.Context, s *Site, l *adminpages.List, rows []any, badges map[int64]Badge) error {
	known := map[*column][]models.Choice{}
	for _, pick := range q.picks {
		known[pick.column] = pick.known
	}
	names, err := s.namesIn(ctx, q.list, rows, known)
	if err != nil {
		return err
	}
	var live []string
	from := q.origin()
	for _, row := range rows {
		id := q.id(row)
		l.Rows = append(l.Rows, q.listRow(ctx, row, badges[id], names, from))
		if badges[id].Live {
			live = append(live, "id="+strconv.FormatInt(id, 10))
		}
	}
	if len(live) > 0 && q.status != nil {
		l.BadgesURL = q.url("badges") + "?" + strings.Join(live, "&")
	}
	return nil
}

// filtered tells whether the URL narrows the list.
func (q *request) filtered() bool {
	return len(q.carry) > 1 || len(q.carry) == 1 && !q.carry.Has("o")
}

func (q *request) searchLabel(ctx context.Context) string {
	if len(q.texts) == 0 {
		return ""
	}
	names := make([]string, len(q.texts))
	for i, c := range q.texts {
		names[i] = strings.ToLower(c.title(ctx))
	}
	return i18n.T(ctx, "Search %s", strings.Join(names, ", "))
}

func (q *request) heads(ctx context.Context) []adminpages.Column {
	columns := make([]adminpages.Column, len(q.list))
	for i, c := range q.list {
		columns[i] = adminpages.Column{Name: c.name, Label: c.title(ctx), Phone: i == 0 || c == q.status}
		if c.Kind.Traits(&c.Column).Unsorted {
			continue
		}
		next := q.orderBy(c, c.Kind.Traits(&c.Column).Times) // dates: newest first
		if q.order.Keys[0] == &c.Column {
			columns[i].Sort = map[bool]string{false: "ascending", true: "descending"}[q.order.Desc]
			next = q.orderBy(c, !q.order.Desc)
		}
		param := next.Param()
		if param == q.readOrder("").Param() {
			param = ""
		}
		columns[i].SortURL = q.link(adminpages.Param{Name: "o", Value: param})
	}
	return columns
}

// filterLinks draws the filters, the first enumerated one as segments.
func (q *request) filterLinks(ctx context.Context, t *counts, l *adminpages.List) {
	for _, pick := range q.picks {
		name := pick.column.name
		all := adminpages.Link{Label: i18n.T(ctx, "All"), Selected: pick.index < 0, Count: t.all[pick.column]}
		all.URL = q.link(adminpages.Param{Name: name})
		if pick.byDefault != "" {
			all.URL = q.link(adminpages.Param{Name: name, Value: allValue})
		} else if !pick.active() {
			all.Count = &t.total
		}
		f := adminpages.Filter{
			Name: name, Title: pick.column.title(ctx), Active: pick.active(), Chosen: all.Label,
			ClearURL: q.link(adminpages.Param{Name: name}), Links: []adminpages.Link{all},
		}
		for i, c := range pick.choices {
			link := adminpages.Link{Label: c.label, Selected: i == pick.index}
			link.URL = q.link(adminpages.Param{Name: name, Value: c.value})
			if c.value == pick.byDefault {
				link.URL = f.ClearURL
			}
			if counts := t.choices[pick.column]; counts != nil {
				link.Count = counts[i]
				link.Alarm = c.alarm && link.Count != nil && link.Count.N > 0
			}
			if link.Selected {
				f.Chosen = c.label
			}
			f.Links = append(f.Links, link)
		}
		if pick.column == q.segments {
			f.Title = ""
			l.Segments = &f
		} else {
			l.Filters = append(l.Filters, f)
		}
	}
}

// drillLinks are the way up through the chosen dates, then the choices below.
func (q *request) drillLinks(ctx context.Context, t *counts) []adminpages.Link {
	if q.dates == nil || t.oldest.IsZero() || t.newest.IsZero() {
		return nil
	}
	var links []adminpages.Link
	if q.drill.Year > 0 {
		for d := q.drill; ; d = d.Up() {
			links = append(links, adminpages.Link{Label: d.Label(ctx), URL: q.drillLink(d), Selected: d == q.drill})
			if d.Year == 0 {
				break
			}
		}
		slices.Reverse(links)
	}
	// A level with one choice is no choice: a young table starts with its months.
	from := q.drill
	choices := from.Below(t.oldest, t.newest)
	for len(choices) == 1 && from.Day == 0 {
		finer := choices[0].Below(t.oldest, t.newest)
		if len(finer) == 0 {
			break
		}
		from, choices = choices[0], finer
	}
	for _, d := range choices {
		links = append(links, adminpages.Link{Label: d.Label(ctx), URL: q.drillLink(d)})
	}
	return links
}

// pageLinks says where the page is and what lies beyond it.
func (q *request) pageLinks(l *adminpages.List, page rowsPage) error {
	if len(page.rows) > 0 && q.page > 0 {
		l.From = (q.page-1)*pageSize + 1
		l.To = l.From + len(page.rows) - 1
		l.Total.N = max(l.Total.N, l.To)
	}
	l.Self = q.self()
	if page.newer {
		l.First = q.link()
		link, err := q.stepLink("before", page.rows, 0, q.page-1)
		if err != nil {
			return err
		}
		l.Newer = link
	}
	if page.older {
		l.Last = q.link(adminpages.Param{Name: "page", Value: "last"})
		link, err := q.stepLink("after", page.rows, len(page.rows)-1, q.page+1)
		if err != nil {
			return err
		}
		l.Older = link
	}
	return nil
}

// stepLink leads to the page on one side of a row; number is that page's, where
// this page's is known.
func (q *request) stepLink(side string, rows []any, index, number int) (string, error) {
	if len(rows) == 0 {
		return q.link(), nil
	}
	place, err := q.order.Place(rows[index]).Encode()
	if err != nil {
		return "", err
	}
	params := []adminpages.Param{{Name: side, Value: place}}
	if q.page > 0 && number > 0 {
		params = append(params, adminpages.Param{Name: "page", Value: strconv.Itoa(number)})
	}
	return q.link(params...), nil
}
