package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

func TestAFaultOfOursIsSaidInsideTheFrame(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	if _, err := app.DB.ExecContext(t.Context(), "ALTER TABLE jobs RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	page := staff.Get("/admin/jobs/")
	if page.Status != http.StatusInternalServerError || !page.Has("#user-menu") || !page.Has("nav a[href='/admin/projects/']") || !page.Has("main code") {
		t.Errorf("the page: %d %s", page.Status, page.Text())
	}
}

func TestBothFaultsOfANewPasswordAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	page := staff.Post(staff.Get("/admin/profile/"), "/admin/profile/password/", url.Values{"new_password": {"1234"}, "password_again": {"1234"}})
	for _, field := range []string{"current_password", "new_password"} {
		if !page.Has("[name=" + field + "][aria-invalid=true]") {
			t.Errorf("%s is not marked: %s", field, page.Text())
		}
	}
}

func TestWhoTriesTooOftenIsToldForHowLong(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_LOGIN_FAILED=100/m/ip,2/5m/key")
	a.imported("ann", goodHash())
	a.set("ann", "is_staff = ?", true)
	for range 6 {
		a.staffLogin("ann", "wrong")
	}
	page := a.staffLogin("ann", goodPassword)
	if page.Status != http.StatusTooManyRequests || !strings.Contains(page.Text(), "Too many requests. Try again in ") {
		t.Errorf("the page: %d %s", page.Status, page.Text())
	}
}
