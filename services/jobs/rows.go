package jobs

import (
	"context"
	"log/slog"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// run does rows together or, where they refuse, one by one. A fault that is none of the
// rows' gets a second try with all of them.
func (j *Jobs) run(ctx context.Context, job *models.Job, kind Kind, ids []int64) (done int, failures []models.JobFailure, err error) {
	if len(ids) == 0 {
		return 0, nil, nil
	}
	done, err = j.try(ctx, job, kind, ids)
	if _, ofRows := problem.As(err); err == nil || !ofRows && (job.Attempts < 2 || models.IsUnavailable(err)) {
		return done, nil, err
	}
	done = 0
	for _, id := range ids {
		n, err := j.try(ctx, job, kind, []int64{id})
		done += n
		switch {
		case err == nil:
		case models.IsUnavailable(err) || ctx.Err() != nil:
			return 0, nil, err
		default:
			failures = append(failures, j.failure(ctx, job, kind, id, err))
		}
	}
	return done, failures, nil
}

// try does rows behind a savepoint: they are all done, or none.
func (j *Jobs) try(ctx context.Context, job *models.Job, kind Kind, ids []int64) (done int, err error) {
	added := job.Added
	err = models.InTx(ctx, j.DB, func(ctx context.Context, _ bun.Tx) error {
		done, err = kind.Run(ctx, job, ids)
		return err
	})
	if err != nil {
		job.Added = added
		return 0, err
	}
	return done, nil
}

func (j *Jobs) failure(ctx context.Context, job *models.Job, kind Kind, id int64, err error) models.JobFailure {
	failure := models.JobFailure{JobID: job.ID, RowID: id}
	if kind.Label != nil {
		failure.Label = kind.Label(ctx, job, id)
	}
	p, ok := problem.As(err)
	if !ok {
		j.Log.ErrorContext(ctx, "a row of a job failed", slog.Int64("job", job.ID), slog.Int64("row", id), slog.Any("error", err))
		p = problem.New(problem.Unavailable, "internal", "Something went wrong on our side.")
	}
	failure.Reason = j.Explain(ctx, job, p)
	return failure
}
