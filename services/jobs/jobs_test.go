package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/problem"
	"digitalpath/services/jobs"
)

const counting models.JobKind = "counting"

// fixture counts rows: what is done to one is an entry of its history.
type fixture struct {
	*testing.T
	db    *bun.DB
	jobs  *jobs.Jobs
	user  *models.User
	rows  int64                   // there are, with ids from 1
	fault func(ids []int64) error // what stands in the way of rows, after they were done
	woken int
}

func newFixture(t *testing.T, rows int64) *fixture {
	o := &fixture{T: t, db: modelstest.New(t), rows: rows, user: &models.User{
		Username: "ada", Email: "ada@example.com", IsActive: true, IsStaff: true, DateJoined: time.Now().UTC(),
	}}
	if _, err := o.db.NewInsert().Model(o.user).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.jobs = &jobs.Jobs{
		DB: o.db, Wake: func() { o.woken++ }, Log: slog.New(slog.DiscardHandler),
		Explain: func(_ context.Context, job *models.Job, p *problem.Problem) string {
			return job.Language + ": " + p.Error()
		},
		Kinds: map[models.JobKind]jobs.Kind{counting: {Next: o.next, Run: o.count}},
	}
	return o
}

func (o *fixture) next(ctx context.Context, job *models.Job, limit int) ([]int64, error) {
	if models.ActorOf(ctx).UserID() != o.user.ID {
		return nil, errors.New("nobody acts")
	}
	var ids []int64
	for id := job.Cursor + 1; id <= o.rows && len(ids) < limit; id++ {
		ids = append(ids, id)
	}
	return ids, nil
}

func (o *fixture) count(ctx context.Context, _ *models.Job, ids []int64) (int, error) {
	err := models.InTx(ctx, o.db, func(ctx context.Context, tx bun.Tx) error {
		entries := make([]models.HistoryEntry, len(ids))
		for i, id := range ids {
			entries[i] = models.HistoryEntry{At: time.Now().UTC(), Model: "rows", ObjectID: id, Action: models.HistoryChanged}
		}
		if err := models.Record(ctx, tx, entries...); err != nil || o.fault == nil {
			return err
		}
		return o.fault(ids)
	})
	return len(ids), err
}

func (o *fixture) as(user *models.User) context.Context {
	return models.WithActor(o.Context(), models.Actor{User: user, Channel: models.ChannelBackoffice, IP: "192.0.2.7"})
}

func (o *fixture) start() *models.Job {
	o.Helper()
	job, err := o.jobs.Start(o.as(o.user), &models.Job{Kind: counting, Total: int(o.rows), Language: "es"}, nil)
	if err != nil {
		o.Fatal(err)
	}
	return job
}

// work does batches until none waits, and returns how many.
func (o *fixture) work() int {
	o.Helper()
	for batches := 0; ; batches++ {
		worked, err := o.jobs.Work(o.Context())
		if err != nil {
			o.Fatal(err)
		}
		if !worked {
			return batches
		}
	}
}

// expire lets the leases run out.
func (o *fixture) expire() {
	o.Helper()
	if _, err := o.db.NewUpdate().Model((*models.Job)(nil)).Set("lease_until = ?", time.Now().Add(-time.Hour).UTC()).Where("TRUE").Exec(o.Context()); err != nil {
		o.Fatal(err)
	}
}

func (o *fixture) job(id int64) *models.Job {
	o.Helper()
	job, err := o.jobs.Find(o.as(o.user), id)
	if err != nil {
		o.Fatal(err)
	}
	return job
}

// wantProgress holds a job against what it should say.
func (o *fixture) wantProgress(id int64, state models.JobState, seen, done, failed int) {
	o.Helper()
	job := o.job(id)
	if job.State != state || job.Seen != seen || job.Done != done || job.Failed != failed {
		o.Errorf("the job is %s: %d seen, %d done, %d failed (%s), want %s %d %d %d", job.State, job.Seen, job.Done, job.Failed, job.Problem, state, seen, done, failed)
	}
	if job.State.Open() != job.FinishedAt.IsZero() {
		o.Errorf("%s, but finished at %v", job.State, job.FinishedAt)
	}
}

