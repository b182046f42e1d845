package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

func TestProviderTroubleEndsInACleanRedirectAndLeavesNothing(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	who := s.person("ann")
	status := func(code int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	const inJSON = "application/json"
	for _, trouble := range []struct {
		what, by, path string
		answer         http.HandlerFunc
	}{
		{"500 to the code", byGoogle, handlerstest.GoogleToken, status(500, "text/html", "<h1>Error</h1>")},
		{"500 to the token", byGoogle, handlerstest.GoogleUser, status(500, "text/html", "<h1>Error</h1>")},
		{"garbage to the code", byGoogle, handlerstest.GoogleToken, status(200, inJSON, `{"access_token": ya29`)},
		{"no token in the answer", byGoogle, handlerstest.GoogleToken, status(200, inJSON, `{}`)},
		{"garbage to the token", byGoogle, handlerstest.GoogleUser, status(200, inJSON, `]]]`)},
		{"nobody", byGoogle, handlerstest.GoogleUser, status(200, inJSON, `{"email":"ann@example.com","verified_email":true}`)},
		{"another type", byGoogle, handlerstest.GoogleUser, status(200, inJSON, `{"id":{},"email":[]}`)},
		{"a redirect", byGoogle, handlerstest.GoogleUser, http.RedirectHandler("https://accounts.google.com/sorry", http.StatusFound).ServeHTTP},
		{"no such token", byGoogle, handlerstest.GoogleUser, status(401, inJSON, `{}`)},
		{"200 with an error", byGitHub, handlerstest.GitHubToken, status(200, "application/x-www-form-urlencoded", "error=bad_verification_code")},
		{"500 from GitHub", byGitHub, handlerstest.GitHubUser, status(503, inJSON, `{}`)},
		{"garbage for addresses", byGitHub, handlerstest.GitHubEmails, status(200, inJSON, `{"message":"Not found"}`)},
		{"a document without end", byGitHub, handlerstest.GitHubUser, status(200, inJSON, `{"login":"`+strings.Repeat("a", 2<<20))},
	} {
		s.Answer(trouble.path, trouble.answer)
		wantError(t, trouble.what, s.browser().travel(trouble.by), "provider_error")
		s.Answer(trouble.path, nil)
	}
	for said, code := range map[string]string{"access_denied": "denied", "temporarily_unavailable": "provider_error", "\r\nX-Evil: 1": "provider_error"} {
		b := s.browser()
		back := b.out(byGoogle)
		back.RawQuery = url.Values{"error": {said}, "state": {back.Query().Get("state")}}.Encode()
		wantError(t, said, s.atFrontend(b.step(back.String())), code)
	}
	for _, path := range []string{byGoogle, byGitHub} {
		for what, person := range map[string]handlerstest.Person{
			"no address": {ID: 1, Nickname: "ann"}, "an unverified address": {ID: 1, Email: who.Email, Nickname: "ann"},
			"no real address": {ID: 1, Email: "ann@", Verified: true, Nickname: "ann"},
		} {
			s.LogIn(handlerstest.GoogleHost, person)
			s.LogIn(handlerstest.GitHubHost, person)
			wantError(t, what, s.browser().travel(path), "no_verified_email")
		}
	}
	if rows := s.rows(); rows != [4]int64{} {
		t.Errorf("left behind: %v", rows)
	}
}

func TestProviderThatHangsEndsInACleanRedirectInTime(t *testing.T) {
	t.Parallel()
	for what, paths := range map[string][]string{
		"at the code": {handlerstest.GoogleToken}, "at the user": {handlerstest.GoogleUser},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := startSocial(t)
			s.person("ann")
			for _, path := range paths {
				s.Answer(path, s.Hang)
			}
			for _, staff := range []bool{false, true} {
				b, start := s.browser(), byGoogle
				if staff {
					start = "/admin/login/google/"
				}
				back := b.out(start).String()
				began := time.Now()
				target := b.step(back)
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it takes %v", took)
				}
				if staff {
					if target.String() != "/admin/login/" || !strings.Contains(b.browser.Get("/admin/login/").Text(), "provider does not answer") {
						t.Errorf("staff are sent to %s", target)
					}
				} else {
					wantError(t, "hang", s.atFrontend(target), "provider_error")
				}
			}
			if rows := s.rows(); rows != [4]int64{} {
				t.Errorf("left behind: %v", rows)
			}
		})
	}
}

func TestProviderThatTakesItsTimeStillLogsIn(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.person("ann")
	slowly := func(w http.ResponseWriter, r *http.Request) {
		<-time.After(2400 * time.Millisecond) // twice: longer than other requests may take
		s.AsEver(w, r)
	}
	s.Answer(handlerstest.GoogleToken, slowly)
	s.Answer(handlerstest.GoogleUser, slowly)
	s.enter(byGoogle)
}

func TestProvidersWithoutCredentialsAreNotThere(t *testing.T) {
	t.Parallel()
	s := startSocial(t, "GITHUB_CLIENT_ID=", "GITHUB_CLIENT_SECRET=")
	s.verified("ann")
	l := s.logIn("ann", goodPassword)
	for _, path := range []string{byGitHub, byGitHub + "callback/", "/accounts/gitlab/login/", "/admin/login/github/"} {
		if answer := s.Get(path); answer.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Status)
		}
	}
	for _, provider := range []string{"github", "gitlab"} {
		wantRefused(t, provider, s.post("/api/me/social/"+provider, fields{}, l.access), http.StatusNotFound, "not_found")
	}
	page := s.Browser().Get("/admin/login/")
	if page.Has(`a[href^="/admin/login/github/"]`) || !page.Has(`a[href^="/admin/login/google/"]`) {
		t.Error("the buttons are others")
	}
}
