package admin

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// maxSuggestions is how many rows an autocomplete offers.
const maxSuggestions = 10

// autocomplete offers rows by what is typed: for each its label, which the form takes,
// and what else tells it apart. htmx sends the control under its own name. Who may
// not view them is offered nothing: a form that names such a row is theirs all the
// same, and a refusal would be a fault at every key.
func (h handler) autocomplete(c *fiber.Ctx) error {
	ctx, params := c.UserContext(), query(c)
	if !h.may(ctx, models.View) {
		return suggest(c, nil)
	}
	typed := params.Get("q")
	if name := c.Get("HX-Trigger-Name"); name != "" && typed == "" {
		typed = params.Get(name)
	}
	options, err := h.site.offer(ctx, h.resource, typed)
	if err != nil {
		return err
	}
	return suggest(c, options)
}

// offer are the first rows that a search finds, each by its label, and with what else
// tells it apart.
func (s *Site) offer(ctx context.Context, r *resource, typed string) ([]ui.Option, error) {
	q := r.read(ctx, s.Now(), url.Values{"q": {typed}})
	rows, _, err := q.find(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := r.SelectFrom(s.DB, rows).ColumnExpr(r.PK.SQL).OrderExpr(r.Called().SQL).Limit(maxSuggestions).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("suggest %s: %w", r.slug, err)
	}
	found, err := r.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	labels, err := r.Labels(ctx, s.DB, found)
	if err != nil {
		return nil, err
	}
	options := make([]ui.Option, len(found))
	for i, row := range found {
		options[i] = ui.Option{Value: labels[r.ID(row)], Label: r.aside(row)}
	}
	return options, nil
}

func suggest(c *fiber.Ctx, options []ui.Option) error {
	suggestions := adminpages.Suggestions(options)
	return render(c, "", suggestions, suggestions)
}

// aside is what the search columns say of a row beside its key.
func (r *resource) aside(row any) string {
	var words []string
	for _, c := range r.Texts {
		if text := c.Text(row); c != r.Key && text != "" {
			words = append(words, kinds.OneLine(text))
		}
	}
	return strings.Join(words, " ")
}

