package admin

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

const (
	// exportStep is how long reading one batch of an export may take.
	exportStep = 10 * time.Second
	// maxExport is how many rows an answer brings; more are for a job.
	maxExport = 10_000
	// exportAction is the button over a list that asks for the columns.
	exportAction = "export"
	tickParam    = "tick"
	xlsx         = "xlsx"
)

// exported is what an export's parameters ask for: the rows that a list's URL means, or
// those of them that are ticked, with some of their columns. A CSV file is for programs,
// its columns and values are those of the database; a workbook is for people.
type exported struct {
	*selection
	columns []*kinds.Column
	xlsx    bool
}

func (h handler) exported(ctx context.Context, params url.Values) (*exported, error) {
	sel, err := h.selection(h.read(ctx, h.site.Now(), params), params)
	if err != nil {
		return nil, err
	}
	sel.all = sel.all || len(sel.ids) == 0
	return &exported{sel, h.exportedOf(params), params.Get("format") == xlsx}, nil
}

// exportedOf are the columns that an export's parameters name; all where they name none.
func (r *resource) exportedOf(params url.Values) []*kinds.Column {
	all := r.exportable()
	chosen := slices.DeleteFunc(slices.Clone(all), func(c *kinds.Column) bool { return !slices.Contains(params["column"], c.Name) })
	if len(chosen) == 0 {
		return all
	}
	return chosen
}

// exportable are the columns of an export: all that the pages show and that lists are
// filtered by, each once. What only a form asks for is none of the row's.
func (r *resource) exportable() []*kinds.Column {
	columns := []*kinds.Column{r.PK}
	for _, c := range slices.Concat(r.List, r.shown(), r.filters) {
		asked := c.Password || c.Kept() && c.Field.IndirectType.Kind() != reflect.Slice
		if !asked && !slices.ContainsFunc(columns, func(known *kinds.Column) bool { return known.Name == c.Name }) {
			columns = append(columns, c)
		}
	}
	return columns
}

// rows are where the rows of the export are.
func (e *exported) rows(ctx context.Context, s *Site) (listing.Source, error) {
	src, err := s.source(ctx, e.request, math.MaxInt64)
	if !e.all {
		src = src.With(listing.Cond{SQL: e.PK.SQL + " IN (?)", Args: []any{bun.List(e.ids)}})
	}
	return src, err
}

// params make a form ask for the same rows.
func (e *exported) params() []adminpages.Param {
	params := e.formParams("")
	for _, id := range e.ids {
		params = append(params, adminpages.Param{Name: "id", Value: strconv.FormatInt(id, 10)})
	}
	return params
}

// sheet are the columns of the file.
func (r *resource) sheet(ctx context.Context, columns []*kinds.Column, words bool) []sheets.Column {
	all, titles := make([]sheets.Column, len(columns)), map[string]int{}
	for _, c := range columns {
		titles[strings.ToLower(c.Title(ctx))]++
	}
	for i, c := range columns {
		all[i] = sheets.Column{Name: c.Name, Type: c.Kind.Traits(c).Sheet}
		if title := c.Title(ctx); words && titles[strings.ToLower(title)] == 1 {
			all[i].Name = title // which leads back to the column
		}
	}
	return all
}

// exportPage asks for the columns and the format of an export.
func (h handler) exportPage(c *fiber.Ctx) error { return h.askColumns(c, query(c)) }

func (h handler) askColumns(c *fiber.Ctx, params url.Values) error {
	ctx := c.UserContext()
	e, err := h.exported(ctx, params)
	if err != nil {
		return err
	}
	total, err := h.site.size(ctx, e.selection)
	if err != nil {
		return err
	}
	page := adminpages.Export{
		Title: i18n.T(ctx, "Export %d rows", total.N), URL: h.url("export"), CancelURL: e.self(), Params: e.params(),
		Groups: h.exportGroups(ctx), Ticked: kinds.Names(e.request.columns), Format: params.Get("format"),
	}
	if total.Capped {
		page.Title, page.Long = i18n.T(ctx, "Export at least %d rows", total.N), maxExport
	}
	switch params.Get(tickParam) {
	case "all":
		page.Ticked = kinds.Names(h.exportable())
	case "none":
		page.Ticked = nil
	}
	if page.Frame, err = h.frame(c, page.Title); err != nil {
		return err
	}
	return render(c, "", adminpages.ExportPage(page), nil)
}

