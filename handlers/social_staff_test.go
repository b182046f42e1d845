package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// staffPerson is the superuser of the tests at both providers.
func (s *social) staffPerson() handlerstest.Person {
	who := handlerstest.Person{ID: 77, Email: "ada@digitalpath.test", Verified: true, Nickname: "ada"}
	s.LogIn(handlerstest.GoogleHost, who)
	s.LogIn(handlerstest.GitHubHost, who)
	return who
}

func TestStaffLogInByAProviderAndGoWhereTheyWantedTo(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.CreateSuperuser()
	s.staffPerson()
	for next, want := range map[string]string{
		"/admin/contact-messages/?status=failed": "/admin/contact-messages/?status=failed", "": "/admin/",
		"//evil.example": "/admin/", `/\evil.example`: "/admin/", `\\evil.example`: "/admin/", "https://evil.example/": "/admin/", "javascript:alert(1)": "/admin/",
		"/\t/evil.example": "/admin/", "/admin/\r\nX-Evil: 1": "/admin/", "/admin/%0d%0aX-Evil:%201": "/admin/%0d%0aX-Evil:%201", "evil": "/admin/",
		"/admin/?q=" + strings.Repeat("a", 2000): "/admin/",
	} {
		b := s.browser()
		answer := b.browser.Step(b.out("/admin/login/google/?next=" + url.QueryEscape(next)).String())
		if answer.Header.Get("Location") != want || answer.Header.Get("X-Evil") != "" {
			t.Errorf("next=%.40q leads to %q with %v", next, answer.Header.Get("Location"), answer.Header)
		}
		if page := b.browser.Get("/admin/contact-messages/"); page.Has("[name=password]") {
			t.Errorf("next=%.40q: nobody is logged in", next)
		}
	}
	if linked := s.linked("ada"); len(linked) != 1 || linked[0].Subject != "77" {
		t.Errorf("linked %+v", linked)
	}
	if told := s.history("ada"); !slices.Equal(told, []string{"changed by ada (backoffice, 127.0.0.1): Linked Google"}) {
		t.Errorf("history tells %q", told)
	}
	var session models.Session
	if err := s.DB.NewSelect().Model(&session).OrderExpr("id DESC").Limit(1).Scan(t.Context()); err != nil || session.Channel != models.ChannelBackoffice {
		t.Errorf("the session is %+v (%v)", session, err)
	}
}

func TestNobodyBecomesStaffByAProvider(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.CreateSuperuser()
	s.verified("ann")
	s.signUp("waiting")
	s.verified("gone")
	s.set("gone", "is_staff = true, is_active = ?, disabled_at = date_joined", false)
	before := s.rows()
	for _, visitor := range []struct{ email, words string }{
		{"ann@example.com", "may not use the back office"}, {"stranger@example.com", "may not use the back office"},
		{"waiting@example.com", "may not use the back office"}, {"gone@example.com", "disabled"},
	} {
		s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 5, Email: visitor.email, Verified: true})
		b := s.browser()
		if target := b.step(b.out("/admin/login/google/").String()); target.String() != "/admin/login/" {
			t.Errorf("%s is sent to %s", visitor.email, target)
		}
		if page := b.browser.Get("/admin/"); !page.Has("[name=password]") || !strings.Contains(page.Text(), visitor.words) {
			t.Errorf("%s sees\n%s", visitor.email, page.Text())
		}
	}
	if after := s.rows(); after != before || s.user("ann").IsStaff || s.user("waiting").IsActive {
		t.Errorf("rows are %v, before %v", after, before)
	}
	s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 6, Email: "ada@digitalpath.test"})
	b := s.browser()
	b.step(b.out("/admin/login/google/").String())
	if page := b.browser.Get("/admin/"); !strings.Contains(page.Text(), "no verified e-mail") {
		t.Errorf("an unverified address sees\n%s", page.Text())
	}
}

// setOut begins to link an identity on the profile, as far as the provider's page.
func (b trip) setOut(provider string) (back *url.URL) {
	b.s.t.Helper()
	page := b.browser.Post(b.browser.Get("/admin/profile/"), "/admin/profile/connect/"+provider+"/", url.Values{})
	target := page.Attribute("main a", "href")
	if page.Status != http.StatusOK || target == "" {
		b.s.t.Fatalf("setting out: %d\n%s", page.Status, page.Text())
	}
	return b.s.Consent(target)
}

