package handlers_test

import (
	"context"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func TestDemoLoadsProjectsToLookAtOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	for i, says := range []string{"62 demo projects", " 0 demo projects"} {
		demo := handlerstest.Spawn(t, app.Env(), "demo")
		if code := demo.Wait(handlerstest.StartTime); code != 0 || !strings.Contains(demo.Log(), says) {
			t.Fatalf("run %d ended with %d: %s", i, code, demo.Log())
		}
	}
	var projects []models.Project
	if err := app.DB.NewSelect().Model(&projects).Relation("AIIntegration").Order("created_at DESC").Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	contradictions := 0
	statuses := map[models.ProjectStatus]int{}
	for _, project := range projects {
		statuses[project.Status]++
		if project.Contradiction().Format != "" {
			contradictions++
		}
	}
	if len(projects) != 62 || len(statuses) != 4 || contradictions != 1 {
		t.Errorf("%d projects, by status %v, %d contradictions", len(projects), statuses, contradictions)
	}
	for _, project := range projects[:2] {
		if project.FullScope == "" || project.TasksTotal == 0 || project.AIIntegration == nil || len(project.AIIntegration.Features) == 0 {
			t.Errorf("not much to look at: %+v", project)
		}
	}
	for _, model := range []any{(*models.DataSource)(nil), (*models.Report)(nil), (*models.Analytic)(nil)} {
		if count, err := app.DB.NewSelect().Model(model).Count(context.Background()); err != nil || count < 4 {
			t.Errorf("%d rows of %T (%v)", count, model, err)
		}
	}
}
