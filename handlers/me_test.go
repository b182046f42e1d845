package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func TestMeTellsWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	l := a.logIn("ann", goodPassword)
	body := a.me(l.access).JSON()
	for name, want := range map[string]any{"username": "ann", "email": "ann@example.com", "is_authenticated": true, "is_staff": false, "first_name": "", "last_name": "", "id": float64(a.user("ann").ID)} {
		if body[name] != want {
			t.Errorf("%s is %v, want %v", name, body[name], want)
		}
	}
	if body["password"] != nil || body["date_joined"] == nil {
		t.Errorf("me is %v", body)
	}
	answer := a.send(http.MethodPatch, "/api/me/", fields{"first_name": "Ánna", "username": "root", "is_staff": true, "email": "x@example.com", "last_name": nil}, l.access)
	if body := answer.JSON(); answer.Status != http.StatusOK || body["first_name"] != "Ánna" || body["username"] != "ann" {
		t.Errorf("changed: %d %s", answer.Status, answer.Body)
	}
	if user := a.user("ann"); user.FirstName != "Ánna" || user.IsStaff || user.Email != "ann@example.com" {
		t.Errorf("stored %+v", user)
	}
	wantRefused(t, "a name of 151", a.send(http.MethodPatch, "/api/me", fields{"last_name": strings.Repeat("n", 151)}, l.access), http.StatusBadRequest, "invalid")
	wantRefused(t, "a number as name", a.send(http.MethodPatch, "/api/me", fields{"last_name": 7}, l.access), http.StatusBadRequest, "invalid")
	if a.user("ann").LastName != "" {
		t.Error("a refused name is stored")
	}
}

func TestEveryRouteOfMeWantsAToken(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	for _, route := range []struct{ method, path string }{
		{"GET", "/api/me"}, {"PATCH", "/api/me"}, {"POST", "/api/me/password"}, {"POST", "/api/me/email"},
		{"GET", "/api/me/sessions"}, {"DELETE", "/api/me/sessions"}, {"GET", "/api/me/sessions/1"}, {"DELETE", "/api/me/sessions/1/"},
	} {
		wantRefused(t, route.method+" "+route.path, a.send(route.method, route.path, fields{}), http.StatusUnauthorized, "not_authenticated")
	}
}

func TestPasswordChangeEndsEveryLoginAndTellsTheOwner(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_LOGIN_FAILED=3/5m/key")
	a.verified("ann")
	l, other := a.logIn("ann", goodPassword), a.logIn("ann", goodPassword)
	change := func(current, next, token string) (status int, field string) {
		t.Helper()
		answer := a.post("/api/me/password", fields{"current_password": current, "new_password": next}, token)
		faults, _ := answer.JSON()["errors"].(map[string]any)
		for name := range faults {
			field = name
		}
		return answer.Status, field
	}
	if status, field := change("wrong", newPassword, l.access); status != http.StatusBadRequest || field != "current_password" {
		t.Errorf("a wrong password: %d %s", status, field)
	}
	if status, field := change(goodPassword, "short", l.access); status != http.StatusBadRequest || field != "new_password" {
		t.Errorf("a weak password: %d %s", status, field)
	}
	a.wantAlive("after refusals", l)
	answer := a.post("/api/me/password", fields{"current_password": goodPassword, "new_password": newPassword}, l.access)
	wantOK(t, "the change", answer)
	a.wantDead("the login that asked", l)
	a.wantDead("another login", other)
	a.wantAlive("the new login", loginOf(answer))
	a.mail("ann@example.com", "Your Password Was Changed", 1)
	fresh := a.logIn("ann", newPassword)
	for range 2 {
		if status, _ := change("wrong", newPassword, fresh.access); status != http.StatusBadRequest {
			t.Errorf("a wrong password: %d", status)
		}
	}
	if status, _ := change(newPassword, goodPassword, fresh.access); status != http.StatusTooManyRequests {
		t.Errorf("passwords can be guessed with a token: %d", status)
	}
}

