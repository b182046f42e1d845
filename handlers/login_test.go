package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// djangoPassword is what djangoHashes were made of, by the hashers of Django 5.2.
const djangoPassword = "Überraschung 😀 with spaces"

var djangoHashes = map[string]string{
	"pbkdf2":      "pbkdf2_sha256$1000000$KCEC8WhFroYZisiQ8Ia8im$hW7GGvMpho/tl/yZo85eZlJr46q4tY5JylzHso3Nucw=",
	"pbkdf2.sha1": "pbkdf2_sha1$1000000$4DnQU9dV1tBdui4IDkoD7E$00sGLvWz0ybwMGH9m384WhozkMU=",
	"argon2id":    "argon2$argon2id$v=19$m=102400,t=2,p=8$SktkUTJNb0NnekxxNUdDSmpoaXA2eA$BgI/MX2ZAKg5ImDUQ1Mm9gYlHdChQ0HsiuRtRu9XfjQ",
	"argon2i":     "argon2$argon2i$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$Otyu5hlrNNmZ1/5pr4ixIYB15R/8xGG0A9CNuYmC+Ew",
	"bcrypt":      "bcrypt_sha256$$2b$12$XkCzUM9PSDIM3T1b9KAYwugn9YWs9QtYKpNGNPWS37WLbX/3EkGcu",
	"scrypt":      "scrypt$16384$WUdyR6Mx6t5at8xq0VfZj9$8$5$5GAo8nMb0OuxCHOJPhfbfsbdLLfQg/OYJfXAOI/IByRA8cbffC8ObmypvaBqRhNFnybR8Qwq5iV/HHn64xp2dg==",
}

