package handlers_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func TestTokensOfDjangoStayGood(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	a.keep(fields{"access": pyAccess[0], "refresh": pyRefresh})
	if a.user("ann").ID != 1 {
		t.Fatal("ann is not user 1")
	}
	for _, token := range pyAccess {
		wantOK(t, "an access token", a.me(token))
		wantOK(t, "to verify it", a.post("/api/token/verify", fields{"token": token}))
	}
	wantOK(t, "to verify a refresh token", a.post("/api/token/verify", fields{"token": pyRefresh}))
	var l login
	for range 2 {
		answer := a.post("/api/token/refresh", fields{"refresh": pyRefresh})
		wantOK(t, "to refresh", answer)
		l = login{loginOf(answer).access, pyRefresh}
	}
	a.wantAlive("a login of Django's", l)
	if n := a.openLogins(""); n != 1 {
		t.Errorf("it has %d sessions", n)
	}
	wantOK(t, "to log out", a.post("/api/token/blacklist", fields{"refresh": pyRefresh}))
	a.wantDead("a login of Django's after it", l)
	wantOK(t, "Django's own access token has no session", a.me(pyAccess[0]))
	a.set("ann", "token_epoch = ?", 1)
	wantRefused(t, "until all tokens end", a.me(pyAccess[0]), http.StatusUnauthorized, "token_not_valid")
}

func TestTokenOfDjangoThatWasNeverUsedHereCanBeEnded(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.imported("ann", goodHash())
	wantOK(t, "to log out", a.post("/api/token/blacklist", fields{"refresh": pyRefresh}))
	wantRefused(t, "to refresh", a.post("/api/token/refresh", fields{"refresh": pyRefresh}), http.StatusUnauthorized, "token_not_valid")
	wantRefused(t, "to verify", a.post("/api/token/verify", fields{"token": pyRefresh}), http.StatusUnauthorized, "token_not_valid")
	a.disable("ann")
	wantRefused(t, "an access token of who is disabled", a.me(pyAccess[0]), http.StatusUnauthorized, "token_not_valid")
}

func TestReplacedRefreshTokenThatComesAgainLateEndsTheLogin(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "JWT_ROTATE_REFRESH_TOKENS=1", "JWT_REFRESH_GRACE=0s")
	a.imported("ann", goodHash())
	other := a.logIn("ann", goodPassword)
	for what, first := range map[string]login{"ours": a.logIn("ann", goodPassword), "Django's": {refresh: pyRefresh}} {
		second := loginOf(a.post("/api/token/refresh", fields{"refresh": first.refresh}))
		third := loginOf(a.post("/api/token/refresh", fields{"refresh": second.refresh}))
		if second.refresh == "" || third.refresh == "" || third.refresh == second.refresh || second.refresh == first.refresh {
			t.Fatalf("%s: the tokens do not rotate", what)
		}
		a.wantAlive(what+": the newest", third)
		wantRefused(t, what+": the first again", a.post("/api/token/refresh", fields{"refresh": first.refresh}), http.StatusUnauthorized, "token_not_valid")
		a.wantDead(what+": the newest after that", third)
	}
	a.wantAlive("another login", other)
}

// Two tabs, or a browser that never got the answer, are no thieves.
func TestReplacedRefreshTokenAnswersWithTheSameSuccessorForAMoment(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "JWT_ROTATE_REFRESH_TOKENS=1")
	a.imported("ann", goodHash())
	for what, first := range map[string]string{"ours": a.logIn("ann", goodPassword).refresh, "Django's": pyRefresh} {
		var together sync.WaitGroup
		answers := make(chan handlerstest.Answer, 6)
		for range cap(answers) {
			together.Go(func() { answers <- a.post("/api/token/refresh", fields{"refresh": first}) })
		}
		together.Wait()
		close(answers)
		second := login{}
		for answer := range answers {
			wantOK(t, what, answer)
			next := loginOf(answer)
			if second.refresh != "" && next.refresh != second.refresh || next.refresh == first {
				t.Errorf("%s: two successors of one token", what)
			}
			second = next
			wantOK(t, what+": the access token", a.me(next.access))
		}
		wantRefused(t, what+": the first, asked whether it is good", a.post("/api/token/verify", fields{"token": first}), http.StatusUnauthorized, "token_not_valid")
		third := loginOf(a.post("/api/token/refresh", fields{"refresh": second.refresh}))
		a.wantAlive(what+": the newest", third)
		wantRefused(t, what+": the first after its grandchild", a.post("/api/token/refresh", fields{"refresh": first}), http.StatusUnauthorized, "token_not_valid")
		a.wantDead(what+": the newest after that", third)
	}
}