// Faults that need no hash are found before one is made, all together, and are no guess
// at the password.
func TestPasswordChangeThatLacksOrCannotBeIsNoFailedLogin(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_LOGIN_FAILED=2/5m/key")
	a.imported("ann", goodHash())
	l := a.logIn("ann", goodPassword)
	required, huge := "This field is required.", strings.Repeat("m", 1_000_000)
	for what, refused := range map[string]struct {
		path string
		body fields
		want map[string]string
	}{
		"nothing":                   {"/api/me/password", fields{}, map[string]string{"current_password": required, "new_password": required}},
		"an empty current password": {"/api/me/password", fields{"current_password": "", "new_password": newPassword}, map[string]string{"current_password": required}},
		"no new password":           {"/api/me/password", fields{"current_password": goodPassword}, map[string]string{"new_password": required}},
		"a megabyte":                {"/api/me/password", fields{"current_password": "wrong", "new_password": huge}, map[string]string{"new_password": "This password is too long. Use at most 4096 bytes."}},
		"a weak one":                {"/api/me/password", fields{"current_password": "wrong", "new_password": "password123"}, map[string]string{"new_password": "This password is too common."}},
		"an address alone":          {"/api/me/email", fields{"email": "new@example.com"}, map[string]string{"current_password": required}},
	} {
		answer := a.post(refused.path, refused.body, l.access)
		wantRefused(t, what, answer, http.StatusBadRequest, "invalid")
		faults, _ := answer.JSON()["errors"].(map[string]any)
		for field, sentence := range refused.want {
			if fmt.Sprint(faults[field]) != "["+sentence+"]" || len(faults) != len(refused.want) {
				t.Errorf("%s: errors is %v", what, faults)
			}
		}
	}
	for range 2 {
		wantRefused(t, "a guess", a.post("/api/me/password", fields{"current_password": "wrong", "new_password": newPassword}, l.access), http.StatusBadRequest, "invalid")
	}
	wantRefused(t, "one too many", a.post("/api/me/password", fields{"current_password": goodPassword, "new_password": newPassword}, l.access), http.StatusTooManyRequests, "throttled")
}

// The profile page of the back office keeps the same order.
func TestStaffPasswordChangeThatLacksIsNoFailedLogin(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_LOGIN_FAILED=1/5m/key")
	a.CreateSuperuser()
	boss := a.Login()
	change := func(current, next string) *handlerstest.Page {
		t.Helper()
		return boss.Post(boss.Get("/admin/profile/"), "/admin/profile/password/", url.Values{"current_password": {current}, "new_password": {next}, "password_again": {next}})
	}
	for what, page := range map[string]*handlerstest.Page{
		"no current password": change("", newPassword), "a weak one": change("wrong", "password123"), "a long one": change("wrong", strings.Repeat("m", 500_000)),
	} {
		if page.Status != http.StatusBadRequest || strings.Contains(page.Text(), "This is not your current password.") {
			t.Errorf("%s: %d %s", what, page.Status, page.Text())
		}
	}
	if page := change(goodPassword, newPassword); page.Status != http.StatusOK || !strings.Contains(page.Text(), "Your password is changed.") {
		t.Errorf("the right one after them: %d %s", page.Status, page.Text())
	}
}

func TestAddressChangesWhenTheNewOneIsVerified(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	a.verified("bob")
	l := a.logIn("ann", goodPassword)
	wish := func(email, password string) int {
		return a.post("/api/me/email", fields{"email": email, "current_password": password}, l.access).Status
	}
	for what, status := range map[string]int{
		"a wrong password": wish("new@example.com", "wrong"), "no address": wish("new", goodPassword), "the same address": wish("ANN@example.com", goodPassword),
	} {
		if status != http.StatusBadRequest {
			t.Errorf("%s: %d", what, status)
		}
	}
	if a.count((*models.EmailChange)(nil)) != 0 {
		t.Error("a refused change is stored")
	}
	if wish("old@example.com", goodPassword) != http.StatusOK || wish("bob@example.com", goodPassword) != http.StatusOK || wish("New@example.com", goodPassword) != http.StatusOK {
		t.Fatal("a wish was refused")
	}
	a.mail("bob@example.com", "Already Have an Account", 1)
	older, newer := a.link("old@example.com", "Confirm Your Email", 1).Get("key"), a.link("new@example.com", "Confirm Your Email", 1).Get("key")
	if a.user("ann").Email != "ann@example.com" {
		t.Error("the address changed before it was verified")
	}
	wantRefused(t, "the key of an older wish", a.post("/api/auth/verify-email", fields{"key": older}), http.StatusBadRequest, "invalid_key")
	link := a.forgot("ann", 1)
	wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": newer}), http.StatusOK, verifiedAnswer)
	if a.user("ann").Email != "new@example.com" {
		t.Error("the address did not change")
	}
	a.mail("ann@example.com", "Your Email Address Was Changed", 1)
	wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": newer}), http.StatusOK, verifiedAnswer)
	wantRefused(t, "a reset link of the old address", a.post("/api/auth/reset-password", resetOf(link, newPassword)), http.StatusBadRequest, "invalid_link")
	a.logIn("new@example.com", goodPassword)
}

