package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

const projectPage = "/admin/projects/1/"

// editing is a superuser on the page of a project, with something typed into it.
func editing(t *testing.T) (*handlerstest.App, *handlerstest.Staff, *handlerstest.Page, url.Values) {
	t.Helper()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	boss.Post(boss.Get("/admin/projects/add/"), "/admin/projects/add/", project("Claims"))
	page := boss.Get(projectPage + "?from=status%3Dplanning")
	form := page.Form("#form")
	form.Set("name", "Typed")
	form.Set("description", "Two\nlines \"quoted\" <b>")
	form.Add("data_sources.0.name", "Lake")
	form.Set("data_sources.0.name", "Lake")
	return app, boss, page, form
}

// wantTyped holds a page against what was typed, which must not be stored.
func wantTyped(t *testing.T, app *handlerstest.App, page *handlerstest.Page) {
	t.Helper()
	form := page.Form("#form")
	if page.Status != http.StatusOK || form.Get("name") != "Typed" || strings.ReplaceAll(form.Get("description"), "\r\n", "\n") != "Two\nlines \"quoted\" <b>" || form.Get("data_sources.0.name") != "Lake" || !page.Has("#form[data-unsaved]") {
		t.Errorf("%d: the form holds %v\n%s", page.Status, form, page.Text())
	}
	if !strings.HasSuffix(page.Attribute("#form", "action"), projectPage+"?from=status%3Dplanning") {
		t.Errorf("the place in the list is lost: %s", page.Attribute("#form", "action"))
	}
	if stored := storedProject(t, app); stored.Name != "Claims" || stored.Description != "" {
		t.Errorf("stored without a press of Save: %+v", stored)
	}
}

