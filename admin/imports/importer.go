// Package imports takes the rows of a file into a model: which column is which, what each
// row would change, and what is wrong with it.
package imports

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Importer takes the rows of files into a model.
type Importer struct {
	DB          *bun.DB
	Table       *listing.Table
	Columns     []*kinds.Column // that a file may hold
	Key         *kinds.Column   // by which a row is known that has no id; nil: by its id alone
	Names       map[string]string
	CheckRow    func(row any) problem.Fields // nil: there is nothing more to it
	Merge       func(stored, row any)        // nil: a stored row takes over all
	HasChildren bool                         // rows have others below them, which no file brings

	New       func() any
	Save      func(ctx context.Context, id int64, edit func(any) error) (any, error)
	Locked    func(ctx context.Context, row any) []string // nil: no columns are
	MayChange func(ctx context.Context) error
	TitleOf   func(row any) string
	// Reference is what a control holds for a row by its id, or what it is called; known are
	// those met so far.
	Reference   func(ctx context.Context, c *kinds.Column, cell string, known map[string][]string) ([]string, error)
	Permissions func() []string
	// Words finds out how the columns of rows are told to people.
	Words func(ctx context.Context, columns []*kinds.Column, rows []any) (func(c *kinds.Column, row any) string, error)
}

// KeyTitle is the label of the column by which rows are known; empty where there is none.
func (im *Importer) KeyTitle(ctx context.Context) string {
	if im.Key == nil {
		return ""
	}
	return im.Key.Title(ctx)
}

// Options are what a column of a file can be, by the values that Guess returns.
func (im *Importer) Options(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "(left out)")}, {Value: im.Table.PK.Name, Label: "ID"}}
	for _, c := range im.Columns {
		options = append(options, ui.Option{Value: c.Name, Label: c.Title(ctx)})
	}
	for _, names := range im.Names {
		title := strings.Join(im.titles(ctx, names), " + ")
		if strings.Contains(names, " ") && !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == names }) {
			options = append(options, ui.Option{Value: names, Label: title})
		}
	}
	return options
}

func (im *Importer) titles(ctx context.Context, names string) []string {
	var titles []string
	for name := range strings.FieldsSeq(names) {
		titles = append(titles, im.columnOf(name).Title(ctx))
	}
	return titles
}

// columnOf finds a column that a file may hold; nil where it may not.
func (im *Importer) columnOf(name string) *kinds.Column {
	if i := slices.IndexFunc(im.Columns, func(c *kinds.Column) bool { return c.Name == name }); i >= 0 {
		return im.Columns[i]
	}
	return nil
}

// Guess tells for each header of a file which column it is: by its name, its label in
// either language, what else files call it, or what is alike.
func (im *Importer) Guess(header []string) []string {
	known := map[string]string{}
	for _, c := range im.Columns {
		for _, lang := range i18n.Languages {
			known[c.Title(i18n.With(context.Background(), lang))] = c.Name
		}
	}
	maps.Copy(known, im.Names)
	for _, c := range append(slices.Clone(im.Columns), im.Table.PK) {
		known[c.Name] = c.Name
	}
	return sheets.Guess(header, known)
}

// Check refuses a choice of columns by which no row would be known.
func (im *Importer) Check(ctx context.Context, columns []string) error {
	chosen := map[string]bool{}
	for _, names := range columns {
		for name := range strings.FieldsSeq(names) {
			if name != im.Table.PK.Name && im.columnOf(name) == nil {
				return problem.New(problem.Invalid, "invalid", "Choose one of the options.")
			}
			chosen[name] = true
		}
	}
	switch {
	case len(chosen) == 0:
		return problem.New(problem.Invalid, "invalid", "Say of one column at least what it is.")
	case im.Key != nil && !chosen[im.Key.Name] && !chosen[im.Table.PK.Name]:
		return problem.New(problem.Invalid, "invalid", "Say which column is %s: rows are known by it.", im.Key.Title(ctx))
	}
	return nil
}

