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

func TestRefusalsAreSaidBeforeTheQuestion(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	own := "/admin/users/" + itoa(a.user(handlerstest.Username).ID) + "/"
	page := boss.Get(own + "delete/")
	if said := page.Part("[data-refused]", "").Text(); !strings.Contains(said, handlerstest.Username+": You cannot delete yourself.") || page.Has("main form button") {
		t.Errorf("the page that asks whether to delete oneself says %q: %s", said, page.Text())
	}
	if page := boss.Get(own + "erase/"); !page.Has("[data-refused]") || page.Has("main form button") {
		t.Errorf("the page that asks whether to erase oneself: %s", page.Text())
	}
	list := boss.Get("/admin/users/")
	for _, action := range []string{"delete", "deactivate"} {
		chosen := url.Values{"action": {action}, "id": {itoa(a.user(handlerstest.Username).ID)}}
		alone := boss.Post(list, "/admin/users/", chosen)
		chosen.Set("confirm", "yes")
		if forced := boss.Post(list, "/admin/users/", chosen); forced.Status != http.StatusForbidden || !forced.Has("[data-refused]") {
			t.Errorf("%s oneself, said at once: %d %s", action, forced.Status, forced.Text())
		}
		if alone.Status != http.StatusOK || !alone.Has("[data-refused]") || alone.Has("main form button") {
			t.Errorf("%s oneself alone: %d %s", action, alone.Status, alone.Text())
		}
	}
	for _, step := range []struct{ action, name string }{{"deactivate", "bob"}, {"delete", "ann"}} {
		chosen := []string{itoa(a.user(handlerstest.Username).ID), itoa(a.user(step.name).ID)}
		ask := boss.Post(list, "/admin/users/", url.Values{"action": {step.action}, "id": chosen})
		form := ask.Form("main form")
		if said := ask.Part("[data-refused]", "").Text(); !strings.Contains(said, handlerstest.Username+": You cannot") || strings.Contains(said, step.name+":") || len(form["id"]) != 1 || form.Get("id") != chosen[1] {
			t.Fatalf("%s both: %q, and goes on with %v", step.action, said, form)
		}
		boss.Post(ask, "/admin/users/", form)
	}
	var left []models.User
	if err := a.DB.NewSelect().Model(&left).OrderExpr("username").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, user := range left {
		if user.Username == "ann" || user.IsActive != (user.Username != "bob") {
			t.Errorf("afterwards there is %s, active: %v", user.Username, user.IsActive)
		}
	}
	if len(left) != 2 {
		t.Errorf("%d accounts are left", len(left))
	}
}

func TestWhoErasesAPersonLooksForItInTheMenu(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	page := app.Login().Get("/admin/contact-messages/1/")
	if !page.Has("#more a[href='/admin/contact-messages/1/erase/']") || page.Has("main a[href='/admin/contact-messages/1/erase/']:not(#more *)") {
		t.Errorf("erasing stands beside the buttons: %s", page.Text())
	}
}

func TestGroupsTellOfTheirMembersWhoAreAFilterOfUsers(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	boss.Post(boss.Get("/admin/groups/add/"), "/admin/groups/add/", url.Values{"name": {"Readers"}, "permissions": {"projects.view"}})
	boss.Post(boss.Get("/admin/groups/add/"), "/admin/groups/add/", url.Values{"name": {"Nobody"}})
	for _, name := range []string{"ann", "bob"} {
		a.editUser(boss, name, url.Values{"groups": {"1"}})
	}
	groups := boss.Get("/admin/groups/")
	if row := groups.Row("Readers").Text(); !strings.Contains(row, "2") || !strings.Contains(row, "ann, bob") {
		t.Errorf("the group tells %q", row)
	}
	members := boss.Get("/admin/groups/1/members/")
	if !members.Has("tr[data-id]") || members.Part("tbody", "").Row("ann").Text() == "" || strings.Contains(members.Part("tbody", "").Text(), handlerstest.Username) ||
		!strings.Contains(members.Text(), "Readers") {
		t.Errorf("the members: %s", members.Text())
	}
	for path, want := range map[string]string{"/admin/users/?groups=1": "2", "/admin/users/?groups=2": "0", "/admin/users/?groups=1&q=ann": "1", "/admin/users/?groups=1&is_active=1": "2"} {
		if total := boss.Get(path).Part("#list-total", "").Text(); !strings.HasPrefix(strings.TrimSpace(total), want) {
			t.Errorf("%s finds %q", path, total)
		}
	}
	for _, path := range []string{"/admin/users/?groups=2", "/admin/users/?groups=2&is_active=1"} {
		if other := boss.Get(path).Part("#filter-groups li", "Readers").Text(); strings.Join(strings.Fields(other), " ") != "Readers 2" {
			t.Errorf("%s offers %q", path, other)
		}
	}
	clerk := newGroupReader(t, a, boss)
	if row := clerk.Get("/admin/groups/").Row("Readers").Text(); strings.Contains(row, "ann") {
		t.Errorf("who may not view users reads of members: %q", row)
	}
}

// newGroupReader is a member of staff who may view groups alone.
func newGroupReader(t *testing.T, a *accountsApp, boss *handlerstest.Staff) *handlerstest.Staff {
	t.Helper()
	a.imported("reader", goodHash())
	a.editUser(boss, "reader", url.Values{"is_staff": {"true"}, "permissions": {"groups.view"}})
	return enter(t, a.App, "reader", goodPassword)
}

func TestColumnsOfAnExportAreGroupedAndTickedAtOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	project := models.NewProject()
	project.Name, project.CreatedAt, project.UpdatedAt = "Project 1", time.Now().UTC(), time.Now().UTC()
	if _, err := app.DB.NewInsert().Model(project).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	boss := app.Login()
	page := boss.Get("/admin/projects/export/columns/?q=Project")
	if !page.Has("[role=group][aria-label='Project details'] [name=column][value=full_scope]") || !page.Has("[name=column][value=name][checked]") {
		t.Fatalf("the columns: %s", page.Text())
	}
	form := page.Form("main form")
	form.Set("format", "csv")
	form.Set("tick", "all")
	all := boss.Post(page, "/admin/projects/export/", form)
	if all.Has("[name=column]:not([checked])") || !all.Has("[name=column][value=full_scope][checked]") || !all.Has("option[value=csv][selected]") {
		t.Errorf("all: %s", all.Text())
	}
	form.Set("tick", "none")
	none := boss.Post(page, "/admin/projects/export/", form)
	if none.Has("[name=column][checked]") || none.Form("main form").Get("q") != "Project" {
		t.Errorf("none, of %v", none.Form("main form"))
	}
}
