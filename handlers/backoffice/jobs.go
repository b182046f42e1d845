package backoffice

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/jobs"
	"digitalpath/services/waitlist"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
	"digitalpath/views/ui"
)

const (
	jobsURL = "/admin/jobs/"
	// shownFailures is how many rows that refused the page of a job lists; failurePage how
	// many are read at a time for the file of all.
	shownFailures = 20
	failurePage   = 1000
)

func jobURL(id int64) string { return jobsURL + strconv.FormatInt(id, 10) + "/" }

// jobKinds are what jobs do.
func (b *Backoffice) jobKinds() map[models.JobKind]jobs.Kind {
	return map[models.JobKind]jobs.Kind{
		admin.ActionJob:    {Next: b.Site.NextRows, Run: b.Site.RunAction, Label: b.Site.RowLabel},
		admin.UndoJob:      {Next: b.Site.NextUndone, Run: b.Site.RunUndo, Label: b.Site.RowLabel},
		admin.ExportJob:    {Next: b.Site.NextExported, Run: b.exportRows},
		waitlist.InviteJob: b.Waitlist.RoundKind(),
		importJob:          {Next: b.nextImported, Run: b.importRows, Label: b.importedLabel},
	}
}

// explain is why a row of a job, or all of it, was not done.
func (b *Backoffice) explain(ctx context.Context, job *models.Job, p *problem.Problem) string {
	return strings.Join(b.Site.Explain(i18n.With(ctx, job.Language), job.Model, p), " ")
}

// enqueue is the Site's.
func (b *Backoffice) enqueue(ctx context.Context, job *models.Job, pieces ...[]byte) (string, error) {
	if job.Kind == admin.ExportJob { // everybody gets a file of their own
		job.Signature = jobs.Signature(job.Kind, job.Model, job.Query, models.ActorOf(ctx).UserID())
	}
	job, err := b.Jobs.Start(ctx, job, pieces)
	if err != nil {
		return "", err
	}
	return jobURL(job.ID), nil
}

// JobsPage lists long work: one's own, or everybody's for a superuser.
func (b *Backoffice) JobsPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	all, err := b.Jobs.List(ctx)
	if err != nil {
		return err
	}
	frame, err := b.jobsFrame(c, i18n.T(ctx, "Background jobs"))
	if err != nil {
		return err
	}
	page := staff.Jobs{Frame: frame}
	for i := range all {
		page.Jobs = append(page.Jobs, b.jobView(ctx, &all[i]))
	}
	return admin.Render(c, staff.JobsPage(page))
}

func (b *Backoffice) jobsFrame(c *fiber.Ctx, title string, above ...layout.Crumb) (layout.Frame, error) {
	crumbs := append([]layout.Crumb{{Label: i18n.T(c.UserContext(), "System")}}, above...)
	return b.frame(c, title, append(crumbs, layout.Crumb{Label: title})...)
}

// jobOf is the job that the URL names.
func (b *Backoffice) jobOf(c *fiber.Ctx) (*models.Job, error) {
	id, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil {
		return nil, problem.ErrNotFound()
	}
	return b.Jobs.Find(c.UserContext(), id)
}

// JobPage shows how far a job is and what became of its rows. HTMX asks for the part that
// changes.
func (b *Backoffice) JobPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	job, err := b.jobOf(c)
	if err != nil {
		return err
	}
	page := staff.Job{JobView: b.jobView(ctx, job), ListURL: b.Site.JobListURL(job)}
	if job.Kind == admin.ExportJob && job.State == models.JobDone && b.Now().Sub(job.FinishedAt) < jobs.FileLife {
		page.FileURL = page.URL + "file/"
	}
	if job.Kind != admin.ExportJob && job.Done > 0 {
		page.ActURL = b.Site.JobActURL(ctx, job)
		if !page.Open {
			if page.UndoURL, err = b.Site.UndoURL(ctx, job.Model, job.Act()); err != nil {
				return err
			}
		}
	}
	switch job.Kind {
	case waitlist.InviteJob:
		page.ListURL = inviteURL
	case importJob:
		page.ListURL = "/admin/" + job.Model + "/"
	}
	failures, err := b.Jobs.Failures(ctx, job, 0, shownFailures)
	if err != nil {
		return err
	}
	for _, f := range failures {
		page.Failures = append(page.Failures, staff.JobFailure{ID: f.RowID, Label: f.Label, Reason: f.Reason})
	}
	if page.Frame, err = b.jobsFrame(c, page.Title, layout.Crumb{Label: i18n.T(ctx, "Background jobs"), URL: jobsURL}); err != nil {
		return err
	}
	c.Vary("HX-Request")
	if c.Get("HX-Target") == "job" {
		return admin.Render(c, staff.JobFragment(page))
	}
	return admin.Render(c, staff.JobPage(page))
}