// refs calls visit with every filled in Ref of the form.
func (f *form) refs(d *draft, visit func(c *kinds.Column, e *entry) error) error {
	each := func(columns []*kinds.Column, e *entry) error {
		for _, c := range columns {
			if c.Ref != "" && e.get(c.Name) != "" {
				if err := visit(c, e); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := each(f.editable(), d.entry); err != nil {
		return err
	}
	for _, in := range f.inlines {
		if len(d.lists[in]) > maxEntries {
			continue // which is refused as it is
		}
		for _, e := range d.lists[in] {
			if err := each(in.columns, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolveNames replaces the names that were typed by the ids of their rows. A name
// that nothing has, or several things have, stays, and is a fault; what it finds is
// offered with it, so that a reference is searched for without a script, too.
func (f *form) resolveNames(ctx context.Context) error {
	offers := 0
	return f.refs(f.typed, func(c *kinds.Column, e *entry) error {
		name := strings.TrimSpace(e.get(c.Name))
		if number, marked := strings.CutPrefix(name, kinds.RefMark); marked {
			if _, ok := kinds.ParseID(number); ok {
				return nil
			}
		}
		target := f.site.resource(c.Ref)
		ids, err := target.Named(ctx, f.site.DB, name)
		if err != nil {
			return err
		}
		if len(ids) == 1 {
			e.values[c.Name] = []string{kinds.RefMark + strconv.FormatInt(ids[0], 10)}
			return nil
		}
		if offers++; offers > maxSuggestions || !target.may(ctx, models.View) {
			return nil
		}
		offered, err := f.site.offer(ctx, target, name)
		if e.offered == nil {
			e.offered = map[string][]ui.Option{}
		}
		e.offered[c.Name] = offered
		return err
	})
}

// referenceOf is what a control holds for a row by its id, or else by what it is called.
// refs are those met so far.
func (s *Site) referenceOf(ctx context.Context, c *kinds.Column, cell string, refs map[string][]string) ([]string, error) {
	place := c.Ref + " " + cell
	if texts, known := refs[place]; known {
		return texts, nil
	}
	target := s.resource(c.Ref)
	ids := []int64{}
	if id, ok := kinds.ParseID(strings.TrimPrefix(cell, kinds.RefMark)); ok {
		rows, err := target.ByID(ctx, s.DB, []int64{id})
		if err != nil {
			return nil, fmt.Errorf("look for row of %s: %w", c.Ref, err)
		}
		for range rows {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		var err error
		if ids, err = target.Named(ctx, s.DB, cell); err != nil {
			return nil, err
		}
	}
	refs[place] = []string{cell} // which the column refuses
	if len(ids) == 1 {
		refs[place] = []string{kinds.RefMark + strconv.FormatInt(ids[0], 10)}
	}
	return refs[place], nil
}

// nameRefs finds out what the rows that the form's Refs lead to are called.
func (f *form) nameRefs(ctx context.Context) error {
	names, err := f.site.namesIn(ctx, f.shown(), []any{f.row}, nil)
	if err != nil {
		return err
	}
	f.names = names
	wanted := map[string][]int64{}
	for _, d := range []*draft{f.typed, f.theirs} {
		if d == nil {
			continue
		}
		_ = f.refs(d, func(c *kinds.Column, e *entry) error { // which returns no error
			want(wanted, c, e.get(c.Name))
			return nil
		})
	}
	if err := names.find(ctx, f.site, wanted); err != nil {
		return err
	}
	return names.tellApart(ctx, f.site)
}

// names are the words of values that say nothing by themselves: what the rows are called
// that references lead to, by slug and id, and the labels of Choices.
type names struct {
	rows   map[string]map[int64]string
	found  map[string][]any // the rows themselves
	labels map[*kinds.Column][]models.Choice
}

// namesIn are the names for the columns of rows; those in known need not be asked for.
func (s *Site) namesIn(ctx context.Context, columns []*kinds.Column, rows []any, known map[*kinds.Column][]models.Choice) (*names, error) {
	n := &names{rows: map[string]map[int64]string{}, found: map[string][]any{}, labels: map[*kinds.Column][]models.Choice{}}
	wanted := map[string][]int64{}
	for _, c := range columns {
		if n.labels[c] = known[c]; c.Listed && n.labels[c] == nil {
			var err error
			if n.labels[c], err = c.Known(ctx); err != nil {
				return nil, err
			}
		}
		for _, row := range rows {
			if c.Ref != "" {
				want(wanted, c, c.Text(row))
			}
		}
	}
	return n, n.find(ctx, s, wanted)
}

// want notes the id of the row that a control's text leads to.
func want(wanted map[string][]int64, c *kinds.Column, text string) {
	if number, marked := strings.CutPrefix(text, kinds.RefMark); marked {
		if id, ok := kinds.ParseID(number); ok {
			wanted[c.Ref] = append(wanted[c.Ref], id)
		}
	}
}

// find asks for the names of rows, by slug.
func (n *names) find(ctx context.Context, s *Site, wanted map[string][]int64) error {
	for slug, ids := range wanted {
		target := s.resource(slug)
		rows, err := target.ByID(ctx, s.DB, ids)
		if err != nil {
			return fmt.Errorf("name rows of %s: %w", slug, err)
		}
		if n.rows[slug] == nil {
			n.rows[slug] = map[int64]string{}
		}
		n.found[slug] = append(n.found[slug], rows...)
		for _, row := range rows {
			n.rows[slug][target.ID(row)] = target.Called().Text(row)
		}
	}
	return nil
}

// tellApart calls the rows what a control takes back.
func (n *names) tellApart(ctx context.Context, s *Site) error {
	for slug, rows := range n.found {
		labels, err := s.resource(slug).Labels(ctx, s.DB, rows)
		if err != nil {
			return err
		}
		n.rows[slug] = labels
	}
	return nil
}

// named is what the row is called that a control's text leads to.
func (n *names) named(c *kinds.Column, text string) string {
	if number, marked := strings.CutPrefix(text, kinds.RefMark); marked {
		if id, ok := kinds.ParseID(number); ok && n.rows[c.Ref][id] != "" {
			return n.rows[c.Ref][id]
		}
	}
	return text
}

// words are what people read for a choice or a reference, and what leads back to it.
func (n *names) words(ctx context.Context, c *kinds.Column, row any) string {
	text := c.Text(row)
	words := c.Kind.Words(ctx, c, kinds.Page{Options: n.labels[c], Named: func(text string) string { return n.named(c, text) }}, text)
	if _, isID := kinds.ParseID(words); c.Ref != "" && isID {
		return words + " " + text // else it would be taken for an id
	}
	return words
}

// put puts the words for a value into its cell.
func (n *names) put(ctx context.Context, c *kinds.Column, row any, cell adminpages.Cell) adminpages.Cell {
	if cell.Kind == adminpages.CellText && (c.Ref != "" || c.Listed) {
		page := kinds.Page{Options: n.labels[c], Named: func(text string) string { return n.named(c, text) }}
		cell.Text = c.Kind.Words(ctx, c, page, c.Text(row))
	}
	return cell
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
