package workers

import (
	"context"
	"log/slog"

	"digitalpath/services/jobs"
)

// runner does jobs, a batch at a time. Every process with workers has one.
type runner struct {
	jobs     *jobs.Jobs
	notified chan struct{}
	trouble  *health // with jobs
}

func newRunner(all *jobs.Jobs, log *slog.Logger) *runner {
	return &runner{jobs: all, notified: make(chan struct{}, 1), trouble: &health{name: "long work", log: log}}
}

// run works until ctx ends. A batch under way goes on with working.
func (r *runner) run(ctx, working context.Context) {
	for {
		worked, err := r.jobs.Work(working)
		if err == nil {
			r.trouble.works()
		} else if working.Err() == nil {
			r.trouble.failed(err)
		}
		if ctx.Err() != nil || err != nil && !pause(ctx, about(sweepTime)) || err == nil && !worked && !r.wait(ctx) {
			return
		}
	}
}

// wait is over when a job came, or the sweeper found one: those of killed workers come
// back by themselves.
func (r *runner) wait(ctx context.Context) bool {
	select {
	case <-r.notified:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