// wantOnce checks that rows were done once each, and no others.
func (o *fixture) wantOnce(rows ...int64) {
	o.Helper()
	var done []int64
	if err := o.db.NewSelect().Model((*models.HistoryEntry)(nil)).Column("object_id").OrderExpr("object_id").Scan(o.Context(), &done); err != nil {
		o.Fatal(err)
	}
	if !slices.Equal(done, rows) {
		o.Errorf("%d rows were done, want %d, each once", len(done), len(rows))
	}
}

func upTo(n int64) (ids []int64) {
	for id := int64(1); id <= n; id++ {
		ids = append(ids, id)
	}
	return ids
}

func TestJobDoesEveryRowOnceInBatches(t *testing.T) {
	o := newFixture(t, 1234)
	job := o.start()
	if o.woken != 1 {
		t.Errorf("workers were woken %d times", o.woken)
	}
	if batches, want := o.work(), 1234/o.jobs.Batch()+1; batches != want {
		t.Errorf("%d batches, want %d", batches, want)
	}
	o.wantProgress(job.ID, models.JobDone, 1234, 1234, 0)
	o.wantOnce(upTo(1234)...)
	var entry models.HistoryEntry
	if err := o.db.NewSelect().Model(&entry).Limit(1).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if entry.Username != "ada" || entry.IPAddress != "192.0.2.7" || entry.Channel != models.ChannelBackoffice {
		t.Errorf("the history names %+v, not who started the job", entry)
	}
}

func TestJobOfKilledWorkerGoesOnWhereItsLastBatchEnded(t *testing.T) {
	o := newFixture(t, 1100)
	job := o.start()
	if _, err := o.jobs.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(t.Context())
	o.fault = func([]int64) error { kill(); return ctx.Err() } // the rows are done, the end is not reached
	if _, err := o.jobs.Work(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the batch ended with %v", err)
	}
	o.fault = nil
	o.wantProgress(job.ID, models.JobRunning, o.jobs.Batch(), o.jobs.Batch(), 0)
	o.wantOnce(upTo(int64(o.jobs.Batch()))...)
	o.expire()
	o.work()
	o.wantProgress(job.ID, models.JobDone, 1100, 1100, 0)
	o.wantOnce(upTo(1100)...)
}

func TestWorkerThatLostItsLeaseDoesNothing(t *testing.T) {
	o := newFixture(t, 600)
	job := o.start()
	kind := o.jobs.Kinds[counting]
	slept := false
	kind.Next = func(ctx context.Context, j *models.Job, limit int) ([]int64, error) {
		ids, err := o.next(ctx, j, limit)
		if !slept { // so long that another does the same batch
			slept = true
			o.expire()
			if worked, err := o.jobs.Work(t.Context()); !worked || err != nil {
				t.Errorf("the other: %v %v", worked, err)
			}
		}
		return ids, err
	}
	o.jobs.Kinds[counting] = kind
	if _, err := o.jobs.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.wantProgress(job.ID, models.JobRunning, o.jobs.Batch(), o.jobs.Batch(), 0)
	o.work()
	o.wantProgress(job.ID, models.JobDone, 600, 600, 0)
	o.wantOnce(upTo(600)...)
}

