package admin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// maxEntries is how many rows of an inline a form may hold.
const maxEntries = 500

// entry is what the controls of one row hold, as texts by column.
type entry struct {
	values  url.Values
	id      int64 // of an inline's row; 0: a new one
	removed bool
	offered map[string][]ui.Option // by column what the search for an unknown name found
	refused []string               // columns with what was not offered
}

// set puts what a column's control holds into row, or says what is wrong with it.
func (e *entry) set(c *kinds.Column, row any) *problem.Text {
	if slices.Contains(e.refused, c.Name) {
		return &problem.Text{Format: "Choose one of the options."}
	}
	return c.Set(row, e.values[c.Name])
}

func (e *entry) get(name string) string { return strings.Join(e.values[name], "\n") }

// draft is what a form holds: the row, and the rows of its inlines.
type draft struct {
	*entry
	lists map[*inline][]*entry
}

// draftOf is the form of a row as it is stored.
func (r *resource) draftOf(row any) *draft {
	d := &draft{entry: entryOf(r.editable(), row), lists: map[*inline][]*entry{}}
	for _, in := range r.inlines {
		for _, item := range in.rows(row) {
			e := entryOf(in.columns, item)
			e.id = in.pk.Value(item).Int()
			d.lists[in] = append(d.lists[in], e)
		}
	}
	return d
}

func entryOf(columns []*kinds.Column, row any) *entry {
	e := &entry{values: url.Values{}}
	for _, c := range columns {
		e.values[c.Name] = c.Texts(row)
	}
	return e
}

// version changes with whatever the form can change.
func (r *resource) version(row any) string {
	d := r.draftOf(row)
	parts := []any{d.values}
	for _, in := range r.inlines {
		for _, e := range d.lists[in] {
			parts = append(parts, in.name, e.id, e.values)
		}
	}
	text, _ := json.Marshal(parts) // of texts and numbers alone, which cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// readDraft reads a posted form. What is not the form's is left out of it.
func (r *resource) readDraft(ctx context.Context, form url.Values) *draft {
	d := &draft{entry: readEntry(ctx, r.editable(), form, ""), lists: map[*inline][]*entry{}}
	for _, in := range r.inlines {
		d.lists[in] = in.readEntries(ctx, form)
	}
	return d
}

func readEntry(ctx context.Context, columns []*kinds.Column, form url.Values, prefix string) *entry {
	e := &entry{values: url.Values{}}
	for _, c := range columns {
		e.values[c.Name] = c.Kind.Posted(ctx, form[prefix+c.Name])
	}
	return e
}

// readEntries reads an inline's rows in the order that the form gives them. New rows
// that are blank are none.
func (in *inline) readEntries(ctx context.Context, form url.Values) []*entry {
	type placed struct {
		*entry
		order, index int
	}
	var found []placed
	for name := range form {
		text, ok := strings.CutSuffix(name, ".id")
		text, own := strings.CutPrefix(text, in.name+".")
		index, err := strconv.Atoi(text)
		if !ok || !own || err != nil {
			continue
		}
		prefix := in.name + "." + text + "."
		e := readEntry(ctx, in.columns, form, prefix)
		e.id, _ = kinds.ParseID(form.Get(prefix + "id"))
		e.removed = form.Get(prefix+"delete") != ""
		if e.id == 0 && (e.removed || in.isBlank(e)) {
			continue
		}
		order, err := strconv.Atoi(form.Get(prefix + "order"))
		if err != nil {
			order = index + 1
		}
		found = append(found, placed{e, order, index})
	}
	slices.SortFunc(found, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.index, b.index))
	})
	entries := make([]*entry, len(found))
	for i, p := range found {
		entries[i] = p.entry
	}
	return entries
}

// apply puts the draft into row, but for the columns of skip, and notes what cannot
// be.
func (d *draft) apply(r *resource, row any, skip []string) problem.Fields {
	faults := problem.Fields{}
	for _, c := range r.editable() {
		if !slices.Contains(skip, c.Name) {
			faults.Note(c.Name, d.set(c, row))
		}
	}
	for _, in := range r.inlines {
		in.apply(row, d.lists[in], faults)
	}
	return faults
}