// endSessions does what time does.
func endSessions(t *testing.T, app *handlerstest.App) {
	t.Helper()
	if _, err := app.DB.NewUpdate().Model((*models.Session)(nil)).Set("expires_at = created_at").Where("1 = 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestSessionThatEndedDuringAnEditLosesNothing(t *testing.T) {
	t.Parallel()
	app, boss, page, form := editing(t)
	endSessions(t, app)
	const here = projectPage + "?from=status%3Dplanning"
	asked := boss.Post(page, here, form)
	if asked.Status != http.StatusUnauthorized || asked.Attribute("#login", "action") != here {
		t.Fatalf("without a session: %d\n%s", asked.Status, asked.Text())
	}
	login := asked.Form("#login")
	login.Set("_login_username", handlerstest.Username)
	login.Set("_login_password", "wrong")
	refused := boss.Post(asked, here, login)
	if refused.Status == http.StatusOK || !refused.Has("#login [role=alert]") || refused.Form("#login").Get("name") != "Typed" {
		t.Fatalf("a wrong password: %d\n%s", refused.Status, refused.Text())
	}
	login = refused.Form("#login")
	login.Set("_login_password", handlerstest.Password)
	back := boss.Post(refused, here, login)
	wantTyped(t, app, back)
	if !strings.Contains(back.Text(), "not saved yet") {
		t.Error("nothing says that it is not saved")
	}
	saved := boss.Post(back, here, back.Form("#form"))
	if stored := storedProject(t, app); saved.Status != http.StatusOK || stored.Name != "Typed" || sources(t, app) != "Lake" {
		t.Errorf("saved: %d, stored %+v", saved.Status, stored)
	}
}

// After a login in another tab the secret of the forms is another.
func TestFormOpenedBeforeALoginElsewhereComesBackUnsaved(t *testing.T) {
	t.Parallel()
	app, boss, page, form := editing(t)
	const here = projectPage + "?from=status%3Dplanning"
	boss.Post(boss.Get("/admin/"), "/admin/logout/", url.Values{})
	asked := boss.Post(page, here, form)
	if asked.Status != http.StatusUnauthorized || asked.Form("#login").Get("name") != "Typed" {
		t.Fatalf("after a logout elsewhere: %d\n%s", asked.Status, asked.Text())
	}
	entrance := boss.Get("/admin/login/")
	boss.Post(entrance, "/admin/login/", url.Values{"username": {handlerstest.Username}, "password": {handlerstest.Password}})
	wantTyped(t, app, boss.Post(page, here, form))
	wantTyped(t, app, boss.Post(asked, here, asked.Form("#login")))
	again := boss.Get("/admin/")
	wantTyped(t, app, boss.Post(again, here, asked.Form("#login")))
}

// A page of another site fills no form, and asks for no password.
func TestPageOfAnotherSiteReopensNothing(t *testing.T) {
	t.Parallel()
	app, boss, _, form := editing(t)
	for _, session := range []bool{true, false} {
		if !session {
			endSessions(t, app)
		}
		answer := app.Do("POST", projectPage, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Cookie", boss.CookieHeader())
		if answer.Status != http.StatusForbidden || strings.Contains(answer.Body, "Typed") {
			t.Errorf("with a session %v: %d", session, answer.Status)
		}
	}
}

func TestPasswordsAndRefusedRightsAreNotCarriedOverALogin(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	newClerk(t, app, boss)
	page := boss.Get("/admin/users/add/")
	form := page.Form("#form")
	form.Set("username", "new")
	form.Set("new_password", "a secret of theirs")
	endSessions(t, app)
	asked := boss.Post(page, "/admin/users/add/", form)
	if login := asked.Form("#login"); login.Get("username") != "new" || login.Has("new_password") {
		t.Errorf("carried: %v", login)
	}
	login := asked.Form("#login")
	login.Set("_login_username", "clerk")
	login.Set("_login_password", clerkPassword)
	if back := boss.Post(asked, "/admin/users/add/", login); back.Status != http.StatusForbidden {
		t.Errorf("who may add none gets the form: %d", back.Status)
	}
}

func TestFormThatHtmxPostsWithoutASessionComesBackToo(t *testing.T) {
	t.Parallel()
	app, boss, page, form := editing(t)
	endSessions(t, app)
	form.Set("csrf_token", page.Attribute("[name=csrf_token]", "value"))
	answer := app.Do("POST", projectPage, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true", "Origin", app.URL, "Cookie", boss.CookieHeader())
	if answer.Status != http.StatusOK || answer.Header.Get("HX-Retarget") != "body" || !strings.Contains(answer.Body, `value="Typed"`) {
		t.Errorf("%d %v", answer.Status, answer.Header)
	}
}

func TestRowDeletedMeanwhileIsRestoredUnderWhatWasTyped(t *testing.T) {
	t.Parallel()
	app, boss, page, form := editing(t)
	other := app.Login()
	other.Post(other.Get(projectPage+"delete/"), projectPage+"delete/", url.Values{"confirm": {"yes"}})
	const here = projectPage + "?from=status%3Dplanning"
	gone := boss.Post(page, here, form)
	if gone.Status != http.StatusConflict || !strings.Contains(gone.Text(), "ada deleted this meanwhile (") || gone.Form("#form").Get("name") != "Typed" {
		t.Fatalf("%d %s", gone.Status, gone.Text())
	}
	form = gone.Form("#form")
	form.Set("_save", "restore")
	restored := boss.Post(gone, here, form)
	wantTyped(t, app, restored)
	boss.Post(restored, here, restored.Form("#form"))
	if stored := storedProject(t, app); stored.ID != 1 || stored.Name != "Typed" {
		t.Errorf("stored %+v", stored)
	}
}

// A browser sends nothing of what is locked, which is shown as it is.
func TestWhatIsLockedStaysAsItIsInARefusedForm(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	page := boss.Get("/admin/users/1/")
	form := page.Form("#form")
	form.Set("email", "no address")
	refused := boss.Post(page, "/admin/users/1/", form)
	if refused.Status != http.StatusBadRequest || refused.Has("[name=is_staff]") || !strings.Contains(refused.Part("[data-field=is_staff]", "").Text(), "Yes") {
		t.Errorf("%d: %q", refused.Status, refused.Part("[data-field=is_staff]", "").Text())
	}
	form.Set("email", "ada2@digitalpath.test")
	if saved := boss.Post(refused, "/admin/users/1/", form); saved.Status != http.StatusOK || !saved.Has("tr[data-id='1']") {
		t.Errorf("saving took something that is locked: %d", saved.Status)
	}
	clerk := newClerk(t, app, boss, "users.view", "users.change")
	if page := clerk.Get("/admin/users/1/"); page.Has("#form") || page.Has("main input:not([type=hidden]):not([disabled] *)") {
		t.Error("a page of which nothing may be changed has controls")
	}
}
