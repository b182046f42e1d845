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

const clerkPassword = "battery staple horse"

// newClerk makes a member of staff by the superuser's form and logs them in.
func newClerk(t *testing.T, app *handlerstest.App, boss *handlerstest.Staff, permissions ...string) *handlerstest.Staff {
	t.Helper()
	page := boss.Post(boss.Get("/admin/users/add/"), "/admin/users/add/", url.Values{
		"username": {"clerk"}, "email": {"clerk@digitalpath.test"}, "new_password": {clerkPassword},
		"is_active": {"true"}, "is_staff": {"true"}, "permissions": permissions,
	})
	if !page.Has("tr[data-id='2']") {
		t.Fatalf("the clerk was not stored: %s", page.Text())
	}
	return enter(t, app, "clerk", clerkPassword)
}

func enter(t *testing.T, app *handlerstest.App, username, password string) *handlerstest.Staff {
	t.Helper()
	browser := app.Browser()
	page := browser.Post(browser.Get("/admin/login/"), "/admin/login/", url.Values{"username": {username}, "password": {password}})
	if page.Has("[name=password]") {
		t.Fatalf("%s was not let in: %s", username, page.Text())
	}
	return browser
}

// grant gives the clerk exactly these permissions, by the superuser's form.
func grant(t *testing.T, boss *handlerstest.Staff, permissions ...string) {
	t.Helper()
	page := boss.Get("/admin/users/2/")
	saved := boss.Post(page, "/admin/users/2/", url.Values{
		"username": {"clerk"}, "email": {"clerk@digitalpath.test"}, "is_active": {"true"}, "is_staff": {"true"},
		"permissions": permissions, "_version": {page.Attribute("[name=_version]", "value")},
	})
	if saved.Status != http.StatusOK || saved.Has("[role=alert]") {
		t.Fatalf("granting %v: %d %s", permissions, saved.Status, saved.Text())
	}
}

// step is a post whose permission depends on what it holds, besides that to view the rows,
// which its route takes. It changes nothing where it is let through.
type step struct {
	path, permission string
	form             url.Values
}

// steps are all there are. The rights that routes take by themselves are tested by what
// these declare.
func steps() []step {
	var all []step
	for _, slug := range []string{"contact-messages", "projects", "users", "groups", "waitlist"} {
		list := "/admin/" + slug + "/"
		all = append(all, step{list + "1/", slug + ".delete", url.Values{"action": {"delete"}}}, step{list, slug + ".delete", url.Values{"action": {"delete"}, "id": {"1"}}})
	}
	for slug, row := range map[string]string{"projects": "1", "users": "2", "groups": "1", "waitlist": "1"} { // user 1 is a superuser
		all = append(all, step{"/admin/" + slug + "/" + row + "/", slug + ".change", url.Values{"_version": {"old"}}})
	}
	for slug, actions := range map[string][]string{
		"contact-messages": {"resend", "spam", "not-spam"}, "users": {"activate", "deactivate", "log-out", "send-reset"}, "waitlist": {"invite", "resend", "not-spam"},
	} {
		for _, action := range actions {
			all = append(all, step{"/admin/" + slug + "/", slug + ".change", url.Values{"action": {action}, "id": {"999"}}})
		}
	}
	return append(all, step{"/admin/contact-messages/1/", "contact-messages.change", url.Values{"action": {"not-spam"}}},
		step{deadURL, "mail-queue.change", url.Values{"action": {"put-back"}, "id": {"999"}}}, step{deadURL, "mail-queue.delete", url.Values{"action": {"delete"}, "id": {"999"}}})
}

// stock makes the first row of every model that staff work on, beside the superuser.
func stock(app *handlerstest.App, boss *handlerstest.Staff) {
	app.MustSubmit("Visitor")
	app.PostJSON("/api/waitlists/", `{"email":"waits@example.com"}`)
	boss.Post(boss.Get("/admin/projects/add/"), "/admin/projects/add/", project("Claims"))
	boss.Post(boss.Get("/admin/groups/add/"), "/admin/groups/add/", url.Values{"name": {"Readers"}})
}