// tooMany notes inlines with more rows than a form may hold: none is left out silently.
func (d *draft) tooMany(faults problem.Fields) {
	for in, entries := range d.lists {
		kept := 0
		for _, e := range entries {
			if !e.removed {
				kept++
			}
		}
		if kept > maxEntries {
			faults.Note(in.name, &problem.Text{Format: "There are %d rows; at most %d can be saved. Remove some.", Args: []any{kept, maxEntries}})
		}
	}
}

// apply makes the parent's rows those of entries. One that the parent does not have,
// because it is a copy or somebody else removed it, is a new one.
func (in *inline) apply(parent any, entries []*entry, faults problem.Fields) {
	stored := map[int64]any{}
	for _, row := range in.rows(parent) {
		stored[in.pk.Value(row).Int()] = row
	}
	var rows []any
	for _, e := range entries {
		if e.removed {
			continue
		}
		row, place := reflect.New(in.rowType).Interface(), in.name+"."+strconv.Itoa(len(rows))+"."
		if known, ok := stored[e.id]; ok {
			row = in.copyOf(known)
		}
		for _, c := range in.columns {
			faults.Note(place+c.Name, e.set(c, row))
		}
		if in.order != nil {
			in.order.Value(row).SetInt(int64(len(rows) + 1))
		}
		rows = append(rows, row)
	}
	in.put(parent, rows)
}

// formAt is the form that stands at a path, and its row's id; nil: none does.
func (s *Site) formAt(path string) (r *resource, id int64) {
	slug, below, _ := strings.Cut(strings.Trim(strings.TrimPrefix(path, "/admin/"), "/"), "/")
	id, ok := kinds.ParseID(below)
	if r = s.resource(slug); r == nil || !r.edits() || !ok && !(below == "add" && r.adds) {
		return nil, 0
	}
	return r, id
}

// Typed is what a request posts to the form of a row, for a page that brings it back by
// Reopen: all but passwords and what says what to do. ok is false for any other request.
func (s *Site) Typed(c *fiber.Ctx) (typed []adminpages.Param, ok bool) {
	r, _ := s.formAt(c.Path())
	form := posted(c)
	if r == nil || c.Method() != fiber.MethodPost || form.Has("action") {
		return nil, false
	}
	left := []string{"csrf_token", "_save", "_force", fromParam}
	for name, column := range r.columns {
		if column.Password {
			left = append(left, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			if !slices.Contains(left, name) && !strings.HasPrefix(name, "_login_") {
				typed = append(typed, adminpages.Param{Name: name, Value: value})
			}
		}
	}
	return typed, len(typed) > 0
}

// Reopen shows the form that a request posts to with what it holds, and saves nothing.
func (s *Site) Reopen(c *fiber.Ctx) error {
	ctx := c.UserContext()
	r, id := s.formAt(c.Path())
	if r == nil {
		return problem.ErrNotFound()
	}
	verbs := []models.Verb{models.View, models.Change}
	if id == 0 {
		verbs = []models.Verb{models.Add}
	}
	for _, verb := range verbs {
		if err := r.need(ctx, verb); err != nil {
			return err
		}
	}
	h := handler{s, r}
	f, err := h.openTyped(c, id)
	if err != nil {
		return err
	}
	f.note = i18n.T(ctx, "What you typed is here and not saved yet.")
	return h.show(c, f)
}

// offered are the texts of a column that a form may bring: those that it offers, and
// what is stored, even where it is not offered any more.
func (f *form) offered(c *kinds.Column) []string {
	known := c.Texts(f.row)
	for _, option := range f.options[c] {
		known = append(known, option.Value)
	}
	return known
}

// refuseUnknown notes a choice that the form did not offer. No choice is not one.
func (f *form) refuseUnknown(c *kinds.Column) {
	if text := f.typed.get(c.Name); text != "" && !slices.Contains(f.offered(c), text) {
		f.typed.refused = append(f.typed.refused, c.Name)
	}
}

// keepKnown drops ticks that the form did not offer.
func (f *form) keepKnown(c *kinds.Column) {
	known := f.offered(c)
	if c.Permissions {
		known = append(known, f.site.permissions()...)
	}
	f.typed.values[c.Name] = slices.DeleteFunc(f.typed.values[c.Name], func(text string) bool { return !slices.Contains(known, text) })
}
