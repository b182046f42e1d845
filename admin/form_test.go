package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/problem"
	"digitalpath/services/projects"
	"digitalpath/views/layout"
)

const projectsURL = "/admin/projects/"

// formSite is a testSite of projects and users, with the services that the product has.
type formSite struct {
	*testSite
	projects *projects.Service
}

func newFormSite(t testing.TB) *formSite {
	t.Helper()
	return newFormSiteOfUsers(t, "username")
}

// newFormSiteOfUsers is one in which users are called by their key.
func newFormSiteOfUsers(t testing.TB, key string) *formSite {
	t.Helper()
	db := modelstest.New(t)
	d := &testSite{t: t, db: db, rights: models.Rights{All: true}, user: &models.User{Username: "ada", Email: "ada@example.com", IsActive: true, IsStaff: true, DateJoined: noon}}
	o := &formSite{testSite: d, projects: &projects.Service{DB: db, Now: now}}
	users := []*models.User{d.user, {Username: "bob", Email: "bob@example.com", IsActive: true, DateJoined: noon}}
	for _, user := range users {
		if _, err := db.NewInsert().Model(user).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	d.site = &admin.Site{
		DB: db, Now: now,
		Frame: func(_ *fiber.Ctx, title string, crumbs ...layout.Crumb) (layout.Frame, error) {
			return layout.Frame{Title: title, Crumbs: crumbs}, nil
		},
		Flash: func(_ *fiber.Ctx, _ models.Tone, text string) error {
			d.flashes = append(d.flashes, text)
			return nil
		},
	}
	d.site.Register(declaredProjects(o.projects), &admin.Model[models.User]{
		Slug: "users", Name: "User", Plural: "Users", List: []string{"username"}, Search: []string{"username", "email"}, Unindexed: true, Key: key,
	})
	if err := d.site.Check(); err != nil {
		t.Fatal(err)
	}
	d.app = fiber.New(fiber.Config{Immutable: true, ErrorHandler: refuse})
	d.site.Routes(d.app.Group("/admin", d.signIn))
	return o
}

// refuse answers as the product's presenter does, as far as these tests look.
func refuse(c *fiber.Ctx, err error) error {
	p, ok := problem.As(err)
	if !ok {
		return c.Status(500).SendString(err.Error())
	}
	c.Status(map[problem.Kind]int{problem.NotFound: 404, problem.Invalid: 400, problem.Forbidden: 403, problem.Conflict: 409}[p.Kind])
	if rejected, ok := err.(*admin.Rejected); ok {
		return admin.Render(c, rejected.Page)
	}
	return c.SendString(p.Error())
}

func declaredProjects(all *projects.Service) *admin.Model[models.Project] {
	return &admin.Model[models.Project]{
		Slug: "projects", Name: "Project", Plural: "Projects", List: []string{"name", "status"}, Filters: []string{"status"},
		Fieldsets: []admin.Fieldset{
			{Title: "Basic", Fields: []string{"name", "status", "progress", "description", "created_at"}},
			{Title: "Tasks", Fields: []string{"tasks_total", "tasks_completed"}, Aside: true},
		},
		ReadOnly: []string{"created_at"},
		Inlines: []admin.Inline{
			admin.Tabular[models.DataSource]{Name: "data_sources", Title: "Data sources", Fields: []string{"name", "type", "description"}, Order: "order"},
			admin.Stacked[models.AIIntegration]{Name: "ai_integration", Title: "AI", Fields: []string{"enabled", "features"}},
			admin.Tabular[models.ProjectMember]{Name: "members", Title: "Members", Fields: []string{"user_id", "role"}, Inputs: map[string]admin.Input{"user_id": {Ref: "users"}}},
		},
		New: models.NewProject, Load: all.Rows().LoadAll, Save: all.Rows().Save, SaveAsNew: true, Delete: all.Rows().Delete,
		Warnings: func(p *models.Project) problem.Fields {
			if text := p.Contradiction(); text.Format != "" {
				return problem.Fields{"tasks_total": {text}}
			}
			return nil
		},
		Related: func(context.Context, []int64) ([]string, error) { return []string{"all its data sources"}, nil },
	}
}

// typed is what a browser would send of the form on p, with changes typed into it.
func typed(p *page, changes ...string) url.Values {
	form := url.Values{}
	p.Find("#form").Find("input, textarea, select").Each(func(_ int, s *goquery.Selection) {
		name, kind := s.AttrOr("name", ""), s.AttrOr("type", "")
		_, checked := s.Attr("checked")
		switch {
		case s.Closest("template").Length() > 0, name == "", kind == "checkbox" && !checked:
		case goquery.NodeName(s) == "textarea":
			form.Add(name, s.Text())
		case goquery.NodeName(s) == "select":
			form.Add(name, s.Find("option[selected]").AttrOr("value", ""))
		default:
			form.Add(name, s.AttrOr("value", ""))
		}
	})
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

// value is what a control of the form holds.
func (p *page) value(name string) string {
	control := p.Find(fmt.Sprintf("[name='%s']", name)).First()
	if goquery.NodeName(control) == "textarea" {
		return control.Text()
	}
	return control.AttrOr("value", "")
}

// create makes a project with two data sources by the form.
func (o *formSite) create() *models.Project {
	o.t.Helper()
	p := o.post(projectsURL+"add/", typed(o.get(projectsURL+"add/"), "name", "Claims", "progress", "10", "data_sources.0.name", "Lake",
		"data_sources.1.id", "", "data_sources.1.name", "Sea", "data_sources.1.order", "2", "ai_integration.0.features", "One\nTwo\n", "_save", "continue"))
	if p.status != http.StatusSeeOther {
		o.t.Fatalf("creating: %d\n%s", p.status, p.body)
	}
	return o.project(1)
}

func (o *formSite) project(id int64) *models.Project {
	o.t.Helper()
	project, err := o.projects.Rows().Load(models.WithActor(o.t.Context(), models.Actor{User: o.user, Rights: models.Rights{All: true}}), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return project
}

func (o *formSite) history() []models.HistoryEntry {
	o.t.Helper()
	var all []models.HistoryEntry
	if err := o.db.NewSelect().Model(&all).OrderExpr("id").Scan(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	return all
}

func names(p *models.Project) string {
	var all []string
	for _, source := range p.DataSources {
		all = append(all, source.Name)
	}
	return strings.Join(all, " ")
}

func TestOneSaveMakesARowWithAllItsInlines(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	project := o.create()
	if project.Name != "Claims" || names(project) != "Lake Sea" || strings.Join(project.AIIntegration.Features, ",") != "One,Two" {
		t.Errorf("stored %+v with %s", project, names(project))
	}
	if len(project.Members) != 1 || project.Members[0].Role != models.RoleOwner {
		t.Errorf("members: %+v", project.Members)
	}
	if entries := o.history(); len(entries) != 1 || entries[0].Action != models.HistoryAdded || entries[0].Username != "ada" || entries[0].Channel != models.ChannelBackoffice {
		t.Errorf("history: %+v", entries)
	}
}

func TestFailedSaveKeepsEverythingTypedAndChangesNothing(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	p := o.post(here, typed(o.get(here), "name", "Renamed", "progress", "165", "data_sources.0.name", "", "data_sources.0.type", "SQL",
		"data_sources.2.id", "", "data_sources.2.name", "Third", "members.1.id", "", "members.1.user_id", "nobody", "members.1.role", "viewer"))
	if p.status != http.StatusBadRequest {
		t.Fatalf("answer %d", p.status)
	}
	for name, want := range map[string]string{"name": "Renamed", "progress": "165", "data_sources.0.name": "", "data_sources.0.type": "SQL", "data_sources.2.name": "Third", "members.1.user_id": "nobody"} {
		if got := p.value(name); got != want {
			t.Errorf("%s comes back as %q, want %q", name, got, want)
		}
	}
	if p.Find("[role=alert] a[href='#members.1.user_id']").Length() != 1 {
		t.Errorf("the name of nobody is not marked: %s", p.Find("[role=alert]").Text())
	}
	p = o.post(here, typed(p, "members.1.user_id", ""))
	for _, name := range []string{"progress", "data_sources.0.name"} {
		if p.Find(fmt.Sprintf("[id='%s'][aria-invalid]", name)).Length() != 1 || p.Find(fmt.Sprintf("[role=alert] a[href='#%s']", name)).Length() != 1 {
			t.Errorf("%s is not marked: %s", name, p.Find("[role=alert]").Text())
		}
	}
	if project := o.project(1); project.Name != "Claims" || names(project) != "Lake Sea" || len(o.history()) != 1 {
		t.Errorf("something was stored: %+v", project)
	}
}

func TestRowsAreReorderedChangedAndRemovedInOneSave(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	before := o.create()
	here := projectsURL + "1/"
	p := o.post(here, typed(o.get(here), "data_sources.0.order", "9", "data_sources.1.type", "API", "data_sources.2.id", "", "data_sources.2.name", "New", "data_sources.2.order", "5"))
	project := o.project(1)
	if p.status != http.StatusSeeOther || names(project) != "Sea New Lake" || project.DataSources[0].ID != before.DataSources[1].ID || project.DataSources[0].Type != "API" {
		t.Fatalf("%d: %s", p.status, names(project))
	}
	o.post(here, typed(o.get(here), "data_sources.1.delete", "1"))
	if got := names(o.project(1)); got != "Sea Lake" {
		t.Errorf("after a removal: %s", got)
	}
}

func TestSomebodyElsesSaveIsShownAndNotOverwrittenSilently(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	mine, theirs := o.get(here), o.get(here)
	o.post(here, typed(theirs, "description", "theirs", "data_sources.0.name", "Ocean"))
	p := o.post(here, typed(mine, "description", "mine"))
	if p.status != http.StatusConflict || p.value("description") != "mine" || !strings.Contains(p.Find("[data-theirs]").Text(), "theirs") || !strings.Contains(p.Find("[data-theirs]").Text(), "Ocean") {
		t.Fatalf("%d; shows %q", p.status, p.Find("[data-theirs]").Text())
	}
	if again := o.post(here, typed(p)); again.status != http.StatusConflict || o.project(1).Description != "theirs" {
		t.Errorf("a second save without a choice: %d, %q", again.status, o.project(1).Description)
	}
	force := p.Find("[name=_force]").AttrOr("value", "")
	if saved := o.post(here, typed(p, "_force", force)); saved.status != http.StatusSeeOther || o.project(1).Description != "mine" {
		t.Errorf("save anyway: %d, %q", saved.status, o.project(1).Description)
	}
	if stale := o.post(here, typed(p, "_force", force)); stale.status != http.StatusConflict {
		t.Errorf("the same choice after a third save: %d", stale.status)
	}
}

func TestSaveAsNewCopiesWithoutTakingTheOriginalsRows(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	original := o.create()
	here := projectsURL + "1/"
	if p := o.post(here, typed(o.get(here), "name", "Copy", "_save", "new")); p.header.Get("Location") != projectsURL+"2/" {
		t.Fatalf("%d to %s: %s", p.status, p.header.Get("Location"), p.Find("[role=alert]").Text())
	}
	copied := o.project(2)
	if copied.Name != "Copy" || names(copied) != "Lake Sea" || copied.DataSources[0].ID == original.DataSources[0].ID || names(o.project(1)) != "Lake Sea" {
		t.Errorf("copy %+v", copied)
	}
}

func TestFieldsThatAreNotDeclaredAreIgnored(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	before := o.create()
	here := projectsURL + "1/"
	o.post(here, typed(o.get(here), "id", "7", "created_at", "2001-01-01", "team_size", "99", "budget", "1", "name", "Claims 2",
		"data_sources.0.project_id", "7", "data_sources.0.created_at", "x", "members.0.project_id", "7"))
	after := o.project(1)
	if after.Name != "Claims 2" || after.TeamSize != before.TeamSize || after.Budget != "" || !after.CreatedAt.Equal(before.CreatedAt) || names(after) != "Lake Sea" {
		t.Errorf("stored %+v", after)
	}
}

func TestAContradictionIsPointedOutAndSaved(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	p := o.post(here, typed(o.get(here), "progress", "100", "tasks_total", "10", "tasks_completed", "3"))
	if p.status != http.StatusSeeOther || !strings.Contains(strings.Join(o.flashes, " "), "3 of 10") || !strings.Contains(o.get(here).Find("[data-warning]").Text(), "3 of 10") {
		t.Errorf("%d; said %q", p.status, o.flashes)
	}
}

func TestPeopleAreNamedNotNumbered(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	o.post(here, typed(o.get(here), "members.1.id", "", "members.1.user_id", "BOB@example.com", "members.1.role", "editor"))
	if p := o.get(here); p.value("members.0.user_id") != "ada" || p.value("members.1.user_id") != "bob" {
		t.Errorf("members: %q, %q", p.value("members.0.user_id"), p.value("members.1.user_id"))
	}
	r := httptest.NewRequest(http.MethodGet, "/admin/users/autocomplete/?members.1.user_id=bo", nil)
	r.Header.Set("HX-Trigger-Name", "members.1.user_id")
	if p := o.do(r); p.Find("option[value=bob]").Length() != 1 || p.Find("option").Length() != 1 {
		t.Errorf("suggested: %d", p.Find("option").Length())
	}
}

func TestNobodyIsSuggestedToWhoMayNotViewThem(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.rights = models.Rights{Granted: []string{"projects.view", "projects.change"}}
	if p := o.get("/admin/users/autocomplete/?q=b"); p.Find("option").Length() != 0 {
		t.Errorf("suggested: %s", p.body)
	}
}

func TestTypedScriptsComeBackAsText(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here, attack := projectsURL+"1/", `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	rejected := o.post(here, typed(o.get(here), "name", attack, "description", "</textarea>"+attack, "data_sources.0.name", attack, "ai_integration.0.features", attack, "progress", "x"))
	o.post(here, typed(rejected, "progress", "1"))
	for _, p := range []*page{rejected, o.get(here), o.get(here + "history/"), o.get(here + "delete/"), o.get(projectsURL)} {
		if p.Find("script:not([src]), img, [onerror]").Length() != 0 {
			t.Error("typed text became markup")
		}
	}
	if o.project(1).Name != attack {
		t.Errorf("stored %q", o.project(1).Name)
	}
}

func TestEachRightIsNeededAndEnough(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	form := typed(o.get(projectsURL + "1/"))
	for _, c := range []struct {
		method, path string
		form         url.Values
		verb         models.Verb
	}{
		{"GET", projectsURL, nil, models.View}, {"GET", projectsURL + "1/", nil, models.View}, {"GET", projectsURL + "1/history/", nil, models.View},
		{"GET", projectsURL + "export/", nil, models.View}, {"GET", projectsURL + "add/", nil, models.Add},
		{"POST", projectsURL + "1/", form, models.Change}, {"GET", projectsURL + "1/delete/", nil, models.Delete},
		{"POST", projectsURL, url.Values{"action": {"delete"}, "id": {"1"}}, models.Delete},
		{"POST", projectsURL + "1/delete/", url.Values{"confirm": {"no"}}, models.Delete},
	} {
		for _, verb := range models.Verbs {
			o.rights = models.Rights{Granted: []string{"projects." + string(verb)}}
			if verb != models.Change {
				o.rights.Granted = append(o.rights.Granted, "projects.view")
			}
			if c.verb == models.View && verb != models.View {
				o.rights.Granted = []string{"users.view"}
			}
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if status := o.do(r).status; (status == http.StatusForbidden) == (verb == c.verb) {
				t.Errorf("%s %s with %v: %d", c.method, c.path, o.rights.Granted, status)
			}
		}
	}
}

func TestDeletingListsWhatGoesWithItAndIsRecorded(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	if p := o.get(projectsURL + "1/delete/"); !strings.Contains(p.body, "all its data sources") {
		t.Errorf("asked: %s", p.Find("main").Text())
	}
	o.post(projectsURL+"1/delete/", url.Values{"confirm": {"yes"}})
	entries := o.history()
	if last := entries[len(entries)-1]; last.Action != models.HistoryDeleted || last.ObjectLabel != "Claims" {
		t.Errorf("history: %+v", last)
	}
	if p := o.get(projectsURL + "1/history/"); !strings.Contains(p.body, "Lake") {
		t.Error("the history of what is gone is gone")
	}
}
