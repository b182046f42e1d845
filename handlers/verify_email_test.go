package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

const verifiedAnswer = `{"success":true,"message":"Email verified successfully. You can now log in."}`

func TestVerifiedAddressOpensTheAccount(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.signUp("ann")
	key := a.link("ann@example.com", "Confirm Your Email", 1).Get("key")
	for range 3 {
		if a.Get("/api/auth/verify-email?key="+key).Status != http.StatusMethodNotAllowed || a.user("ann").IsActive {
			t.Fatal("a GET did something")
		}
	}
	wantRefused(t, "a login before", a.tryLogin("ann", goodPassword), http.StatusUnauthorized, "email_not_verified")
	wantAnswer(t, a.post("/api/auth/verify-email/", fields{"key": key}), http.StatusOK, verifiedAnswer)
	if user := a.user("ann"); !user.IsActive || user.EmailVerifiedAt.IsZero() {
		t.Errorf("stored %+v", user)
	}
	a.logIn("ann", goodPassword)
}

func TestKeyThatIsNoGoodActivatesNobody(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.signUp("ann")
	a.signUp("bob")
	key := a.link("ann@example.com", "Confirm Your Email", 1).Get("key")
	bobs := a.link("bob@example.com", "Confirm Your Email", 1).Get("key")
	parts := strings.Split(key, ".")
	for what, bad := range map[string]string{
		"nothing": "", "a word": "key", "dots": "...", "half of it": key[:len(key)/2], "one letter more": key + "A",
		"of another account": parts[0] + "." + strings.Split(bobs, ".")[1] + "." + strings.Join(parts[2:], "."),
		"of another purpose": "c." + strings.Join(parts[1:], "."), "of another time": strings.Join([]string{parts[0], parts[1], "zzzzzz", parts[3]}, "."),
		"of nobody": "v.zzzz." + strings.Join(parts[2:], "."), "an id out of range": "v.zzzzzzzzzzzzzzzzzzzz." + strings.Join(parts[2:], "."),
	} {
		wantRefused(t, what, a.post("/api/auth/verify-email", fields{"key": bad}), http.StatusBadRequest, "invalid_key")
	}
	wantRefused(t, "a number", a.post("/api/auth/verify-email", fields{"key": 7}), http.StatusBadRequest, "invalid")
	if a.user("ann").IsActive || a.user("bob").IsActive {
		t.Error("somebody is active")
	}
	a.set("ann", "email = ?", "moved@example.com")
	wantRefused(t, "a key after the address changed", a.post("/api/auth/verify-email", fields{"key": key}), http.StatusBadRequest, "invalid_key")
}

func TestOldKeyDoesNotReactivateWhomStaffDisabled(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.signUp("ann")
	key := a.link("ann@example.com", "Confirm Your Email", 1).Get("key")
	a.disable("ann")
	wantRefused(t, "the key", a.post("/api/auth/verify-email", fields{"key": key}), http.StatusBadRequest, "invalid_key")
	if user := a.user("ann"); user.IsActive || !user.EmailVerifiedAt.IsZero() {
		t.Errorf("stored %+v", user)
	}
	wantRefused(t, "the right password", a.tryLogin("ann", goodPassword), http.StatusUnauthorized, "invalid_credentials")
}

func TestResendDoesNotTellWhoWaits(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("active")
	a.signUp("waits")
	a.signUp("disabled")
	a.disable("disabled")
	first := a.post("/api/auth/resend-verification", fields{"email": "nobody@example.com"})
	wantOK(t, "nobody", first)
	for _, email := range []string{"active@example.com", "disabled@example.com", "WAITS@example.com"} {
		wantAnswer(t, a.post("/api/auth/resend-verification", fields{"email": email}), http.StatusOK, strings.TrimSpace(first.Body))
	}
	for _, email := range []any{"not an address", "", nil, "waits@", "wa\u200bits@example.com"} {
		wantRefused(t, fmt.Sprint(email), a.post("/api/auth/resend-verification", fields{"email": email}), http.StatusBadRequest, "invalid")
	}
	key := a.link("waits@example.com", "Confirm Your Email", 2).Get("key")
	if n := a.enqueued(accounts.MailVerificationAgain); n != 1 {
		t.Errorf("%d mails are sent again, want one", n)
	}
	wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": key}), http.StatusOK, verifiedAnswer)
}

func TestMailsThatAskToConfirmAreLimitedPerAddress(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_CONFIRM=1/3m/key", "RATE_LIMIT_SIGNUP=4/m/ip")
	a.signUp("ann")
	for _, email := range []string{"ann@example.com", "ANN@example.com", "bob@example.com", "nobody@example.com", "nobody@example.com"} {
		wantOK(t, "the next to "+email, a.post("/api/auth/resend-verification", fields{"email": email}))
	}
	wantOK(t, "sign-up with ann's address", a.post("/api/auth/signup", signupOf(fields{"username": "eve"}))) // the first mail of each goes out
	wantOK(t, "forgotten by who waits", a.post("/api/auth/forgot-password", fields{"email": "ann@example.com"}))
	a.signUp("bob")
	a.signUp("dan")
	wantRefused(t, "the fifth sign-up of a client", a.post("/api/auth/signup", signupOf(fields{"username": "carl"})), http.StatusTooManyRequests, "throttled")
	handlerstest.Eventually(t, 20*time.Second, "the mails of the sign-ups", func() bool { return len(a.Mails.Accepted()) >= 4 })
	if n := a.count((*models.OutboxMessage)(nil)); n != 4 {
		t.Errorf("%d mails are enqueued, want those of four sign-ups", n)
	}
}

// Whoever is answered at once is not on the way that takes its time: that would tell
// which addresses have an account.
func TestAnswersThatDoNotTellTakeTheirTimeAlsoWhenLimited(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_CONFIRM=1/3m/key")
	a.imported("active", goodHash())
	a.signUp("waits")
	slow := func(what, path string, body fields) {
		t.Helper()
		started := time.Now()
		wantOK(t, what, a.post(path, body))
		if took := time.Since(started); took < 400*time.Millisecond {
			t.Errorf("%s: answered after %v", what, took)
		}
	}
	started := time.Now()
	wantRefused(t, "the right password of who waits", a.tryLogin("waits", goodPassword), http.StatusUnauthorized, "email_not_verified")
	if took := time.Since(started); took < 400*time.Millisecond {
		t.Errorf("who waits learns it after %v", took)
	}
	for _, name := range []string{"active", "waits", "free"} {
		email := name + "@example.com"
		slow("sign-up with "+email, "/api/auth/signup", signupOf(fields{"username": "new." + name, "email": email}))
		for _, path := range []string{"/api/auth/resend-verification", "/api/auth/forgot-password", "/api/auth/resend-verification"} {
			slow(path+" of "+email, path, fields{"email": email})
		}
	}
	if n := a.enqueued(accounts.MailVerification) + a.enqueued(accounts.MailSignup); n != 3 {
		t.Errorf("%d mails ask to confirm, want the first of three sign-ups", n)
	}
}
