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
	for i, says := range []string{"62 projects, 48 people on the waitlist, 5 users, 2 groups", " 0 projects, 0 people on the waitlist, 0 users, 0 groups"} {
		demo := handlerstest.Spawn(t, app.Env(), "demo")
		if code := demo.Wait(handlerstest.StartTime); code != 0 || !strings.Contains(demo.Log(), says) {
			t.Fatalf("run %d ended with %d: %s", i, code, demo.Log())
		}
	}
	for what, model := range map[string]any{"trash": (*models.TrashedRow)(nil), "members": (*models.UserGroup)(nil), "invited": (*models.WaitlistEntry)(nil)} {
		if n, err := app.DB.NewSelect().Model(model).Count(t.Context()); err != nil || n == 0 {
			t.Errorf("nothing to look at in %s (%v)", what, err)
		}
	}
	for _, username := range []string{"sarah", "tomas"} {
		if n, err := app.DB.NewSelect().Model((*models.HistoryEntry)(nil)).Where("username = ?", username).Count(t.Context()); err != nil || n == 0 {
			t.Errorf("%s has done nothing (%v)", username, err)
		}
	}
	if n, err := app.DB.NewSelect().Model((*models.User)(nil)).Where("password NOT LIKE ?", "!%").Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d people of the demo have a password that somebody knows (%v)", n, err)
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
	if len(projects) != 60 || len(statuses) != 4 || contradictions != 1 {
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

func TestDemoIsRefusedInProduction(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	demo := handlerstest.Spawn(t, append(app.Env(), "DJANGO_DEBUG=0", "DJANGO_SECRET_KEY="+strings.Repeat("s3cret-", 8), "ENV_ALLOWED_HOSTS=example.com"), "demo")
	if code := demo.Wait(handlerstest.StartTime); code == 0 || !strings.Contains(demo.Log(), "demo data is for development") {
		t.Errorf("it ended with %d: %s", code, demo.Log())
	}
	if n, err := app.DB.NewSelect().Model((*models.Project)(nil)).Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d projects (%v)", n, err)
	}
}
