package backoffice

import (
	"context"
	"fmt"
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
	if !models.ActorOf(ctx).Rights.May(models.View, job.Model) {
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
