package admin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/problem"
)

// maxEntries is how many rows of an inline a form may hold.
const maxEntries = 500

// entry is what the controls of one row hold, as texts by column.
type entry struct {
	values  url.Values
	id      int64 // of an inline's row; 0: a new one
	removed bool
}

func (e *entry) get(name string) string { return strings.Join(e.values[name], "\n") }

// draft is what a form holds: the row, and the rows of its inlines.
type draft struct {
	*entry
	lists   map[*inline][]*entry
	refused []string // columns with a choice that was not offered
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

func entryOf(columns []*column, row any) *entry {
	e := &entry{values: url.Values{}}
	for _, c := range columns {
		e.values[c.name] = c.Texts(row)
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

func readEntry(ctx context.Context, columns []*column, form url.Values, prefix string) *entry {
	e := &entry{values: url.Values{}}
	for _, c := range columns {
		e.values[c.name] = c.Kind.Posted(ctx, form[prefix+c.name])
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
	for index := range maxEntries {
		prefix := in.name + "." + strconv.Itoa(index) + "."
		if !form.Has(prefix + "id") {
			continue
		}
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
		switch {
		case slices.Contains(skip, c.name):
		case slices.Contains(d.refused, c.name):
			note(faults, c.name, &problem.Text{Format: "Choose one of the options."})
		default:
			note(faults, c.name, c.Set(row, d.values[c.name]))
		}
	}
	for _, in := range r.inlines {
		in.apply(row, d.lists[in], faults)
	}
	return faults
}

func note(faults problem.Fields, name string, fault *problem.Text) {
	if fault != nil {
		faults[name] = append(faults[name], *fault)
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
			note(faults, place+c.name, c.Set(row, e.values[c.name]))
		}
		if in.order != nil {
			in.order.Value(row).SetInt(int64(len(rows) + 1))
		}
		rows = append(rows, row)
	}
	in.put(parent, rows)
}

// judge adds what validation says of row to faults, so that all comes at once.
func judge(row any, faults problem.Fields) error {
	if len(faults) == 0 {
		return nil
	}
	if p, ok := problem.As(models.Validate(row)); ok {
		for name, texts := range p.Fields {
			if len(faults[name]) == 0 {
				faults[name] = texts
			}
		}
	}
	return faults.Problem()
}
