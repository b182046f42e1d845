package admin

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"time"

	"digitalpath/admin/imports"
	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
)

// resource is a declaration resolved against its table, with T erased: rows are
// any, each a *T.
type resource struct {
	site                                  *Site
	slug, name, plural, group, icon, hint string
	rightsOf                              string // slug of whose rights are asked for

	listing.Table
	filters  []*kinds.Column
	segments *kinds.Column // of filters; nil where none is enumerated
	status   *kinds.Column // the badge column of list; nil where there is none
	defaults map[string]string

	columns   map[string]*kinds.Column // all that the declaration names
	fieldsets []fieldset
	excerpt   *kinds.Column
	mailTo    *kinds.Column
	links     []Link
	rowLinks  []Link
	actions   []Action

	adds      bool
	needs     func(time.Time) (string, []any)
	beside    bool // Beside is set
	saveAsNew bool
	inlines   []*inline
	keeper    bool                  // Rows is set
	unique    []string              // columns of unique indexes
	set       map[string]url.Values // what actions set, as a form would hold it

	newRow   func() any
	load     func(ctx context.Context, ids []int64) (map[int64]any, error)          // by id; what is gone is left out
	save     func(ctx context.Context, id int64, edit func(any) error) (any, error) // nil: rows are only shown
	locked   func(ctx context.Context, row any) []string
	warnings func(row any) problem.Fields

	title   func(row any) string
	badges  func(ctx context.Context, rows []any) (map[int64]Badge, error)
	side    func(ctx context.Context, row any) ([]adminpages.Timeline, error)
	remove  func(ctx context.Context, ids []int64) (int, error)
	related func(ctx context.Context, ids []int64) ([]string, error)
	trash   Trash             // nil: what is deleted is gone
	revert  Revert            // nil: nothing that is done is taken back
	imports *imports.Importer // nil: rows come from no file
}

type fieldset struct {
	Fieldset
	columns []*kinds.Column
}

// edits tells whether rows have a form.
func (r *resource) edits() bool { return r.save != nil }

// url is the resource's own address, or one below it.
func (r *resource) url(below ...string) string {
	url := "/admin/" + r.slug + "/"
	for _, step := range below {
		url += step + "/"
	}
	return url
}

// shown are the columns of the page of a row.
func (r *resource) shown() []*kinds.Column {
	var columns []*kinds.Column
	for _, set := range r.fieldsets {
		columns = append(columns, set.columns...)
	}
	return columns
}

// cell is a row's value in a column, ready to draw. Only the status badge of a list has
// an id and the row's note: it is the one that updates itself.
func (r *resource) cell(ctx context.Context, c *kinds.Column, row any, badge Badge) adminpages.Cell {
	cell := c.Cell(ctx, row)
	if entry, ok := row.(*models.HistoryEntry); ok && c.Name == "object_label" && !entry.Folded && entry.ActRows > 1 {
		cell.Text = r.modelOf(entry).doneWords(ctx, entry) // it speaks for all of its act
	}
	if cell.Kind == adminpages.CellBadge && r.status != nil && c.Name == r.status.Name {
		cell.Badge.ID = fmt.Sprintf("badge-%s-%d", r.slug, r.ID(row))
		cell.Badge.Note, cell.Badge.Live = badge.Note, badge.Live
	}
	return cell
}

// badgesOf asks the model about rows; without an answer of its own a row is live
// while its choice is.
func (r *resource) badgesOf(ctx context.Context, rows []any) (map[int64]Badge, error) {
	if r.badges != nil && len(rows) > 0 {
		badges, err := r.badges(ctx, rows)
		if err != nil {
			return nil, fmt.Errorf("badges of %s: %w", r.slug, err)
		}
		return badges, nil
	}
	badges := map[int64]Badge{}
	for _, row := range rows {
		if r.status != nil {
			value := r.status.Text(row)
			for _, c := range r.status.Choices {
				if c.Value == value && c.Live {
					badges[r.ID(row)] = Badge{Live: true}
				}
			}
		}
	}
	return badges, nil
}

// loadEach completes rows with what their table does not hold. One that is gone
// meanwhile stays as it was read.
func (r *resource) loadEach(ctx context.Context, rows []any) error {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = r.ID(row)
	}
	whole, err := r.load(ctx, ids)
	if err != nil {
		return fmt.Errorf("load rows of %s: %w", r.slug, err)
	}
	for i, id := range ids {
		if whole[id] != nil {
			r.relate(whole[id], rows[i])
			rows[i] = whole[id]
		}
	}
	return nil
}

// relate gives a row the rows that another state of it leads to.
func (r *resource) relate(to, from any) {
	for _, field := range r.Through {
		field.Value(reflect.ValueOf(to).Elem()).Set(field.Value(reflect.ValueOf(from).Elem()))
	}
}

// findSpecial finds the columns that stand out, and the relations that columns are read through.
func (r *resource) findSpecial(columns map[string]*kinds.Column) {
	r.segments = first(r.filters, isEnumerated)
	r.status = first(r.List, isEnumerated)
	if r.Key == nil {
		r.Key = first(r.List, isName)
	}
	for _, col := range columns {
		if col.Through != nil && !slices.Contains(r.Through, col.Through) {
			r.Through = append(r.Through, col.Through)
		}
	}
}

func (r *resource) inlineNames() []string {
	names := make([]string, len(r.inlines))
	for i, in := range r.inlines {
		names[i] = in.name
	}
	return names
}

// words are the English texts of the declaration, which the reader's language needs.
func (r *resource) words() []string {
	words := []string{r.name, r.plural, r.group, r.hint}
	for _, set := range r.fieldsets {
		words = append(words, set.Title)
	}
	for _, a := range r.actions {
		words = append(words, a.Label, a.Done)
	}
	for _, link := range slices.Concat(r.links, r.rowLinks) {
		words = append(words, link.Label)
	}
	columns := slices.Collect(maps.Values(r.columns))
	for _, in := range r.inlines {
		words = append(words, in.title)
		columns = append(columns, in.columns...)
	}
	for _, c := range columns {
		words = append(words, c.Label, c.Help, c.NewHelp)
		for _, choice := range c.Choices {
			words = append(words, choice.Label)
		}
	}
	return slices.DeleteFunc(words, func(word string) bool { return word == "" })
}

func first(columns []*kinds.Column, n *need) *kinds.Column {
	if i := slices.IndexFunc(columns, n.fits); i >= 0 {
		return columns[i]
	}
	return nil
}

// row fetches one row by the id of a URL; what cannot be an id is as missing as
// what is not there.
func (s *Site) row(ctx context.Context, r *resource, id string) (any, error) {
	number, ok := kinds.ParseID(id)
	if !ok {
		return nil, problem.ErrNotFound()
	}
	rows, err := r.ByID(ctx, s.DB, []int64{number})
	if err != nil {
		return nil, fmt.Errorf("find %s %d: %w", r.slug, number, err)
	}
	if len(rows) == 0 {
		return nil, problem.ErrNotFound()
	}
	return rows[0], nil
}

// titleOf names a row; it is never empty.
func (r *resource) titleOf(row any) string {
	if title := r.title(row); title != "" {
		return title
	}
	return fmt.Sprintf("#%d", r.ID(row))
}
