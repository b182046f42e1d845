package handlers_test

import (
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// Who may see projects only is told nothing of mail, messages or changes, not even by a
// number; the project that is late is in the list and counted in the menu.
func TestDashboardTellsOnlyOfWhatOneMaySee(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	boss := app.Login()
	late := project("Claims")
	late.Set("due_date", "2020-01-31")
	boss.Post(boss.Get("/admin/projects/add/"), "/admin/projects/add/", late)
	secret := []string{"Latest messages", "Mail waiting", "Workers alive", "Recent changes", "Joined the waitlist", "Messages per day"}
	open := []string{"Late or contradictory projects", "Due 2020-01-31"}
	page := boss.Get("/admin/").Text()
	clerk := newClerk(t, app, boss, "projects.view").Get("/admin/")
	for _, words := range secret {
		if !strings.Contains(page, words) || strings.Contains(clerk.Text(), words) {
			t.Errorf("%q is not on the dashboard, or on that of who may not see it", words)
		}
	}
	for _, words := range open {
		if !strings.Contains(page, words) || !strings.Contains(clerk.Text(), words) {
			t.Errorf("%q is not on the dashboard", words)
		}
	}
	if !strings.HasSuffix(strings.TrimSpace(clerk.Part("nav a[href='/admin/projects/']", "Projects").Text()), "1") {
		t.Error("the menu does not count the late project")
	}
}

func TestMessagesAreCountedByDayAndStatus(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	noon := time.Now().UTC().AddDate(0, 0, -2).Truncate(24 * time.Hour).Add(12 * time.Hour)
	for status, ages := range map[models.ContactStatus][]time.Duration{
		models.ContactFailed: {0, time.Hour, 30 * time.Hour}, models.ContactPending: {2 * time.Hour, 400 * time.Hour}, models.ContactSent: {0, 0, 0, 0},
	} {
		for _, age := range ages {
			message := &models.ContactMessage{Name: "Ada", Email: "ada@example.com", Message: "Hello", Status: status, CreatedAt: noon.Add(-age), UpdatedAt: noon}
			if _, err := app.DB.NewInsert().Model(message).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	page := app.Login().Get("/admin/")
	for days, want := range map[int]string{0: "412", 1: "001", 2: "000"} {
		day := noon.AddDate(0, 0, -days).Format(time.DateOnly)
		numbers := page.Part("details tr:has(a[href*='created_at__gte="+day+"'])", "").Text()
		if !strings.HasSuffix(strings.TrimSpace(numbers), want) {
			t.Errorf("%s: %q, want %s", day, numbers, want)
		}
	}
}
