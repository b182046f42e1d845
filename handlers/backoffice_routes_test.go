package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"digitalpath/admin"
	"digitalpath/handlers/handlerstest"
	"digitalpath/handlers/routestest"
)

// declaredRoutes are those of the back office with the right that each takes.
func declaredRoutes(t *testing.T) []admin.Route {
	t.Helper()
	app := routestest.Unserved(t)
	app.New()
	return app.Backoffice.Site.Declared()
}

// forAll are the routes of those who are not logged in, or about to be no more.
var forAll = []string{"/admin/login", "/admin/login/:provider", "/admin/setup", "/admin/forgot-password", "/admin/reset-password", "/admin/preferences", "/admin/logout"}

func TestEveryRouteOfTheBackOfficeDeclaresItsRight(t *testing.T) {
	t.Parallel()
	app := routestest.Unserved(t)
	routes := app.New().GetRoutes(true)
	declared := app.Backoffice.Site.Declared()
	if len(declared) < 60 {
		t.Fatalf("only %d routes are declared", len(declared))
	}
	for _, route := range routes {
		path := strings.TrimSuffix(route.Path, "/")
		if !strings.HasPrefix(path+"/", "/admin/") || route.Method == http.MethodHead || slices.Contains(forAll, path) {
			continue
		}
		if !slices.ContainsFunc(declared, func(d admin.Route) bool { return d.Method == route.Method && strings.TrimSuffix(d.Path, "/") == path }) {
			t.Errorf("%s %s is mounted without a right: declare it as a Page of the site or a Link of its model", route.Method, route.Path)
		}
	}
}

// concrete puts a row's id and the like into a route.
var concrete = strings.NewReplacer(":id", "1", ":act", "none", ":provider", "google")

// Every route is tried by nobody, by staff without rights, with the right to view alone,
// and by a superuser; what is expected follows from its declaration.
func TestEveryRouteIsOpenToThoseWhoHaveItsRightAlone(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	stock(app, boss)
	clerk, nobody := newClerk(t, app, boss), app.Browser()
	entrance := nobody.Get("/admin/login/")
	home, bossHome := clerk.Get("/admin/"), boss.Get("/admin/")
	form := url.Values{"action": {"none"}} // which is refused as soon as anybody looks
	declared := declaredRoutes(t)
	ask := func(who *handlerstest.Staff, at *handlerstest.Page, r admin.Route) int {
		if r.Method == http.MethodGet {
			return who.Get(concrete.Replace(r.Path)).Status
		}
		return who.Post(at, concrete.Replace(r.Path), form).Status
	}
	try := func(r admin.Route, who string, status int, open bool) {
		if open == (status == http.StatusForbidden) || status >= http.StatusInternalServerError {
			t.Errorf("%s %s, which takes %s on %q, as %s: %d", r.Method, r.Path, r.Needs, r.Slug, who, status)
		}
	}
	granted := ""
	for _, r := range slices.SortedStableFunc(slices.Values(declared), func(a, b admin.Route) int { return strings.Compare(a.Slug, b.Slug) }) {
		if r.Method == http.MethodGet {
			if page := nobody.Get(concrete.Replace(r.Path)); !page.Has("[name=password]") {
				t.Errorf("%s %s shows something to nobody: %d", r.Method, r.Path, page.Status)
			}
		} else if page := nobody.Post(entrance, concrete.Replace(r.Path), form); !page.Has("[name=password]") {
			t.Errorf("%s %s does something for nobody: %d", r.Method, r.Path, page.Status)
		}
		if r.Slug != granted {
			grant(t, boss)
			for _, other := range declared {
				if other.Slug == r.Slug {
					try(other, "staff without rights", ask(clerk, home, other), false)
				}
			}
			grant(t, boss, r.Slug+".view")
			granted = r.Slug
		}
		try(r, "staff who may view", ask(clerk, home, r), r.Slug == "" || r.Needs == "view")
		try(r, "superuser", ask(boss, bossHome, r), true)
	}
}