func TestStaffConnectAndDisconnectOnTheirProfile(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.CreateSuperuser()
	s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 77, Email: "private@example.net"})
	b := trip{s, s.Login()}
	if answer := b.browser.Step("/admin/profile/connect/google/"); answer.Status == http.StatusFound || answer.Status == http.StatusOK {
		t.Errorf("a link sets out: %d", answer.Status)
	}
	back := b.setOut("google")
	stranger := s.browser()
	if target := stranger.step(back.String()); s.atFrontend(target).Get("error") != "state_mismatch" {
		t.Errorf("another browser is sent to %s", target)
	}
	if target := b.step(b.setOut("google").String()); target.String() != "/admin/profile/" {
		t.Errorf("sent to %s", target)
	}
	page := b.browser.Get("/admin/profile/")
	if linked := s.linked("ada"); len(linked) != 1 || !strings.Contains(page.Text(), "private@example.net") || !strings.Contains(page.Text(), "You can log in with Google now.") {
		t.Fatalf("linked %+v, the profile says\n%s", linked, page.Text())
	}
	s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 78, Email: "second@example.net"})
	b.step(b.setOut("google").String())
	if page := b.browser.Get("/admin/profile/"); !strings.Contains(page.Text(), "linked to another identity") {
		t.Errorf("a second identity: the profile says\n%s", page.Text())
	}
	back = b.setOut("github")
	s.LogIn(handlerstest.GitHubHost, handlerstest.Person{ID: 79})
	b.browser.Post(b.browser.Get("/admin/profile/"), "/admin/logout/", url.Values{})
	b.step(back.String())
	if len(s.linked("ada")) != 1 {
		t.Error("who is logged out links an identity")
	}

	b = trip{s, s.Login()}
	disconnect := func() *handlerstest.Page {
		return b.browser.Post(b.browser.Get("/admin/profile/"), "/admin/profile/disconnect/google/", url.Values{})
	}
	s.set("ada", "password = ?", "!none")
	if page := disconnect(); !strings.Contains(page.Text(), "only way you can log in") || len(s.linked("ada")) != 1 {
		t.Errorf("the last way: the profile says\n%s", page.Text())
	}
	s.set("ada", "password = ?", "pbkdf2_sha256$1$salt$hash")
	if page := disconnect(); len(s.linked("ada")) != 0 || !strings.Contains(page.Text(), "any more") {
		t.Errorf("the profile says\n%s", page.Text())
	}
	if told := s.history("ada"); !slices.Equal(told, []string{"changed by ada (backoffice, 127.0.0.1): Linked Google", "changed by ada (backoffice, 127.0.0.1): Unlinked Google"}) {
		t.Errorf("history tells %q", told)
	}
}

func TestStaffSeeAndUnlinkSocialAccounts(t *testing.T) {
	t.Parallel()
	s := startSocial(t)
	s.CreateSuperuser()
	s.verified("bob")
	for i, name := range []string{"ann", "bob"} {
		s.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: int64(100 + i), Email: name + "@example.com", Verified: true})
		s.enter(byGoogle)
	}
	b := s.Login()
	page := b.Get("/admin/social-accounts/")
	if row := page.Row("ann@example.com"); !strings.Contains(row.Text(), "Google") || !strings.Contains(row.Text(), "ann") || !page.Row("bob@example.com").Has("a") {
		t.Errorf("the list says\n%s", page.Text())
	}
	found := b.Get("/admin/social-accounts/?q=bob&provider=google")
	if found.Row("ann@example.com").Has("a") || !found.Row("bob@example.com").Has("a") {
		t.Errorf("the search finds\n%s", found.Text())
	}
	if page := b.Get("/admin/social-accounts/?provider=github"); page.Row("@example.com").Has("a") {
		t.Error("the filter lets Google through")
	}
	detail := page.Row("ann@example.com").Attribute("a", "href")
	shown := b.Get(detail)
	if shown.Status != http.StatusOK || !strings.Contains(shown.Text(), "100") || shown.Has("[name=email]") {
		t.Errorf("the account's page (%d) says\n%s", shown.Status, shown.Text())
	}
	unlink := func(name string) *handlerstest.Page {
		at := b.Get(page.Row(name+"@example.com").Attribute("a", "href")).Attribute("a[href*='/delete/']", "href")
		return b.Post(b.Get(at), at, url.Values{"confirm": {"yes"}})
	}
	if refused := unlink("ann"); refused.Status != http.StatusConflict || !strings.Contains(refused.Text(), "only way in") || len(s.linked("ann")) != 1 {
		t.Errorf("the last way in: %d\n%s", refused.Status, refused.Text())
	}
	if done := unlink("bob"); done.Status != http.StatusOK || len(s.linked("bob")) != 0 {
		t.Errorf("unlinking: %d\n%s", done.Status, done.Text())
	}
	if told := s.history("bob"); len(told) != 2 || told[1] != "changed by ada (backoffice, 127.0.0.1): Unlinked Google" {
		t.Errorf("history tells %q", told)
	}
}
