package jobs

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

const (
	// BatchSize is how many rows a job does at a time at most, and a piece of a file holds.
	BatchSize = 500
	// keptFor is how long a job can be looked at once it has ended.
	keptFor = 30 * 24 * time.Hour
	// FileLife is how long the file that a job made, or was given, is kept.
	FileLife = 24 * time.Hour
	// listed is how many jobs List returns.
	listed = 100
)

// Jobs keeps the jobs. Its fields are set once.
type Jobs struct {
	DB    *bun.DB
	Kinds map[models.JobKind]Kind
	// Explain says what is wrong in the language of a job, and calls the columns of its
	// model what people do.
	Explain func(ctx context.Context, job *models.Job, p *problem.Problem) string
	Wake    func() // tells workers of a job; must not block
	Log     *slog.Logger
}

// Kind is one kind of work.
type Kind struct {
	// Next returns the ids of the rows that the job comes to behind its Cursor, in their
	// order and at most limit; fewer are the last ones. ctx has the acting user with the
	// rights of now. One whose order is not that of the ids leaves in job.Place where the
	// last one is. A problem ends the job: it is why.
	Next func(ctx context.Context, job *models.Job, limit int) ([]int64, error)
	// Run does rows in the transaction that ctx carries (models.InTx) and returns how many
	// of them it did something to; those of them that are new it adds to job.Added. A
	// problem is why it did nothing: each row is then tried alone.
	Run func(ctx context.Context, job *models.Job, ids []int64) (done int, err error)
	// Label names a row that could not be done. Nil: it is known by its id.
	Label func(ctx context.Context, job *models.Job, id int64) string
}

// Start queues a job on behalf of the actor. Where one that does the same is open, that
// one is returned: asking twice does nothing twice. pieces are the file that it works on.
func (j *Jobs) Start(ctx context.Context, job *models.Job, pieces [][]byte) (*models.Job, error) {
	started, err := j.queue(ctx, job, pieces)
	if err == nil {
		models.AfterCommit(ctx, j.Wake)
	}
	return started, err
}

func (j *Jobs) queue(ctx context.Context, job *models.Job, pieces [][]byte) (*models.Job, error) {
	actor := models.ActorOf(ctx)
	job.State, job.UserID, job.IPAddress = models.JobQueued, actor.UserID(), actor.IP
	if actor.User != nil {
		job.Username = actor.User.Username
	}
	if job.Signature == "" {
		job.Signature = Signature(job.Kind, job.Model, job.Action, job.Query, job.IDs, job.Typed)
	}
	err := models.InTx(ctx, j.DB, func(ctx context.Context, tx bun.Tx) error {
		if err := insert(ctx, tx, job); err != nil {
			return err
		}
		for i, piece := range pieces {
			if err := AddPiece(ctx, tx, job, int64(i), piece); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		return j.Latest(ctx, job.Signature)
	}
	return job, err
}

// insert fails with sql.ErrNoRows where a job with the signature is open.
func insert(ctx context.Context, tx bun.Tx, job *models.Job) error {
	query := tx.NewInsert().Model(job).On("CONFLICT (signature) WHERE state IN ('queued', 'running') DO NOTHING")
	for _, column := range []string{"lease_until", "created_at", "updated_at"} {
		query.Value(column, "?", models.Clock(tx, 0))
	}
	if err := query.Returning("id, created_at").Scan(ctx); err != nil {
		return fmt.Errorf("queue job: %w", err)
	}
	return nil
}

// AddPiece stores a piece of a job's file.
func AddPiece(ctx context.Context, tx bun.Tx, job *models.Job, number int64, content []byte) error {
	if _, err := tx.NewInsert().Model(&models.JobFile{JobID: job.ID, Number: number, Content: content}).Exec(ctx); err != nil {
		return fmt.Errorf("store file of job: %w", err)
	}
	return nil
}

// AppendPiece adds to the end of a job's file; the transaction must be its batch's, of
// which there is one at a time.
func AppendPiece(ctx context.Context, tx bun.Tx, job *models.Job, content []byte) error {
	var last int64
	if err := tx.NewSelect().Model((*models.JobFile)(nil)).ColumnExpr("COALESCE(max(number), -1)").Where("job_id = ?", job.ID).Scan(ctx, &last); err != nil {
		return fmt.Errorf("find end of job's file: %w", err)
	}
	return AddPiece(ctx, tx, job, last+1, content)
}

// Piece reads the first piece of a job's file from number on; it is problem.ErrNotFound
// where there is none (any more).
func (j *Jobs) Piece(ctx context.Context, job *models.Job, number int64) (*models.JobFile, error) {
	piece := new(models.JobFile)
	err := j.DB.NewSelect().Model(piece).Where("job_id = ?", job.ID).Where("number >= ?", number).OrderExpr("number").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read file of job: %w", err)
	}
	return piece, nil
}

// Latest finds the newest job with a signature, which must be the actor's to see.
func (j *Jobs) Latest(ctx context.Context, signature string) (*models.Job, error) {
	job := new(models.Job)
	err := visible(j.DB.NewSelect().Model(job), models.ActorOf(ctx)).Where("signature = ?", signature).OrderExpr("id DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.New(problem.Conflict, "conflict", "Somebody else is doing just that right now.")
	}
	if err != nil {
		return nil, fmt.Errorf("find the same job: %w", err)
	}
	return job, nil
}

// Signature is the same for jobs that do the same.
func Signature(parts ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:])
}

