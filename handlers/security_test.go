package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/handlers/handlerstest"
)

// The cookies of the back office, as a production hands them out behind its proxy.
func TestCookiesAreKeptFromScriptsOtherSitesAndPlainHTTP(t *testing.T) {
	t.Parallel()
	app := production(t)
	app.CreateSuperuser()
	page := app.Get("/admin/login/", atHome...)
	_, secret, _ := strings.Cut(page.Body, `name="csrf_token" value="`)
	secret, _, _ = strings.Cut(secret, `"`)
	before := page.Header.Values("Set-Cookie")
	jar, _, _ := strings.Cut(strings.Join(before, ""), ";")
	form := url.Values{"username": {handlerstest.Username}, "password": {handlerstest.Password}, "csrf_token": {secret}}
	entered := app.Do(http.MethodPost, "/admin/login/", form.Encode(), append(atHome, "Content-Type", "application/x-www-form-urlencoded", "Cookie", jar)...)
	if entered.Status != http.StatusSeeOther {
		t.Fatalf("the login: %d %s", entered.Status, entered.Body)
	}
	after := entered.Header.Values("Set-Cookie")
	names := ""
	for _, line := range append(before, after...) {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		names += cookie.Name + " "
		if !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
			t.Errorf("a cookie is %s", line)
		}
	}
	if !strings.Contains(names, "__Host-sessionid") || strings.Contains(strings.Join(after, ""), jar) {
		t.Errorf("the login hands out %s", names)
	}
}

// written are the tables that people's work is in: all but those that note who is logged
// in and which views they look through.
var written = []string{
	"contact_messages", "outbox_messages", "mail_attempts", "projects", "waitlist_entries", "history_entries", "trash", "jobs", "signups", "saved_views",
}

// contents is what these tables hold.
func contents(t *testing.T, db *bun.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, table := range written {
		var rows []map[string]any
		if err := db.NewSelect().Table(table).OrderExpr("1").Scan(t.Context(), &rows); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		all[table] = fmt.Sprint(rows)
	}
	return all
}

// A link that somebody else makes a person follow does nothing.
func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	app.Serve()
	app.CreateSuperuser()
	boss := app.Login()
	stock(app, boss)
	handlerstest.Eventually(t, afterKill, "all mail is sent", func() bool {
		open, err := app.DB.NewSelect().Table("outbox_messages").Where("next_attempt_at IS NOT NULL").Count(t.Context())
		return err == nil && open == 0
	})
	before := contents(t, app.DB)
	for _, route := range declaredRoutes(t) {
		if route.Method == http.MethodGet {
			boss.Get(concrete.Replace(route.Path) + "?action=delete&confirm=yes&id=1&_save=1&_delete=1&name=changed")
		}
	}
	for table, after := range contents(t, app.DB) {
		if after != before[table] {
			t.Errorf("%s changed from\n%s\nto\n%s", table, before[table], after)
		}
	}
}

func TestEveryChangeTakesTheSecretOfItsFormAndComesFromOurPages(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	stock(app, boss)
	page := boss.Get("/admin/")
	secret := page.Attribute("[name=csrf_token]", "value")
	kind := []string{"Content-Type", "application/x-www-form-urlencoded", "Cookie", boss.CookieHeader()}
	routes := declaredRoutes(t)
	for _, path := range []string{"/admin/logout", "/admin/preferences", "/admin/login", "/admin/setup"} {
		routes = append(routes, admin.Route{Method: http.MethodPost, Path: path})
	}
	before := contents(t, app.DB)
	for _, route := range routes {
		if route.Method == http.MethodGet {
			continue
		}
		path := concrete.Replace(route.Path)
		for what, attack := range map[string]struct {
			body    string
			headers []string
		}{
			"without the secret":          {"action=delete&confirm=yes&id=1", []string{"Origin", app.URL}},
			"with another browser's":      {"action=delete&confirm=yes&id=1&csrf_token=AAAAAAAAAAAAAAAAAAAAAAAAAA", []string{"Origin", app.URL}},
			"from another site":           {"action=delete&confirm=yes&id=1&csrf_token=" + secret, []string{"Origin", "https://evil.example"}},
			"from another site, as it is": {"action=delete&confirm=yes&id=1&csrf_token=" + secret, []string{"Sec-Fetch-Site", "cross-site"}},
		} {
			answer := app.Do(route.Method, path, attack.body, append(kind, attack.headers...)...)
			reopened := answer.Status == http.StatusOK && strings.HasPrefix(what, "wit") || answer.Status == http.StatusUnprocessableEntity
			if answer.Status != http.StatusForbidden && !reopened {
				t.Errorf("%s %s %s: %d", route.Method, path, what, answer.Status)
			}
		}
	}
	for table, after := range contents(t, app.DB) {
		if after != before[table] {
			t.Errorf("%s changed", table)
		}
	}
	if home := boss.Get("/admin/"); home.Has("[name=password]") {
		t.Error("the session is gone")
	}
}

func TestNoDebugPageIsServed(t *testing.T) {
	t.Parallel()
	app := production(t)
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/dev/mailbox/", "/.env", "/.git/config", "/metrics/../debug/pprof/"} {
		if answer := app.Get(path, atHome...); answer.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Status)
		}
	}
}
