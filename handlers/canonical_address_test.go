package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// An address is one mailbox however its domain is written: one account, mailed in
// punycode and shown as people write it.
func TestAddressIsOneAccountInEverySpelling(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_RESET=8/d/key")
	a.CreateSuperuser()
	answer := a.post("/api/auth/signup", signupOf(fields{"username": "ana", "email": "Ana@España.example"}))
	wantOK(t, "sign up", answer)
	if user := answer.JSON()["user"].(map[string]any); user["email"] != "ana@españa.example" {
		t.Errorf("answered %s", answer.Body)
	}
	key := a.link("ana@xn--espaa-rta.example", "Confirm Your Email", 1).Get("key")
	wantOK(t, "verify", a.post("/api/auth/verify-email", fields{"key": key}))
	spellings := []string{"ana@españa.example", "ANA@ESPAÑA.example", "ana@xn--espaa-rta.example", "ana@espan\u0303a.example", "ana@ｅspaña.example"}
	for i, email := range spellings {
		token := a.logIn(email, goodPassword).access
		if me := a.Get("/api/me", "Authorization", "Bearer "+token).JSON(); me["email"] != "ana@españa.example" || me["username"] != "ana" {
			t.Errorf("%s is %v", email, me)
		}
		wantOK(t, "another sign-up with "+email, a.post("/api/auth/signup", signupOf(fields{"username": fmt.Sprint("ana", i), "email": email})))
		wantOK(t, "forgotten by "+email, a.post("/api/auth/forgot-password", fields{"email": email}))
	}
	a.mail("ana@xn--espaa-rta.example", "Already Have an Account", 4) // its own first mail was one of five an hour
	a.mail("ana@xn--espaa-rta.example", "Password Reset", 5)
	for range 3 {
		a.post("/api/auth/forgot-password", fields{"email": spellings[0]})
	}
	wantRefused(t, "one more than its limit, in another spelling", a.post("/api/auth/forgot-password", fields{"email": spellings[2]}), http.StatusTooManyRequests, "throttled")
	if n := a.count((*models.User)(nil)); n != 2 {
		t.Errorf("%d accounts", n)
	}
	if page := a.Login().Get("/admin/users/"); !strings.Contains(page.Text(), "ana@españa.example") || strings.Contains(page.Text(), "xn--") {
		t.Errorf("staff see\n%s", page.Text())
	}
	// What releases before stored as it was written is the same account.
	a.set("ana", "email = ?", "ana@españa.example")
	a.logIn("ana@xn--espaa-rta.example", goodPassword)
	wantOK(t, "another sign-up", a.post("/api/auth/signup", signupOf(fields{"username": "late", "email": spellings[2]})))
	if n := a.count((*models.User)(nil)); n != 2 {
		t.Errorf("%d accounts", n)
	}
}

func TestAddressThatLooksLikeAnotherIsRefused(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.imported("mia", goodHash())
	token := a.logIn("mia", goodPassword).access
	for _, email := range []string{"mia\u200b@example.com", "ｍia@example.com", "m\u0130a@example.com", "mi\u00ada@example.com", "mia@exa\u202emple.com", "\u212aim@example.com"} {
		for what, answer := range map[string]handlerstest.Answer{
			"sign up":    a.post("/api/auth/signup", signupOf(fields{"email": email})),
			"forgotten":  a.post("/api/auth/forgot-password", fields{"email": email}),
			"ask again":  a.post("/api/auth/resend-verification", fields{"email": email}),
			"move":       a.post("/api/me/email", fields{"email": email, "current_password": goodPassword}, token),
			"waitlist":   a.post("/api/waitlists/", fields{"email": email}),
			"contact us": a.post("/api/contact", fields{"name": "Mia", "email": email, "message": "Hello"}),
		} {
			wantRefused(t, fmt.Sprintf("%s with %q", what, email), answer, http.StatusBadRequest, "invalid")
			if faults, _ := answer.JSON()["errors"].(map[string]any); faults["email"] == nil {
				t.Errorf("%s with %q: %s", what, email, answer.Body)
			}
		}
	}
	if users, entries := a.count((*models.User)(nil)), a.count((*models.WaitlistEntry)(nil)); users != 1 || entries != 0 {
		t.Errorf("%d accounts, %d entries", users, entries)
	}
}

func TestUsernameThatIsTheAddressMovesWithIt(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	wantOK(t, "sign up", a.post("/api/auth/signup", signupOf(fields{"username": "ana@españa.example", "email": "ana@xn--espaa-rta.example"})))
	wantOK(t, "verify", a.post("/api/auth/verify-email", fields{"key": a.link("ana@xn--espaa-rta.example", "Confirm Your Email", 1).Get("key")}))
	token := a.logIn("ana@españa.example", goodPassword).access
	wantOK(t, "move", a.post("/api/me/email", fields{"email": "ana@bücher.example", "current_password": goodPassword}, token))
	wantOK(t, "confirm", a.post("/api/auth/verify-email", fields{"key": a.link("ana@xn--bcher-kva.example", "Confirm Your Email", 1).Get("key")}))
	if me := a.Get("/api/me", "Authorization", "Bearer "+token).JSON(); me["username"] != "ana@bücher.example" || me["email"] != "ana@bücher.example" {
		t.Errorf("the account is %v", me)
	}
	a.logIn("ANA@BÜCHER.example", goodPassword)
	wantRefused(t, "the old address", a.tryLogin("ana@españa.example", goodPassword), http.StatusUnauthorized, "invalid_credentials")
}