// imported makes an active account with a hash from elsewhere.
func (a *accountsApp) imported(name, hash string) {
	a.t.Helper()
	now := time.Now().UTC()
	user := &models.User{Username: name, Email: name + "@example.com", Password: hash, IsActive: true, EmailVerifiedAt: now, DateJoined: now}
	if _, err := a.DB.NewInsert().Model(user).Exec(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
}

func TestLoginTakesUsernameOrAddressInEitherCase(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("Ann.Lee")
	for _, name := range []string{"Ann.Lee", "ann.LEE", "Ann.Lee@example.com", "ANN.LEE@EXAMPLE.COM", " ann.lee@example.com ", "Ａnn.Lee"} {
		answer := a.tryLogin(name, goodPassword)
		wantOK(t, name, answer)
		if body := answer.JSON(); body["username"] != "Ann.Lee" || body["access"] == body["refresh"] || len(body) != 3 {
			t.Errorf("%s: %s", name, answer.Body)
		}
	}
	if user := a.user("Ann.Lee"); user.LastLogin.IsZero() || a.openLogins("Ann.Lee") != 6 {
		t.Errorf("last login %v, %d sessions", user.LastLogin, a.openLogins("Ann.Lee"))
	}
}

func TestRefusedLoginsLookTheSame(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	a.verified("disabled")
	a.disable("disabled")
	a.signUp("waits")
	a.imported("unusable", "!QbYoSdXj5bw7lUIqcQ3mZOxfceiJrphGcDWX5xEr")
	a.imported("empty", "")
	a.imported("unknown.hash", "md5$salt$0cc175b9c0f1b6a831c399e269772661")
	a.imported("costly", "pbkdf2_sha256$2000000000$KCEC8WhFroYZisiQ8Ia8im$hW7GGvMpho/tl/yZo85eZlJr46q4tY5JylzHso3Nucw=")
	a.imported("odd.hash", "argon2$argon2id$v=19$m=0,t=0,p=0$$")
	a.imported("pbkdf2", djangoHashes["pbkdf2"])
	first := a.tryLogin("nobody", goodPassword)
	wantRefused(t, "nobody", first, http.StatusUnauthorized, "invalid_credentials")
	if first.JSON()["message"] != "No active account found with the given credentials" {
		t.Errorf("%s", first.Body)
	}
	for _, try := range []struct{ name, password string }{
		{"ann", "wrong"}, {"ann@example.com", "wrong"}, {"ann", goodPassword + " "}, {"ann", strings.ToUpper(goodPassword)},
		{"disabled", goodPassword}, {"disabled", "wrong"}, {"waits", "wrong"}, {"pbkdf2", "wrong"},
		{"unusable", "QbYoSdXj5bw7lUIqcQ3mZOxfceiJrphGcDWX5xEr"}, {"unusable", "!QbYoSdXj5bw7lUIqcQ3mZOxfceiJrphGcDWX5xEr"},
		{"empty", "anything"}, {"unknown.hash", "a"}, {"odd.hash", "anything"}, {"costly", "anything"}, {"an%", goodPassword}, {"' OR 1=1 --", goodPassword},
	} {
		wantAnswer(t, a.tryLogin(try.name, try.password), http.StatusUnauthorized, strings.TrimSpace(first.Body))
	}
	if !strings.Contains(a.Log(), "a stored password hash can't be used\" user="+itoa(a.user("costly").ID)+" error=\"it asks for too much work\"") {
		t.Error("the log does not tell of the hash that costs too much")
	}
	wantRefused(t, "who knows the password", a.tryLogin("waits", goodPassword), http.StatusUnauthorized, "email_not_verified")
	wantRefused(t, "no password", a.tryLogin("ann", ""), http.StatusBadRequest, "invalid")
	wantRefused(t, "no username", a.tryLogin("", goodPassword), http.StatusBadRequest, "invalid")
	if n := a.openLogins(""); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

func TestPasswordsOfDjangoLogInAndAreArgon2idAfter(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("under the race detector the slowest hash takes longer than a request may")
	}
	a := startAccounts(t)
	for name, hash := range djangoHashes {
		a.imported(name, hash)
		wantRefused(t, name+" with a wrong password", a.tryLogin(name, "wrong password"), http.StatusUnauthorized, "invalid_credentials")
		if a.user(name).Password != hash {
			t.Errorf("%s: a wrong password changed the hash", name)
		}
		wantOK(t, name, a.tryLogin(name, djangoPassword))
		renewed := a.user(name).Password
		if !strings.HasPrefix(renewed, "argon2$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("%s: the hash is %s after the login", name, renewed)
		}
		wantOK(t, name+" again", a.tryLogin(name, djangoPassword))
		if a.user(name).Password != renewed {
			t.Errorf("%s: a current hash was replaced", name)
		}
	}
}

func TestFailedLoginsOfAnAccountAreLimited(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_LOGIN_FAILED=100/m/ip,3/5m/key")
	a.verified("ann")
	a.verified("bob")
	for range 5 {
		wantOK(t, "a right one does not count", a.tryLogin("ann", goodPassword))
	}
	for _, name := range []string{"ann", "ANN", " Ａnn "} {
		wantRefused(t, "a wrong one by "+name, a.tryLogin(name, "wrong"), http.StatusUnauthorized, "invalid_credentials")
	}
	answer := a.tryLogin("ann", goodPassword)
	wantRefused(t, "the next", answer, http.StatusTooManyRequests, "throttled")
	if wait := answer.Header.Get("Retry-After"); wait == "" || len(wait) > 3 {
		t.Errorf("Retry-After %q", wait)
	}
	// That ann and ann@example.com are one account must not show, nor that bob@ is another.
	for _, address := range []string{"ann@example.com", "bob@example.com", "nobody@example.com"} {
		for range 3 {
			wantRefused(t, "a wrong one by "+address, a.tryLogin(address, "wrong"), http.StatusUnauthorized, "invalid_credentials")
		}
		wantRefused(t, "the next by "+address, a.tryLogin(strings.ToUpper(address), "wrong"), http.StatusTooManyRequests, "throttled")
	}
	for range 3 {
		wantRefused(t, "a name that nobody has", a.tryLogin("nobody", "wrong"), http.StatusUnauthorized, "invalid_credentials")
	}
	wantRefused(t, "that is limited as well", a.tryLogin("Nobody", "wrong"), http.StatusTooManyRequests, "throttled")
	wantOK(t, "another account is free", a.tryLogin("bob", goodPassword))
	a.set("ann", "is_staff = ?", true)
	if page := a.staffLogin("ann", goodPassword); page.Status != http.StatusTooManyRequests {
		t.Errorf("the back office counts by itself: %d", page.Status)
	}
	wantOK(t, "a reset is still possible", a.post("/api/auth/forgot-password", fields{"email": "ann@example.com"}))
	a.link("ann@example.com", "Password Reset", 1)
}

// staffLogin fills in the form of the back office.
func (a *accountsApp) staffLogin(name, password string) *handlerstest.Page {
	a.t.Helper()
	staff := a.Browser()
	return staff.Post(staff.Get("/admin/login/"), "/admin/login/", url.Values{"username": {name}, "password": {password}})
}

func TestFailedLoginsOfAClientAreLimitedAlsoWithoutRedis(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_LOGIN_FAILED=4/m/ip", "TRUSTED_PROXIES=127.0.0.1/32")
	a.imported("ann", goodHash())
	from := func(ip, name, password string) handlerstest.Answer {
		return a.PostJSON("/api/token/pair", `{"username":"`+name+`","password":"`+password+`"}`, "X-Forwarded-For", ip)
	}
	for round, ip := range []string{"192.0.2.1", "192.0.2.2"} {
		for _, name := range []string{"a", "b", "c", "d"} {
			wantRefused(t, "a wrong one", from(ip, name, "wrong"), http.StatusUnauthorized, "invalid_credentials")
		}
		wantRefused(t, "the fifth of a client", from(ip, "e", "wrong"), http.StatusTooManyRequests, "throttled")
		if round == 0 && a.Redis != nil {
			a.Redis.Kill()
		}
	}
	wantOK(t, "another client is free", from("192.0.2.3", "ann", goodPassword))
}

// Many tries at once must not all be let through before the first one is counted, and
// nobody may learn more by them than by as many tries one after another.
func TestParallelFailedLoginsAreCountedExactly(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_LOGIN_FAILED=5/5m/key")
	a.imported("ann", goodHash())
	for _, name := range []string{"ann", "nobody"} {
		var together sync.WaitGroup
		var refused, throttled atomic.Int64
		for range 30 {
			together.Go(func() {
				switch a.tryLogin(name, "wrong password").Status {
				case http.StatusUnauthorized:
					refused.Add(1)
				case http.StatusTooManyRequests:
					throttled.Add(1)
				}
			})
		}
		together.Wait()
		if refused.Load() != 5 || throttled.Load() != 25 {
			t.Errorf("%s: %d of 30 tries were let through, %d were too many", name, refused.Load(), throttled.Load())
		}
		wantRefused(t, "the right one comes too late", a.tryLogin(name, goodPassword), http.StatusTooManyRequests, "throttled")
	}
}
