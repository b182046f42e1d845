package admin

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// find is where the rows with all words of the search are; Conds are still to be added.
func (q *request) find(ctx context.Context, db *bun.DB) (rows, counts listing.Source, err error) {
	if q.err != nil {
		return rows, counts, q.err
	}
	return q.Find(ctx, db, q.Words)
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
		c := q.resource.columns[pick.Column.Field.Name]
		f := q.filterLink(ctx, t, pick, c)
		if c == q.segments {
			f.Title = ""
			l.Segments = &f
		} else {
			l.Filters = append(l.Filters, f)
		}
	}
}

func (q *request) filterLink(ctx context.Context, t *listing.Counts, pick listing.Pick, c *column) adminpages.Filter {
	to := func(value string) string {
		return q.linkBy(func(params url.Values) {
			if pick.Unset(params); value != "" {
				params.Set(c.name, value)
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
		Name: c.name, Title: c.title(ctx), Active: !all.Selected, Chosen: all.Label, ClearURL: all.URL,
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
func (q *request) explainEmpty(ctx context.Context, db *bun.DB, l *adminpages.List) error {
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
	_, src, err := q.find(ctx, db)
	if err != nil {
		return err
	}
	counts, err := listing.Totals(ctx, db, []*listing.State{wider}, []listing.Source{src})
	if err != nil || counts[0].N == 0 {
		return err
	}
	l.Empty, l.EmptyHint = i18n.T(ctx, "Nothing matches."), ""
	l.Wider = &adminpages.Link{Count: &counts[0], URL: q.linkBy(func(params url.Values) {
		for _, pick := range wider.Picks {
			pick.Set(params)
		}
	})}
	return nil
}

// drillLinks are the way up through the chosen dates, then the choices below.
func (q *request) drillLinks(ctx context.Context, t *listing.Counts) []adminpages.Link {
	if q.dates == nil || t.Oldest.IsZero() || t.Newest.IsZero() {
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

// maxRefChoices is how many rows a filter by reference offers.
const maxRefChoices = 50

// choices are the first rows by their key, for a filter of what refers to them.
func (s *Site) choices(ctx context.Context, r *resource) ([]models.Choice, error) {
	rows, err := r.Fetch(ctx, s.DB, func(q *bun.SelectQuery) { q.OrderExpr(r.Called().SQL).Limit(maxRefChoices) })
	if err != nil {
		return nil, fmt.Errorf("list %s to choose from: %w", r.slug, err)
	}
	labels, err := r.Labels(ctx, s.DB, rows)
	if err != nil {
		return nil, err
	}
	choices := make([]models.Choice, len(rows))
	for i, row := range rows {
		choices[i] = models.Choice{Value: kinds.RefMark + strconv.FormatInt(r.ID(row), 10), Label: labels[r.ID(row)]}
	}
	return choices, nil
}
