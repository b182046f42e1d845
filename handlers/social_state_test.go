package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// with is the URL with other values in its query; an empty one is left out.
func with(u *url.URL, values ...string) string {
	changed, query := *u, u.Query()
	for i := 0; i < len(values); i += 2 {
		query.Del(values[i])
		if values[i+1] != "" {
			query.Set(values[i], values[i+1])
		}
	}
	changed.RawQuery = query.Encode()
	return changed.String()
}

func TestStateIsOursAndGoodOnceInTheBrowserThatSetOut(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.person("ann")
	refused := func(what string, b trip, back string) {
		t.Helper()
		wantError(t, what, s.atFrontend(b.step(back)), "state_mismatch")
	}
	b := s.browser()
	refused("no state", b, with(b.out(byGoogle), "state", ""))
	refused("another state", b, with(b.out(byGoogle), "state", "chosen-by-the-client"))
	back := b.out(byGoogle + "?state=chosen-by-the-client")
	if back.Query().Get("state") == "chosen-by-the-client" || len(back.Query().Get("state")) < 26 {
		t.Errorf("the state is %q", back.Query().Get("state"))
	}
	refused("the client's state", b, with(back, "state", "chosen-by-the-client"))
	refused("a state after a wrong one", b, back.String())
	refused("another browser", s.browser(), b.out(byGoogle).String())
	back = b.out(byGoogle)
	refused("another provider's callback", b, strings.Replace(back.String(), "/google/", "/github/", 1))
	back = b.out(byGoogle)
	cookies := b.browser.Cookies()
	for _, cookie := range cookies {
		cookie.Value = strings.TrimRight(cookie.Value[:len(cookie.Value)-9], "=") + "AAAAAAAA"
	}
	forger := s.browser()
	forger.browser.SetCookies(cookies)
	refused("a forged cookie", forger, back.String())
	if rows := s.rows(); rows != [4]int64{} {
		t.Errorf("left behind: %v", rows)
	}

	back = b.out(byGoogle)
	kept := b.browser.Cookies()
	if query := s.atFrontend(b.step(back.String())); query.Get("code") == "" {
		t.Fatalf("the trip ends with %v", query)
	}
	refused("the same again", b, back.String())
	b.browser.SetCookies(kept)
	again := s.Consent(with(b.step(byGitHub))) // a fresh code of the provider's
	b.browser.SetCookies(kept)
	refused("a copy of the cookie, with a fresh code", b, with(back, "code", again.Query().Get("code")))
}

func TestHandshakeCookieIsKeptFromScripts(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	found := false
	for _, line := range s.Get(byGoogle).Header.Values("Set-Cookie") {
		if strings.HasPrefix(line, "social_login=") {
			found = true
			for _, part := range []string{"HttpOnly", "SameSite=Lax", "max-age=600", "path=/"} {
				if !strings.Contains(strings.ToLower(line), strings.ToLower(part)) {
					t.Errorf("%s lacks %s", line, part)
				}
			}
		}
	}
	if !found {
		t.Error("there is no cookie")
	}
	inProduction := startSocial(t, "DJANGO_DEBUG=0", "ENV_ALLOWED_HOSTS=127.0.0.1").Get(byGoogle)
	if line := strings.Join(inProduction.Header.Values("Set-Cookie"), "\n"); !strings.Contains(line, "__Host-social_login=") || !strings.Contains(line, "secure") {
		t.Errorf("in production the cookies are\n%s", line)
	}
	if target := inProduction.Header.Get("Location"); !strings.Contains(target, "redirect_uri=https%3A%2F%2F127.0.0.1") {
		t.Errorf("in production the provider is asked %s", target)
	}
}

func TestCodeIsGoodOnceForAMinute(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.person("ann")
	b := s.browser()
	refused := func(what, code string) {
		t.Helper()
		sessions := s.count((*models.Session)(nil))
		wantRefused(t, what, s.exchange(code), http.StatusBadRequest, "invalid_code")
		if after := s.count((*models.Session)(nil)); after != sessions {
			t.Errorf("%s: a session was opened", what)
		}
	}
	code := b.travel(byGoogle).Get("code")
	wantOK(t, "the first use", s.exchange(code))
	refused("the second use", code)
	refused("nothing", "")
	refused("a guess", "4RXBKQ7M2ZTVLD3H6WYNCEJ5PA")

	code = b.travel(byGoogle).Get("code")
	s.age(t, 59*time.Second)
	wantOK(t, "after 59 s", s.exchange(code))
	code = b.travel(byGoogle).Get("code")
	s.age(t, 60*time.Second)
	refused("after 60 s", code)

	code = b.travel(byGoogle).Get("code")
	s.disable("ann")
	refused("of a disabled user", code)
	wantError(t, "a disabled user", b.travel(byGoogle), "disabled")
	s.set("ann", "is_active = ?, disabled_at = NULL", true)

	l := s.enter(byGoogle)
	code = b.travel(byGoogle).Get("code")
	if answer := s.send(http.MethodDelete, "/api/me/sessions", fields{}, l.access); answer.Status != http.StatusNoContent {
		t.Errorf("log out everywhere: %d %s", answer.Status, answer.Body)
	}
	refused("after logging out everywhere", code)

	connect := s.connectURL(t, "google", s.enter(byGoogle))
	refused("a code of another purpose", connect.Query().Get("connect"))
	for _, row := range s.codes(t) {
		if len(row.CodeHash) != 64 || row.CodeHash == code {
			t.Errorf("a code rests as %q", row.CodeHash)
		}
	}
}

