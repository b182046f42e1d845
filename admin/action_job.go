package admin

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// ActionJob is an action on more rows than fit into a request.
const ActionJob models.JobKind = "action"

// confirmJob says how many rows an action will do, names the first of them, and keeps
// the highest id that there is: rows that come later are not meant.
func (s *Site) confirmJob(ctx context.Context, sel *selection, a *Action) (adminpages.Confirm, error) {
	c := adminpages.Confirm{URL: sel.url(), CancelURL: sel.self(), Params: sel.confirmParams(a.Name), Submit: i18n.T(ctx, a.Label)}
	total, upTo, ids, err := s.extent(ctx, sel, math.MaxInt64)
	if err != nil {
		return c, err
	}
	rows, err := sel.byID(ctx, s.DB, ids[:min(len(ids), maxTitles)])
	if err != nil {
		return c, fmt.Errorf("find rows of %s: %w", sel.slug, err)
	}
	c.Params = append(c.Params, adminpages.Param{Name: "up_to", Value: strconv.FormatInt(upTo, 10)})
	c.Objects = sel.titles(ctx, rows, total)
	c.Title, c.Harmless = i18n.T(ctx, "%s: all %d?", i18n.T(ctx, a.Label), total), true
	c.Question = i18n.T(ctx, "This goes on in the background: you can watch it, and stop it. Rows that come from now on are not among these.")
	if a.Name == deleteAction {
		c.Title, c.Submit, c.Harmless = i18n.T(ctx, "Delete everything selected?"), i18n.T(ctx, "Delete all"), false
		c.Question = i18n.T(ctx, "%d rows will be deleted, with everything that belongs to them. This cannot be undone.", total)
		if sel.trash != nil {
			c.Question = i18n.T(ctx, "%d rows will go into the trash, with everything that belongs to them. They can be restored from there.", total)
		}
	}
	return c, nil
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
	if err = sel.SelectFrom(s.DB, rows).ColumnExpr("count(*), COALESCE(max("+sel.pk.SQL+"), 0)").Scan(ctx, &total, &last); err != nil {
		return 0, 0, nil, fmt.Errorf("count rows of %s: %w", sel.slug, err)
	}
	first, err = s.idsBehind(ctx, sel.resource, rows, 0, maxTitles)
	return total, last, first, err
}

// enqueue hands an action on many rows over to a job and returns the page about it.
func (s *Site) enqueue(ctx context.Context, sel *selection, a *Action, upTo string) (page string, err error) {
	bound, ok := kinds.ParseID(upTo)
	if !ok {
		bound = math.MaxInt64
	}
	job := &models.Job{Kind: ActionJob, Model: sel.slug, Action: a.Name, Query: sel.carry.Encode(), Language: i18n.Lang(ctx)}
	if !sel.all {
		job.IDs = sel.ids
	}
	if job.Total, job.UpTo, _, err = s.extent(ctx, sel, bound); err != nil {
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
	done, _, err := r.run(models.InAct(ctx, fmt.Sprintf("job-%d", job.ID)), a, ids)
	return done, err
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
	rows, err := r.byID(ctx, s.DB, []int64{id})
	if err != nil || len(rows) == 0 {
		return "" // its id is told all the same
	}
	return r.titleOf(rows[0])
}

// JobTitle says what a job does, and to which model.
func (s *Site) JobTitle(ctx context.Context, job *models.Job) string {
	r := s.resource(job.Model)
	if r == nil {
		return job.Action
	}
	title := i18n.T(ctx, "Export")
	if a, err := r.findAction(job.Action); err == nil {
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
