package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func TestUnverifiedAccountIsTakenOverWithoutItsPassword(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.signUp("ann")
	key := s.link("ann@example.com", "Confirm Your Email", 1).Get("key")
	s.set("ann", "first_name = ?", "Mallory")
	s.person("ann")
	l := s.enter(byGoogle)
	user := s.user("ann")
	if !user.IsActive || user.EmailVerifiedAt.IsZero() || !strings.HasPrefix(user.Password, "!") || user.FirstName != "Ann" {
		t.Errorf("stored %+v", user)
	}
	wantRefused(t, "the old password", s.tryLogin("ann", goodPassword), http.StatusUnauthorized, "invalid_credentials")
	wantRefused(t, "the old key", s.post("/api/auth/verify-email", fields{"key": key}), http.StatusBadRequest, "invalid_key")
	wantOK(t, "the owner", s.me(l.access))
	if told := s.history("ann"); len(told) != 2 || !strings.Contains(told[0], "Taken over") || !strings.Contains(told[1], "Linked Google") {
		t.Errorf("history tells %q", told)
	}
	if users := s.count((*models.User)(nil)); users != 1 {
		t.Errorf("%d users", users)
	}
}

func TestTakeOverEndsEveryWayInOfWhoWasThereBefore(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.verified("ann")
	l := s.logIn("ann", goodPassword)
	wantOK(t, "wish for another address", s.post("/api/me/email", fields{"email": "mallory@example.net", "current_password": goodPassword}, l.access))
	change := s.link("mallory@example.net", "", 1).Get("key")
	wantOK(t, "forgot", s.post("/api/auth/forgot-password", fields{"email": "ann@example.com"}))
	reset := s.link("ann@example.com", "Reset", 1)
	mallory := handlerstest.Person{ID: 666, Email: "mallory@example.net", Verified: true, Nickname: "mallory"}
	s.LogIn(handlerstest.GitHubHost, mallory)
	s.confirm(t, "github", l)
	code := s.browser().travel(byGitHub).Get("code")
	s.set("ann", "email_verified_at = NULL, password = ?", s.user("ann").Password) // as imported: used, never verified

	s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 1, Email: "Ann@Example.com", Verified: true})
	owner := s.enter(byGoogle)
	wantRefused(t, "the old access token", s.me(l.access), http.StatusUnauthorized, "token_not_valid")
	wantRefused(t, "the old refresh token", s.post("/api/token/refresh", fields{"refresh": l.refresh}), http.StatusUnauthorized, "token_not_valid")
	wantRefused(t, "the old password", s.tryLogin("ann", goodPassword), http.StatusUnauthorized, "invalid_credentials")
	wantRefused(t, "the old code", s.exchange(code), http.StatusBadRequest, "invalid_code")
	wantRefused(t, "the change of address", s.post("/api/auth/verify-email", fields{"key": change}), http.StatusBadRequest, "invalid_key")
	wantRefused(t, "the reset link", s.post("/api/auth/reset-password", fields{"uid": reset.Get("uid"), "token": reset.Get("token"), "new_password": newPassword}),
		http.StatusBadRequest, "invalid_link")
	if linked := s.linked("ann"); len(linked) != 1 || linked[0].Provider != models.Google {
		t.Errorf("linked %+v", linked)
	}
	if query := s.browser().travel(byGitHub); query.Get("code") == "" || s.user("mallory").Email != "mallory@example.net" {
		t.Errorf("the other is sent back with %v", query)
	}
	wantOK(t, "the owner", s.me(owner.access))
}

func TestVerifiedAccountIsLinkedAndKeepsItsPassword(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.verified("ann")
	before := s.logIn("ann", goodPassword)
	s.person("ann")
	s.enter(byGoogle)
	wantOK(t, "the login before", s.me(before.access))
	s.logIn("ann", goodPassword)
	if linked := s.linked("ann"); len(linked) != 1 || s.count((*models.User)(nil)) != 1 {
		t.Errorf("linked %+v", linked)
	}
	if told := s.history("ann"); !slices.Equal(told, []string{"changed by ann (api, 127.0.0.1): Linked Google"}) {
		t.Errorf("history tells %q", told)
	}
}

func TestAccountsThatAreNotTheStrangersStayAsTheyAre(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.person("ann")
	s.enter(byGoogle)
	for name, change := range map[string]string{"bob": "is_active = false, disabled_at = date_joined", "cleo": "is_staff = true, email_verified_at = NULL", "dan": "is_superuser = true, email_verified_at = NULL"} {
		s.verified(name)
		s.set(name, change)
	}
	before := s.rows()
	for _, stranger := range []struct{ what, email, code string }{
		{"another identity of the same provider", "ann@example.com", "account_conflict"},
		{"a disabled account", "bob@example.com", "disabled"},
		{"staff that never proved the address", "cleo@example.com", "account_conflict"},
		{"a superuser that never proved the address", "dan@example.com", "account_conflict"},
	} {
		s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 666, Email: stranger.email, Verified: true})
		wantError(t, stranger.what, s.browser().travel(byGoogle), stranger.code)
	}
	if after := s.rows(); after != before {
		t.Errorf("rows are %v, before %v", after, before)
	}
	if user := s.user("bob"); user.IsActive || strings.HasPrefix(user.Password, "!") {
		t.Errorf("stored %+v", user)
	}
}