func (b *Backoffice) jobTitle(ctx context.Context, job *models.Job) string {
	switch job.Kind {
	case waitlist.InviteJob:
		return i18n.T(ctx, "Invitations") + " · " + i18n.T(ctx, "Waitlist")
	case importJob:
		return i18n.T(ctx, "Import") + " · " + b.Site.Plural(ctx, job.Model)
	}
	return b.Site.JobTitle(ctx, job)
}

// jobView is a job in the reader's language.
func (b *Backoffice) jobView(ctx context.Context, job *models.Job) staff.JobView {
	choice := models.ChoiceOf(job.State, string(job.State))
	view := staff.JobView{
		URL: jobURL(job.ID), Title: b.jobTitle(ctx, job), Open: job.State.Open(), Problem: job.Problem,
		Badge: ui.Badge{Value: choice.Value, Label: i18n.T(ctx, choice.Label), Tone: choice.Tone, Live: choice.Live},
		Total: job.Total, Seen: job.Seen, Done: job.Done, Failed: job.Failed, Kept: job.Seen - job.Done - job.Failed,
		Import: job.Kind == importJob, Added: job.Added, Who: job.Username, CreatedAt: job.CreatedAt, FinishedAt: job.FinishedAt,
	}
	if job.State == models.JobDone {
		view.Gone = max(0, job.Total-job.Seen)
	} else {
		view.Left = max(0, job.Total-job.Seen)
	}
	if took := job.UpdatedAt.Sub(job.StartedAt).Seconds(); job.Seen > 0 && took > 0 {
		view.Rate = float64(job.Seen) / took
	}
	return view
}

// CancelJob stops a job where it is.
func (b *Backoffice) CancelJob(c *fiber.Ctx) error {
	ctx := c.UserContext()
	job, err := b.jobOf(c)
	if err != nil {
		return err
	}
	if err := b.Jobs.Cancel(ctx, job.ID); err != nil {
		return err
	}
	return c.Redirect(jobURL(job.ID), fiber.StatusSeeOther)
}

// JobFailures answers with all rows that a job could not do, as CSV: those of an import
// as they stand in its file, to be corrected and imported again.
func (b *Backoffice) JobFailures(c *fiber.Ctx) error {
	ctx := c.UserContext()
	job, err := b.jobOf(c)
	if err != nil {
		return err
	}
	text := bytes.NewBufferString(sheets.CSVMark)
	rows := csv.NewWriter(text)
	head, record := []string{"id", i18n.T(ctx, "Row"), i18n.T(ctx, "Why")}, failureRecord
	if job.Kind == importJob {
		header := headerOf(job)
		head = quoted(append(slices.Clone(header), i18n.T(ctx, "Why")))
		record = func(f models.JobFailure) []string { return importedRecord(f, len(header)) }
	}
	_ = rows.Write(head) // a buffer takes everything
	for last := int64(0); ; {
		failures, err := b.Jobs.Failures(ctx, job, last, failurePage)
		if err != nil {
			return err
		}
		for _, f := range failures {
			_ = rows.Write(record(f)) // likewise
			last = f.ID
		}
		if len(failures) < failurePage {
			break
		}
	}
	rows.Flush()
	admin.SendFile(c, fmt.Sprintf("job-%d-not-done", job.ID), false)
	return c.Send(text.Bytes())
}

func failureRecord(f models.JobFailure) []string {
	return []string{strconv.FormatInt(f.RowID, 10), sheets.QuoteCell(f.Label), sheets.QuoteCell(f.Reason)}
}

// importedRecord is a row as its file has it, with the reason in the last of its columns.
func importedRecord(f models.JobFailure, width int) []string {
	record := csvRecord(f.Label)
	record = append(record, make([]string, max(0, width-len(record)))...)
	return quoted(append(record, f.Reason))
}

// quoted are cells that a spreadsheet takes for no formula, whether they were quoted or
// not.
func quoted(cells []string) []string {
	for i, cell := range cells {
		cells[i] = sheets.QuoteCell(sheets.PlainCell(cell))
	}
	return cells
}

// csvRecord reads one line that we wrote.
func csvRecord(line string) []string {
	record, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil {
		return []string{line}
	}
	return record
}
