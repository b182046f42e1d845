package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func TestFirstSocialLoginMakesAnAccountOfItsOwn(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	for _, by := range []struct {
		path, name, provider, scope string
	}{{byGoogle, "ann", "Google", "profile email"}, {byGitHub, "bob-dev", "GitHub", "read:user user:email"}} {
		email := strings.TrimSuffix(by.name, "-dev") + "@example.com"
		who := s.person(strings.TrimSuffix(by.name, "-dev"))
		b := s.browser()
		page := b.step(by.path)
		if page.Query().Get("scope") != by.scope || page.Query().Get("redirect_uri") != s.URL+by.path+"callback/" {
			t.Errorf("the provider is asked %s", page)
		}
		answer := s.exchange(b.travel(strings.TrimSuffix(by.path, "/")).Get("code"))
		body := answer.JSON()
		if answer.Status != http.StatusOK || body["username"] != by.name || len(body) != 3 {
			t.Fatalf("exchange: %d %s", answer.Status, answer.Body)
		}
		user := s.user(by.name)
		if user.Email != email || user.FirstName != who.First || user.LastName != who.Last || !user.IsActive || user.EmailVerifiedAt.IsZero() ||
			user.IsStaff || user.IsSuperuser || !strings.HasPrefix(user.Password, "!") || user.LastLogin.IsZero() || user.Language != "en" {
			t.Errorf("stored %+v", user)
		}
		linked := s.linked(by.name)
		if len(linked) != 1 || linked[0].Provider.Label() != by.provider || linked[0].Subject != "4711" || linked[0].Email != email {
			t.Errorf("linked %+v", linked)
		}
		want := []string{"added by " + by.name + " (api, 127.0.0.1): Signed up with " + by.provider, "changed by " + by.name + " (api, 127.0.0.1): Linked " + by.provider}
		if told := s.history(by.name); !slices.Equal(told, want) {
			t.Errorf("history tells %q", told)
		}
		l := loginOf(answer)
		if me := s.me(l.access).JSON(); me["email"] != email || len(me["providers"].([]any)) != 1 {
			t.Errorf("me is %v", me)
		}
		wantOK(t, "refresh", s.post("/api/token/refresh", fields{"refresh": l.refresh}))
		wantRefused(t, "a password nobody set", s.tryLogin(by.name, user.Password), http.StatusUnauthorized, "invalid_credentials")
	}
	if n := s.count((*models.Session)(nil)); n != 2 {
		t.Errorf("%d sessions", n)
	}
}

func TestReturningIdentityKeepsItsAccountWhateverItsAddress(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	who := s.person("ann")
	s.enter(byGoogle)
	first := s.linked("ann")[0]
	before := s.rows()
	s.set("ann", "first_name = ?", "Ánna")
	who.Email, who.Verified, who.First = "New@Example.org", false, "Changed"
	s.LogIn(handlerstest.GoogleHost, who)
	s.enter(byGoogle)
	user, again := s.user("ann"), s.linked("ann")[0]
	if user.Email != "ann@example.com" || user.FirstName != "Ánna" {
		t.Errorf("stored %+v", user)
	}
	if again.ID != first.ID || again.Email != "new@example.org" || !again.LastLogin.After(first.LastLogin) {
		t.Errorf("linked %+v, before %+v", again, first)
	}
	before[2]++ // the second login's session
	if after := s.rows(); after != before {
		t.Errorf("rows are %v, want %v", after, before)
	}
	who.First, who.Last = "Later", "Named"
	s.LogIn(handlerstest.GoogleHost, who)
	s.set("ann", "first_name = '', last_name = ?", "")
	s.enter(byGoogle)
	if user := s.user("ann"); user.FullName() != "Later Named" {
		t.Errorf("a user without a name is called %q", user.FullName())
	}
}

func TestTwoProvidersOfOneAddressAreOneAccount(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.person("ann")
	s.enter(byGoogle)
	s.enter(byGitHub)
	if users := s.count((*models.User)(nil)); users != 1 || len(s.linked("ann")) != 2 {
		t.Errorf("%d users, linked %+v", users, s.linked("ann"))
	}
}

func TestNewUserHasTheBrowsersLanguageAndAFreeName(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.verified("Ann")
	for i, email := range []string{"ann@example.net", "ANN@example.org", "aña.b+c@example.es"} {
		who := handlerstest.Person{ID: int64(i + 1), Email: email, Verified: true}
		s.LogIn(handlerstest.GoogleHost, who)
		query := s.browser().travel(byGoogle)
		if i == 2 {
			wantError(t, "an address beyond ASCII", query, "no_verified_email")
		} else if query.Get("code") == "" {
			t.Errorf("%s: %v", email, query)
		}
	}
	if s.user("ann2").Email != "ann@example.net" || s.user("ANN3").Email != "ann@example.org" {
		t.Error("the names are others")
	}
	b := s.browser()
	s.person("bea")
	back := b.out(byGoogle)
	request := b.browser.Cookies()
	cookies := make([]string, len(request))
	for i, cookie := range request {
		cookies[i] = cookie.Name + "=" + cookie.Value
	}
	s.Get(strings.TrimPrefix(back.String(), s.URL), "Cookie", strings.Join(cookies, "; "), "Accept-Language", "es-MX,es;q=0.9")
	if user := s.user("bea"); user.Language != "es" {
		t.Errorf("the language is %q", user.Language)
	}
}

func TestSignOfKelvinIsNoK(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.verified("kim")
	before := s.rows()
	who := s.person("kim")
	who.Email = "\u212aim@example.com" // lower-cased by Unicode's rules it is kim's
	s.LogIn(handlerstest.GitHubHost, who)
	wantError(t, "a look-alike", s.browser().travel(byGitHub), "no_verified_email")
	if after := s.rows(); after != before {
		t.Errorf("rows are %v, before %v", after, before)
	}
}

func TestParallelFirstLoginsOfOnePersonMakeOneAccount(t *testing.T) {
	t.Parallel()
	for what, waiting := range map[string]bool{"a new account": false, "one that is taken over": true} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := startSocial(t)
			s.person("ann")
			if waiting {
				s.signUp("ann")
			}
			backs, browsers := make([]string, 8), make([]trip, 8)
			for i := range browsers {
				browsers[i] = s.browser()
				backs[i] = browsers[i].out([]string{byGoogle, byGitHub}[i%2]).String()
			}
			targets := make([]*url.URL, len(backs))
			var all sync.WaitGroup
			for i, b := range browsers {
				all.Go(func() { targets[i] = b.step(backs[i]) })
			}
			all.Wait()
			for _, target := range targets {
				wantOK(t, target.Path, s.exchange(s.atFrontend(target).Get("code")))
			}
			if rows := s.rows(); rows[0] != 1 || rows[1] != 2 {
				t.Errorf("%d users with %d identities", rows[0], rows[1])
			}
		})
	}
}