// connectURL is where a signed-in user is told to go to link an identity.
func (s *social) connectURL(t *testing.T, provider string, l login) *url.URL {
	t.Helper()
	answer := s.post("/api/me/social/"+provider+"/", fields{}, l.access)
	text, _ := answer.JSON()["url"].(string)
	target, err := url.Parse(text)
	if err != nil || answer.Status != http.StatusOK || !strings.HasPrefix(text, s.URL+"/accounts/"+provider+"/login/?connect=") {
		t.Fatalf("connect: %d %s", answer.Status, answer.Body)
	}
	return target
}

// comeBack makes the trip of a signed-in user and returns the code to confirm.
func (s *social) comeBack(t *testing.T, provider string, l login) (code string) {
	t.Helper()
	query := s.browser().travel(s.connectURL(t, provider, l).String())
	if query.Get("provider") != provider || query.Get("connect") == "" || len(query) != 2 {
		t.Fatalf("the frontend is told %v", query)
	}
	return query.Get("connect")
}

func (s *social) confirm(t *testing.T, provider string, l login) handlerstest.Answer {
	t.Helper()
	code := s.comeBack(t, provider, l)
	return s.post("/api/me/social/"+provider+"/confirm", fields{"code": code}, l.access)
}

func TestOnlyWhoSetOutCanConfirmAnIdentity(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.verified("ann")
	s.verified("mallory")
	ann, mallory := s.logIn("ann", goodPassword), s.logIn("mallory", goodPassword)
	s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 1, Email: "else@example.net"})
	s.LogIn(handlerstest.GitHubHost, handlerstest.Person{ID: 1, Email: "else@example.net"})
	confirm := func(what, provider, code string, l login) {
		t.Helper()
		answer := s.post("/api/me/social/"+provider+"/confirm", fields{"code": code}, l.access)
		wantRefused(t, what, answer, http.StatusBadRequest, "invalid_code")
	}
	confirm("a planted code", "google", s.comeBack(t, "google", mallory), ann)
	confirm("another provider's code", "github", s.comeBack(t, "google", ann), ann)
	confirm("a code to set out", "google", s.connectURL(t, "google", ann).Query().Get("connect"), ann)
	code := s.comeBack(t, "google", ann)
	wantRefused(t, "nobody", s.post("/api/me/social/google/confirm", fields{"code": code}), http.StatusUnauthorized, "not_authenticated")
	s.age(t, time.Minute)
	confirm("after a minute", "google", code, ann)
	if n := s.count((*models.SocialAccount)(nil)); n != 0 {
		t.Fatalf("%d identities are linked", n)
	}

	setOut := s.connectURL(t, "google", ann).String()
	s.browser().out(setOut)
	wantError(t, "a code to set out, twice", s.atFrontend(s.browser().step(setOut)), "state_mismatch")
	answer := s.confirm(t, "google", ann)
	if linked := s.linked("ann"); answer.Status != http.StatusOK || strings.TrimSpace(answer.Body) != `{"providers":["google"]}` || len(linked) != 1 || linked[0].Email != "else@example.net" {
		t.Errorf("confirm: %d %s, linked %+v", answer.Status, answer.Body, linked)
	}
	wantOK(t, "the same once more", s.confirm(t, "google", ann))
	wantRefused(t, "an identity of another user", s.confirm(t, "google", mallory), http.StatusForbidden, "account_conflict")
	s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 2})
	wantRefused(t, "a second identity", s.confirm(t, "google", ann), http.StatusForbidden, "account_conflict")
	if told := s.history("ann"); !slices.Equal(told, []string{"changed by ann (api, 127.0.0.1): Linked Google"}) {
		t.Errorf("history tells %q", told)
	}
}

func TestUnlinkingNeverTakesTheLastWayIn(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.person("ann")
	l := s.enter(byGoogle)
	unlink := func(provider string) handlerstest.Answer {
		return s.send(http.MethodDelete, "/api/me/social/"+provider, fields{}, l.access)
	}
	wantRefused(t, "the only one", unlink("google"), http.StatusConflict, "last_login_method")
	wantRefused(t, "one that is not linked", unlink("github"), http.StatusNotFound, "not_found")
	wantOK(t, "a second", s.confirm(t, "github", l))
	statuses := make([]int, 2)
	var both sync.WaitGroup
	for i, provider := range []string{"google", "github"} {
		both.Go(func() { statuses[i] = unlink(provider).Status })
	}
	both.Wait()
	slices.Sort(statuses)
	if !slices.Equal(statuses, []int{http.StatusOK, http.StatusConflict}) || len(s.linked("ann")) != 1 {
		t.Errorf("both at once: %v, left %+v", statuses, s.linked("ann"))
	}
	s.verified("bob")
	s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 9, Email: "bob@example.com", Verified: true})
	l = s.enter(byGoogle)
	if answer := unlink("google"); answer.Status != http.StatusOK || strings.TrimSpace(answer.Body) != `{"providers":[]}` {
		t.Errorf("with a password: %d %s", answer.Status, answer.Body)
	}
	if told := s.history("bob"); len(told) != 2 || !strings.HasSuffix(told[1], "Unlinked Google") {
		t.Errorf("history tells %q", told)
	}
	if n, err := s.DB.NewSelect().Model((*models.SocialAccount)(nil)).Count(context.Background()); err != nil || n != 1 {
		t.Errorf("%d identities (%v)", n, err)
	}
}
