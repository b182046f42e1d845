package admin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
)

// exportStep is how long reading one batch of an export may take.
const exportStep = 10 * time.Second

// maxExport is how many rows an answer brings; more are for a job.
const maxExport = 10_000

// export answers with the rows that a list's URL means, as CSV: its columns and those
// of the detail page, named as in the database.
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
	rows, _, err := q.find(ctx, h.site.DB, q.words)
	if err != nil {
		return err
	}
	e.rows = rows.with(q.conds(nil)...)
	e.write(namesOf(e.columns))
	if err := e.fill(); err != nil { // what fails at once gets an answer of its own
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+h.slug+"-"+h.site.Now().Format(time.DateOnly)+`.csv"`)
	return c.SendStream(e)
}

// exported are the columns of an export: all that the pages show, each once.
func (r *resource) exported() []*column {
	columns := []*column{r.pk}
	add := func(c *column) {
		if !slices.ContainsFunc(columns, func(known *column) bool { return known.name == c.name }) {
			columns = append(columns, c)
		}
	}
	for _, c := range r.list {
		add(c)
	}
	for _, c := range r.shown() {
		add(c)
	}
	return columns
}

// export is the text of a CSV file that is made as far as it is read. An error in the
// middle breaks the connection off, so that nobody takes half a file for a whole one.
type export struct {
	site *Site
	*request
	ctx     context.Context
	rows    source
	columns []*column
	last    int64 // id of the last row written
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
	ids, err := e.site.idsBehind(ctx, e.resource, e.rows, e.last, actionBatch)
	if err != nil {
		return err
	}
	if e.done = len(ids) < actionBatch; len(ids) > 0 {
		e.last = ids[len(ids)-1]
		rows, err := e.byID(ctx, e.site.DB, ids)
		if err != nil {
			return err
		}
		for _, row := range rows {
			e.write(cellsOf(e.columns, row))
		}
	}
	e.writer.Flush()
	return e.writer.Error()
}

// write cannot fail on a buffer; fill asks for the writer's error all the same.
func (e *export) write(cells []string) { _ = e.writer.Write(cells) }

func cellsOf(columns []*column, row any) []string {
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.Export(row)
	}
	return cells
}
