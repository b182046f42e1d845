package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

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
	q.bounded = rows.Bounded
	t, err := q.Count(ctx, s.DB, counts)
	if err != nil {
		return adminpages.List{}, err
	}
	if err := q.limitOrder(ctx, s.DB, counts, t.Total); err != nil {
		return adminpages.List{}, err
	}
	if !t.Total.Capped {
		rows = counts
	}
	page, err := q.FetchPage(ctx, s.DB, rows.With(q.Conds(nil)...), t.Total)
	if err == nil && page.Far {
		if err = q.comeNear(ctx, s.DB, counts); err == nil {
			page, err = q.FetchPage(ctx, s.DB, rows.With(q.Conds(nil)...), t.Total)
		}
	}
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
		if err := q.explainEmpty(ctx, s.DB, counts, &l); err != nil {
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
		Actions: q.bulkActions(ctx), Place: q.paging, Pages: linksOf(ctx, q.resource, q.links, "", nil),
	}
	if q.Dates != nil {
		l.DatesTitle = q.Dates.Title(ctx)
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
		return c.Title(ctx)
	}
	return kinds.LabelOf(name)
}

// notices say what was asked for and is not done.
func (q *request) notices(ctx context.Context) []string {
	var notices []string
	if len(q.left) > 0 {
		notices = append(notices, i18n.T(ctx, "Left out, because this list has no such filter: %s.", strings.Join(q.left, ", ")))
	}
	for _, name := range q.unnamed {
		notices = append(notices, i18n.T(ctx, "“%s” is left out: no row is called that, or several are, of which an ID names one.", name))
	}
	if q.tooMany {
		notices = append(notices, i18n.T(ctx, "More than %d rows are sorted by one column that has an index, here by %s. Narrow the list to sort it otherwise.",
			listing.SortCap, q.labelOf(ctx, q.Order.Keys[0].Field.Name)))
	}
	if q.strayed {
		notices = append(notices, i18n.T(ctx, "In the order that was asked for, what the filters leave lies too far apart: the list goes by %s. Narrow it below %d rows to sort it otherwise.",
			q.labelOf(ctx, q.Order.Keys[0].Field.Name), listing.SortCap))
	}
	if q.bounded {
		notices = append(notices, i18n.T(ctx, "These words are looked for in the newest %d rows alone: no index of so long a list knows them.", listing.NewestRows))
	}
	return notices
}

// fill draws the rows. The list asks for news only of the rows that are live.
func (q *request) fill(ctx context.Context, s *Site, l *adminpages.List, rows []any, badges map[int64]Badge) error {
	known := map[*kinds.Column][]models.Choice{}
	for _, pick := range q.Picks {
		known[pick.Column] = pick.Known
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
		if carried := q.carried(); len(carried) > 0 {
			l.BadgesURL += "&" + carried.Encode()
		}
	}
	if q.asksForNews() {
		l.NewsURL = q.newsURL(rows)
	}
	return nil
}

// listRow is one row of a list.
func (q *request) listRow(ctx context.Context, row any, badge Badge, names *listing.Names, from *origin) adminpages.Row {
	id := strconv.FormatInt(q.ID(row), 10)
	shown := adminpages.Row{ID: id, URL: from.url(q.url(id))}
	if q.excerpt != nil {
		shown.Excerpt = kinds.OneLine(q.excerpt.Kind.Words(ctx, q.excerpt, kinds.Page{}, q.excerpt.Text(row)))
	}
	for i, c := range q.columns {
		cell := q.namedCell(ctx, names, c, row, badge)
		cell.Text = kinds.OneLine(cell.Text)
		if i == 0 && cell.Kind == adminpages.CellEmpty {
			cell = adminpages.Cell{Text: "#" + id} // a link needs words
		}
		if c == q.Dates {
			shown.At = cell.Time
		}
		shown.Cells = append(shown.Cells, cell)
	}
	return shown
}