func TestAddressThatBecameAnothersCannotBeTaken(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	l := a.logIn("ann", goodPassword)
	wantOK(t, "the wish", a.post("/api/me/email", fields{"email": "both@example.com", "current_password": goodPassword}, l.access))
	key := a.link("both@example.com", "Confirm Your Email", 1).Get("key")
	a.imported("both", goodHash())
	wantRefused(t, "the key", a.post("/api/auth/verify-email", fields{"key": key}), http.StatusBadRequest, "invalid_key")
	if a.user("ann").Email != "ann@example.com" {
		t.Error("the address changed")
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.imported("ann", goodHash())
	a.imported("bob", goodHash())
	l, second, third, bobs := a.logIn("ann", goodPassword), a.logIn("ann", goodPassword), a.logIn("ann", goodPassword), a.logIn("bob", goodPassword)
	var ids []int64
	if err := a.DB.NewSelect().Model((*models.Session)(nil)).Column("id").Order("id").Scan(t.Context(), &ids); err != nil || len(ids) != 4 {
		t.Fatalf("%v %v", ids, err)
	}
	list := a.Get("/api/me/sessions/", "Authorization", "Bearer "+l.access)
	if !strings.HasPrefix(list.Body, fmt.Sprintf(`[{"id":%d,"channel":"api","ip_address":"127.0.0.1","user_agent":"Go-http-client/1.1"`, ids[2])) || strings.Count(list.Body, `"current":true`) != 1 || strings.Count(list.Body, `"id"`) != 3 {
		t.Errorf("the list is %s", list.Body)
	}
	one := func(method, id string) int {
		return a.send(method, "/api/me/sessions/"+id, fields{}, l.access).Status
	}
	for _, id := range []string{fmt.Sprint(ids[3]), "0", "-1", "x", "99999999999999999999", "1.0", "%27"} {
		if got, ended := one("GET", id), one("DELETE", id); got != http.StatusNotFound || ended != http.StatusNotFound {
			t.Errorf("session %s of another or nobody: %d %d", id, got, ended)
		}
	}
	if got, ended := one("GET", fmt.Sprint(ids[1])), one("DELETE", fmt.Sprint(ids[1])); got != http.StatusOK || ended != http.StatusNoContent {
		t.Errorf("one's own: %d %d", got, ended)
	}
	a.wantDead("the one that was ended", second)
	a.wantAlive("the one that asked", l)
	if status := a.send(http.MethodDelete, "/api/me/sessions", fields{}, third.access).Status; status != http.StatusNoContent {
		t.Errorf("log out everywhere: %d", status)
	}
	a.wantDead("the one that asked for it", third)
	a.wantDead("any other", l)
	a.wantAlive("bob's", bobs)
}

// A login to the API is none to the back office, and the other way round.
func TestSessionsOfOneChannelOpenNotTheOther(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "DJANGO_DEBUG=1")
	a.imported("ann", goodHash())
	a.set("ann", "is_staff = ?", true)
	a.logIn("ann", goodPassword)
	if _, err := a.DB.NewUpdate().Model((*models.Session)(nil)).Set("token_hash = ?", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08").Where("true").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page := a.Get("/admin/", "Cookie", "sessionid=test"); page.Status != http.StatusSeeOther {
		t.Errorf("the back office opens to a token of the API: %d", page.Status)
	}
	if _, err := a.DB.NewUpdate().Model((*models.Session)(nil)).Set("channel = ?", models.ChannelBackoffice).Where("true").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page := a.Get("/admin/", "Cookie", "sessionid=test"); page.Status != http.StatusOK {
		t.Errorf("the test's cookie opens nothing at all: %d", page.Status)
	}
}

func TestRequestsWithATokenAreLimitedPerUser(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_API=3/m/user")
	a.imported("ann", goodHash())
	a.imported("bob", goodHash())
	l, again, bobs := a.logIn("ann", goodPassword), a.logIn("ann", goodPassword), a.logIn("bob", goodPassword)
	for _, token := range []string{l.access, again.access, l.access} {
		wantOK(t, "within the limit", a.me(token))
	}
	answer := a.me(again.access)
	wantRefused(t, "the fourth", answer, http.StatusTooManyRequests, "throttled")
	if answer.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	wantOK(t, "another user", a.me(bobs.access))
}
