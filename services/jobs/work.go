package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

const (
	// leaseTime is how long a worker may take for a batch. The job of one that was killed
	// is free again after it.
	leaseTime = 20 * time.Second
	// batchTime ends a batch before its lease runs out.
	batchTime = leaseTime * 3 / 4
	// maxAttempts is how often one batch is begun: a job that kills its workers comes to
	// an end.
	maxAttempts = 8
)

var openStates = bun.List([]models.JobState{models.JobQueued, models.JobRunning})

// errLeaseLost ends a worker's batch: another has the job, or it was cancelled.
var errLeaseLost = errors.New("job lease is lost")

var errNoJob = errors.New("no job waits")

// Work does one batch of the job that has waited longest, so that a long one does not
// hold up the others. worked is false where there is nothing to do.
func (j *Jobs) Work(ctx context.Context) (worked bool, err error) {
	return j.work(ctx, func(*bun.SelectQuery) {})
}

// WorkOn does a job to its end, unless a worker was faster.
func (j *Jobs) WorkOn(ctx context.Context, job *models.Job) error {
	for {
		worked, err := j.work(ctx, func(next *bun.SelectQuery) { next.Where("id = ?", job.ID) })
		if err != nil || !worked {
			return err
		}
	}
}

func (j *Jobs) work(ctx context.Context, narrow func(*bun.SelectQuery)) (worked bool, err error) {
	job, err := j.claim(ctx, narrow)
	if errors.Is(err, errNoJob) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	batch, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	err = j.batch(batch, job)
	if err == nil || errors.Is(err, errLeaseLost) {
		return true, nil
	}
	return true, errors.Join(err, j.giveBack(ctx, job))
}

// Batch is how many rows a batch has. On SQLite all others who write wait until it is
// stored; BatchSize is a multiple of it, so that its rows are of one piece of a file.
func (j *Jobs) Batch() int {
	if models.IsPostgres(j.DB) {
		return BatchSize
	}
	return BatchSize / 5
}

// Waiting finds the jobs that no worker is at.
func (j *Jobs) Waiting() *bun.SelectQuery {
	kinds := slices.Sorted(maps.Keys(j.Kinds)) // a newer program may know others
	return j.DB.NewSelect().Model((*models.Job)(nil)).Column("id").Where("state IN (?)", openStates).
		Where("lease_until <= ?", models.Clock(j.DB, 0)).Where("kind IN (?)", bun.List(kinds))
}

// claim leases a job of those that narrow leaves, or returns errNoJob.
func (j *Jobs) claim(ctx context.Context, narrow func(*bun.SelectQuery)) (*models.Job, error) {
	next := j.Waiting().OrderExpr("lease_until, id").Limit(1)
	narrow(next)
	if models.IsPostgres(j.DB) {
		next.For("UPDATE SKIP LOCKED")
	}
	job := new(models.Job)
	token := make([]byte, 16)
	rand.Read(token) // never fails, see crypto/rand
	leased, err := j.DB.NewUpdate().Model((*models.Job)(nil)).
		Set("state = ?", models.JobRunning).Set("attempts = attempts + 1").
		Set("lease_token = ?", hex.EncodeToString(token)).Set("lease_until = ?", models.Clock(j.DB, leaseTime)).
		Set("started_at = COALESCE(started_at, ?)", models.Clock(j.DB, 0)).
		Where("id = (?)", next).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("lease job: %w", err)
	}
	if n, err := leased.RowsAffected(); err != nil || n == 0 {
		return nil, cmp.Or(err, errNoJob)
	}
	if err := j.DB.NewSelect().Model(job).Where("lease_token = ?", hex.EncodeToString(token)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read leased job: %w", err)
	}
	return job, nil
}

// batch does the next rows of a leased job.
func (j *Jobs) batch(ctx context.Context, job *models.Job) error {
	kind := j.Kinds[job.Kind]
	ctx, err := j.asActor(ctx, job)
	if err == nil && job.Attempts > maxAttempts {
		err = problem.New(problem.Unavailable, "internal", "It was begun again %d times and never got further.", maxAttempts)
	}
	var ids []int64
	if err == nil {
		ids, err = kind.Next(ctx, job, j.Batch())
	}
	if p, ok := problem.As(err); ok {
		return j.fail(ctx, job, p)
	}
	if err != nil {
		return err
	}
	return models.InTx(ctx, j.DB, func(ctx context.Context, tx bun.Tx) error {
		if err := j.hold(ctx, tx, job); err != nil {
			return err
		}
		done, failures, err := j.run(ctx, job, kind, ids)
		if err != nil {
			return err
		}
		return j.progress(ctx, tx, job, ids, done, failures)
	})
}

