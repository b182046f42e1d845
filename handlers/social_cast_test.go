package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// social is the program with a fake Google and a fake GitHub. At the end of every
// test no redirect may have held a token, and the log no secret of any kind.
type social struct {
	*accountsApp
	*handlerstest.Providers

	mu   sync.Mutex
	seen []string // where the program redirected to
}

func startSocial(t *testing.T, env ...string) *social {
	t.Helper()
	providers := handlerstest.NewProviders(t)
	s := &social{accountsApp: startAccounts(t, append(providers.Env(), env...)...), Providers: providers}
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, secret := range s.Secrets() {
			s.accountsApp.keep(fields{"token": secret})
			for _, target := range s.seen {
				if strings.Contains(target, secret) {
					t.Errorf("a redirect holds what a provider said in confidence: %s", target)
				}
			}
		}
		for _, target := range s.seen {
			if strings.Contains(target, "eyJ") {
				t.Errorf("a redirect holds a token: %s", target)
			}
		}
	})
	return s
}

// trip is a browser on its way to a provider and back.
type trip struct {
	s       *social
	browser *handlerstest.Staff
}

func (s *social) browser() trip { return trip{s, s.Browser()} }

// step opens a path and returns where it redirects to.
func (b trip) step(path string) *url.URL {
	b.s.t.Helper()
	answer := b.browser.Step(path)
	target, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || answer.Status != http.StatusFound && answer.Status != http.StatusSeeOther {
		b.s.t.Fatalf("%s: got %d %s to %q", path, answer.Status, answer.Body, answer.Header.Get("Location"))
	}
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.s.seen = append(b.s.seen, target.String())
	for _, name := range []string{"code", "connect", "state"} {
		b.s.accountsApp.keep(fields{"token": target.Query().Get(name)})
	}
	return target
}

// out goes to the provider, which sends the browser back to the URL returned.
func (b trip) out(path string) (back *url.URL) {
	b.s.t.Helper()
	back = b.s.Consent(b.step(path).String())
	if !strings.HasPrefix(back.String(), b.s.URL+"/accounts/") || !strings.HasSuffix(back.Path, "/login/callback/") {
		b.s.t.Fatalf("the provider sends the browser to %s", back)
	}
	return back
}

// travel makes the whole trip and returns what the frontend is told.
func (b trip) travel(path string) url.Values {
	b.s.t.Helper()
	return b.s.atFrontend(b.step(b.out(path).String()))
}

// atFrontend reads the query of the one page that visitors come back to.
func (s *social) atFrontend(target *url.URL) url.Values {
	s.t.Helper()
	if at := target.Scheme + "://" + target.Host + target.Path; at != "https://www.example.com/auth/callback" {
		s.t.Fatalf("the visitor is sent to %s", at)
	}
	return target.Query()
}

const (
	byGoogle = "/accounts/google/login/"
	byGitHub = "/accounts/github/login/"
)

// person is who is logged in at both providers, name@example.com.
func (s *social) person(name string) handlerstest.Person {
	who := handlerstest.Person{ID: 4711, Email: name + "@example.com", Verified: true, First: "Ann", Last: "Lee", Nickname: name + "-dev"}
	s.LogIn(handlerstest.GoogleHost, who)
	s.LogIn(handlerstest.GitHubHost, who)
	return who
}

// exchange swaps the code of a trip.
func (s *social) exchange(code string) handlerstest.Answer {
	s.t.Helper()
	return s.post("/api/auth/social/exchange", fields{"code": code})
}

// enter makes the whole trip in a new browser, to the tokens.
func (s *social) enter(path string) login {
	s.t.Helper()
	query := s.browser().travel(path)
	answer := s.exchange(query.Get("code"))
	if answer.Status != http.StatusOK {
		s.t.Fatalf("exchange after %v: %d %s", query, answer.Status, answer.Body)
	}
	return loginOf(answer)
}

// linked reads the identities of a user, the first linked first.
func (s *social) linked(name string) []models.SocialAccount {
	s.t.Helper()
	var accounts []models.SocialAccount
	if err := s.DB.NewSelect().Model(&accounts).Where("user_id = ?", s.user(name).ID).OrderExpr("id").Scan(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return accounts
}

// history reads what is told of a user, the oldest first, but for a start without a provider.
func (s *social) history(name string) []string {
	s.t.Helper()
	var entries []models.HistoryEntry
	if err := s.DB.NewSelect().Model(&entries).Where("model = 'users'").Where("object_id = ?", s.user(name).ID).
		Where("summary NOT IN ('Signed up', 'Confirmed the e-mail address', 'Made a superuser')").OrderExpr("id").Scan(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	var told []string
	for _, entry := range entries {
		told = append(told, string(entry.Action)+" by "+entry.Username+" ("+string(entry.Channel)+", "+entry.IPAddress+"): "+entry.Summary)
	}
	return told
}

// rows counts everything that a login could leave behind.
func (s *social) rows() [4]int64 {
	s.t.Helper()
	return [4]int64{s.count((*models.User)(nil)), s.count((*models.SocialAccount)(nil)), s.count((*models.Session)(nil)), s.count((*models.HistoryEntry)(nil))}
}

// wantError holds what the frontend is told against an error and nothing else.
func wantError(t *testing.T, what string, query url.Values, code string) {
	t.Helper()
	if query.Get("error") != code || len(query) != 1 {
		t.Errorf("%s: the frontend is told %v, want error=%s", what, query, code)
	}
}