// exportGroups are the columns of an export as the page of a row groups them, those that
// it lacks first.
func (r *resource) exportGroups(ctx context.Context) []adminpages.ExportGroup {
	groups := []adminpages.ExportGroup{{Title: i18n.T(ctx, r.name)}}
	for _, set := range r.fieldsets {
		groups = append(groups, adminpages.ExportGroup{Title: i18n.T(ctx, set.Title)})
	}
	for _, column := range r.exportable() {
		in := 1 + slices.IndexFunc(r.fieldsets, func(set fieldset) bool { return slices.Contains(set.columns, column) })
		groups[in].Columns = append(groups[in].Columns, ui.Option{Value: column.Name, Label: column.Title(ctx)})
	}
	return slices.DeleteFunc(groups, func(g adminpages.ExportGroup) bool { return len(g.Columns) == 0 })
}

// export answers a link with the file, where it is no long one.
func (h handler) export(c *fiber.Ctx) error { return h.exportOf(c, query(c), h.askExport) }

// postExport answers the form of exportPage with the file, and leaves a long one to a job.
// Its buttons that tick all columns, or none, show it again.
func (h handler) postExport(c *fiber.Ctx) error {
	form := posted(c)
	if form.Has(tickParam) {
		return h.askColumns(c, form)
	}
	return h.exportOf(c, form, h.startExport)
}

func (h handler) exportOf(c *fiber.Ctx, params url.Values, long func(*fiber.Ctx, *exported, listing.Source, url.Values) error) error {
	ctx := c.UserContext()
	e, err := h.exported(ctx, params)
	if err != nil {
		return err
	}
	src, err := e.rows(ctx, h.site)
	if err != nil {
		return err
	}
	found := e.SelectFrom(h.site.DB, src).ColumnExpr("1").Limit(maxExport + 1)
	var n int
	if err := h.site.DB.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS found", found).Scan(ctx, &n); err != nil {
		return fmt.Errorf("count rows of %s: %w", h.slug, err)
	}
	if n > maxExport {
		return long(c, e, src, params)
	}
	return h.sendExport(c, e, src)
}

// askExport says that an export takes a while, and lets a form begin it: a link must not.
func (h handler) askExport(c *fiber.Ctx, e *exported, _ listing.Source, params url.Values) error {
	ctx := c.UserContext()
	total, _, _, err := h.site.extent(ctx, e.selection, math.MaxInt64)
	form := e.params()
	for _, name := range []string{"column", "format"} {
		for _, value := range params[name] {
			form = append(form, adminpages.Param{Name: name, Value: value})
		}
	}
	return h.ask(c, adminpages.Confirm{
		Title: i18n.T(ctx, "Export all %d rows?", total), Harmless: true, URL: h.url("export"), CancelURL: e.self(), Params: form,
		Question: i18n.T(ctx, "The file is made in the background, and kept for a day."), Submit: i18n.T(ctx, "Export"),
	}, err)
}

// startExport leaves an export to a job.
func (h handler) startExport(c *fiber.Ctx, e *exported, _ listing.Source, params url.Values) error {
	ctx := c.UserContext()
	asked := url.Values{}
	for name, values := range e.carry {
		asked[name] = values
	}
	asked["column"], asked["format"], asked["o"] = kinds.Names(e.columns), params["format"], []string{e.Order.Param()}
	job := &models.Job{Kind: ExportJob, Model: h.slug, Query: asked.Encode(), Language: i18n.Lang(ctx)}
	if !e.all {
		job.IDs = e.ids
	}
	var err error
	if job.Total, job.UpTo, _, err = h.site.extent(ctx, e.selection, math.MaxInt64); err != nil {
		return err
	}
	var names []string
	for _, column := range h.sheet(ctx, e.columns, e.xlsx) {
		names = append(names, column.Name)
	}
	page, err := h.site.Enqueue(ctx, job, sheets.CSV(names))
	if err != nil {
		return err
	}
	return c.Redirect(page, fiber.StatusSeeOther)
}