func TestGraceOfAReplacedRefreshTokenEnds(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "JWT_ROTATE_REFRESH_TOKENS=1")
	a.imported("ann", goodHash())
	first := a.logIn("ann", goodPassword)
	second := loginOf(a.post("/api/token/refresh", fields{"refresh": first.refresh}))
	age := func(by time.Duration) {
		t.Helper()
		if _, err := a.DB.NewUpdate().Model((*models.Session)(nil)).Set("rotated_at = ?", time.Now().UTC().Add(-by)).Where("true").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	age(20 * time.Second)
	wantOK(t, "after 20 s", a.post("/api/token/refresh", fields{"refresh": first.refresh}))
	age(31 * time.Second)
	wantRefused(t, "after 31 s", a.post("/api/token/refresh", fields{"refresh": first.refresh}), http.StatusUnauthorized, "token_not_valid")
	a.wantDead("its successor", second)
}

func TestTokenLivesAsLongAsSet(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "JWT_ACCESS_TOKEN_LIFETIME=1s", "JWT_REFRESH_TOKEN_LIFETIME=2s")
	a.imported("ann", goodHash())
	l := a.logIn("ann", goodPassword)
	handlerstest.Eventually(t, 10*time.Second, "the access token ends", func() bool { return a.me(l.access).Status != http.StatusOK })
	wantRefused(t, "an access token after a second", a.me(l.access), http.StatusUnauthorized, "token_expired")
	handlerstest.Eventually(t, 10*time.Second, "the refresh token ends", func() bool {
		return a.post("/api/token/refresh", fields{"refresh": l.refresh}).Status != http.StatusOK
	})
	wantRefused(t, "a refresh token after two", a.post("/api/token/refresh", fields{"refresh": l.refresh}), http.StatusUnauthorized, "token_not_valid")
}

func TestCompatibilityOfTheAccountRoutes(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "DJANGO_COMPAT=1")
	a.imported("ann", goodHash())
	for what, try := range map[string]struct {
		path string
		body fields
		code string
	}{
		"a bad sign-up":         {"/api/auth/signup", signupOf(fields{"password": "short"}), "invalid"},
		"a taken username":      {"/api/auth/signup/", signupOf(fields{"email": "b@example.com"}), "username_taken"},
		"a bad key":             {"/api/auth/verify-email", fields{"key": "x"}, "invalid_key"},
		"a bad link":            {"/api/auth/reset-password", fields{"uid": "x"}, "invalid_link"},
		"a key of a wrong type": {"/api/auth/verify-email", fields{"key": 7}, "invalid"},
	} {
		answer := a.post(try.path, try.body)
		if body := answer.JSON(); answer.Status != http.StatusOK || body["success"] != false || body["code"] != try.code {
			t.Errorf("%s: %d %s", what, answer.Status, answer.Body)
		}
	}
	wantRefused(t, "a login", a.tryLogin("ann", "wrong"), http.StatusUnauthorized, "invalid_credentials")
	wantRefused(t, "a body that lacks", a.post("/api/token/pair", fields{}), http.StatusBadRequest, "invalid")
	if answer := a.Do(http.MethodPost, "/api/auth/signup", "x", "Content-Type", "text/plain"); answer.Status != http.StatusUnsupportedMediaType {
		t.Errorf("text: %d", answer.Status)
	}
	l := a.logIn("ann", goodPassword)
	wantOK(t, "the token in the URL, without a body", a.Do(http.MethodPost, "/api/token/refresh?refresh_token="+l.refresh, ""))
	for _, body := range []string{"", " ", "{}", `{"refresh":""}`} {
		wantOK(t, "with the body "+body, a.PostJSON("/api/token/refresh/?refresh_token="+l.refresh, body))
	}
	wantOK(t, "the body's counts before the URL's", a.PostJSON("/api/token/refresh?refresh_token=rubbish", `{"refresh_token":"`+l.refresh+`"}`))
	wantRefused(t, "a bad one in the body", a.PostJSON("/api/token/refresh?refresh_token="+l.refresh, `{"refresh":"rubbish"}`), http.StatusUnauthorized, "token_not_valid")
	wantRefused(t, "a body that is no JSON", a.PostJSON("/api/token/refresh?refresh_token="+l.refresh, "{"), http.StatusBadRequest, "malformed")
	wantRefused(t, "none at all", a.PostJSON("/api/token/refresh", "{}"), http.StatusBadRequest, "invalid")
	if !strings.Contains(a.Log(), "/api/token/refresh") {
		t.Error("the requests are not logged")
	}
}
