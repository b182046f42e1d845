package admin

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// maxSuggestions is how many rows an autocomplete offers.
const maxSuggestions = 10

// autocomplete offers rows by what is typed: for each its key, which the form takes,
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
	q := h.read(ctx, h.site.Now(), url.Values{"q": {typed}})
	rows, _, err := q.find(ctx, h.site.DB, q.words)
	if err != nil {
		return err
	}
	var ids []int64
	if err := h.selectFrom(h.site.DB, rows).ColumnExpr(h.pk.sql).OrderExpr(h.key.sql).Limit(maxSuggestions).Scan(ctx, &ids); err != nil {
		return fmt.Errorf("suggest %s: %w", h.slug, err)
	}
	found, err := h.byID(ctx, h.site.DB, ids)
	if err != nil {
		return err
	}
	options := make([]ui.Option, len(found))
	for i, row := range found {
		options[i] = ui.Option{Value: h.key.text(row), Label: h.aside(row)}
	}
	return suggest(c, options)
}

func suggest(c *fiber.Ctx, options []ui.Option) error {
	suggestions := adminpages.Suggestions(options)
	return render(c, "", suggestions, suggestions)
}

// aside is what the search columns say of a row beside its key.
func (r *resource) aside(row any) string {
	var words []string
	for _, c := range r.texts {
		if text := c.text(row); c != r.key && text != "" {
			words = append(words, oneLine(text))
		}
	}
	return strings.Join(words, " ")
}

// refs calls visit with every filled in Ref of the form.
func (f *form) refs(d *draft, visit func(c *column, e *entry) error) error {
	each := func(columns []*column, e *entry) error {
		for _, c := range columns {
			if c.input.Ref != "" && e.get(c.name) != "" {
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
		for _, e := range d.lists[in] {
			if err := each(in.columns, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolveNames replaces the names that were typed by the ids of their rows. A name
// that nothing has, or several things have, stays, and is a fault.
func (f *form) resolveNames(ctx context.Context) error {
	return f.refs(f.typed, func(c *column, e *entry) error {
		name := strings.TrimSpace(e.get(c.name))
		if strings.HasPrefix(name, refMark) {
			return nil
		}
		target := f.site.resource(c.input.Ref)
		ids, err := target.named(ctx, f.site.DB, name)
		if err != nil {
			return err
		}
		if len(ids) == 1 {
			e.values[c.name] = []string{refMark + strconv.FormatInt(ids[0], 10)}
		}
		return nil
	})
}

// named finds rows by their key or, where none has it, by a whole search column.
func (r *resource) named(ctx context.Context, db *bun.DB, name string) ([]int64, error) {
	columns := [][]*column{{r.key}, r.texts}
	for _, some := range columns {
		query := r.selectFrom(db, source{}).ColumnExpr(r.pk.sql).Limit(2)
		for _, c := range some {
			query.WhereOr("lower("+c.sql+") = lower(?)", name)
		}
		var ids []int64
		if err := query.Scan(ctx, &ids); err != nil {
			return nil, fmt.Errorf("find %s by name: %w", r.slug, err)
		}
		if len(ids) > 0 {
			return ids, nil
		}
	}
	return nil, nil
}

// nameRefs finds out what the rows that the form's Refs lead to are called.
func (f *form) nameRefs(ctx context.Context) error {
	wanted := map[string][]int64{}
	for _, d := range []*draft{f.typed, f.theirs} {
		if d == nil {
			continue
		}
		_ = f.refs(d, func(c *column, e *entry) error { // which returns no error
			if number, marked := strings.CutPrefix(e.get(c.name), refMark); marked {
				if id, ok := parseID(number); ok {
					wanted[c.input.Ref] = append(wanted[c.input.Ref], id)
				}
			}
			return nil
		})
	}
	for slug, ids := range wanted {
		target := f.site.resource(slug)
		rows, err := target.byID(ctx, f.site.DB, ids)
		if err != nil {
			return fmt.Errorf("name rows of %s: %w", slug, err)
		}
		f.names[slug] = map[int64]string{}
		for _, row := range rows {
			f.names[slug][target.id(row)] = target.key.text(row)
		}
	}
	return nil
}

// named is what a control of a Ref shows for a text of it.
func (f *form) named(c *column, text string) string {
	if number, marked := strings.CutPrefix(text, refMark); marked {
		if id, ok := parseID(number); ok && f.names[c.input.Ref][id] != "" {
			return f.names[c.input.Ref][id]
		}
	}
	return text
}
