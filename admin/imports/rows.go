package imports

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
)

// incoming is a row of a file on its way in.
type incoming struct {
	*Outcome
	id            int64
	fresh         any // a new row with what the file says
	filled, empty []*kinds.Column
	faults        problem.Fields
}

// take puts rows into the table, each for itself: one that is refused leaves the others.
func (im *Importer) take(ctx context.Context, columns []string, rows []sheets.Row) (all []Outcome, err error) {
	all = make([]Outcome, len(rows))
	err = models.InTx(ctx, im.DB, func(ctx context.Context, tx bun.Tx) error {
		refs := map[string][]string{}
		coming := make([]*incoming, len(rows))
		for i, row := range rows {
			all[i].Row = row
			if coming[i], err = im.read(ctx, columns, &all[i], refs); err != nil {
				return err
			}
		}
		known, err := im.keys(ctx, tx, coming)
		if err != nil {
			return err
		}
		for _, in := range coming {
			err := im.place(in, known)
			if err == nil {
				err = im.store(ctx, tx, in)
			}
			if p, ok := problem.As(err); ok {
				in.Refused, err = p, nil
			}
			if err != nil {
				return fmt.Errorf("import line %d into %s: %w", in.Row.Line, im.Table.Name, err)
			}
			if key := im.keyOf(in.after); in.New && key != "" {
				known[key] = append(known[key], im.Table.ID(in.after))
			}
		}
		return nil
	})
	return all, err
}

// read makes a new row of what a row of the file says. Of several cells for a column the
// first that says something counts. refs are the references met so far.
func (im *Importer) read(ctx context.Context, columns []string, o *Outcome, refs map[string][]string) (*incoming, error) {
	in := &incoming{Outcome: o, fresh: im.New(), faults: problem.Fields{}}
	if o.Row.Fault != "" {
		in.faults["file"] = []problem.Text{{Format: o.Row.Fault}}
		return in, nil
	}
	cells := sheets.Cells(columns, o.Row.Cells)
	if id := strings.TrimPrefix(cells[im.Table.PK.Name], kinds.RefMark); id != "" {
		var ok bool
		if in.id, ok = kinds.ParseID(id); !ok {
			in.faults.Add(im.Table.PK.Name, "Enter a whole number.")
		}
	}
	for _, c := range im.Columns {
		cell, mapped := cells[c.Name]
		switch {
		case !mapped:
		case cell == "":
			in.empty = append(in.empty, c)
		case strings.Contains(cell, "\n") && !c.Kind.Traits(c).Lines: // the quotes may have swallowed rows
			in.faults.Add(c.Name, "This must be one line. Look for a missing quote.")
		default:
			texts, err := im.texts(ctx, c, cell, refs)
			if p, ok := problem.As(err); ok {
				maps.Copy(in.faults, p.Fields)
				continue
			}
			if err != nil {
				return nil, err
			}
			in.filled = append(in.filled, c)
			in.faults.Note(c.Name, c.Set(in.fresh, texts))
		}
	}
	if im.CheckRow != nil && len(in.faults) == 0 {
		in.faults = im.CheckRow(in.fresh)
	}
	return in, nil
}

// texts are what a control would hold for a cell: choices by their value or their label
// in either language, references by their id or what their row is called.
func (im *Importer) texts(ctx context.Context, c *kinds.Column, cell string, refs map[string][]string) ([]string, error) {
	texts := c.Kind.Import(cell)
	if c.Ref != "" {
		return im.Reference(ctx, c, sheets.PlainCell(cell), refs)
	}
	choices := c.Choices
	var err error
	switch {
	case c.Ticked, c.Listed:
		choices, err = c.Known(ctx)
	case c.Permissions:
		for _, permission := range im.Permissions() {
			choices = append(choices, models.Choice{Value: permission})
		}
	}
	if err != nil || choices == nil {
		return texts, err
	}
	for i, text := range texts {
		if texts[i] = kinds.ValueOf(choices, text); texts[i] == "" {
			return nil, problem.Field(c.Name, "Choose one of the options.")
		}
	}
	return texts, nil
}

// place finds the row that one of the file is.
func (im *Importer) place(in *incoming, known map[string][]int64) error {
	if in.id != 0 || im.Key == nil {
		return nil
	}
	ids := known[im.keyOf(in.fresh)]
	if len(ids) > 1 {
		return problem.Field(im.Key.Name, "Several rows are called that: give the id of the one that you mean.")
	}
	if len(ids) == 1 {
		in.id = ids[0]
	}
	return nil
}

// store saves the row that a row of the file is, or a new one. Where somebody adds that
// one at this moment, it is changed.
func (im *Importer) store(ctx context.Context, tx bun.Tx, in *incoming) error {
	in.New = in.id == 0
	err := im.storeOnce(ctx, in)
	if p, ok := problem.As(err); !ok || p.Kind != problem.Conflict || !in.New {
		return err
	}
	known, keyErr := im.keys(ctx, tx, []*incoming{in})
	if keyErr != nil {
		return keyErr
	}
	if im.place(in, known) != nil || in.id == 0 {
		return err
	}
	in.New = false
	return im.storeOnce(ctx, in)
}

func (im *Importer) storeOnce(ctx context.Context, in *incoming) error {
	row, err := im.Save(ctx, in.id, func(row any) error {
		in.before = kinds.Copy(row)
		faults := maps.Clone(in.faults)
		if in.New || im.Merge == nil {
			im.apply(ctx, in, row, faults)
		} else if len(faults) == 0 {
			im.Merge(row, in.fresh)
		}
		if !in.New && im.differ(in.before, row) {
			if err := im.MayChange(ctx); err != nil {
				return err
			}
		}
		return models.ValidateWith(row, faults)
	})
	if p, ok := problem.As(err); ok && p.Kind == problem.NotFound && !in.New {
		return problem.Field(im.Table.PK.Name, "No row has this ID: leave it empty for a new one.")
	}
	if err != nil {
		return err
	}
	if in.after = row; !in.New && !im.differ(in.before, row) {
		in.before = nil
	}
	return nil
}

// apply puts what the file says into a row. An empty cell empties the column of a row
// that is there.
func (im *Importer) apply(ctx context.Context, in *incoming, row any, faults problem.Fields) {
	var locked []string
	if im.Locked != nil {
		locked = im.Locked(ctx, row)
	}
	for _, c := range in.filled {
		if c.Export(row) != c.Export(in.fresh) {
			c.Value(row).Set(c.Value(in.fresh))
		}
	}
	for _, c := range in.empty {
		if !in.New && c.Export(row) != "" {
			faults.Note(c.Name, c.Set(row, nil))
		}
	}
	for _, name := range locked {
		if c := im.columnOf(name); c != nil && c.Export(in.before) != c.Export(row) {
			faults.Add(name, "You may not change this.")
		}
	}
}

func (im *Importer) differ(before, after any) bool {
	return slices.ContainsFunc(im.Columns, func(c *kinds.Column) bool { return c.Export(before) != c.Export(after) })
}
