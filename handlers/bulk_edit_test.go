package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

const projectsURL = "/admin/projects/"

// storeProjects stores so many, each with a company of its own.
func storeProjects(t *testing.T, app *handlerstest.App, count int) {
	t.Helper()
	rows := make([]models.Project, count)
	for i := range rows {
		rows[i] = *models.NewProject()
		rows[i].Name, rows[i].ClientCompany, rows[i].CreatedAt = fmt.Sprintf("Project %d", i+1), fmt.Sprintf("Company %d", i+1), time.Now().UTC()
		rows[i].UpdatedAt, rows[i].Status = rows[i].CreatedAt, models.ProjectPlanning
	}
	if _, err := app.DB.NewInsert().Model(&rows).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// statuses are those of the projects, by id.
func statuses(t *testing.T, app *handlerstest.App) string {
	t.Helper()
	var all []string
	if err := app.DB.NewSelect().Model((*models.Project)(nil)).Column("status").OrderExpr("id").Scan(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// bulkEdit is what a bulk edit of some projects posts.
func bulkEdit(step string, ids []string, values url.Values) url.Values {
	form := url.Values{"action": {"edit"}, "id": ids, step: {"yes"}}
	for name, texts := range values {
		form["edit"] = append(form["edit"], name)
		form["set."+name] = texts
	}
	slices.Sort(form["edit"])
	return form
}

func TestBulkEditShowsWhatWillChangeDoesItAndTakesItBack(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	storeProjects(t, app, 4)
	staff := app.Login()
	three := []string{"1", "2", "3"}
	ask := staff.Post(staff.Get(projectsURL), projectsURL, url.Values{"action": {"edit"}, "id": three})
	if !ask.Has("[name=edit][value=status]") || !ask.Has("select[name='set.status']") || ask.Has("[name='set.created_at']") || !strings.Contains(ask.Text(), "Edit 3 rows") {
		t.Fatalf("%d %s", ask.Status, ask.Text())
	}
	for _, wrong := range []struct {
		form url.Values
		says string
	}{
		{bulkEdit("preview", three, nil), "Choose at least one field to change."},
		{bulkEdit("preview", three, url.Values{"progress": {"101"}, "client_company": {"Acme"}}), "at most 100"},
		{bulkEdit("confirm", three, url.Values{"progress": {"many"}, "client_company": {"Acme"}}), "Enter a whole number."},
	} {
		page := staff.Post(ask, projectsURL, wrong.form)
		kept := page.Attribute("[name='set.client_company']", "value") == wrong.form.Get("set.client_company") && page.Attribute("[name='set.progress']", "value") == wrong.form.Get("set.progress")
		if page.Status != http.StatusBadRequest || !strings.Contains(page.Text(), wrong.says) || !kept {
			t.Errorf("%v: %d %s", wrong.form, page.Status, page.Text())
		}
	}
	change := url.Values{"status": {"on_hold"}, "client_company": {"Company 2"}}
	preview := staff.Post(ask, projectsURL, bulkEdit("preview", three, change))
	if first := preview.Part("[data-change]", "Project 1").Text(); !strings.Contains(first, "Company 1") || !strings.Contains(first, "Planning") || !strings.Contains(first, "On hold") ||
		!strings.Contains(preview.Text(), "Change 3 rows") || strings.Contains(preview.Part("[data-change]", "Project 2").Text(), "Company 2") {
		t.Errorf("the preview: %s", preview.Text())
	}
	if got := statuses(t, app); got != "planning planning planning planning" {
		t.Fatalf("the preview changed %s", got)
	}
	staff.Post(preview, projectsURL, preview.Form("main form"))
	if got := statuses(t, app); got != "planning planning planning planning" {
		t.Fatalf("without the button it changed %s", got)
	}
	form := preview.Form("main form")
	form.Set("confirm", "yes")
	page := staff.Post(preview, projectsURL, form)
	undo := page.Attribute("[role=status] form", "action")
	if got := statuses(t, app); got != "on_hold on_hold on_hold planning" || !strings.Contains(page.Text(), "3 changed.") || undo == "" {
		t.Fatalf("%s, %q: %s", got, undo, page.Text())
	}

	// Somebody changes what the act changed of one, and something else of another.
	for id, set := range map[int]string{2: "status = 'completed'", 3: "budget = '7'"} {
		if _, err := app.DB.NewUpdate().Model((*models.Project)(nil)).Set(set).Where("id = ?", id).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	page = staff.Post(page, undo, url.Values{})
	if got := statuses(t, app); got != "planning completed planning planning" || !strings.Contains(page.Text(), "2 undone.") || !strings.Contains(page.Text(), "1 was changed since and stays as it is: Project 2.") {
		t.Errorf("undone: %s, %s", got, page.Text())
	}
	var companies []string
	if err := app.DB.NewSelect().Model((*models.Project)(nil)).Column("client_company").OrderExpr("id").Scan(t.Context(), &companies); err != nil || companies[0] != "Company 1" || companies[2] != "Company 3" {
		t.Errorf("companies %v, %v", companies, err)
	}
	if page = staff.Post(page, undo, url.Values{}); strings.Contains(page.Text(), "2 undone") || statuses(t, app) != "planning completed planning planning" {
		t.Errorf("undone twice: %s", page.Text())
	}

	// History: an act is one entry that opens into its rows; a row's own has its line.
	all := staff.Get("/admin/history/")
	if rows := strings.Count(all.Part("table", "").Text(), "3 changed."); rows != 1 || !strings.Contains(all.Text(), "2 undone.") {
		t.Errorf("the history: %s", all.Text())
	}
	path, _, _ := strings.Cut(undo, "undo/")
	act := staff.Get(path)
	if text := act.Text(); !strings.Contains(text, "ada: 3 changed.") || !strings.Contains(text, "Project 3") {
		t.Errorf("the act: %d %s", act.Status, text)
	}
	own := staff.Get(projectsURL + "1/history/")
	if !own.Has("a[href='"+path+"']") || !strings.Contains(own.Text(), "Undone") {
		t.Errorf("the row's own: %s", own.Text())
	}
	staff.Post(own, "/admin/preferences", url.Values{"lang": {"es"}})
	if text := staff.Get(projectsURL + "1/history/").Text(); !strings.Contains(text, "En pausa") || strings.Contains(text, "On hold") {
		t.Errorf("the row's own in Spanish: %s", text)
	}
}

func TestBulkEditOfMoreThanARequestCanDoIsAJobAndSoIsItsUndo(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	storeProjects(t, app, 620)
	staff := app.Login()
	form := bulkEdit("preview", nil, url.Values{"status": {"on_hold"}})
	form.Set("all", "1")
	preview := staff.Post(staff.Get(projectsURL), projectsURL, form)
	if !strings.Contains(preview.Text(), "Edit 620 rows") || !strings.Contains(preview.Part("[data-change]", "Project 1").Text(), "On hold") {
		t.Fatalf("%d %s", preview.Status, preview.Text())
	}
	form = preview.Form("main form")
	form.Set("confirm", "yes")
	staff.Post(preview, projectsURL, form)
	if job := ended(t, app, time.Minute); job.State != models.JobDone || job.Done != 620 {
		t.Fatalf("the job ended as %+v", job)
	}
	if got := strings.Count(statuses(t, app), "on_hold"); got != 620 {
		t.Fatalf("%d are on hold", got)
	}
	if _, err := app.DB.NewUpdate().Model((*models.Project)(nil)).Set("status = 'completed'").Where("id = 611").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := staff.Get("/admin/jobs/1/")
	act := staff.Get(page.Attribute("a[href*='/acts/']", "href"))
	undo := act.Attribute("form[action$='/undo/']", "action")
	if !strings.Contains(act.Text(), "620 changed.") || undo == "" || !act.Has("a[href*='?after=']") {
		t.Fatalf("the act: %d %s", act.Status, act.Text())
	}
	staff.Post(act, undo, url.Values{})
	job := ended(t, app, time.Minute)
	if job.Kind != "undo" || job.State != models.JobDone || job.Done != 619 || job.Failed != 1 || strings.Count(statuses(t, app), "planning") != 619 {
		t.Errorf("the undo ended as %+v", job)
	}
	if page := staff.Get("/admin/jobs/2/"); !strings.Contains(page.Row("Project 611").Text(), "It was changed since") {
		t.Errorf("the page of the undo: %s", page.Text())
	}
	if rows := strings.Count(staff.Get("/admin/history/").Part("table", "").Text(), "Project "); rows > 1 {
		t.Errorf("the history lists %d rows of the acts", rows)
	}
}

func TestBulkEditAndUndoTakeTheRightToChange(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	clerk := newClerk(t, app, boss, "projects.view", "history.view")
	storeProjects(t, app, 2)
	list := clerk.Get(projectsURL)
	if list.Has("[name=action][value=edit]") || !boss.Get(projectsURL).Has("[name=action][value=edit]") {
		t.Error("who may not change is offered to edit, or who may is not")
	}
	form := bulkEdit("confirm", []string{"1", "2"}, url.Values{"status": {"on_hold"}})
	if page := clerk.Post(list, projectsURL, form); page.Status != http.StatusForbidden {
		t.Errorf("editing: %d", page.Status)
	}
	undo := boss.Post(boss.Get(projectsURL), projectsURL, form).Attribute("[role=status] form", "action")
	act, _, _ := strings.Cut(undo, "undo/")
	if page := clerk.Get(act); page.Status != http.StatusOK || page.Has("form[action$='/undo/']") {
		t.Errorf("who may look: %d, or is offered to undo", page.Status)
	}
	if page := clerk.Post(list, undo, url.Values{}); page.Status != http.StatusForbidden || statuses(t, app) != "on_hold on_hold" {
		t.Errorf("undoing: %d, %s", page.Status, statuses(t, app))
	}
}

func TestUniqueColumnsAreNotOfferedToMany(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.crowd(2)
	staff := c.Login()
	page := staff.Post(staff.Get("/admin/waitlist/"), "/admin/waitlist/", url.Values{"action": {"edit"}, "id": {itoa(c.waitlisted()[0].ID)}})
	if page.Has("[name='set.email']") || !page.Has("[name='set.company']") {
		t.Errorf("offered: %s", page.Text())
	}
}

// Who undoes what somebody else did takes back as much of it as they could have done.
func TestUndoLeavesOutRowsThatOneMayNotChange(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	clerk := newClerk(t, app, boss, "users.view", "users.change")
	done := boss.Post(boss.Get("/admin/users/"), "/admin/users/", url.Values{
		"action": {"edit"}, "id": {"1", "2"}, "edit": {"first_name"}, "set.first_name": {"Robin"}, "confirm": {"yes"},
	})
	undo := done.Attribute("[role=status] form", "action")
	page := clerk.Post(clerk.Get("/admin/users/"), undo, url.Values{})
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), "1 undone. ") || !strings.Contains(page.Text(), "superuser") {
		t.Errorf("undone by another: %d %s", page.Status, page.Text())
	}
	var names []string
	if err := app.DB.NewSelect().Model((*models.User)(nil)).Column("first_name").OrderExpr("id").Scan(t.Context(), &names); err != nil || strings.Join(names, ",") != "Robin," {
		t.Errorf("the users are called %q (%v)", names, err)
	}
}
