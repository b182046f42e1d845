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

func TestStaffSeeEveryLoginOfAnAccountAndWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	path := "/admin/users/" + itoa(a.user("ann").ID) + "/"
	if page := boss.Get(path); !strings.Contains(page.Text(), "No login yet.") {
		t.Errorf("before the first login the page says\n%s", page.Text())
	}
	for range 20 {
		a.logIn("ann", goodPassword)
	}
	out, stays := a.logIn("ann", goodPassword), a.logIn("ann", goodPassword)
	wantOK(t, "log out", a.post("/api/token/blacklist", fields{"refresh": out.refresh}))
	ranOut := a.logIn("ann", goodPassword)
	if _, err := a.DB.NewUpdate().Model((*models.Session)(nil)).Set("expires_at = ?", time.Now().UTC().Add(-time.Hour)).
		Where("id = (SELECT max(id) FROM sessions)").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.wantDead("the one that was logged out", out)
	a.wantDead("the one that ran out", ranOut)
	a.wantAlive("the one that stays", stays)
	panel := boss.Get(path).Part("section", "Log-in history")
	for words, times := range map[string]int{"API": 20, "From 127.0.0.1": 20, "Open, last seen just now": 18, "Ended": 1, "Ran out": 1, "3 earlier logins": 1, "Go-http-client": 20} {
		if n := strings.Count(panel.Text(), words); n != times {
			t.Errorf("%q is there %d times, want %d, in\n%s", words, n, times, panel.Text())
		}
	}
	a.actOn(boss, "log-out", "1 user logged out everywhere.", "ann")
	a.wantEnded("logged out everywhere", "ann", 1, stays)
	if panel := boss.Get(path).Part("section", "Log-in history"); strings.Contains(panel.Text(), "Open") || strings.Count(panel.Text(), "Ended") != 19 {
		t.Errorf("after it was logged out everywhere:\n%s", panel.Text())
	}
	if list := a.Get("/api/me/sessions", "Authorization", "Bearer "+a.logIn("ann", goodPassword).access); list.Status != http.StatusOK || strings.Count(list.Body, `"id"`) != 1 {
		t.Errorf("its owner is shown logins that are over: %s", list.Body)
	}
}

// The log tells who logged out as it tells who logged in. That it holds no token is held
// at the end of every test.
func TestTheLogTellsOfEveryEndOfALogin(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.set("ann", "is_staff = ?", true)
	anns, bobs, admins := a.user("ann").ID, a.user("bob").ID, a.user(handlerstest.Username).ID
	wantLogged := func(message string, attributes ...string) {
		t.Helper()
		want := "msg=\"" + message + "\" " + strings.Join(attributes, " ") + " "
		handlerstest.Eventually(t, 10*time.Second, "in the log: "+want, func() bool { return strings.Contains(a.Log(), want) })
	}
	user, by := func(id int64) string { return "user=" + itoa(id) }, "by="+itoa(admins)

	wantOK(t, "log out", a.post("/api/token/blacklist", fields{"refresh": a.logIn("bob", goodPassword).refresh}))
	wantLogged("logged out", user(bobs))
	staff := enter(t, a.App, "ann", goodPassword)
	token := staff.Cookies()[0].Value
	staff.Post(staff.Get("/admin/"), "/admin/logout/", url.Values{})
	wantLogged("logged out", user(anns))
	if len(token) < 8 || strings.Contains(a.Log(), token) {
		t.Error("the log holds the cookie")
	}
	l := a.logIn("bob", goodPassword)
	sessions := a.Get("/api/me/sessions", "Authorization", "Bearer "+l.access)
	id := sessions.Body[len(`[{"id":`):strings.IndexByte(sessions.Body, ',')]
	if answer := a.send(http.MethodDelete, "/api/me/sessions/"+id, fields{}, l.access); answer.Status != http.StatusNoContent {
		t.Errorf("to end a login: %d %s", answer.Status, answer.Body)
	}
	wantLogged("a login ended", user(bobs))
	if answer := a.send(http.MethodDelete, "/api/me/sessions", fields{}, a.logIn("ann", goodPassword).access); answer.Status != http.StatusNoContent {
		t.Errorf("to end all: %d %s", answer.Status, answer.Body)
	}
	wantLogged("all logins ended", user(anns))
	a.editUser(boss, "ann", url.Values{"is_staff": {}})
	wantLogged("logins to the back office ended", user(anns), by)
	a.actOn(boss, "log-out", "1 user logged out everywhere.", "ann")
	wantLogged("all logins ended", user(anns), by)
	a.actOn(boss, "deactivate", "1 user deactivated.", "bob")
	wantLogged("all logins ended", user(bobs), by)
}

func TestALoginOfTheBackOfficeIsRememberedAfterItsEnd(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.set("ann", "is_staff = ?", true)
	staff := enter(t, a.App, "ann", goodPassword)
	cookies := staff.Cookies()
	staff.Post(staff.Get("/admin/"), "/admin/logout/", map[string][]string{})
	staff.SetCookies(cookies)
	if page := staff.Get("/admin/"); !page.Has("[name=password]") {
		t.Errorf("the cookie still opens the back office (%d)", page.Status)
	}
	panel := boss.Get("/admin/users/"+itoa(a.user("ann").ID)+"/").Part("section", "Log-in history")
	if text := panel.Text(); !strings.Contains(text, "Back office") || !strings.Contains(text, "Ended") {
		t.Errorf("the history says\n%s", text)
	}
}