func TestJobsTakeTurns(t *testing.T) {
	o := newFixture(t, 1500)
	long := o.start()
	o.jobs.Kinds["short"] = jobs.Kind{Run: o.count, Next: func(context.Context, *models.Job, int) ([]int64, error) { return nil, nil }}
	short, err := o.jobs.Start(o.as(o.user), &models.Job{Kind: "short"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := o.jobs.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	o.wantProgress(short.ID, models.JobDone, 0, 0, 0)
	o.wantProgress(long.ID, models.JobRunning, o.jobs.Batch(), o.jobs.Batch(), 0)
}

func TestRowsThatRefuseAreToldAndTheOthersDone(t *testing.T) {
	o := newFixture(t, 700)
	o.fault = func(ids []int64) error {
		if slices.Contains(ids, 7) {
			return problem.New(problem.Forbidden, "forbidden", "Row %d is locked.", 7)
		}
		if slices.Contains(ids, 600) {
			return problem.Field("email", "Enter a valid e-mail address.")
		}
		return nil
	}
	job := o.start()
	o.work()
	o.wantProgress(job.ID, models.JobDone, 700, 698, 2)
	o.wantOnce(slices.DeleteFunc(upTo(700), func(id int64) bool { return id == 7 || id == 600 })...)
	failures, err := o.jobs.Failures(t.Context(), job, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, f := range failures {
		told = append(told, fmt.Sprintf("%d %s", f.RowID, f.Reason))
	}
	if got := strings.Join(told, "; "); got != "7 es: Row 7 is locked.; 600 es: Enter a valid e-mail address." {
		t.Errorf("told: %s", got)
	}
}

func TestFaultOfOneRowLeavesTheOthersDone(t *testing.T) {
	o := newFixture(t, 20)
	o.fault = func(ids []int64) error {
		if slices.Contains(ids, 3) {
			return errors.New("broken")
		}
		return nil
	}
	job := o.start()
	if _, err := o.jobs.Work(t.Context()); err == nil {
		t.Error("the fault is told to nobody")
	}
	o.wantProgress(job.ID, models.JobRunning, 0, 0, 0)
	o.expire()
	o.work()
	o.wantProgress(job.ID, models.JobDone, 20, 19, 1)
}

func TestJobThatKillsItsWorkersComesToAnEnd(t *testing.T) {
	o := newFixture(t, 20)
	job := o.start()
	if _, err := o.db.NewUpdate().Model(job).Set("attempts = 8").WherePK().Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.work()
	o.wantProgress(job.ID, models.JobFailed, 0, 0, 0)
	if reason := o.job(job.ID).Problem; !strings.Contains(reason, "8 times") {
		t.Errorf("it says %q", reason)
	}
}

func TestCancelledJobStopsAndKeepsWhatIsDone(t *testing.T) {
	o := newFixture(t, 1100)
	job := o.start()
	if _, err := o.jobs.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	stranger := &models.User{ID: o.user.ID + 1}
	if err := o.jobs.Cancel(o.as(stranger), job.ID); err == nil {
		t.Error("a stranger cancelled it")
	}
	if err := o.jobs.Cancel(o.as(o.user), job.ID); err != nil {
		t.Fatal(err)
	}
	if batches := o.work(); batches != 0 {
		t.Errorf("%d more batches", batches)
	}
	o.wantProgress(job.ID, models.JobCancelled, o.jobs.Batch(), o.jobs.Batch(), 0)
	o.wantOnce(upTo(int64(o.jobs.Batch()))...)
}

func TestJobOfWhoLeftTheStaffStops(t *testing.T) {
	o := newFixture(t, 20)
	job := o.start()
	if _, err := o.db.NewUpdate().Model(o.user).Set("is_staff = ?", false).WherePK().Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.work()
	o.wantProgress(job.ID, models.JobFailed, 0, 0, 0)
	o.wantOnce()
}

func TestSameJobIsOpenOnceAtATime(t *testing.T) {
	o := newFixture(t, 20)
	first := o.start()
	if again := o.start(); again.ID != first.ID {
		t.Error("the same job was queued twice")
	}
	other := &models.User{ID: o.user.ID + 1}
	if _, err := o.jobs.Start(o.as(other), &models.Job{Kind: counting}, nil); err == nil {
		t.Error("somebody else began the same at the same time")
	}
	o.work()
	if later := o.start(); later.ID == first.ID {
		t.Error("what is done cannot be asked for again")
	}
}

func TestOldJobsAreForgottenAndTheirFilesBefore(t *testing.T) {
	o := newFixture(t, 20)
	job, err := o.jobs.Start(o.as(o.user), &models.Job{Kind: counting}, [][]byte{[]byte("a,b\n"), []byte("c,d\n")})
	if err != nil {
		t.Fatal(err)
	}
	o.work()
	for _, step := range []struct {
		age         time.Duration
		jobs, files int64
	}{{0, 1, 2}, {25 * time.Hour, 1, 0}, {31 * 24 * time.Hour, 0, 0}} {
		if _, err := o.db.NewUpdate().Model(job).Set("finished_at = ?", time.Now().Add(-step.age).UTC()).WherePK().Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := o.jobs.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		left, err := o.db.NewSelect().Model((*models.Job)(nil)).Count(t.Context())
		files, err2 := o.db.NewSelect().Model((*models.JobFile)(nil)).Count(t.Context())
		if err != nil || err2 != nil || int64(left) != step.jobs || int64(files) != step.files {
			t.Errorf("after %v: %d jobs, %d files (%v, %v), want %+v", step.age, left, files, err, err2, step)
		}
	}
}
