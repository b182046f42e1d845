package admin

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// ActionJob is an action on more rows than fit into a request.
const ActionJob models.JobKind = "action"

// selection is the rows that a posted list form means: those ticked, or every row
// that matches the list's search and filters.
type selection struct {
	*request
	ids []int64
	all bool
}

func (r *resource) selection(q *request, form url.Values) (*selection, error) {
	sel := &selection{request: q, all: form.Get("all") == "1"}
	if err := q.known(form); err != nil {
		return nil, err
	}
	for _, value := range form["id"] {
		id, ok := kinds.ParseID(value)
		if !ok {
			return nil, problem.ErrNotFound()
		}
		sel.ids = append(sel.ids, id)
	}
	slices.Sort(sel.ids)
	sel.ids = slices.Compact(sel.ids)
	return sel, nil
}

// known refuses to do anything where the list left out a part of what narrows it.
func (q *request) known(form url.Values) error {
	if q.err == nil && q.narrows(form) {
		return nil
	}
	return errors.Join(q.err, problem.New(problem.Invalid, "invalid", "This list has no such search or filter, so nothing was done."))
}

// narrows tells whether everything by which a posted form narrows the list is in the
// request. A page may leave out what it does not know; an action would then be done on
// rows that nobody meant.
func (q *request) narrows(form url.Values) bool {
	search := strings.TrimSpace(form.Get("q"))
	if len(form["q"]) > 1 || search != q.search {
		return false
	}
	for name := range form {
		if form.Get("all") == "1" && !q.knows(name) { // a misspelt filter would be every row
			return false
		}
	}
	return len(q.left) == 0
}

// actParams are what the forms of a list hold beside what arranges and narrows it.
var actParams = []string{
	"action", "all", "id", "confirm", "preview", "up_to", chosenParam, alsoSentParam, "column", "format", "csrf_token", fromParam,
	"q", "o", "cols", "size", "view", zoneParam, "page", "after", "before",
}

// knows tells whether a form of the list may hold a parameter.
func (q *request) knows(name string) bool {
	if slices.Contains(actParams, name) || strings.HasPrefix(name, typedPrefix) || strings.HasPrefix(name, "_") {
		return true
	}
	if q.Dates != nil {
		if drilled := listing.DrillNames(q.Of.Dates); slices.Contains(drilled[:], name) {
			return true
		}
	}
	return slices.ContainsFunc(q.filters, func(c *kinds.Column) bool {
		ranged := listing.RangeNames(c)
		return name == c.Name || slices.Contains(ranged[:], name)
	})
}

func (sel *selection) empty() bool { return !sel.all && len(sel.ids) == 0 }

// source is where the rows of a selection are: those that were there when upTo was the
// highest id.
func (s *Site) source(ctx context.Context, q *request, upTo int64) (listing.Source, error) {
	if q.err != nil {
		return listing.Source{}, q.err
	}
	rows, err := q.FindAll(ctx, s.DB)
	return rows.With(listing.Where(q.PK.SQL+" <= ?", upTo)), err
}

// first are the ids of a selection that an action can do at once, in one transaction;
// more than actionBatch is for a job.
func (s *Site) first(ctx context.Context, sel *selection) ([]int64, error) {
	if !sel.all {
		return sel.ids, nil
	}
	rows, err := s.source(ctx, sel.request, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	return s.idsBehind(ctx, sel.resource, rows, 0, actionBatch+1)
}

func (s *Site) idsBehind(ctx context.Context, r *resource, src listing.Source, last int64, limit int) ([]int64, error) {
	var ids []int64
	behind := src.With(listing.Where(r.PK.SQL+" > ?", last))
	err := r.SelectFrom(s.DB, behind).ColumnExpr(r.PK.SQL).OrderExpr(r.PK.SQL).Limit(int64(limit)).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("select rows of %s: %w", r.slug, err)
	}
	return ids, nil
}

// params make a form mean the same selection.
func (sel *selection) params(action string) []adminpages.Param {
	params := append(append(sel.formParams(""), sel.paging...), adminpages.Param{Name: "action", Value: action})
	if sel.all {
		return append(params, adminpages.Param{Name: "all", Value: "1"})
	}
	for _, id := range sel.ids {
		params = append(params, adminpages.Param{Name: "id", Value: strconv.FormatInt(id, 10)})
	}
	return params
}

