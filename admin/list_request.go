package admin

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

const (
	pageSize = 50
	// zoneParam names the zone of a list's days.
	zoneParam = "tz"
)

// pageSizes are how many rows a page may have.
var pageSizes = []int{25, pageSize, 100, 200}

// request is what one URL of a list asks for. What the model does not know, or
// cannot be, is left out of it rather than refused.
type request struct {
	*resource
	listing.State
	search  string
	columns []*kinds.Column
	view    int64      // the saved view that the URL came from; 0: none
	opens   bool       // the bare list opens with a view
	carry   url.Values // the URL's valid parameters, paging left out
	paging  []adminpages.Param
	params  url.Values // as they came
	tooMany bool       // rows for the order that was asked for
	strayed bool       // from an order that leads past too many other rows
	bounded bool       // words that no index knows are looked for in the newest rows alone
	left    []string   // labels of what should narrow the list and cannot
	unnamed []string   // what a filter by reference should lead to, and does not
	err     error      // of asking for a filter's choices
}

// read parses a list's parameters. Filters that neither they nor a default name are left
// out: their choices may have to be asked for.
func (r *resource) read(ctx context.Context, now time.Time, params url.Values) *request {
	return r.readBy(ctx, now, params, slices.DeleteFunc(slices.Clone(r.filters), func(c *kinds.Column) bool {
		names := listing.RangeNames(c)
		return r.defaults[c.Name] == "" && !params.Has(c.Name) && !slices.ContainsFunc(names[:], params.Has)
	}))
}

// readDrawn is read for who draws the list, with every filter.
func (r *resource) readDrawn(ctx context.Context, now time.Time, params url.Values) *request {
	return r.readBy(ctx, now, params, r.filters)
}

func (r *resource) readBy(ctx context.Context, now time.Time, params url.Values, filters []*kinds.Column) *request {
	q := &request{resource: r, params: params, carry: url.Values{}}
	q.State = listing.State{Of: &r.Table, Page: 1, Size: pageSize, Zone: i18n.Zone(ctx)}
	if zone, ok := models.TimeZone(params.Get(zoneParam)); ok {
		q.Zone = zone
	}
	search := models.Truncate(strings.TrimSpace(params.Get("q")), models.MaxSearch)
	if len(r.Texts) > 0 && search != "" {
		q.search, q.Words = search, models.SearchWords(search)
		q.carry.Set("q", search)
	}
	q.readFilters(ctx, now.In(q.Zone), params, filters)
	q.setZone(q.carry)
	own := q.OwnOrder()
	if q.Order = own; params.Get("o") != "" {
		q.Order = r.ReadOrder(params.Get("o"))
	}
	if q.Order.Param() != own.Param() {
		q.carry.Set("o", q.Order.Param())
	}
	if q.columns = r.ReadColumns(params.Get("cols")); !slices.Equal(q.columns, r.List) {
		q.carry.Set("cols", strings.Join(kinds.Names(q.columns), ","))
	}
	if size, err := strconv.Atoi(params.Get("size")); err == nil && size != pageSize && slices.Contains(pageSizes, size) {
		q.Size = size
		q.carry.Set("size", strconv.Itoa(size))
	}
	if id, ok := kinds.ParseID(params.Get("view")); ok || params.Get("view") == plainView {
		q.view = id
		q.carry.Set("view", params.Get("view"))
	}
	q.paging = q.ReadPage(params)
	return q
}

func (q *request) readFilters(ctx context.Context, now time.Time, params url.Values, filters []*kinds.Column) {
	for _, c := range filters {
		known, err := c.Known(ctx)
		switch {
		case c.Ref != "" && err == nil:
			known, params, err = q.site.withNamed(ctx, c, known, params)
		case c.Kind == kinds.Listed{} && params.Get(c.Name) != listing.All:
			known = kinds.Offering(known, params.Get(c.Name))
		}
		q.err = errors.Join(q.err, err)
		pick := listing.Pick{Column: c, Known: known, Default: q.defaults[c.Name], Choices: c.Kind.Filter(ctx, c, now, known)}
		if !pick.Read(ctx, now, params) || len(params[c.Name]) > 1 {
			if c.Ref != "" && len(params[c.Name]) == 1 {
				q.unnamed = append(q.unnamed, params.Get(c.Name))
			} else {
				q.left = append(q.left, c.Title(ctx))
			}
		}
		pick.Set(q.carry)
		q.Picks = append(q.Picks, pick)
	}
	if q.Dates == nil {
		return
	}
	q.Drill = listing.ReadDrill(q.Of.Dates, params)
	q.Drill.Set(q.Of.Dates, q.carry)
	for _, name := range listing.DrillNames(q.Of.Dates) {
		if params.Get(name) != "" && !q.carry.Has(name) {
			q.left = append(q.left, q.Dates.Title(ctx))
		}
	}
}

