package backoffice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/admin/imports"
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/jobs"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
	"digitalpath/views/ui"
)

// importJob takes a file into a model. Its Query are the file's header and what its
// columns are; its file the rows, in pieces of a batch each.
const importJob models.JobKind = "import"

const (
	// maxFile is how large a file may be, in bytes.
	maxFile = 3_000_000
	// maxPasted is how much of what was pasted a refusal gives back.
	maxPasted = 100_000
	// samples is how many rows show what the columns of a file are; shownRows how many of
	// each fate a preview lists.
	samples   = 5
	shownRows = 20
)

// importPages take files into the model of a slug.
type importPages struct {
	*Backoffice
	slug string
}

// url is that of the model's list, or below it.
func (b importPages) url(below ...string) string {
	return "/admin/" + strings.Join(append([]string{b.slug}, below...), "/") + "/"
}

// imports is the Site's.
func (b *Backoffice) imports(slug string) []admin.Page {
	pages := importPages{b, slug}
	return []admin.Page{
		{Get: pages.ask, Post: pages.upload}, {URL: ":upload/", Get: pages.columns, Post: pages.preview}, {URL: ":upload/start/", Post: pages.start},
	}
}

// ask asks for a file.
func (b importPages) ask(c *fiber.Ctx) error {
	page, err := b.askPage(c)
	if err != nil {
		return err
	}
	return admin.Render(c, staff.ImportPage(page))
}

func (b importPages) askPage(c *fiber.Ctx) (page staff.Import, err error) {
	ctx := c.UserContext()
	im, err := b.Site.Importer(ctx, b.slug)
	if err != nil {
		return page, err
	}
	page = staff.Import{URL: b.url("import"), CancelURL: b.url(), Key: im.KeyTitle(ctx), Children: im.HasChildren}
	for _, option := range im.Options(ctx)[1:] {
		page.Columns = append(page.Columns, option.Label)
	}
	page.Frame, err = b.importFrame(c)
	return page, err
}

func (b importPages) importFrame(c *fiber.Ctx) (layout.Frame, error) {
	ctx := c.UserContext()
	plural := b.Site.Plural(ctx, b.slug)
	return b.frame(c, i18n.T(ctx, "Import: %s", plural), layout.Crumb{Label: plural, URL: b.url()}, layout.Crumb{Label: i18n.T(ctx, "Import")})
}

// upload keeps a file for the pages that ask what shall be done with it.
func (b importPages) upload(c *fiber.Ctx) error {
	ctx := c.UserContext()
	page, err := b.askPage(c)
	if err != nil {
		return err
	}
	file, err := uploaded(c)
	if err != nil {
		return err
	}
	var sheet *sheets.Sheet
	switch {
	case len(bytes.TrimSpace(file)) == 0:
		err = problem.Field("file", "Choose a file, or paste its rows.")
	case len(file) > maxFile:
		err = problem.Field("file", "The file is larger than 3 MB. Split it.")
	default:
		sheet, err = sheets.Read(file)
	}
	if p, ok := problem.As(err); ok {
		page.Errors = b.Site.Explain(ctx, b.slug, p)
		if text := c.FormValue("text"); len(text) <= maxPasted {
			page.Text = text
		}
		return &admin.Rejected{Err: err, Page: staff.ImportPage(page)}
	}
	if err != nil {
		return err
	}
	content, err := json.Marshal(sheet)
	if err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	id, err := b.Jobs.Keep(ctx, b.slug, content)
	if err != nil {
		return err
	}
	return c.Redirect(page.URL+strconv.FormatInt(id, 10)+"/", fiber.StatusSeeOther)
}

