package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func TestProjectsAreImportedChangedAndLeftAsTheyAre(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	form := project("Claims")
	form.Set("description", "=one\ntwo")
	form.Set("status", "on_hold")
	staff.Post(staff.Get("/admin/projects/add/"), "/admin/projects/add/", form)
	staff.Post(staff.Get("/admin/projects/add/"), "/admin/projects/add/", project("Billing"))
	for _, format := range []string{"csv", "xlsx"} {
		file := staff.Step("/admin/projects/export/?format=" + format).Body
		if got := counts(bring(t, staff, "projects", []byte(file)).preview()); got != "0 0 2 0" {
			t.Errorf("what was exported as %s changes rows: %s", format, got)
		}
	}
	i := bring(t, staff, "projects", []byte("Proyecto;Nombre;Estado;Progress;Descripción\n;claims;En pausa;40 %;\n;Quotes;planning;;new\n;Losses;nonsense;7;\n;;planning;1;\n"))
	preview := i.preview()
	for _, want := range []string{"Progress: 0 → 40", "Status: Choose one of the options.", "Name: This field is required."} {
		if text := strings.Join(strings.Fields(preview.Text()), " "); !strings.Contains(text, want) {
			t.Errorf("the preview lacks %q: %s", want, text)
		}
	}
	done := i.start()
	if counts(preview) != "1 1 0 2" || counts(done) != "1 1 0 2" {
		t.Errorf("the preview counts %s, the import %s", counts(preview), counts(done))
	}
	staff.Post(done, "/admin/preferences", url.Values{"lang": {"es"}})
	i = bring(t, staff, "projects", []byte("name,status\nOnce more,nonsense\n"))
	for _, page := range []*handlerstest.Page{i.preview(), i.start()} {
		if text := page.Text(); !strings.Contains(text, "Estado: Elige una de las opciones.") {
			t.Errorf("in Spanish: %s", text)
		}
	}
	if file := staff.Step("/admin/jobs/2/failures/").Body; !strings.HasSuffix(file, "name,status,Por qué\nOnce more,nonsense,Estado: Elige una de las opciones.\n") {
		t.Errorf("handed back: %q", file)
	}
	var rows []models.Project
	if err := app.DB.NewSelect().Model(&rows).OrderExpr("id").Scan(t.Context()); err != nil || len(rows) != 3 {
		t.Fatalf("%d projects (%v)", len(rows), err)
	}
	if claims := rows[0]; claims.Name != "claims" || claims.Progress != 40 || claims.Description != "" || claims.Status != "on_hold" || rows[2].Description != "new" {
		t.Errorf("stored %+v and %+v", claims, rows[2])
	}
	var history []models.HistoryEntry
	err := app.DB.NewSelect().Model(&history).Where("model = 'projects'").Where("act = 'job-1'").OrderExpr("id").Scan(t.Context())
	if err != nil || len(history) != 2 || history[0].Summary != "Imported" || history[0].Username != handlerstest.Username {
		t.Errorf("history %+v (%v)", history, err)
	}
}

// What happened since the preview: the file goes over what was changed, and a row that is gone
// is handed back.
func TestImportMeetsWhatHappenedSinceItsPreview(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	for _, name := range []string{"Claims", "Billing"} {
		staff.Post(staff.Get("/admin/projects/add/"), "/admin/projects/add/", project(name))
	}
	i := bring(t, staff, "projects", []byte("id,name,progress\n1,Claims,50\n2,Bills,50\n"))
	if got := counts(i.preview()); got != "0 2 0 0" {
		t.Fatalf("the preview counts %s", got)
	}
	page := staff.Get("/admin/projects/1/")
	between := page.Form("#form")
	between.Set("progress", "20")
	staff.Post(page, "/admin/projects/1/", between)
	deleteByForm(staff, "/admin/projects/2/")
	done := i.start()
	if text := done.Text(); counts(done) != "0 1 0 1" || !strings.Contains(text, "ID: No row has this ID") {
		t.Errorf("the import counts %s: %s", counts(done), text)
	}
	if file := staff.Step("/admin/jobs/1/failures/").Body; !strings.Contains(file, "2,Bills,50,ID: No row has this ID") {
		t.Errorf("handed back: %q", file)
	}
	var rows []models.Project
	if err := app.DB.NewSelect().Model(&rows).Scan(t.Context()); err != nil || len(rows) != 1 || rows[0].Progress != 50 {
		t.Errorf("stored: %+v (%v)", rows, err)
	}
	if text := staff.Get("/admin/projects/1/history/").Text(); !strings.Contains(text, "20 → 50") {
		t.Errorf("the history does not tell what the file went over: %s", text)
	}
}

func TestImportTakesTheRightsThatItUses(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	boss.Post(boss.Get("/admin/projects/add/"), "/admin/projects/add/", project("Claims"))
	clerk := newClerk(t, app, boss, "projects.view", "projects.add")
	i := bring(t, clerk, "projects", []byte("name,progress\nClaims,50\nQuotes,10\n"))
	if got := counts(i.preview()); got != "1 0 0 1" || !strings.Contains(i.page.Text(), "not do that with it") {
		t.Errorf("without the right to change: %s", got)
	}
	if answer := boss.Get(i.path); answer.Status != http.StatusNotFound {
		t.Errorf("somebody else's file: %d", answer.Status)
	}
	grant(t, boss, "projects.view", "projects.change")
	for _, answer := range []*handlerstest.Page{clerk.Get(i.path), clerk.Post(i.page, i.path, i.form), clerk.Post(i.page, i.path+"start/", i.form)} {
		if answer.Status != http.StatusForbidden {
			t.Errorf("without the right to add: %d", answer.Status)
		}
	}
	grant(t, boss, "projects.view", "projects.add")
	if page := clerk.Post(i.page, i.path, url.Values{"column": {"name", "created_at"}}); page.Status != http.StatusBadRequest {
		t.Errorf("a column that no file may hold: %d", page.Status)
	}
	i.start()
	ended(t, app, time.Minute)
	if n, err := app.DB.NewSelect().Model((*models.Project)(nil)).Where("progress = 50").Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d rows are changed without the right (%v)", n, err)
	}
}
