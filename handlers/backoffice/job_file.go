package backoffice

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/jobs"
)

// pieceTime is how long reading a piece of a file may take.
const pieceTime = 10 * time.Second

// exportRows adds rows to the file of an export.
func (b *Backoffice) exportRows(ctx context.Context, job *models.Job, ids []int64) (done int, err error) {
	err = models.InTx(ctx, b.Jobs.DB, func(ctx context.Context, tx bun.Tx) error {
		lines, rows, err := b.Site.ExportRows(ctx, job, ids)
		if err != nil {
			return err
		}
		done = rows
		return jobs.AppendPiece(ctx, tx, job, lines)
	})
	return done, err
}

// JobFile answers with the file that an export made, for who may still see such rows.
func (b *Backoffice) JobFile(c *fiber.Ctx) error {
	ctx := c.UserContext()
	job, err := b.jobOf(c)
	if err != nil {
		return err
	}
	if job.Kind != admin.ExportJob || job.State != models.JobDone {
		return problem.ErrNotFound()
	}
	if !b.Site.MayView(ctx, job.Model) {
		return admin.Forbidden()
	}
	// It is read while it is sent, when the request's own context is over.
	pieces := &jobFile{ctx: context.WithoutCancel(ctx), jobs: b.Jobs, job: job}
	head, err := pieces.head()
	if err != nil {
		return err // it is forgotten
	}
	columns, workbook := b.Site.ExportedColumns(job)
	if len(columns) != len(head) {
		columns = make([]sheets.Column, len(head)) // of a release that knew others
	}
	for i := range head {
		columns[i].Name = head[i]
	}
	file, err := sheets.NewStream(columns, workbook, pieces.next)
	if err != nil {
		return err
	}
	admin.SendFile(c, job.Model+"-"+job.CreatedAt.Format(time.DateOnly), workbook)
	return c.SendStream(file)
}

// jobFile reads the file of a job piece by piece.
type jobFile struct {
	ctx     context.Context
	jobs    *jobs.Jobs
	job     *models.Job
	number  int64      // from which on the next piece is
	records [][]string // of the piece that was read last
}

func (f *jobFile) fetch() error {
	ctx, cancel := context.WithTimeout(f.ctx, pieceTime)
	defer cancel()
	piece, err := f.jobs.Piece(ctx, f.job, f.number)
	if err != nil {
		return err
	}
	f.number = piece.Number + 1
	if f.records, err = sheets.ParseCSV(piece.Content); err != nil {
		return fmt.Errorf("read piece %d of job %d: %w", piece.Number, f.job.ID, err)
	}
	return nil
}

// head is the first line of the file.
func (f *jobFile) head() ([]string, error) {
	if err := f.fetch(); err != nil {
		return nil, err
	}
	head := f.records[0]
	f.records = f.records[1:]
	return head, nil
}

// next are the rows of a piece.
func (f *jobFile) next() (records [][]string, more bool, err error) {
	if len(f.records) == 0 {
		err = f.fetch()
		if missing, ok := problem.As(err); ok && missing.Kind == problem.NotFound {
			return nil, false, nil
		}
	}
	records, f.records = f.records, nil
	return records, err == nil, err
}

// headerOf is the first line of the file that an import reads, columnsOf what its columns
// are.
func headerOf(job *models.Job) []string { return queryOf(job)["header"] }

func columnsOf(job *models.Job) []string { return queryOf(job)["column"] }

func queryOf(job *models.Job) url.Values {
	values, _ := url.ParseQuery(job.Query) // which start wrote
	return values
}

// nextImported are the rows of a file by their number, for who may still add them.
func (b *Backoffice) nextImported(ctx context.Context, job *models.Job, limit int) ([]int64, error) {
	if _, err := b.Site.Importer(ctx, job.Model); err != nil {
		return nil, err
	}
	var ids []int64
	for id := job.Cursor + 1; id <= job.UpTo && len(ids) < limit; id++ {
		ids = append(ids, id)
	}
	return ids, nil
}

// importRows takes rows of a file in, all of them or none.
func (b *Backoffice) importRows(ctx context.Context, job *models.Job, ids []int64) (done int, err error) {
	im, err := b.Site.Importer(ctx, job.Model)
	if err != nil {
		return 0, err
	}
	rows, err := b.rowsOf(ctx, job, ids)
	if err != nil {
		return 0, err
	}
	outcomes, err := im.Take(models.InAct(ctx, job.Act()), columnsOf(job), rows)
	if err != nil {
		return 0, err
	}
	for i := range outcomes {
		switch o := &outcomes[i]; {
		case o.Refused != nil:
			return 0, o.Refused
		case o.New:
			job.Added++
			done++
		case o.Changed():
			done++
		}
	}
	return done, nil
}

// rowsOf are rows of a job's file by their numbers, which are of one piece.
func (b *Backoffice) rowsOf(ctx context.Context, job *models.Job, ids []int64) ([]sheets.Row, error) {
	piece, err := b.Jobs.Piece(ctx, job, (ids[0]-1)/jobs.BatchSize)
	if err != nil {
		return nil, err
	}
	var all []sheets.Row
	if err := json.Unmarshal(piece.Content, &all); err != nil {
		return nil, fmt.Errorf("read piece of an import: %w", err)
	}
	rows := make([]sheets.Row, len(ids))
	for i, id := range ids {
		rows[i] = all[(id-1)%jobs.BatchSize]
	}
	return rows, nil
}

// importedLabel is a row as its file has it.
func (b *Backoffice) importedLabel(ctx context.Context, job *models.Job, id int64) string {
	rows, err := b.rowsOf(ctx, job, []int64{id})
	if err != nil {
		return "" // its number is told all the same
	}
	return strings.TrimSuffix(string(sheets.CSV(rows[0].Cells)), "\n")
}