// extent counts a selection as it was when upTo was the highest id, and finds its own
// highest id and the ids of its first rows.
func (s *Site) extent(ctx context.Context, sel *selection, upTo int64) (total int, last int64, first []int64, err error) {
	if !sel.all {
		return len(sel.ids), sel.ids[len(sel.ids)-1], sel.ids, nil
	}
	rows, err := s.source(ctx, sel.request, upTo)
	if err != nil {
		return 0, 0, nil, err
	}
	if err = sel.SelectFrom(s.DB, rows).ColumnExpr("count(*), COALESCE(max("+sel.PK.SQL+"), 0)").Scan(ctx, &total, &last); err != nil {
		return 0, 0, nil, fmt.Errorf("count rows of %s: %w", sel.slug, err)
	}
	first, err = s.idsBehind(ctx, sel.resource, rows, 0, maxTitles)
	return total, last, first, err
}

// size is how many rows there are in a selection, counted as its list counts them.
func (s *Site) size(ctx context.Context, sel *selection) (adminpages.Count, error) {
	if !sel.all {
		return adminpages.Count{N: len(sel.ids)}, nil
	}
	_, src, err := sel.find(ctx, s.DB)
	if err != nil {
		return adminpages.Count{}, err
	}
	totals, err := listing.Totals(ctx, s.DB, []*listing.State{&sel.State}, []listing.Source{src})
	if err != nil {
		return adminpages.Count{}, err
	}
	return totals[0], nil
}

// enqueue hands an action on many rows over to a job and returns the page about it.
func (s *Site) enqueue(ctx context.Context, q *question) (page string, err error) {
	sel := q.sel
	job := &models.Job{
		Kind: ActionJob, Model: sel.slug, Action: q.action.Name, Query: sel.carry.Encode(), Language: i18n.Lang(ctx), Typed: q.asked.values(),
	}
	if !sel.all {
		job.IDs = sel.ids
	}
	if job.Total, job.UpTo, _, err = s.extent(ctx, sel, q.bound()); err != nil {
		return "", err
	}
	return s.Enqueue(ctx, job)
}

// NextRows are the ids of the rows that a job on a list's rows comes to next: those of
// its selection that are still there, and still match.
func (s *Site) NextRows(ctx context.Context, job *models.Job, limit int) ([]int64, error) {
	r, _, err := s.actionOf(ctx, job)
	if err != nil {
		return nil, err
	}
	return s.nextRows(ctx, r, job, limit)
}

func (s *Site) nextRows(ctx context.Context, r *resource, job *models.Job, limit int) ([]int64, error) {
	if job.IDs != nil {
		at, _ := slices.BinarySearch(job.IDs, job.Cursor+1)
		return job.IDs[at:min(at+limit, len(job.IDs))], nil
	}
	params, err := url.ParseQuery(job.Query)
	if err != nil {
		return nil, fmt.Errorf("read what job %d is about: %w", job.ID, err)
	}
	// "Today" is the day on which it was asked for.
	rows, err := s.source(ctx, r.read(ctx, job.CreatedAt, params), job.UpTo)
	if err != nil {
		return nil, err
	}
	return s.idsBehind(ctx, r, rows, job.Cursor, limit)
}

// RunAction does some rows of an ActionJob.
func (s *Site) RunAction(ctx context.Context, job *models.Job, ids []int64) (int, error) {
	r, a, err := s.actionOf(ctx, job)
	if err != nil {
		return 0, err
	}
	return s.perform(models.InAct(ctx, job.Act()), r, a, ids, readAsked(job.Typed))
}

// actionOf finds what a job does, for who may do it.
func (s *Site) actionOf(ctx context.Context, job *models.Job) (*resource, *Action, error) {
	r := s.resource(job.Model)
	if r == nil {
		return nil, nil, problem.New(problem.Invalid, "invalid", "This action does not exist.")
	}
	a, err := r.action(ctx, job.Action)
	return r, a, err
}

