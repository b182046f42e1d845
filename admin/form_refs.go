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
	"digitalpath/admin/listing"
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
	found, err := q.FirstByName(ctx, s.DB, maxSuggestions)
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
		name, target := strings.TrimSpace(e.get(c.Name)), f.site.resource(c.Ref)
		if number, marked := strings.CutPrefix(name, kinds.RefMark); marked {
			if id, ok := kinds.ParseID(number); ok {
				rows, err := target.ByID(ctx, f.site.DB, []int64{id})
				if len(rows) == 0 && (e != f.typed.entry || c.Text(f.row) != name) { // what is stored may stay
					e.refused = append(e.refused, c.Name)
				}
				return err
			}
		}
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
	f.names = f.site.wanted(ctx, f.shown(), []any{f.row}, nil)
	for _, d := range []*draft{f.typed, f.theirs} {
		if d == nil {
			continue
		}
		_ = f.refs(d, func(c *kinds.Column, e *entry) error { // which returns no error
			f.names.Want(c, e.get(c.Name))
			return nil
		})
	}
	if err := f.names.Find(ctx); err != nil {
		return err
	}
	return f.names.TellApart(ctx)
}

// wanted are the names for the columns of rows, still to be found; those in known need not
// be asked for.
func (s *Site) wanted(ctx context.Context, columns []*kinds.Column, rows []any, known map[*kinds.Column][]models.Choice) *listing.Names {
	n := listing.NewNames(s.DB, func(slug string) *listing.Table { return &s.resource(slug).Table })
	n.WantAll(columns, rows, known)
	for _, row := range rows {
		if entry, ok := row.(*models.HistoryEntry); ok {
			s.wantChanges(ctx, n, entry)
		}
	}
	return n
}

// namesIn are wanted and found.
func (s *Site) namesIn(ctx context.Context, columns []*kinds.Column, rows []any, known map[*kinds.Column][]models.Choice) (*listing.Names, error) {
	n := s.wanted(ctx, columns, rows, known)
	return n, n.Find(ctx)
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