// uploaded is the chosen file, else what was pasted.
func uploaded(c *fiber.Ctx) ([]byte, error) {
	header, err := c.FormFile("file")
	if err != nil || header.Size == 0 {
		return []byte(c.FormValue("text")), nil
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return io.ReadAll(file)
}

// draft is a file that waits for what shall be done with it.
type draft struct {
	*imports.Importer
	upload *models.JobUpload
	sheet  *sheets.Sheet
	url    string
}

func (b importPages) draft(c *fiber.Ctx) (*draft, error) {
	ctx := c.UserContext()
	im, err := b.Site.Importer(ctx, b.slug)
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseInt(c.Params("upload"), 10, 64)
	if err != nil {
		return nil, problem.ErrNotFound()
	}
	d := &draft{Importer: im, sheet: new(sheets.Sheet), url: b.url("import", c.Params("upload"))}
	if d.upload, err = b.Jobs.Upload(ctx, b.slug, id); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(d.upload.Content, d.sheet); err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	return d, nil
}

// chosen are what a form says that the columns are.
func (d *draft) chosen(c *fiber.Ctx) ([]string, error) {
	var columns []string
	for _, value := range c.Request().PostArgs().PeekMulti("column") {
		columns = append(columns, string(value))
	}
	if len(columns) != len(d.sheet.Header) {
		return nil, problem.New(problem.Invalid, "invalid", "Choose one of the options.")
	}
	return columns, d.Check(c.UserContext(), columns)
}

// columns asks what the columns of a file are.
func (b importPages) columns(c *fiber.Ctx) error {
	d, err := b.draft(c)
	if err != nil {
		return err
	}
	page, err := b.columnsPage(c, d, d.Guess(d.sheet.Header))
	if err != nil {
		return err
	}
	return admin.Render(c, staff.ImportColumnsPage(page))
}

func (b importPages) columnsPage(c *fiber.Ctx, d *draft, columns []string) (page staff.ImportColumns, err error) {
	page = staff.ImportColumns{URL: d.url, CancelURL: b.url("import"), Rows: len(d.sheet.Rows)}
	options := d.Options(c.UserContext())
	for i, header := range d.sheet.Header {
		column := staff.ImportColumn{Header: header, Field: ui.Field{Options: options}}
		if i < len(columns) {
			column.Field.Value = columns[i]
		}
		for _, row := range d.sheet.Rows[:min(len(d.sheet.Rows), samples)] {
			if i < len(row.Cells) && row.Cells[i] != "" {
				column.Samples = append(column.Samples, models.Truncate(row.Cells[i], 60))
			}
		}
		page.Columns = append(page.Columns, column)
	}
	page.Frame, err = b.importFrame(c)
	return page, err
}

// preview tells what a file would do.
func (b importPages) preview(c *fiber.Ctx) error {
	ctx := c.UserContext()
	d, err := b.draft(c)
	if err != nil {
		return err
	}
	columns, err := d.chosen(c)
	if p, ok := problem.As(err); ok {
		page, drawErr := b.columnsPage(c, d, columns)
		if drawErr != nil {
			return drawErr
		}
		page.Errors = b.Site.Explain(ctx, b.slug, p)
		return &admin.Rejected{Err: err, Page: staff.ImportColumnsPage(page)}
	}
	outcomes, err := d.Preview(ctx, columns, d.sheet.Rows)
	if err != nil {
		return err
	}
	page := staff.ImportPreview{
		URL: d.url + "start/", BackURL: d.url, CancelURL: b.url("import"), Columns: columns, Rows: len(d.sheet.Rows), Tried: len(outcomes),
	}
	for i := range outcomes {
		if err := b.count(ctx, d, &page, &outcomes[i]); err != nil {
			return err
		}
	}
	if page.Frame, err = b.importFrame(c); err != nil {
		return err
	}
	return admin.Render(c, staff.ImportPreviewPage(page))
}

// count adds an outcome to a preview, and lists the first ones.
func (b importPages) count(ctx context.Context, d *draft, page *staff.ImportPreview, o *imports.Outcome) error {
	row, n, list := staff.ImportedRow{Line: o.Row.Line}, &page.Unchanged, (*[]staff.ImportedRow)(nil)
	switch {
	case o.Refused != nil:
		n, list = &page.Refused, &page.Bad
		row.Text, row.Why = strings.Join(o.Row.Cells, " · "), b.Site.Explain(ctx, b.slug, o.Refused)
	case o.New:
		n, list = &page.Added, &page.New
		row.Text = d.Title(o)
	case o.Changed():
		n, list = &page.Changed, &page.Different
		row.Text = d.Title(o)
	}
	if *n++; list == nil || *n > shownRows {
		return nil
	}
	if err := d.Explain(ctx, o); err != nil {
		return err
	}
	row.Changes = o.Changes
	*list = append(*list, row)
	return nil
}

// start takes a file in: at once where it is short.
func (b importPages) start(c *fiber.Ctx) error {
	ctx := c.UserContext()
	d, err := b.draft(c)
	if err != nil {
		return err
	}
	columns, err := d.chosen(c)
	if err != nil {
		return err
	}
	var pieces [][]byte
	for batch := range slices.Chunk(d.sheet.Rows, jobs.BatchSize) {
		piece, err := json.Marshal(batch)
		if err != nil {
			return fmt.Errorf("keep rows of import: %w", err)
		}
		pieces = append(pieces, piece)
	}
	id, err := b.Jobs.StartFrom(ctx, d.upload, &models.Job{
		Kind: importJob, Model: d.upload.Model, Query: url.Values{"header": d.sheet.Header, "column": columns}.Encode(),
		Total: len(d.sheet.Rows), UpTo: int64(len(d.sheet.Rows)), Language: i18n.Lang(ctx),
	}, pieces)
	if err != nil {
		return err
	}
	return c.Redirect(jobURL(id), fiber.StatusSeeOther)
}