// RowLabel names a row of a job; one that is gone has no name.
func (s *Site) RowLabel(ctx context.Context, job *models.Job, id int64) string {
	r := s.resource(job.Model)
	if r == nil {
		return ""
	}
	rows, err := r.ByID(ctx, s.DB, []int64{id})
	if err != nil || len(rows) == 0 {
		return "" // its id is told all the same
	}
	return r.titleOf(rows[0])
}

// RowLabels name rows of a model by their ids, to who may see it; one that is gone has no
// name.
func (s *Site) RowLabels(ctx context.Context, slug string, ids []int64) (map[int64]string, error) {
	labels, r := map[int64]string{}, s.resource(slug)
	if r == nil || len(ids) == 0 || !r.may(ctx, models.View) {
		return labels, nil
	}
	rows, err := r.ByID(ctx, s.DB, ids)
	for _, row := range rows {
		labels[r.ID(row)] = r.titleOf(row)
	}
	return labels, err
}

// JobTitle says what a job does, and to which model.
func (s *Site) JobTitle(ctx context.Context, job *models.Job) string {
	r := s.resource(job.Model)
	if r == nil {
		return job.Action
	}
	title := i18n.T(ctx, "Export")
	if job.Kind == UndoJob {
		title = i18n.T(ctx, "Undo")
	}
	if a, err := r.findAction(job.Action); err == nil && job.Kind == ActionJob {
		title = i18n.T(ctx, a.Label)
	}
	return title + " · " + i18n.T(ctx, r.plural)
}

// JobListURL leads to the rows that a job is about.
func (s *Site) JobListURL(job *models.Job) string {
	if r := s.resource(job.Model); r != nil && job.IDs == nil {
		return r.url() + "?" + job.Query
	}
	return ""
}

// JobActURL is the page of what a job has done so far, from where it can be undone; empty
// for who may not see it.
func (s *Site) JobActURL(ctx context.Context, job *models.Job) string {
	if r := s.resource(job.Model); r != nil && r.may(ctx, models.View) {
		return r.url("acts", job.Act())
	}
	return ""
}

// ExportJob is an export of more rows than an answer brings.
const ExportJob models.JobKind = "export"

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
	q.Order = r.ReadOrder(params.Get("o"))
	q.useIndex() // a job is for more rows than can be sorted otherwise
	src, err := s.source(ctx, q, job.UpTo)
	if err != nil {
		return nil, err
	}
	if job.IDs != nil {
		src = src.With(listing.Cond{SQL: r.PK.SQL + " IN (?)", Args: []any{bun.List(job.IDs)}})
	}
	rows, err := q.Behind(ctx, s.DB, src, q.Order.Decode(job.Place), limit)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = r.ID(row)
	}
	job.Place, err = q.Order.Place(rows[len(rows)-1]).Encode()
	return ids, err
}

// ExportRows writes rows of an ExportJob as lines of its file, which is CSV whatever its
// format.
func (s *Site) ExportRows(ctx context.Context, job *models.Job, ids []int64) (lines []byte, rows int, err error) {
	r := s.resource(job.Model)
	found, err := r.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, 0, fmt.Errorf("find rows of %s: %w", r.slug, err)
	}
	slices.SortFunc(found, func(a, b any) int { return slices.Index(ids, r.ID(a)) - slices.Index(ids, r.ID(b)) })
	params, err := url.ParseQuery(job.Query)
	if err != nil {
		return nil, 0, fmt.Errorf("read what job %d is about: %w", job.ID, err)
	}
	records, err := r.records(i18n.With(ctx, job.Language), r.exportedOf(params), found, params.Get("format") == xlsx)
	if err != nil {
		return nil, 0, err
	}
	return sheets.CSV(records...), len(found), nil
}

// ExportedColumns are those of an ExportJob's file, and whether it is a workbook.
func (s *Site) ExportedColumns(job *models.Job) (columns []sheets.Column, workbook bool) {
	params, err := url.ParseQuery(job.Query)
	r := s.resource(job.Model)
	if r == nil || err != nil {
		return nil, false
	}
	workbook = params.Get("format") == xlsx
	return r.sheet(i18n.With(context.Background(), job.Language), r.exportedOf(params), workbook), workbook
}
