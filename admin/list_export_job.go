package admin

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// ExportJob is an export of more rows than an answer brings.
const ExportJob models.JobKind = "export"

// isLong tells whether a list has more rows than maxExport.
func (s *Site) isLong(ctx context.Context, q *request) (bool, error) {
	rows, err := s.source(ctx, q, math.MaxInt64)
	if err != nil {
		return false, err
	}
	found := q.SelectFrom(s.DB, rows).ColumnExpr("1").Limit(maxExport + 1)
	var n int
	if err := s.DB.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS found", found).Scan(ctx, &n); err != nil {
		return false, fmt.Errorf("count rows of %s: %w", q.slug, err)
	}
	return n > maxExport, nil
}

// askExport says that an export takes a while, and lets a form begin it: a link must not.
func (h handler) askExport(c *fiber.Ctx, q *request) error {
	ctx := c.UserContext()
	total, _, _, err := h.site.extent(ctx, &selection{request: q, all: true}, math.MaxInt64)
	return h.ask(c, adminpages.Confirm{
		Title: i18n.T(ctx, "Export all %d rows?", total), Harmless: true, URL: h.url("export"), CancelURL: q.self(), Params: q.formParams(""),
		Question: i18n.T(ctx, "The file is made in the background, and kept for a day."), Submit: i18n.T(ctx, "Export CSV"),
	}, err)
}

// startExport leaves an export to a job.
func (h handler) startExport(c *fiber.Ctx) error {
	ctx, form := c.UserContext(), posted(c)
	q := h.read(ctx, h.site.Now(), form)
	if err := q.known(form); err != nil {
		return err
	}
	job := &models.Job{Kind: ExportJob, Model: h.slug, Query: q.carry.Encode(), Language: i18n.Lang(ctx)}
	var err error
	if job.Total, job.UpTo, _, err = h.site.extent(ctx, &selection{request: q, all: true}, math.MaxInt64); err != nil {
		return err
	}
	head, err := csvOf(namesOf(h.exported()))
	if err != nil {
		return err
	}
	page, err := h.site.Enqueue(ctx, job, slices.Concat([]byte(models.CSVMark), head))
	if err != nil {
		return err
	}
	return c.Redirect(page, fiber.StatusSeeOther)
}

func csvOf(records ...[]string) ([]byte, error) {
	var text bytes.Buffer
	err := csv.NewWriter(&text).WriteAll(records)
	return text.Bytes(), err
}

// NextExported are the ids of the rows that an ExportJob comes to next, in the order of
// its list.
func (s *Site) NextExported(ctx context.Context, job *models.Job, limit int) ([]int64, error) {
	r := s.resource(job.Model)
	if r == nil {
		return nil, problem.ErrNotFound()
	}
	if err := r.need(ctx, models.View); err != nil {
		return nil, err
	}
	params, err := url.ParseQuery(job.Query)
	if err != nil {
		return nil, fmt.Errorf("read what job %d is about: %w", job.ID, err)
	}
	if job.Place == "" && job.Cursor > 0 {
		return s.nextRows(ctx, r, job, limit) // begun by a release that went by the ids
	}
	// "Today" is the day on which it was asked for.
	q := r.read(ctx, job.CreatedAt, params)
	q.useIndex() // a job is for more rows than can be sorted otherwise
	src, err := s.source(ctx, q, job.UpTo)
	if err != nil {
		return nil, err
	}
	rows, err := q.Behind(ctx, s.DB, src, q.Order.Decode(job.Place), limit)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = r.id(row)
	}
	job.Place, err = q.Order.Place(rows[len(rows)-1]).Encode()
	return ids, err
}

// ExportRows writes rows of an ExportJob as lines of its file.
func (s *Site) ExportRows(ctx context.Context, job *models.Job, ids []int64) (lines []byte, rows int, err error) {
	r := s.resource(job.Model)
	found, err := r.byID(ctx, s.DB, ids)
	if err != nil {
		return nil, 0, fmt.Errorf("find rows of %s: %w", r.slug, err)
	}
	slices.SortFunc(found, func(a, b any) int { return slices.Index(ids, r.id(a)) - slices.Index(ids, r.id(b)) })
	records, err := r.records(i18n.With(ctx, job.Language), r.exported(), found)
	if err != nil {
		return nil, 0, err
	}
	lines, err = csvOf(records...)
	return lines, len(found), err
}
