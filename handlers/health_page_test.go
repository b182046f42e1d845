package handlers_test

import (
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

func TestHealthPageShowsWhatIsBrokenUntilItIsMended(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "CORS_ALLOWED_ORIGINS=http://localhost:3000")
	app.CreateSuperuser()
	staff := app.Login()
	page := staff.Get("/admin/health/")
	if page.Status != 200 || page.Has("[data-status=failed]") || !page.Part("main li", "Probe job").Has("[data-status=ok]") {
		t.Fatalf("status %d:\n%s", page.Status, page.Text())
	}
	app.Mails.Refuse()
	broken := staff.Get("/admin/health/").Part("main li", "Mail server")
	if !broken.Has("[data-status=failed]") || !strings.Contains(broken.Text(), "refused the connection") || !strings.Contains(broken.Text(), "EMAIL_PORT="+app.Mails.Port()) {
		t.Errorf("got %s", broken.Text())
	}
	app.Mails.Listen()
	if mended := staff.Get(page.Attribute("a[href='/admin/health/'].bg-accent", "href")).Part("main li", "Mail server"); !mended.Has("[data-status=ok]") {
		t.Errorf("got %s", mended.Text())
	}
	if mails := app.Mails.Accepted(); len(mails) != 0 {
		t.Errorf("it sent %v", mails)
	}
}

func TestHealthPageIsForThoseWithTheRight(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	clerk := newClerk(t, app, boss, "projects.view")
	if page := clerk.Get("/admin/health/"); page.Status != 403 || clerk.Get("/admin/health/token/").Status != 403 || clerk.Get("/admin/").Has("a[href='/admin/health/']") {
		t.Errorf("without the right: %d", page.Status)
	}
	grant(t, boss, "health.view")
	if page := clerk.Get("/admin/health/"); page.Status != 200 || !page.Part("main li", "Database").Has("[data-status=ok]") {
		t.Errorf("with the right: %d", page.Status)
	}
}
