package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Keep keeps a file for the actor until a job reads it, or its day is over, and returns
// its id.
func (j *Jobs) Keep(ctx context.Context, model string, content []byte) (int64, error) {
	upload := &models.JobUpload{Model: model, UserID: models.ActorOf(ctx).UserID(), Content: content}
	_, err := j.DB.NewInsert().Model(upload).Value("created_at", "?", models.Clock(j.DB, 0)).Returning("id").Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("keep upload: %w", err)
	}
	return upload.ID, nil
}

// Upload finds a file that the actor brought, else problem.ErrNotFound.
func (j *Jobs) Upload(ctx context.Context, model string, id int64) (*models.JobUpload, error) {
	upload := new(models.JobUpload)
	err := j.DB.NewSelect().Model(upload).Where("id = ?", id).Where("model = ?", model).Where("user_id = ?", models.ActorOf(ctx).UserID()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("find upload: %w", err)
	}
	return upload, nil
}

// StartFrom is Start of the job that a file was brought for: at once where it fits into a
// batch. A file becomes one job, however often it is sent off.
func (j *Jobs) StartFrom(ctx context.Context, upload *models.JobUpload, job *models.Job, pieces [][]byte) (id int64, err error) {
	job.Signature = Signature(job.Kind, "upload", upload.ID)
	err = models.InTx(ctx, j.DB, func(ctx context.Context, tx bun.Tx) error {
		locked := models.ForUpdate(tx.NewSelect().Model(upload).ExcludeColumn("content").WherePK())
		if err := locked.Scan(ctx); err != nil {
			return fmt.Errorf("lock upload: %w", err)
		}
		if upload.JobID != 0 {
			return nil
		}
		start := j.Start
		if job.Total <= BatchSize {
			start = j.queue // and nobody is woken: it is done below
		}
		started, err := start(ctx, job, pieces)
		if err != nil {
			return err
		}
		upload.JobID = started.ID
		if _, err := tx.NewUpdate().Model(upload).Column("job_id").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("tie upload to its job: %w", err)
		}
		return nil
	})
	if err != nil || job.ID == 0 || job.Total > BatchSize {
		return upload.JobID, err
	}
	return upload.JobID, j.WorkOn(ctx, job)
}

// forgetUploads deletes what nobody sent off within a day.
func (j *Jobs) forgetUploads(ctx context.Context) error {
	if _, err := j.DB.NewDelete().Model((*models.JobUpload)(nil)).Where("created_at < ?", models.Clock(j.DB, -FileLife)).Exec(ctx); err != nil {
		return fmt.Errorf("forget uploads: %w", err)
	}
	return nil
}