func project(name string) url.Values {
	return url.Values{"name": {name}, "status": {"planning"}, "progress": {"0"}, "team_size": {"1"}, "tasks_total": {"0"}, "tasks_completed": {"0"}}
}

func TestLimitedStaffGetNoFurtherThanTheirRights(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	stock(app, boss)
	clerk := newClerk(t, app, boss)
	home := clerk.Get("/admin/")
	for _, permission := range []string{
		"", "contact-messages.view", "contact-messages.change", "contact-messages.delete",
		"projects.view", "projects.add", "projects.change", "projects.delete", "users.view", "users.add", "users.change", "users.delete",
		"groups.view", "groups.add", "groups.change", "groups.delete", "waitlist.view", "waitlist.add", "waitlist.change", "waitlist.delete",
		"history.view", "social-accounts.view", "mail-queue.view", "mail-queue.change", "mail-queue.delete",
	} {
		granted := []string{}
		if slug, verb, _ := strings.Cut(permission, "."); permission != "" {
			granted = []string{permission}
			if verb != "view" {
				granted = append(granted, slug+".view") // Django too lists rows only to those who view
			}
		}
		grant(t, boss, granted...)
		for _, s := range steps() {
			got := clerk.Post(home, s.path, s.form).Status
			if refused := got == http.StatusForbidden; refused == slices.Contains(granted, s.permission) || got == http.StatusNotFound || got >= 500 {
				t.Errorf("with %v: POST %s %v: %d", granted, s.path, s.form, got)
			}
		}
		// Its answer is empty rather than a refusal: a form that names users is theirs too.
		if offered := clerk.Get("/admin/users/autocomplete/?q=a").Has("option"); offered != slices.Contains(granted, "users.view") {
			t.Errorf("with %v users are offered: %v", granted, offered)
		}
		menu := clerk.Get("/admin/")
		for words, slug := range map[string]string{"Messages per day": "contact-messages", "Wait for an invitation": "waitlist", "Projects under way": "projects"} {
			if told := strings.Contains(menu.Text(), words); told != slices.Contains(granted, slug+".view") {
				t.Errorf("with %v the dashboard tells %q: %v", granted, words, told)
			}
		}
		for _, slug := range []string{"contact-messages", "projects", "users", "groups", "waitlist", "social-accounts", "history"} {
			if shown := menu.Has("nav a[href='/admin/" + slug + "/']"); shown != slices.Contains(granted, slug+".view") {
				t.Errorf("with %v the menu shows %s: %v", granted, slug, shown)
			}
		}
	}
}

// carry takes over from a page what its form must post back unchanged: which version is
// edited, and who owns a project.
func carry(page *handlerstest.Page, form url.Values) {
	for _, name := range []string{"_version", "members.0.id", "members.0.user_id", "members.0.role"} {
		if input := "[name='" + name + "']"; page.Has(input) {
			form.Set(name, page.Attribute(input, "value")+page.Attribute(input+" [selected]", "value"))
		}
	}
}

// What is refused without a right is not done, and what is allowed with it is.
func TestErrorPagesKeepTheMenuOfWhoeverIsLoggedIn(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	clerk := newClerk(t, app, app.Login())
	for path, status := range map[string]int{"/admin/users/": http.StatusForbidden, "/admin/nothing/": http.StatusNotFound} {
		if page := clerk.Get(path); page.Status != status || !page.Has("#sidebar") || !page.Has(`a[href="/admin/"]`) {
			t.Errorf("%s: %d without the menu", path, page.Status)
		}
	}
	if page := app.Browser().Get("/admin/setup/?token=old"); page.Has("#sidebar") || !page.Has(`main a[href="/admin/login/"]`) {
		t.Error("whoever is not logged in gets a menu, or no way to log in")
	}
}