func (q *request) searchLabel(ctx context.Context) string {
	if len(q.Texts) == 0 {
		return ""
	}
	names := make([]string, len(q.Texts))
	for i, c := range q.Texts {
		names[i] = strings.ToLower(c.Title(ctx))
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
	l.ByDate = q.Order.Named == 0 || q.Dates != nil && first.Field == q.Dates.Field && first.Desc
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

// mayList are the columns that a list can show: those that it does, and those of the row's
// page that the table holds.
func (r *resource) mayList() []*kinds.Column {
	columns := slices.Clone(r.List)
	for _, c := range r.shown() {
		if !c.Password && !c.Kept() && !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	return columns
}

// chooser offers the columns, those that are shown first.
func (q *request) chooser(ctx context.Context) *adminpages.Chooser {
	if len(q.Listable) == 1 {
		return nil
	}
	c := &adminpages.Chooser{Params: q.formParams("cols"), Chosen: q.carry.Has("cols"), ResetURL: q.link(adminpages.Param{Name: "cols"})}
	for i, column := range q.columns {
		c.Columns = append(c.Columns, adminpages.ChooserColumn{Name: column.Name, Label: column.Title(ctx), Place: i + 1})
	}
	for _, column := range q.Listable {
		if !slices.Contains(q.columns, column) {
			c.Columns = append(c.Columns, adminpages.ChooserColumn{Name: column.Name, Label: column.Title(ctx)})
		}
	}
	return c
}

// heads are the heads of the columns. A click sorts by a column first, and by what the
// list was sorted by then, as Django's do.
func (q *request) heads(ctx context.Context) []adminpages.Column {
	columns := make([]adminpages.Column, len(q.columns))
	for i, c := range q.columns {
		columns[i] = adminpages.Column{Name: c.Name, Label: c.Title(ctx), Phone: i == 0 || c == q.status || q.carry.Has("cols")}
		if !c.Sorts() {
			continue
		}
		var others []listing.Key
		if q.carry.Has("o") && !q.tooMany {
			others = slices.DeleteFunc(slices.Clone(q.Order.Keys[:q.Order.Named]), func(key listing.Key) bool { return key.Field == c.Field })
		}
		next := listing.Key{Column: c, Desc: c.Kind.Traits(c).Times} // dates: newest first
		rank, desc := q.Order.By(c)
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
	param := q.OrderBy(keys...).Param()
	if param == q.OwnOrder().Param() {
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

// comeNear sorts the rows that the filters leave, where the order that was asked for leads
// past too many others; or goes by the list's own order, and so do its links.
func (q *request) comeNear(ctx context.Context, db *bun.DB, src listing.Source) error {
	if few, err := q.SortFew(ctx, db, src); err != nil || few {
		return err
	}
	q.strayed, q.Order = true, q.OwnOrder()
	q.carry.Set("o", q.Order.Param())
	q.paging = q.ReadPage(q.params)
	return nil
}

// useIndex takes instead of an order that no index holds the nearest that one does.
func (q *request) useIndex() {
	if q.Order.Indexed {
		return
	}
	if q.Order = q.OrderBy(q.Order.Keys[0]); !q.Order.Indexed {
		q.Order = q.OwnOrder()
	}
	q.paging = q.ReadPage(q.params)
}

// bulkActions are the buttons over a list: no action is offered that is for none of
// the rows which the filters leave.
func (q *request) bulkActions(ctx context.Context) []adminpages.Action {
	all := q.actionsOf(ctx, func(a *Action) bool {
		return !slices.ContainsFunc(q.Picks, func(p listing.Pick) bool {
			value, only := a.Only[p.Column.Field.Name]
			return only && p.Excludes(value)
		})
	})
	all = append(all, adminpages.Action{Name: exportAction, Label: i18n.T(ctx, "Export…")})
	if q.bulkEdits() && q.may(ctx, models.Change) && len(q.bulkColumns(ctx)) > 0 {
		all = append(all, adminpages.Action{Name: editAction, Label: i18n.T(ctx, "Edit…")})
	}
	if q.remove != nil && q.may(ctx, models.Delete) {
		all = append(all, adminpages.Action{Name: deleteAction, Label: i18n.T(ctx, "Delete…"), Danger: true})
	}
	return all
}