// age makes every one-time code older.
func (s *social) age(t *testing.T, by time.Duration) {
	t.Helper()
	for _, row := range s.codes(t) {
		if _, err := s.DB.NewUpdate().Model(&row).Set("expires_at = ?", row.ExpiresAt.Add(-by)).WherePK().Exec(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *social) codes(t *testing.T) []models.OneTimeCode {
	t.Helper()
	var rows []models.OneTimeCode
	if err := s.DB.NewSelect().Model(&rows).Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestParallelExchangesOfOneCodeSucceedOnce(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.person("ann")
	code := s.browser().travel(byGoogle).Get("code")
	var all sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		all.Go(func() { statuses[i] = s.exchange(code).Status })
	}
	all.Wait()
	good := 0
	for _, status := range statuses {
		if status == http.StatusOK {
			good++
		} else if status != http.StatusBadRequest {
			t.Errorf("one of them is answered %d", status)
		}
	}
	if sessions := s.count((*models.Session)(nil)); good != 1 || sessions != 1 {
		t.Errorf("%d succeed, with %d sessions", good, sessions)
	}
}

func TestTripEndsOnAnotherReplica(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.person("ann")
	first, home := s.Process, s.URL
	back := s.browser()
	callback := back.out(byGoogle)
	cookies := back.browser.Cookies()
	s.Serve("PORT=0", "BACKEND_URL="+home)
	if s.URL == home || !first.Running() {
		t.Fatal("there are not two processes")
	}
	b := s.browser()
	b.browser.SetCookies(cookies)
	query := s.atFrontend(b.step(strings.TrimPrefix(callback.String(), home)))
	s.URL = home
	wantOK(t, "exchange at the first", s.exchange(query.Get("code")))
	b.browser.SetCookies(cookies)
	wantError(t, "the same at the first", s.atFrontend(b.step(callback.String())), "state_mismatch")
}

func TestCompatPutsTheTokensIntoTheRedirect(t *testing.T) {
	t.Parallel()
	providers := handlerstest.NewProviders(t)
	a := startAccounts(t, append(providers.Env(), "DJANGO_COMPAT=1")...)
	providers.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 1, Email: "ann@example.com", Verified: true})
	b := a.Browser()
	answer := b.Step(providers.Consent(b.Step(byGoogle).Header.Get("Location")).String())
	target, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || answer.Status != http.StatusFound || !strings.HasPrefix(target.String(), "https://www.example.com/auth/callback?") {
		t.Fatalf("got %d to %s", answer.Status, target)
	}
	query := target.Query()
	a.keep(fields{"access": query.Get("access"), "refresh": query.Get("refresh")})
	if query.Get("username") != "ann" || len(query) != 3 || answer.Header.Get("Referrer-Policy") != "no-referrer" || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %s with %v", target, answer.Header)
	}
	wantOK(t, "the access token", a.me(query.Get("access")))
	wantOK(t, "the refresh token", a.post("/api/token/refresh", fields{"refresh": query.Get("refresh")}))
}

func TestFrontendOfAnotherOriginMayExchange(t *testing.T) {
	t.Parallel()
	s := startSocial(t, "CORS_ALLOWED_ORIGINS=https://www.example.com")
	s.person("ann")
	code := s.browser().travel(byGoogle).Get("code")
	body := `{"code":"` + code + `"}`
	if answer := s.PostJSON("/api/auth/social/exchange/", body, "Origin", "https://evil.example"); answer.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a stranger may read the answer")
	}
	answer := s.PostJSON("/api/auth/social/exchange", `{"code":"`+s.browser().travel(byGoogle).Get("code")+`"}`, "Origin", "https://www.example.com")
	s.accountsApp.keep(fields(answer.JSON()))
	if answer.Status != http.StatusOK || answer.Header.Get("Access-Control-Allow-Origin") != "https://www.example.com" || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %v", answer.Status, answer.Header)
	}
}