func TestEachRightIsNeededAndEnoughToGetItDone(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	stock(app, boss)
	clerk := newClerk(t, app, boss) // user 2; the next is 3
	confirmed := url.Values{"confirm": {"yes"}}
	for _, work := range []struct {
		permission, path string
		form             url.Values
		done             string // selects a row where it is done
	}{
		{"users.add", "add/", url.Values{"username": {"new"}, "email": {"new@example.com"}, "new_password": {clerkPassword}, "is_active": {"true"}}, "SELECT count(*) FROM users WHERE username = 'new'"},
		{"users.change", "3/", url.Values{"username": {"new"}, "email": {"new@example.com"}, "first_name": {"Nora"}}, "SELECT count(*) FROM users WHERE first_name = 'Nora'"},
		{"users.delete", "3/delete/", confirmed, "SELECT 1 - count(*) FROM users WHERE id = 3"},
		{"groups.add", "add/", url.Values{"name": {"Writers"}}, "SELECT count(*) FROM groups WHERE name = 'Writers'"},
		{"groups.change", "1/", url.Values{"name": {"Listeners"}}, "SELECT count(*) FROM groups WHERE name = 'Listeners'"},
		{"groups.delete", "1/delete/", confirmed, "SELECT 1 - count(*) FROM groups WHERE id = 1"},
		{"projects.add", "add/", project("Quotes"), "SELECT count(*) FROM projects WHERE name = 'Quotes'"},
		{"projects.change", "1/", project("Losses"), "SELECT count(*) FROM projects WHERE name = 'Losses'"},
		{"projects.delete", "1/delete/", confirmed, "SELECT 1 - count(*) FROM projects WHERE id = 1"},
		{"contact-messages.change", "1/", url.Values{"action": {"spam"}}, "SELECT count(*) FROM contact_messages WHERE is_spam"},
		{"contact-messages.delete", "1/delete/", confirmed, "SELECT 1 - count(*) FROM contact_messages WHERE id = 1"},
		{"waitlist.add", "add/", url.Values{"email": {"added@example.com"}}, "SELECT count(*) FROM waitlist_entries WHERE email = 'added@example.com'"},
		{"waitlist.change", "1/", url.Values{"email": {"waits@example.com"}, "company": {"Harbour"}}, "SELECT count(*) FROM waitlist_entries WHERE company = 'Harbour'"},
		{"waitlist.delete", "1/delete/", confirmed, "SELECT 1 - count(*) FROM waitlist_entries WHERE id = 1"},
	} {
		slug, verb, _ := strings.Cut(work.permission, ".")
		others := slices.DeleteFunc([]string{slug + ".view", slug + ".add", slug + ".change", slug + ".delete"}, func(p string) bool {
			return p == work.permission || p == "contact-messages.add" // messages come by the public form only
		})
		for _, granted := range [][]string{others, {slug + ".view", work.permission}} {
			grant(t, boss, granted...)
			allowed := slices.Contains(granted, work.permission)
			if verb == "change" {
				carry(boss.Get("/admin/"+slug+"/"+work.path), work.form)
			}
			page := clerk.Post(clerk.Get("/admin/"), "/admin/"+slug+"/"+work.path, work.form)
			if (page.Status == http.StatusOK) != allowed || (page.Status == http.StatusForbidden) == allowed {
				t.Errorf("with %v: %s %s: %d %s", granted, slug, work.path, page.Status, page.Text())
			}
			var done int
			if err := app.DB.NewRaw(work.done).Scan(t.Context(), &done); err != nil || (done == 1) != allowed {
				t.Errorf("with %v: %s %s: done is %d (%v)", granted, slug, work.path, done, err)
			}
		}
	}
}