// sendExport answers with the file.
func (h handler) sendExport(c *fiber.Ctx, e *exported, src listing.Source) error {
	// It is read while it is sent, when the request's own context is over.
	whole := context.WithoutCancel(c.UserContext())
	var last listing.Cursor // place of the last row written
	file, err := sheets.NewStream(h.sheet(whole, e.columns, e.xlsx), e.xlsx, func() ([][]string, bool, error) {
		ctx, cancel := context.WithTimeout(whole, exportStep)
		defer cancel()
		rows, err := e.Behind(ctx, h.site.DB, src, last, actionBatch)
		if err != nil || len(rows) == 0 {
			return nil, false, err
		}
		last = e.Order.Place(rows[len(rows)-1])
		records, err := h.records(ctx, e.columns, rows, e.xlsx)
		return records, len(rows) == actionBatch, err
	})
	if err != nil {
		return err
	}
	SendFile(c, h.slug+"-"+h.site.Now().Format(time.DateOnly), e.xlsx)
	return c.SendStream(file)
}

// records are rows as lines of an export, in the words of people or the values of
// programs.
func (r *resource) records(ctx context.Context, columns []*kinds.Column, rows []any, words bool) ([][]string, error) {
	if r.load != nil && slices.ContainsFunc(columns, (*kinds.Column).Kept) {
		if err := r.loadEach(ctx, rows); err != nil {
			return nil, err
		}
	}
	ticked := map[*kinds.Column][]models.Choice{}
	for _, c := range columns {
		if c.Kept() && c.Ticked {
			choices, err := c.Known(ctx)
			if err != nil {
				return nil, err
			}
			ticked[c] = choices
		}
	}
	named := columns
	if !words {
		named = nil
	}
	names, err := r.site.namesIn(ctx, named, rows, nil)
	if err != nil {
		return nil, err
	}
	if err := names.TellApart(ctx); err != nil {
		return nil, err
	}
	records := make([][]string, len(rows))
	for i, row := range rows {
		for _, c := range columns {
			switch {
			case words && (c.Ref != "" || c.Listed || c.Choices != nil):
				records[i] = append(records[i], sheets.QuoteCell(names.Words(ctx, c, row)))
			case c.Field.IndirectType == reflect.TypeFor[[]models.FieldChange]():
				records[i] = append(records[i], sheets.QuoteCell(changeLines(r.namedCell(ctx, names, c, row, Badge{}).Changes)))
			default:
				records[i] = append(records[i], exportCell(ctx, c, row, ticked[c]))
			}
		}
	}
	return records, nil
}

// changeLines are changes as an export holds them.
func changeLines(changes []adminpages.Change) string {
	lines := make([]string, len(changes))
	for i, change := range changes {
		lines[i] = change.Field + ": " + strings.TrimSpace(change.From+" → "+change.To)
	}
	return strings.Join(lines, "\n")
}

// exportCell is a row's value in a column for people and programs: ids of what is
// elsewhere by their names.
func exportCell(ctx context.Context, c *kinds.Column, row any, ticked []models.Choice) string {
	if ticked == nil {
		return c.Export(row)
	}
	var lines []string
	for _, text := range c.Texts(row) {
		lines = append(lines, c.Kind.Words(ctx, c, kinds.Page{Options: ticked}, text))
	}
	return sheets.QuoteCell(strings.Join(lines, "\n"))
}

// SendFile says that the answer is a CSV file, or a workbook, of that name.
func SendFile(c *fiber.Ctx, name string, workbook bool) {
	kind, ending := "text/csv; charset=utf-8", ".csv"
	if workbook {
		kind, ending = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+ending+`"`)
}
