package admin

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
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// importing is an Import with T erased.
type importing struct {
	key     *kinds.Column
	columns []*kinds.Column
	names   map[string]string
	check   func(row any) problem.Fields
	merge   func(stored, row any)
}

// Importer takes files into a model.
type Importer struct {
	*resource
	in *importing
}

// Importer finds the model of that slug for who may see and add its rows.
func (s *Site) Importer(ctx context.Context, slug string) (*Importer, error) {
	r := s.resource(slug)
	if r == nil || r.imports == nil {
		return nil, problem.ErrNotFound()
	}
	return &Importer{r, r.imports}, errors.Join(r.need(ctx, models.View), r.need(ctx, models.Add))
}

// URL is that of the list, or below it.
func (im *Importer) URL(below ...string) string { return im.url(below...) }

// KeyTitle is the label of the column by which rows are known; empty where there is none.
func (im *Importer) KeyTitle(ctx context.Context) string {
	if im.in.key == nil {
		return ""
	}
	return im.in.key.Title(ctx)
}

// HasChildren tells whether rows have others below them, which no file brings.
func (im *Importer) HasChildren() bool { return len(im.inlines) > 0 }

// Options are what a column of a file can be, by the values that Guess returns.
func (im *Importer) Options(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "(left out)")}, {Value: im.PK.Name, Label: "ID"}}
	for _, c := range im.in.columns {
		options = append(options, ui.Option{Value: c.Name, Label: c.Title(ctx)})
	}
	for _, names := range im.in.names {
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
	if i := slices.IndexFunc(im.in.columns, func(c *kinds.Column) bool { return c.Name == name }); i >= 0 {
		return im.in.columns[i]
	}
	return nil
}

// Guess tells for each header of a file which column it is: by its name, its label in
// either language, what else files call it, or what is alike.
func (im *Importer) Guess(header []string) []string {
	known := map[string]string{}
	for _, c := range im.in.columns {
		for _, lang := range i18n.Languages {
			known[c.Title(i18n.With(context.Background(), lang))] = c.Name
		}
	}
	maps.Copy(known, im.in.names)
	for _, c := range append(slices.Clone(im.in.columns), im.PK) {
		known[c.Name] = c.Name
	}
	return sheets.Guess(header, known)
}

// Check refuses a choice of columns by which no row would be known.
func (im *Importer) Check(ctx context.Context, columns []string) error {
	chosen := map[string]bool{}
	for _, names := range columns {
		for name := range strings.FieldsSeq(names) {
			if name != im.PK.Name && im.columnOf(name) == nil {
				return problem.New(problem.Invalid, "invalid", "Choose one of the options.")
			}
			chosen[name] = true
		}
	}
	switch {
	case len(chosen) == 0:
		return problem.New(problem.Invalid, "invalid", "Say of one column at least what it is.")
	case im.in.key != nil && !chosen[im.in.key.Name] && !chosen[im.PK.Name]:
		return problem.New(problem.Invalid, "invalid", "Say which column is %s: rows are known by it.", im.in.key.Title(ctx))
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
		err := models.InTx(ctx, im.site.DB, func(ctx context.Context, _ bun.Tx) error {
			outcomes, err := im.take(ctx, columns, batch)
			all = append(all, outcomes...)
			return errors.Join(err, errPreview)
		})
		if !errors.Is(err, errPreview) || len(all) < len(rows) && time.Since(started) > previewTime {
			return all, ignorePreview(err)
		}
	}
	return all, nil
}

func ignorePreview(err error) error {
	if errors.Is(err, errPreview) {
		return nil
	}
	return err
}

// Take takes rows of a file in.
func (im *Importer) Take(ctx context.Context, columns []string, rows []sheets.Row) ([]Outcome, error) {
	return im.take(models.WithSummary(ctx, "Imported"), columns, rows)
}

// Title names the row that a row of a file became.
func (im *Importer) Title(o *Outcome) string { return im.titleOf(o.after) }

// Explain puts into words what an outcome changes.
func (im *Importer) Explain(ctx context.Context, o *Outcome) error {
	if !o.Changed() {
		return nil
	}
	names, err := im.site.namesIn(ctx, im.in.columns, []any{o.before, o.after}, nil)
	if err != nil {
		return err
	}
	for _, c := range im.in.columns {
		from, to := names.words(ctx, c, o.before), names.words(ctx, c, o.after)
		if c.Export(o.before) != c.Export(o.after) {
			o.Changes = append(o.Changes, adminpages.Change{Field: c.Title(ctx), From: oneLine(from), To: oneLine(to)})
		}
	}
	return nil
}

// keyOf is by what a row is known, in lower case; empty where it is not.
func (im *Importer) keyOf(row any) string {
	if im.in.key == nil || row == nil {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(im.in.key.Text(row)))
}

// keys are the ids of stored rows with the keys of those that come.
func (im *Importer) keys(ctx context.Context, tx bun.Tx, coming []*incoming) (map[string][]int64, error) {
	known, wanted := map[string][]int64{}, []string{}
	for _, in := range coming {
		if key := im.keyOf(in.fresh); key != "" && in.id == 0 {
			wanted = append(wanted, key, im.in.key.Text(in.fresh)) // SQLite's lower() knows ASCII alone
		}
	}
	if len(wanted) == 0 {
		return known, nil
	}
	var found []struct {
		ID  int64
		Key string
	}
	err := tx.NewSelect().TableExpr("?", bun.Safe(string(im.Schema.SQLName)+" AS "+string(im.Schema.SQLAlias))).
		ColumnExpr("? AS id, ? AS key", bun.Safe(im.PK.SQL), bun.Safe(im.in.key.SQL)).
		Where("lower(?0) IN (?1) OR ?0 IN (?1)", bun.Safe(im.in.key.SQL), bun.List(wanted)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("look for rows of %s by their key: %w", im.slug, err)
	}
	for _, row := range found {
		key := strings.ToLower(row.Key)
		known[key] = append(known[key], row.ID)
	}
	return known, nil
}
