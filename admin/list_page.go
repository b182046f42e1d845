package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// list computes a list page but for its frame, in two round trips to the database
// and those of the model's Badge hook.
func (s *Site) list(ctx context.Context, q *request) (adminpages.List, error) {
	rows, counts, err := q.find(ctx, s.DB)
	if err != nil {
		return adminpages.List{}, err
	}
	t, err := q.Count(ctx, s.DB, counts)
	if err != nil {
		return adminpages.List{}, err
	}
	if err := q.limitOrder(ctx, s.DB, counts, t.Total); err != nil {
		return adminpages.List{}, err
	}
	page, err := q.FetchPage(ctx, s.DB, rows.With(q.Conds(nil)...), t.Total)
	if err != nil {
		return adminpages.List{}, err
	}
	if !page.Older && q.Page > 0 {
		t.Total = adminpages.Count{N: (q.Page-1)*q.Size + len(page.All)} // the end is in sight
	}
	badges, err := q.badgesOf(ctx, page.All)
	if err != nil {
		return adminpages.List{}, err
	}
	l := q.head(ctx, t)
	q.filterLinks(ctx, t, &l)
	if err := q.fill(ctx, s, &l, page.All, badges); err != nil {
		return l, err
	}
	if len(page.All) == 0 {
		if err := q.explainEmpty(ctx, s.DB, &l); err != nil {
			return l, err
		}
	}
	return l, q.pageLinks(&l, page)
}

// head is a list without its rows.
func (q *request) head(ctx context.Context, t *listing.Counts) adminpages.List {
	l := adminpages.List{
		Title: i18n.T(ctx, q.plural), URL: q.url(), Total: t.Total, ExportURL: join(q.url("export", "columns"), q.carry),
		Search: q.search, SearchLabel: q.searchLabel(ctx), Params: q.formParams("q"),
		Dates: q.drillLinks(ctx, t), Filtered: q.filtered(), Notices: q.notices(ctx),
		Columns: q.heads(ctx), Chooser: q.chooser(ctx), Sizes: q.sizeLinks(ctx),
		Actions: q.bulkActions(ctx), Place: q.paging, Pages: linksOf(ctx, q.resource, q.links, ""),
	}
	if q.dates != nil {
		l.DatesTitle = q.dates.title(ctx)
	}
	if q.adds && q.may(ctx, models.Add) {
		l.AddURL = q.origin().url(q.url("add"))
	}
	if l.Filtered {
		l.ClearURL = q.plainURL()
	}
	return l
}

// labelOf is what people call the column of a name, even of one that is not there.
func (r *resource) labelOf(ctx context.Context, name string) string {
	if c := r.columns[name]; c != nil {
		return c.title(ctx)
	}
	return kinds.LabelOf(name)
}

// notices say what was asked for and is not done.
func (q *request) notices(ctx context.Context) []string {
	var notices []string
	if len(q.left) > 0 {
		notices = append(notices, i18n.T(ctx, "Left out, because this list has no such filter: %s.", strings.Join(q.left, ", ")))
	}
	if q.tooMany {
		notices = append(notices, i18n.T(ctx, "More than %d rows are sorted by one column that has an index, here by %s. Narrow the list to sort it otherwise.",
			listing.SortCap, q.labelOf(ctx, q.Order.Keys[0].Field.Name)))
	}
	return notices
}

// fill draws the rows. The list asks for news only of the rows that are live.
func (q *request) fill(ctx context.Context, s *Site, l *adminpages.List, rows []any, badges map[int64]Badge) error {
	known := map[*column][]models.Choice{}
	for _, pick := range q.Picks {
		known[q.resource.columns[pick.Column.Field.Name]] = pick.Known
	}
	names, err := s.namesIn(ctx, q.columns, rows, known)
	if err != nil {
		return err
	}
	var live []string
	from := q.origin()
	for _, row := range rows {
		id := q.ID(row)
		l.Rows = append(l.Rows, q.listRow(ctx, row, badges[id], names, from))
		if badges[id].Live {
			live = append(live, "id="+strconv.FormatInt(id, 10))
		}
	}
	if len(live) > 0 && slices.Contains(q.columns, q.status) {
		l.BadgesURL = q.url("badges") + "?" + strings.Join(live, "&")
	}
	return nil
}

// listRow is one row of a list.
func (q *request) listRow(ctx context.Context, row any, badge Badge, names *names, from *origin) adminpages.Row {
	id := strconv.FormatInt(q.ID(row), 10)
	shown := adminpages.Row{ID: id, URL: from.url(q.url(id))}
	if q.excerpt != nil {
		shown.Excerpt = oneLine(q.excerpt.Kind.Words(ctx, &q.excerpt.Column, kinds.Page{}, q.excerpt.Text(row)))
	}
	for i, c := range q.columns {
		cell := names.put(ctx, c, row, q.cell(ctx, c, row, badge))
		cell.Text = oneLine(cell.Text)
		if i == 0 && cell.Kind == adminpages.CellEmpty {
			cell = adminpages.Cell{Text: "#" + id} // a link needs words
		}
		shown.Cells = append(shown.Cells, cell)
	}
	return shown
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

// pageLinks says where the page is and what lies beyond it.
func (q *request) pageLinks(l *adminpages.List, page listing.Rows) error {
	if len(page.All) > 0 && q.Page > 0 {
		l.From = (q.Page-1)*q.Size + 1
		l.To = l.From + len(page.All) - 1
		l.Total.N = max(l.Total.N, l.To)
	}
	l.Self = q.self()
	first := q.Order.Keys[0]
	l.ByDate = q.Order.Named == 0 || q.dates != nil && first.Field == q.Dates.Field && first.Desc
	if page.Newer {
		l.First = q.link()
		link, err := q.stepLink("before", page.All, 0, q.Page-1)
		if err != nil {
			return err
		}
		l.Newer = link
	}
	if page.Older {
		l.Last = q.link(adminpages.Param{Name: "page", Value: "last"})
		link, err := q.stepLink("after", page.All, len(page.All)-1, q.Page+1)
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
	place, err := q.Order.Place(rows[index]).Encode()
	if err != nil {
		return "", err
	}
	params := []adminpages.Param{{Name: side, Value: place}}
	if q.Page > 0 && number > 0 {
		params = append(params, adminpages.Param{Name: "page", Value: strconv.Itoa(number)})
	}
	return q.link(params...), nil
}

// sizeLinks are the choices of how many rows a page has.
func (q *request) sizeLinks(ctx context.Context) []adminpages.Link {
	var links []adminpages.Link
	for _, size := range pageSizes {
		value := strconv.Itoa(size)
		if size == pageSize {
			value = ""
		}
		links = append(links, adminpages.Link{
			Label: i18n.Number(ctx, size), URL: q.link(adminpages.Param{Name: "size", Value: value}), Selected: size == q.Size,
		})
	}
	return links
}
