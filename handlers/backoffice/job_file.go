package backoffice

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin"
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
	file := &jobFile{ctx: context.WithoutCancel(ctx), jobs: b.Jobs, job: job}
	if err := file.fetch(); err != nil {
		return err // it is forgotten
	}
	nameCSV(c, fmt.Sprintf("%s-%s.csv", job.Model, job.CreatedAt.Format(time.DateOnly)))
	return c.SendStream(file)
}

// jobFile reads the file of a job piece by piece. An error in the middle breaks the
// connection off, so that nobody takes half a file for a whole one.
type jobFile struct {
	ctx  context.Context
	jobs *jobs.Jobs
	job  *models.Job
	next int64 // the number from which on the next piece is
	rest []byte
}

func (f *jobFile) fetch() error {
	ctx, cancel := context.WithTimeout(f.ctx, pieceTime)
	defer cancel()
	piece, err := f.jobs.Piece(ctx, f.job, f.next)
	if err != nil {
		return err
	}
	f.next, f.rest = piece.Number+1, piece.Content
	return nil
}

// Read implements io.Reader.
func (f *jobFile) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		err := f.fetch()
		if missing, ok := problem.As(err); ok && missing.Kind == problem.NotFound {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}