// asActor lets ctx act for who started the job, with the rights of now.
func (j *Jobs) asActor(ctx context.Context, job *models.Job) (context.Context, error) {
	user := new(models.User)
	err := j.DB.NewSelect().Model(user).Where("id = ?", job.UserID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !(user.Enabled() && user.IsStaff) {
		return ctx, problem.New(problem.Forbidden, "forbidden", "The account of who started it is not one of staff any more.")
	}
	if err != nil {
		return ctx, fmt.Errorf("read who started the job: %w", err)
	}
	rights, err := models.RightsOf(ctx, j.DB, user)
	if err != nil {
		return ctx, fmt.Errorf("read rights: %w", err)
	}
	return models.WithActor(ctx, models.Actor{User: user, Rights: rights, IP: job.IPAddress, Channel: models.ChannelBackoffice}), nil
}

// underLease changes a job as long as its worker holds the lease.
func (j *Jobs) underLease(db bun.IDB, job *models.Job) *bun.UpdateQuery {
	return db.NewUpdate().Model((*models.Job)(nil)).Set("updated_at = ?", models.Clock(j.DB, 0)).
		Where("id = ?", job.ID).Where("lease_token = ?", job.LeaseToken).Where("state = ?", models.JobRunning)
}

// hold makes the transaction the only one that works on the job: a worker that slept
// through the end of its lease finds out here, before it does anything twice.
func (j *Jobs) hold(ctx context.Context, tx bun.Tx, job *models.Job) error {
	if models.IsPostgres(tx) { // one that sleeps from here on must not hold the job for ever
		if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = ?", leaseTime.Milliseconds()); err != nil {
			return fmt.Errorf("bound the batch: %w", err)
		}
	}
	return changed(j.underLease(tx, job).Set("lease_until = ?", models.Clock(tx, leaseTime)).Exec(ctx))
}

func changed(result sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("change job: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return errLeaseLost
}

// progress says how far the job is, in the transaction of the batch, and gives it back.
func (j *Jobs) progress(ctx context.Context, tx bun.Tx, job *models.Job, ids []int64, done int, failures []models.JobFailure) error {
	if err := storeFailures(ctx, tx, failures); err != nil {
		return err
	}
	update := j.underLease(tx, job).Set("seen = seen + ?", len(ids)).Set("done = done + ?", done).Set("added = ?", job.Added).
		Set("failed = failed + ?", len(failures)).Set("attempts = 0").Set("lease_until = ?", models.Clock(tx, 0))
	if len(ids) > 0 {
		update.Set("cursor = ?", ids[len(ids)-1]).Set("place = ?", bun.NullZero(job.Place))
	}
	if len(ids) < j.Batch() {
		update.Set("state = ?", models.JobDone).Set("finished_at = ?", models.Clock(tx, 0))
	}
	return changed(update.Exec(ctx))
}

func storeFailures(ctx context.Context, tx bun.Tx, failures []models.JobFailure) error {
	for batch := range slices.Chunk(failures, BatchSize) {
		if _, err := tx.NewInsert().Model(&batch).Exec(ctx); err != nil {
			return fmt.Errorf("store failures of job: %w", err)
		}
	}
	return nil
}

// fail ends a job that cannot go on.
func (j *Jobs) fail(ctx context.Context, job *models.Job, why *problem.Problem) error {
	j.Log.ErrorContext(ctx, "job failed", slog.Int64("job", job.ID), slog.String("kind", string(job.Kind)), slog.Any("error", why))
	return changed(j.underLease(j.DB, job).Set("state = ?", models.JobFailed).Set("problem = ?", j.Explain(ctx, job, why)).
		Set("finished_at = ?", models.Clock(j.DB, 0)).Exec(ctx))
}

// giveBack frees a job whose batch failed, for another try a little later each time.
func (j *Jobs) giveBack(ctx context.Context, job *models.Job) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	err := changed(j.underLease(j.DB, job).Set("lease_until = ?", models.Clock(j.DB, time.Duration(job.Attempts-1)*time.Second)).Exec(ctx))
	if errors.Is(err, errLeaseLost) {
		return nil
	}
	return err
}
