package admin

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"strconv"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// row fetches one row by the id of a URL; what cannot be an id is as missing as
// what is not there.
func (s *Site) row(ctx context.Context, r *resource, id string) (any, error) {
	number, ok := parseID(id)
	if !ok {
		return nil, problem.ErrNotFound()
	}
	rows, err := r.byID(ctx, s.DB, []int64{number})
	if err != nil {
		return nil, fmt.Errorf("find %s %d: %w", r.slug, number, err)
	}
	if len(rows) == 0 {
		return nil, problem.ErrNotFound()
	}
	return rows[0], nil
}

// detail computes the page of one row but for its frame.
func (s *Site) detail(ctx context.Context, r *resource, row any) (adminpages.Detail, error) {
	badges, err := r.badgesOf(ctx, []any{row})
	if err != nil {
		return adminpages.Detail{}, err
	}
	badge := badges[r.id(row)]
	d := adminpages.Detail{
		Title: r.titleOf(row), URL: r.url(strconv.FormatInt(r.id(row), 10)),
		Actions: r.actionsOf(ctx, func(a *Action) bool { return r.isFor(a, row) }), Live: badge.Live,
	}
	d.Links = append([]adminpages.Link{{Label: i18n.T(ctx, "History"), URL: d.URL + "history/"}}, linksOf(ctx, r, r.rowLinks, d.URL)...)
	if r.table.Type == reflect.TypeFor[models.HistoryEntry]() {
		d.Links = d.Links[1:] // history has none of its own
	}
	if r.status != nil {
		shown := r.badge(ctx, r.status, row, badge)
		d.Badge = &shown
	}
	if r.remove != nil && r.may(ctx, models.Delete) {
		d.DeleteURL = d.URL + "delete/"
	}
	if r.mailTo != nil && r.mailTo.value(row).String() != "" {
		d.MailTo = "mailto:" + url.PathEscape(r.mailTo.value(row).String())
	}
	for _, set := range r.fieldsets {
		shown := adminpages.Fieldset{Title: i18n.T(ctx, set.Title), Collapsed: set.Collapsed}
		for _, c := range set.columns {
			cell := r.cell(ctx, c, row, Badge{})
			cell.Badge.ID = "" // the one beside the title has it
			if c.options != nil {
				choices, err := c.filterChoices(ctx, s.Now())
				if err != nil {
					return d, err
				}
				cell.Text = labelIn(choices, cell.Text)
			}
			shown.Fields = append(shown.Fields, adminpages.Field{Name: c.name, Label: c.title(ctx), Cell: cell})
		}
		d.Fieldsets = append(d.Fieldsets, shown)
	}
	if r.side != nil {
		if d.Side, err = r.side(ctx, row); err != nil {
			return d, fmt.Errorf("side of %s: %w", r.slug, err)
		}
	}
	return d, nil
}

// titleOf names a row; it is never empty.
func (r *resource) titleOf(row any) string {
	if title := r.title(row); title != "" {
		return title
	}
	return fmt.Sprintf("#%d", r.id(row))
}