func TestNobodyLiftsThemselvesOrLocksThemselvesOut(t *testing.T) {
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	clerk := newClerk(t, app, boss, "users.view", "users.change", "users.delete", "groups.view", "groups.add")
	own := clerk.Get("/admin/users/2/")
	form := url.Values{"username": {"clerk"}, "email": {"clerk@digitalpath.test"}, "is_active": {"true"}, "is_staff": {"true"}, "is_superuser": {"true"},
		"permissions": {"users.view", "users.change", "projects.delete"}, "_version": {own.Attribute("[name=_version]", "value")}}
	if page := clerk.Post(own, "/admin/users/2/", form); page.Status != http.StatusBadRequest {
		t.Errorf("granting oneself: %d", page.Status)
	}
	boss1 := clerk.Get("/admin/users/1/")
	form.Set("new_password", "another long password")
	form.Set("_version", boss1.Attribute("[name=_version]", "value"))
	if page := clerk.Post(boss1, "/admin/users/1/", form); page.Status != http.StatusForbidden {
		t.Errorf("setting a superuser's password: %d", page.Status)
	}
	if page := clerk.Post(own, "/admin/groups/add/", url.Values{"name": {"Kings"}, "permissions": {"projects.delete"}}); page.Status != http.StatusBadRequest {
		t.Errorf("a group with more rights: %d", page.Status)
	}
	for _, action := range []string{"deactivate", "delete"} {
		form := url.Values{"action": {action}, "id": {"1"}, "confirm": {"yes"}}
		if page := boss.Post(boss.Get("/admin/users/"), "/admin/users/", form); page.Status != http.StatusForbidden {
			t.Errorf("%s oneself: %d", action, page.Status)
		}
	}
	var users []models.User
	if err := app.DB.NewSelect().Model(&users).OrderExpr("id").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(users) != 2 || users[1].IsSuperuser || !users[0].IsActive {
		t.Errorf("users: %+v", users)
	}
}

func TestOwnPasswordIsChangedInTheProfileAndEndsOtherLogins(t *testing.T) {
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	here, elsewhere := app.Login(), app.Login()
	change := func(current, first, again string) *handlerstest.Page {
		return here.Post(here.Get("/admin/profile/"), "/admin/profile/password/", url.Values{"current_password": {current}, "new_password": {first}, "password_again": {again}})
	}
	for _, wrong := range [][3]string{{"nonsense", clerkPassword, clerkPassword}, {handlerstest.Password, clerkPassword, "other"}, {handlerstest.Password, "1234", "1234"}} {
		if page := change(wrong[0], wrong[1], wrong[2]); page.Status != http.StatusBadRequest || !page.Has("[data-fault]") {
			t.Errorf("%v: %d", wrong, page.Status)
		}
	}
	if page := change(handlerstest.Password, clerkPassword, clerkPassword); page.Status != http.StatusOK || page.Has("[data-fault]") {
		t.Fatalf("the change: %d %s", page.Status, page.Text())
	}
	if !here.Get("/admin/").Has("#user-menu") || elsewhere.Get("/admin/").Has("#user-menu") {
		t.Error("the wrong login was ended")
	}
	enter(t, app, handlerstest.Username, clerkPassword)
}

func TestOwnProfileIsChangedAndOneOwnLoginEnded(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.set("ann", "is_staff = ?", true)
	here, elsewhere := enter(t, a.App, "ann", goodPassword), enter(t, a.App, "ann", goodPassword)
	page := here.Post(here.Get("/admin/profile/"), "/admin/profile/", url.Values{"first_name": {"Anna"}, "last_name": {"Lund"}, "language": {"es"}, "time_zone": {"Europe/Madrid"}})
	if page.Status != http.StatusOK || page.Attribute("html", "lang") != "es" || !strings.Contains(page.Text(), "Tu perfil ha cambiado.") || !strings.Contains(page.Text(), "Anna Lund") {
		t.Errorf("the change: %d %s", page.Status, page.Text())
	}
	if ann := a.user("ann"); ann.FirstName != "Anna" || ann.Language != "es" || ann.TimeZone != "Europe/Madrid" {
		t.Errorf("stored: %+v", ann)
	}
	if page := here.Post(page, "/admin/profile/", url.Values{"first_name": {strings.Repeat("x", 151)}}); page.Status != http.StatusBadRequest || !page.Has("[data-fault]") || a.user("ann").FirstName != "Anna" {
		t.Errorf("a name too long: %d", page.Status)
	}
	page = here.Get("/admin/profile/")
	end := page.Attribute("form[action^='/admin/profile/logins/']", "action")
	if end == "" || !page.Part("li", "Esta").Has("span") {
		t.Fatalf("the other login cannot be ended: %s", page.Text())
	}
	here.Post(page, end, url.Values{})
	if !here.Get("/admin/").Has("#user-menu") || elsewhere.Get("/admin/").Has("#user-menu") {
		t.Error("the wrong login was ended")
	}
	if page := boss.Post(boss.Get("/admin/profile/"), end, url.Values{}); page.Status != http.StatusNotFound {
		t.Errorf("somebody else's login: %d", page.Status)
	}
}

