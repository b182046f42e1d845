package admin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/views/adminpages"
)

// exportStep is how long reading one batch of an export may take.
const exportStep = 10 * time.Second

// maxExport is how many rows an answer brings; more are for a job.
const maxExport = 10_000

// export answers with the rows that a list's URL means, in its order, as CSV: its columns
// and those of the detail page, named as in the database.
func (h handler) export(c *fiber.Ctx) error {
	q := h.read(c.UserContext(), h.site.Now(), query(c))
	if long, err := h.site.isLong(c.UserContext(), q); err != nil || long {
		return cmp.Or(err, h.askExport(c, q))
	}
	e := &export{site: h.site, request: q, columns: h.exported()}
	e.writer = csv.NewWriter(&e.text)
	// It is read while it is sent, when the request's own context is over.
	e.ctx = context.WithoutCancel(c.UserContext())
	ctx, cancel := context.WithTimeout(e.ctx, exportStep)
	defer cancel()
	rows, _, err := q.find(ctx, h.site.DB)
	if err != nil {
		return err
	}
	e.rows = rows.With(q.Conds(nil)...)
	e.text.WriteString(models.CSVMark)
	e.write(namesOf(e.columns))
	if err := e.fill(); err != nil { // what fails at once gets an answer of its own
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+h.slug+"-"+h.site.Now().Format(time.DateOnly)+`.csv"`)
	return c.SendStream(e)
}

// exported are the columns of an export: all that the pages show and that lists are
// filtered by, each once. What only a form asks for is none of the row's.
func (r *resource) exported() []*column {
	columns := []*column{r.pk}
	for _, c := range slices.Concat(r.list, r.shown(), r.filters) {
		asked := c.Password || c.Kept() && c.Field.IndirectType.Kind() != reflect.Slice
		if !asked && !slices.ContainsFunc(columns, func(known *column) bool { return known.name == c.name }) {
			columns = append(columns, c)
		}
	}
	return columns
}

// records are rows as lines of an export.
func (r *resource) records(ctx context.Context, columns []*column, rows []any) ([][]string, error) {
	names := map[*column][]models.Choice{}
	for _, c := range columns {
		if !c.Kept() || r.load == nil {
			continue
		}
		if err := r.loadEach(ctx, rows); err != nil {
			return nil, err
		}
		break
	}
	for _, c := range columns {
		if c.Kept() && c.input.Options != nil {
			choices, err := c.input.Options(ctx)
			if err != nil {
				return nil, fmt.Errorf("names in %s of %s: %w", c.name, r.slug, err)
			}
			names[c] = choices
		}
	}
	records := make([][]string, len(rows))
	for i, row := range rows {
		for _, c := range columns {
			records[i] = append(records[i], r.exportCell(ctx, c, row, names[c]))
		}
	}
	return records, nil
}

// loadEach completes rows with what their table does not hold. One that is gone
// meanwhile stays as it was read.
func (r *resource) loadEach(ctx context.Context, rows []any) error {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = r.id(row)
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

// exportCell is a row's value in a column for people and programs: ids of what is
// elsewhere by their names, changes in the words of their model.
func (r *resource) exportCell(ctx context.Context, c *column, row any, names []models.Choice) string {
	entry, isEntry := row.(*models.HistoryEntry)
	var lines []string
	switch {
	case isEntry && c.Field.IndirectType == reflect.TypeFor[[]models.FieldChange]():
		var cell adminpages.Cell
		r.showChanges(ctx, &cell, entry)
		for _, change := range cell.Changes {
			lines = append(lines, change.Field+": "+strings.TrimSpace(change.From+" → "+change.To))
		}
	case names != nil:
		for _, text := range c.Texts(row) {
			lines = append(lines, c.Kind.Words(ctx, &c.Column, kinds.Page{Options: names}, text))
		}
	default:
		return c.Export(row)
	}
	return models.QuoteCell(strings.Join(lines, "\n"))
}

// export is the text of a CSV file that is made as far as it is read. An error in the
// middle breaks the connection off, so that nobody takes half a file for a whole one.
type export struct {
	site *Site
	*request
	ctx     context.Context
	rows    listing.Source
	columns []*column
	last    listing.Cursor // place of the last row written
	done    bool
	text    bytes.Buffer // written and not read yet
	writer  *csv.Writer
}

// Read implements io.Reader.
func (e *export) Read(p []byte) (int, error) {
	for e.text.Len() == 0 {
		if e.done {
			return 0, io.EOF
		}
		if err := e.fill(); err != nil {
			return 0, err
		}
	}
	return e.text.Read(p)
}

// fill writes the next batch of rows.
func (e *export) fill() error {
	ctx, cancel := context.WithTimeout(e.ctx, exportStep)
	defer cancel()
	rows, err := e.Behind(ctx, e.site.DB, e.rows, e.last, actionBatch)
	if err != nil {
		return err
	}
	if e.done = len(rows) < actionBatch; len(rows) > 0 {
		e.last = e.Order.Place(rows[len(rows)-1])
	}
	records, err := e.records(ctx, e.columns, rows)
	if err != nil {
		return err
	}
	for _, record := range records {
		e.write(record)
	}
	e.writer.Flush()
	return e.writer.Error()
}

// write cannot fail on a buffer; fill asks for the writer's error all the same.
func (e *export) write(cells []string) { _ = e.writer.Write(cells) }