// visible narrows jobs to the actor's own; a superuser sees all.
func visible(query *bun.SelectQuery, actor models.Actor) *bun.SelectQuery {
	if actor.Rights.All {
		return query
	}
	return query.Where("user_id = ?", actor.UserID())
}

// List returns the newest jobs that the actor may see, newest first.
func (j *Jobs) List(ctx context.Context) ([]models.Job, error) {
	var all []models.Job
	query := visible(j.DB.NewSelect().Model(&all).ExcludeColumn("ids"), models.ActorOf(ctx))
	if err := query.OrderExpr("id DESC").Limit(listed).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return all, nil
}

// Find returns a job that the actor may see, else problem.ErrNotFound.
func (j *Jobs) Find(ctx context.Context, id int64) (*models.Job, error) {
	job := new(models.Job)
	err := visible(j.DB.NewSelect().Model(job), models.ActorOf(ctx)).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("find job: %w", err)
	}
	return job, nil
}

// Failures returns up to limit of the rows that a job could not do, behind the failure
// with the id after.
func (j *Jobs) Failures(ctx context.Context, job *models.Job, after int64, limit int) ([]models.JobFailure, error) {
	var failures []models.JobFailure
	err := j.DB.NewSelect().Model(&failures).Where("job_id = ?", job.ID).Where("id > ?", after).OrderExpr("id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("find failures of job: %w", err)
	}
	return failures, nil
}

// Cancel ends a job that the actor may see, once the batch under way is finished. What
// was done stays done.
func (j *Jobs) Cancel(ctx context.Context, id int64) error {
	job, err := j.Find(ctx, id)
	if err != nil {
		return err
	}
	_, err = j.DB.NewUpdate().Model((*models.Job)(nil)).Set("state = ?", models.JobCancelled).
		Set("updated_at = ?", models.Clock(j.DB, 0)).Set("finished_at = ?", models.Clock(j.DB, 0)).
		Where("id = ?", job.ID).Where("state IN (?)", openStates).Exec(ctx)
	if err != nil {
		return fmt.Errorf("cancel job: %w", err)
	}
	return nil
}

// Forget deletes what is not kept any more of jobs that ended.
func (j *Jobs) Forget(ctx context.Context) error {
	ended := func(before time.Duration) *bun.SelectQuery {
		return j.DB.NewSelect().Model((*models.Job)(nil)).Column("id").Where("finished_at < ?", models.Clock(j.DB, -before))
	}
	if _, err := j.DB.NewDelete().Model((*models.JobFile)(nil)).Where("job_id IN (?)", ended(FileLife)).Exec(ctx); err != nil {
		return fmt.Errorf("forget files of jobs: %w", err)
	}
	if err := j.forgetUploads(ctx); err != nil {
		return err
	}
	if _, err := j.DB.NewDelete().Model((*models.Job)(nil)).Where("id IN (?)", ended(keptFor)).Exec(ctx); err != nil {
		return fmt.Errorf("forget jobs: %w", err)
	}
	return nil
}
