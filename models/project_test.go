package models_test

import (
	"testing"

	"digitalpath/models"
)

// Progress that the tasks contradict is pointed out; nothing is refused.
func TestContradictionOfProgressAndTasksIsPointedOut(t *testing.T) {
	for _, p := range []struct {
		progress, completed, total int
		says                       string
	}{
		{0, 0, 0, ""}, {50, 0, 0, ""}, {100, 0, 0, ""}, {30, 3, 10, ""}, {99, 0, 10, ""}, {1, 9, 10, ""}, {100, 10, 10, ""}, {0, 0, 10, ""},
		{100, 3, 10, "Progress is 100 %, but 3 of 10 tasks are completed."},
		{40, 10, 10, "Progress is 40 %, but 10 of 10 tasks are completed."},
		{0, 3, 10, "Progress is 0 %, but 3 of 10 tasks are completed."},
		{70, 11, 10, "11 tasks are completed, but there are only 10."},
		{0, 1, 0, "1 tasks are completed, but there are only 0."},
	} {
		project := &models.Project{Progress: p.progress, TasksCompleted: p.completed, TasksTotal: p.total}
		if says := project.Contradiction().String(); says != p.says {
			t.Errorf("%d %% with %d of %d: %q, want %q", p.progress, p.completed, p.total, says, p.says)
		}
	}
}
