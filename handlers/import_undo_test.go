package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func TestImportIsUndoneButForWhatWasChangedSince(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	for _, name := range []string{"Billing", "Losses"} {
		staff.Post(staff.Get("/admin/projects/add/"), "/admin/projects/add/", project(name))
	}
	i := bring(t, staff, "projects", []byte("name,progress\nBilling,50\nLosses,60\nClaims,70\nQuotes,80\nBilling,55\n"))
	i.preview()
	job := i.start()
	for name, progress := range map[string]string{"Losses": "61", "Quotes": "81"} {
		var id int64 // on PostgreSQL the preview took some
		if err := app.DB.NewSelect().Table("projects").Column("id").Where("name = ?", name).Scan(t.Context(), &id); err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/admin/projects/%d/", id)
		page := staff.Get(path)
		form := page.Form("form[method=post]")
		form.Set("progress", progress)
		if saved := staff.Post(page, path, form); !strings.Contains(saved.Text(), "saved.") {
			t.Fatalf("%d %s", saved.Status, saved.Text())
		}
	}
	list := staff.Get("/admin/history/")
	if row := list.Row("5 imported."); row.Text() == "" || strings.Contains(list.Part("table", "").Text(), "Claims") {
		t.Errorf("the history is not one entry: %s", list.Text())
	}
	act := staff.Get(job.Attribute("a[href*='/acts/']", "href"))
	for _, want := range []string{"5 imported.", "Billing", "Losses", "Claims", "Quotes"} {
		if !strings.Contains(act.Text(), want) {
			t.Errorf("the act lacks %q: %s", want, act.Text())
		}
	}
	done := staff.Post(job, job.Attribute("form[action$='/undo/']", "action"), url.Values{})
	for _, want := range []string{"2 undone. 2 were changed since and stay as they are:", "Losses", "Quotes"} {
		if !strings.Contains(done.Part("[role=status]", "").Text(), want) {
			t.Errorf("the undo does not say %q: %s", want, done.Part("[role=status]", "").Text())
		}
	}
	if got := progresses(t, app); got != "Billing 0, Losses 61, Quotes 81" {
		t.Errorf("left %s", got)
	}
	if trash := staff.Get("/admin/projects/trash/"); !strings.Contains(trash.Text(), "Claims") || strings.Contains(trash.Text(), "Quotes") {
		t.Errorf("the trash: %s", trash.Text())
	}
}

func TestUndoTakesTheRightsToAllThatTheActDid(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	clerk := newClerk(t, app, boss, "projects.view", "projects.add", "projects.change")
	i := bring(t, clerk, "projects", []byte("name,progress\nClaims,70\n"))
	i.preview()
	if job := i.start(); job.Has("form[action$='/undo/']") {
		t.Error("who may not delete is offered to undo what was added")
	}
	if page := clerk.Post(clerk.Get("/admin/projects/"), "/admin/projects/acts/job-1/undo/", url.Values{}); page.Status != http.StatusForbidden || progresses(t, app) != "Claims 70" {
		t.Errorf("answered %d, left %s", page.Status, progresses(t, app))
	}
	grant(t, boss, "projects.view", "projects.delete")
	clerk.Post(clerk.Get("/admin/projects/"), "/admin/projects/acts/job-1/undo/", url.Values{})
	if progresses(t, app) != "" {
		t.Errorf("left %s", progresses(t, app))
	}
}

func progresses(t *testing.T, app *handlerstest.App) string {
	t.Helper()
	var rows []models.Project
	if err := app.DB.NewSelect().Model(&rows).OrderExpr("name").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	words := make([]string, len(rows))
	for i, row := range rows {
		words[i] = row.Name + " " + fmt.Sprint(row.Progress)
	}
	return strings.Join(words, ", ")
}