// Who may unlink identities unlinks none of an account that may do more than they.
func TestIdentitiesOfWhoMayDoMoreStayLinked(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	clerk := newClerk(t, app, boss, "social-accounts.view", "social-accounts.delete")
	visitor := &models.User{Username: "bob", Email: "bob@example.com", Password: goodHash(), DateJoined: time.Now()}
	if _, err := app.DB.NewInsert().Model(visitor).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, user := range []int64{1, 2, visitor.ID} {
		account := &models.SocialAccount{ID: int64(id + 1), UserID: user, Provider: models.SocialProvider("google"), Subject: fmt.Sprint(user), CreatedAt: time.Now(), LastLogin: time.Now()}
		if _, err := app.DB.NewInsert().Model(account).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	linked := func() int {
		n, err := app.DB.NewSelect().Model((*models.SocialAccount)(nil)).Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	list := "/admin/social-accounts/"
	for _, c := range []struct {
		name   string
		staff  *handlerstest.Staff
		form   url.Values
		status int
		left   int
	}{
		{"a superuser's", clerk, url.Values{"id": {"1"}}, http.StatusForbidden, 3},
		{"everybody's, among them a superuser's", clerk, url.Values{"all": {"1"}}, http.StatusForbidden, 3},
		{"a visitor's", clerk, url.Values{"id": {"3"}}, http.StatusOK, 2},
		{"one's own", clerk, url.Values{"id": {"2"}}, http.StatusOK, 1},
		{"a superuser's, by a superuser", boss, url.Values{"id": {"1"}}, http.StatusOK, 0},
	} {
		c.form.Set("action", "delete")
		c.form.Set("confirm", "yes")
		page := c.staff.Post(c.staff.Get(list), list, c.form)
		if page.Status != c.status || linked() != c.left {
			t.Errorf("%s: %d, %d are left: %s", c.name, page.Status, linked(), page.Text())
		}
	}
}

// Who may delete and not look lands on a page of theirs, and is told what was done.
func TestStaffWhoMayOnlyDeleteAreToldTheTruth(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	stock(app, boss)
	boss.Post(boss.Get("/admin/projects/add/"), "/admin/projects/add/", project("Thrown"))
	boss.Post(boss.Get("/admin/projects/2/delete/"), "/admin/projects/2/delete/", url.Values{"confirm": {"yes"}})
	clerk := newClerk(t, app, boss, "projects.delete", "groups.delete")
	for path, want := range map[string]string{"/admin/groups/1/delete/": "Readers is deleted.", "/admin/projects/1/delete/": "0 deleted."} {
		page := clerk.Post(clerk.Get("/admin/"), path, url.Values{"confirm": {"yes"}})
		if page.Status != http.StatusOK || !strings.Contains(page.Text(), want) {
			t.Errorf("%s: %d %s", path, page.Status, page.Text())
		}
	}
	if page := clerk.Get("/admin/projects/1/delete/"); !strings.Contains(page.Text(), "Claims: You are not allowed to do this.") {
		t.Errorf("a project that they may not see: %s", page.Text())
	}
	trash := clerk.Get("/admin/groups/trash/")
	if page := clerk.Post(trash, "/admin/groups/trash/", url.Values{"action": {"restore"}, "id": {trash.Attribute("input[name=id]", "value")}}); page.Status != http.StatusOK || !strings.Contains(page.Text(), "1 restored.") {
		t.Errorf("a restored group: %d %s", page.Status, page.Text())
	}
	trash = clerk.Get("/admin/projects/trash/")
	if page := clerk.Post(trash, "/admin/projects/trash/", url.Values{"action": {"restore"}, "id": {trash.Attribute("input[name=id]", "value")}}); page.Status != http.StatusForbidden {
		t.Errorf("a restored project that they may not see: %d %s", page.Status, page.Text())
	}
	if left := boss.Get("/admin/projects/").Text(); !strings.Contains(left, "Claims") || !boss.Get("/admin/projects/trash/").Has("input[name=id]") {
		t.Errorf("the projects are %s", left)
	}
}
