package handlers_test

import (
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
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