// Outcome is what becomes of a row of a file.
type Outcome struct {
	Row     sheets.Row
	Refused *problem.Problem // nil: it is taken in
	New     bool
	Changes []adminpages.Change // of a row that was there

	before, after any
}

// Changed tells whether the row of a file changed one that was there.
func (o *Outcome) Changed() bool { return o.Refused == nil && !o.New && o.before != nil }

const (
	// previewTime bounds how long Preview tries, but for the batch that it is at.
	previewTime  = 2 * time.Second
	previewBatch = 100
)

var errPreview = errors.New("a preview is taken back")

// Preview tries the rows of a file, batch by batch, and takes back what it did. It comes
// as far as its time allows.
func (im *Importer) Preview(ctx context.Context, columns []string, rows []sheets.Row) (all []Outcome, err error) {
	started := time.Now()
	for batch := range slices.Chunk(rows, previewBatch) {
		err := models.InTx(ctx, im.DB, func(ctx context.Context, _ bun.Tx) error {
			outcomes, err := im.take(ctx, columns, batch)
			if err != nil {
				return err
			}
			all = append(all, outcomes...)
			return errPreview
		})
		if !errors.Is(err, errPreview) {
			return nil, err
		}
		if time.Since(started) > previewTime {
			break
		}
	}
	return all, nil
}

// Summary is what the history says of each row that came from a file.
const Summary = "Imported"

// Take takes rows of a file in.
func (im *Importer) Take(ctx context.Context, columns []string, rows []sheets.Row) ([]Outcome, error) {
	return im.take(models.WithSummary(ctx, Summary), columns, rows)
}

// Title names the row that a row of a file became.
func (im *Importer) Title(o *Outcome) string { return im.TitleOf(o.after) }

// Explain puts into words what an outcome changes.
func (im *Importer) Explain(ctx context.Context, o *Outcome) error {
	if !o.Changed() {
		return nil
	}
	words, err := im.Words(ctx, im.Columns, []any{o.before, o.after})
	if err != nil {
		return err
	}
	for _, c := range im.Columns {
		from, to := words(c, o.before), words(c, o.after)
		if c.Export(o.before) != c.Export(o.after) {
			o.Changes = append(o.Changes, adminpages.Change{Field: c.Title(ctx), From: kinds.OneLine(from), To: kinds.OneLine(to)})
		}
	}
	return nil
}

// keyOf is by what a row is known, in lower case; empty where it is not.
func (im *Importer) keyOf(row any) string {
	if im.Key == nil || row == nil {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(im.Key.Text(row)))
}

// keys are the ids of stored rows with the keys of those that come.
func (im *Importer) keys(ctx context.Context, tx bun.Tx, coming []*incoming) (map[string][]int64, error) {
	known, wanted := map[string][]int64{}, []string{}
	for _, in := range coming {
		if key := im.keyOf(in.fresh); key != "" && in.id == 0 {
			wanted = append(wanted, key, im.Key.Text(in.fresh)) // SQLite's lower() knows ASCII alone
		}
	}
	if len(wanted) == 0 {
		return known, nil
	}
	var found []struct {
		ID  int64
		Key string
	}
	err := tx.NewSelect().TableExpr("?", bun.Safe(string(im.Table.Schema.SQLName)+" AS "+string(im.Table.Schema.SQLAlias))).
		ColumnExpr("? AS id, ? AS key", bun.Safe(im.Table.PK.SQL), bun.Safe(im.Key.SQL)).
		Where("lower(?0) IN (?1) OR ?0 IN (?1)", bun.Safe(im.Key.SQL), bun.List(wanted)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("look for rows of %s by their key: %w", im.Table.Name, err)
	}
	for _, row := range found {
		key := strings.ToLower(row.Key)
		known[key] = append(known[key], row.ID)
	}
	return known, nil
}
