package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A secret that is replaced stays good for what it signed as long as it is named as a
// former one, and no longer.
func TestReplacedSecretLogsNobodyOutAndLeavesLinksGood(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.CreateSuperuser()
	staff := a.Login()
	form := staff.Get("/admin/groups/add/")
	a.verified("ann")
	a.verified("cleo")
	a.signUp("bob")
	key := fields{"key": a.link("bob@example.com", "Confirm Your Email", 1).Get("key")}
	reset := resetOf(a.forgot("cleo", 1), newPassword)
	former := a.logIn("ann", goodPassword)

	restart := func(fallbacks string) {
		a.Stop(10 * time.Second)
		a.Serve("DJANGO_SECRET_KEY="+strings.Repeat("another-secret-", 4), "DJANGO_SECRET_KEY_FALLBACKS="+fallbacks)
	}
	restart(strings.Repeat("one-of-long-ago-", 3) + ", " + accountsSecret + ",")
	wantOK(t, "a former access token", a.Get("/api/me", "Authorization", "Bearer "+former.access))
	wantOK(t, "a former refresh token", a.post("/api/token/refresh", fields{"refresh": former.refresh}))
	wantOK(t, "a former key", a.post("/api/auth/verify-email", key))
	wantOK(t, "a former reset link", a.post("/api/auth/reset-password", reset))
	if page := staff.Post(form, "/admin/groups/add/", url.Values{"name": {"Editors"}}); page.Status != http.StatusOK || !strings.Contains(page.Text(), "Editors") {
		t.Errorf("a form that was open: %d\n%s", page.Status, page.Text())
	}
	current := a.logIn("ann", goodPassword)

	restart("")
	wantOK(t, "a token of today's secret", a.Get("/api/me", "Authorization", "Bearer "+current.access))
	wantRefused(t, "a token of a secret that is gone", a.Get("/api/me", "Authorization", "Bearer "+former.access), http.StatusUnauthorized, "token_not_valid")
}