// withNamed adds to the choices of a filter by reference the row that its value leads to, by
// its id or what it is called: there may be more than are offered.
func (s *Site) withNamed(ctx context.Context, c *kinds.Column, known []models.Choice, params url.Values) ([]models.Choice, url.Values, error) {
	value := params.Get(c.Name)
	offered := func(choice models.Choice) bool { return choice.Value == kinds.RefMark+value }
	if slices.Contains([]string{"", "any", "none"}, value) || slices.ContainsFunc(known, offered) {
		return known, params, nil
	}
	texts, err := s.referenceOf(ctx, c, value, map[string][]string{})
	if err != nil {
		return known, params, err
	}
	target := s.resource(c.Ref)
	id, _ := kinds.ParseID(strings.TrimPrefix(texts[0], kinds.RefMark))
	rows, err := target.ByID(ctx, s.DB, []int64{id})
	if err != nil || len(rows) == 0 {
		return known, params, err
	}
	labels, err := target.Labels(ctx, s.DB, rows)
	value, params = strconv.FormatInt(id, 10), maps.Clone(params)
	params.Set(c.Name, value)
	if !slices.ContainsFunc(known, offered) {
		known = append(slices.Clone(known), models.Choice{Value: kinds.RefMark + value, Label: labels[id]})
	}
	return known, params, err
}

// setZone lets a link that means days say whose: who gets it may live elsewhere.
func (q *request) setZone(params url.Values) {
	params.Del(zoneParam)
	if q.Dates != nil && params.Has(listing.DrillNames(q.Of.Dates)[0]) || slices.ContainsFunc(q.filters, func(c *kinds.Column) bool {
		names := listing.RangeNames(c)
		ranged := slices.ContainsFunc(names[:], params.Has)
		return c.Kind.Traits(c).Times && (ranged || params.Has(c.Name))
	}) {
		params.Set(zoneParam, q.Zone.String())
	}
}

// link is the list's URL with some parameters changed; an empty value takes one
// away. Paging starts anew unless the changes say where.
func (q *request) link(changes ...adminpages.Param) string {
	return q.linkBy(func(params url.Values) {
		for _, change := range changes {
			if params.Del(change.Name); change.Value != "" {
				params.Set(change.Name, change.Value)
			}
		}
	})
}

// carried are the parameters of the list's URL but the page.
func (q *request) carried() url.Values {
	params := url.Values{}
	for name, values := range q.carry {
		params[name] = values
	}
	return params
}

// linkBy is the list's URL with its parameters as change makes them.
func (q *request) linkBy(change func(url.Values)) string {
	params := q.carried()
	change(params)
	q.setZone(params)
	if len(params) == 0 {
		return q.plainURL()
	}
	return join(q.url(), params)
}

// plainURL is the list as it is declared.
func (q *request) plainURL() string {
	if q.opens {
		return join(q.url(), url.Values{"view": {plainView}})
	}
	return q.url()
}

// self is the URL of the very page that was asked for.
func (q *request) self() string { return q.link(q.paging...) }

// formParams are the parameters that a form of the list carries on beside except.
func (q *request) formParams(except ...string) []adminpages.Param {
	var params []adminpages.Param
	for name, values := range q.carry {
		if !slices.Contains(except, name) {
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

// origin is the list itself, at the page that it shows.
func (q *request) origin() *origin {
	_, query, _ := strings.Cut(q.self(), "?")
	return &origin{query}
}

// find is where the rows with all words of the search are; Conds are still to be added.
func (q *request) find(ctx context.Context, db *bun.DB) (rows, counts listing.Source, err error) {
	if q.err != nil {
		return rows, counts, q.err
	}
	return q.Find(ctx, db)
}

// filtered tells whether the URL narrows the list.
func (q *request) filtered() bool {
	for name := range q.carry {
		if !slices.Contains([]string{"o", "cols", "size", "view"}, name) {
			return true
		}
	}
	return false
}

// filterLinks draws the filters, the first enumerated one as segments.
func (q *request) filterLinks(ctx context.Context, t *listing.Counts, l *adminpages.List) {
	for _, pick := range q.Picks {
		f := q.filterLink(ctx, t, pick)
		if pick.Column == q.segments {
			f.Title = ""
			l.Segments = &f
		} else {
			l.Filters = append(l.Filters, f)
		}
	}
}

func (q *request) filterLink(ctx context.Context, t *listing.Counts, pick listing.Pick) adminpages.Filter {
	c := pick.Column
	to := func(value string) string {
		return q.linkBy(func(params url.Values) {
			if pick.Unset(params); value != "" {
				params.Set(c.Name, value)
			}
		})
	}
	all := adminpages.Link{Label: i18n.T(ctx, "All"), Selected: pick.Index < 0 && pick.Range == nil, Count: t.All[pick.Column], URL: to("")}
	if pick.Default != "" {
		all.URL = to(listing.All)
	} else if !pick.Active() {
		all.Count = &t.Total
	}
	f := adminpages.Filter{
		Name: c.Name, Title: c.Title(ctx), Active: !all.Selected, Chosen: all.Label, ClearURL: all.URL,
		Links: []adminpages.Link{all}, Range: q.rangeInputs(pick),
	}
	if pick.Range != nil {
		f.Chosen = pick.Range.Label
	}
	for i, choice := range pick.Choices {
		link := adminpages.Link{Label: choice.Label, Selected: i == pick.Index, URL: to(choice.Value)}
		if choice.Value == pick.Default {
			link.URL = to("")
		}
		if counts := t.Choices[pick.Column]; counts != nil {
			link.Count = counts[i]
			link.Alarm = choice.Alarm && link.Count != nil && link.Count.N > 0
		}
		if link.Selected {
			f.Chosen = choice.Label
		}
		if link.Selected && choice.Value == pick.Default {
			f.Chosen = i18n.T(ctx, "%s (default)", choice.Label)
		}
		f.Links = append(f.Links, link)
	}
	return f
}

// rangeInputs are the inputs of a filter that takes a range.
func (q *request) rangeInputs(pick listing.Pick) *adminpages.Range {
	traits, names := pick.Column.Kind.Traits(pick.Column), listing.RangeNames(pick.Column)
	if (pick.Column.Ref != "" || pick.Column.Kind == kinds.Listed{}) && len(pick.Known) >= maxRefChoices {
		return &adminpages.Range{Type: "text", URL: q.url(), From: adminpages.Param{Name: pick.Column.Name}, Params: q.formParams(pick.Column.Name)}
	}
	if traits.Range == "" {
		return nil
	}
	r := &adminpages.Range{
		Type: traits.Range, URL: q.url(), From: adminpages.Param{Name: names[0], Value: pick.Bounds.From}, To: adminpages.Param{Name: names[1], Value: pick.Bounds.To},
		Params: q.formParams(append(names[:], pick.Column.Field.Name)...),
	}
	if traits.Times {
		r.Older = &adminpages.Param{Name: names[2], Value: pick.Bounds.Older}
	}
	return r
}

// explainEmpty says why there are no rows: there are none yet, nothing matches, or what
// would is left out by default.
func (q *request) explainEmpty(ctx context.Context, db *bun.DB, src listing.Source, l *adminpages.List) error {
	l.Empty = i18n.T(ctx, "There is nothing here yet.")
	if q.hint != "" {
		l.EmptyHint = i18n.T(ctx, q.hint)
	}
	if l.Filtered {
		l.Empty, l.EmptyHint = i18n.T(ctx, "Nothing matches."), i18n.T(ctx, "Try fewer words, or clear a filter.")
	}
	wider, ok := q.WithoutDefaults()
	if !ok {
		return nil
	}
	left, count := q.LeftOut(), new(adminpages.Count)
	counts, err := listing.Totals(ctx, db, left, slices.Repeat([]listing.Source{src}, len(left)))
	for _, more := range counts {
		count.N, count.Capped = count.N+more.N, count.Capped || more.Capped
	}
	if err != nil || count.N == 0 {
		return err
	}
	l.Empty, l.EmptyHint = i18n.T(ctx, "Nothing matches."), ""
	l.Wider = &adminpages.Link{Count: count, URL: q.linkBy(func(params url.Values) {
		for _, pick := range wider.Picks {
			pick.Set(params)
		}
	})}
	return nil
}

// drillLinks are the way up through the chosen dates, then the choices below.
func (q *request) drillLinks(ctx context.Context, t *listing.Counts) []adminpages.Link {
	if q.Dates == nil || t.Oldest.IsZero() || t.Newest.IsZero() {
		return nil
	}
	var links []adminpages.Link
	if q.Drill.Year > 0 {
		for d := q.Drill; ; d = d.Up() {
			links = append(links, adminpages.Link{Label: d.Label(ctx), URL: q.drillLink(d), Selected: d == q.Drill})
			if d.Year == 0 {
				break
			}
		}
		slices.Reverse(links)
	}
	// A level with one choice is no choice: a young table starts with its months.
	from := q.Drill
	choices := from.Below(t.Oldest, t.Newest)
	for len(choices) == 1 && from.Day == 0 {
		finer := choices[0].Below(t.Oldest, t.Newest)
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

func (q *request) drillLink(d listing.Drill) string {
	return q.linkBy(func(params url.Values) { d.Set(q.Of.Dates, params) })
}
