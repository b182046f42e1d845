package handlers_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

const (
	forgotAnswer = `{"success":true,"message":"If an account exists with this email, you will receive a password reset link shortly."}`
	resetAnswer  = `{"success":true,"message":"Password has been reset successfully. You can now log in with your new password."}`
)

// forgot asks for the reset link of an address and reads the nth one.
func (a *accountsApp) forgot(name string, n int) url.Values {
	a.t.Helper()
	wantAnswer(a.t, a.post("/api/auth/forgot-password", fields{"email": name + "@example.com"}), http.StatusOK, forgotAnswer)
	return a.link(name+"@example.com", "Password Reset Request", n)
}

func resetOf(link url.Values, password string) fields {
	return fields{"uid": link.Get("uid"), "token": link.Get("token"), "new_password": password}
}

// The whole life of a sign-in.
func TestSignUpVerifyLogInResetAndOldTokensAreDead(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	first := a.logIn("ann", goodPassword)
	link := a.forgot("ann", 1)
	if a.Get("/api/auth/reset-password?"+link.Encode()).Status != http.StatusMethodNotAllowed {
		t.Error("a GET is answered")
	}
	for _, weak := range []string{"", "short", "password123", "74839201", "ann@example.com"} {
		answer := a.post("/api/auth/reset-password", resetOf(link, weak))
		wantRefused(t, "a weak password", answer, http.StatusBadRequest, "invalid")
		if faults, _ := answer.JSON()["errors"].(map[string]any); faults["new_password"] == nil {
			t.Errorf("%q: %s", weak, answer.Body)
		}
	}
	a.wantAlive("before the reset", first)
	wantAnswer(t, a.post("/api/auth/reset-password/", resetOf(link, newPassword)), http.StatusOK, resetAnswer)
	a.wantDead("after the reset", first)
	wantRefused(t, "the old password", a.tryLogin("ann", goodPassword), http.StatusUnauthorized, "invalid_credentials")
	wantRefused(t, "the link again", a.post("/api/auth/reset-password", resetOf(link, goodPassword)), http.StatusBadRequest, "invalid_link")
	a.mail("ann@example.com", "Your Password Was Changed", 1)
	a.wantAlive("with the new password", a.logIn("ann", newPassword))
	if user := a.user("ann"); user.TokenEpoch != 1 || a.openLogins("") != 1 {
		t.Errorf("epoch %d, %d sessions", user.TokenEpoch, a.openLogins(""))
	}
}

func TestForgottenPasswordDoesNotTellWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	a.imported("social", "!nobodys")
	a.signUp("waits")
	a.imported("disabled", goodHash())
	a.disable("disabled")
	for _, email := range []string{"nobody@example.com", "disabled@example.com", "waits@example.com", "ANN@example.com", "social@example.com", "%@example.com", "ann@exаmple.com"} {
		wantAnswer(t, a.post("/api/auth/forgot-password/", fields{"email": email}), http.StatusOK, forgotAnswer)
	}
	for _, email := range []any{"no address", "", nil, "ann@", 7} {
		wantRefused(t, fmt.Sprint(email), a.post("/api/auth/forgot-password", fields{"email": email}), http.StatusBadRequest, "invalid")
	}
	a.link("ann@example.com", "Password Reset Request", 1)
	a.link("waits@example.com", "Confirm Your Email", 2)
	link := a.link("social@example.com", "Password Reset Request", 1)
	if resets, all := a.enqueued(accounts.MailPasswordReset), a.count((*models.OutboxMessage)(nil)); resets != 2 || all != 5 {
		t.Errorf("%d reset mails of %d are enqueued, want 2 of 5", resets, all)
	}
	wantAnswer(t, a.post("/api/auth/reset-password", resetOf(link, newPassword)), http.StatusOK, resetAnswer)
	a.logIn("social", newPassword)
}

func TestResetLinkThatIsNoGoodChangesNothing(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	for _, name := range []string{"ann", "bob"} {
		a.imported(name, goodHash())
	}
	link, bobs := a.forgot("ann", 1), a.forgot("bob", 1)
	uid := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for what, bad := range map[string]fields{
		"nothing":                 {"new_password": newPassword},
		"no token":                {"uid": link.Get("uid"), "new_password": newPassword},
		"no uid":                  {"token": link.Get("token"), "new_password": newPassword},
		"another account's token": {"uid": link.Get("uid"), "token": bobs.Get("token"), "new_password": newPassword},
		"another account's uid":   {"uid": bobs.Get("uid"), "token": link.Get("token"), "new_password": newPassword},
		"a uid of nobody":         {"uid": uid("999"), "token": link.Get("token"), "new_password": newPassword},
		"a uid out of range":      {"uid": uid(strings.Repeat("9", 30)), "token": link.Get("token"), "new_password": newPassword},
		"a uid that is none":      {"uid": "%%%", "token": link.Get("token"), "new_password": newPassword},
		"a changed time":          {"uid": link.Get("uid"), "token": "zzzzzz." + strings.SplitN(link.Get("token"), ".", 2)[1], "new_password": newPassword},
		"a weak password too":     {"uid": link.Get("uid"), "token": "x", "new_password": "x"},
	} {
		answer := a.post("/api/auth/reset-password", bad)
		wantRefused(t, what, answer, http.StatusBadRequest, "invalid_link")
		if answer.JSON()["message"] != "Invalid or expired reset link" {
			t.Errorf("%s: %s", what, answer.Body)
		}
	}
	for _, name := range []string{"ann", "bob"} {
		if a.user(name).Password != goodHash() {
			t.Errorf("the password of %s was changed", name)
		}
	}
}

func TestResetLinkDiesWithWhatItWasMadeFor(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	for i, test := range []struct {
		what   string
		change func(name string)
	}{
		{"a login", func(name string) { a.logIn(name, goodPassword) }},
		{"another password", func(name string) { a.set(name, "password = ?", "!other") }},
		{"another address", func(name string) { a.set(name, "email = ?", name+".new@example.com") }},
		{"a disabled account", a.disable},
		{"log out everywhere", func(name string) { a.set(name, "token_epoch = token_epoch + 1") }},
	} {
		name := fmt.Sprintf("user%d", i)
		a.imported(name, goodHash())
		link := a.forgot(name, 1)
		test.change(name)
		wantRefused(t, test.what, a.post("/api/auth/reset-password", resetOf(link, newPassword)), http.StatusBadRequest, "invalid_link")
	}
}

func TestTwoParallelResetsWithOneLinkSucceedOnce(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.imported("ann", goodHash())
	link := a.forgot("ann", 1)
	var together sync.WaitGroup
	var succeeded atomic.Int64
	passwords := make(chan string, 8)
	for i := range cap(passwords) {
		password := fmt.Sprintf("%s %d", newPassword, i)
		together.Go(func() {
			switch answer := a.post("/api/auth/reset-password", resetOf(link, password)); answer.Status {
			case http.StatusOK:
				succeeded.Add(1)
				passwords <- password
			case http.StatusBadRequest:
			default:
				t.Errorf("got %d %s", answer.Status, answer.Body)
			}
		})
	}
	together.Wait()
	if succeeded.Load() != 1 || a.enqueued(accounts.MailPasswordChanged) != 1 {
		t.Fatalf("%d of 8 succeeded, %d mails are enqueued", succeeded.Load(), a.enqueued(accounts.MailPasswordChanged))
	}
	a.logIn("ann", <-passwords)
}

func TestNothingUsableRestsInTheDatabase(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	l := a.logIn("ann", goodPassword)
	link := a.forgot("ann", 1)
	a.mail("ann@example.com", "", 2)
	var rows []string
	for _, table := range []string{"users", "sessions", "outbox_messages", "mail_attempts", "django_tokens", "email_changes", "idempotency_keys"} {
		var all []map[string]any
		if err := a.DB.NewSelect().Table(table).Scan(t.Context(), &all); err != nil {
			t.Fatal(err)
		}
		for _, row := range all {
			rows = append(rows, fmt.Sprint(row))
		}
	}
	for what, secret := range map[string]string{
		"the reset token": link.Get("token"), "its signature": link.Get("token")[strings.IndexByte(link.Get("token"), '.')+1:],
		"an access token": l.access, "a refresh token": l.refresh, "the password": goodPassword,
	} {
		if strings.Contains(strings.Join(rows, "\n"), secret) {
			t.Errorf("the database holds %s", what)
		}
	}
}

func TestForgottenPasswordIsLimitedPerClientAndPerAddress(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_RESET=4/m/ip,2/m/key")
	for i, request := range []struct {
		email  string
		status int
	}{
		{"ann@example.com", 200}, {"ANN@example.com", 200}, {"ann@example.com", 429}, {"b@example.com", 200}, {"c@example.com", 429},
	} {
		answer := a.post("/api/auth/forgot-password", fields{"email": request.email})
		if answer.Status != request.status || (answer.Header.Get("Retry-After") != "") != (request.status == http.StatusTooManyRequests) {
			t.Errorf("request %d: %d, Retry-After %q", i+1, answer.Status, answer.Header.Get("Retry-After"))
		}
	}
}

var ownLink = regexp.MustCompile(`http\S+/admin/reset-password/\?\S+`)

// mailedPath is the way to the page of ours that the nth reset mail to somebody leads to.
func (a *accountsApp) mailedPath(to string, n int) string {
	a.t.Helper()
	link, err := url.Parse(ownLink.FindString(a.mail(to, "Password Reset Request", n).Part(a.t, "text/plain")))
	if err != nil || link.Path == "" {
		a.t.Fatalf("the mail to %s has no link to a page of ours (%v)", to, err)
	}
	a.keep(fields{"token": link.Query().Get("token")})
	return link.RequestURI()
}

// Who forgot the password of the back office comes back into it without the frontend.
func TestStaffResetTheirPasswordOnPagesOfOurs(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.set("ann", "is_staff = ?", true)
	page := a.Browser().Get("/admin/login/")
	if !page.Has("a[href='/admin/forgot-password/']") {
		t.Fatalf("the login does not lead there: %s", page.Text())
	}
	browser := a.Browser()
	ask := func(email string) *handlerstest.Page {
		return browser.Post(browser.Get("/admin/forgot-password/"), "/admin/forgot-password/", url.Values{"email": {email}})
	}
	if page := ask("no address"); page.Status != http.StatusBadRequest || !page.Has("[data-fault]") {
		t.Errorf("no address: %d %s", page.Status, page.Text())
	}
	known, unknown := ask("ann@example.com"), ask("nobody@example.com")
	if known.Text() != unknown.Text() || !strings.Contains(known.Text(), "on its way") {
		t.Errorf("the answers tell who has an account: %s, %s", known.Text(), unknown.Text())
	}
	if page := browser.Get("/admin/reset-password/?uid=1"); !page.Has("input[name=email]") || page.Has("input[name=new_password]") {
		t.Errorf("a link without its token asks for %s", page.Text())
	}
	path := a.mailedPath("ann@example.com", 1)
	set := func(first, again string) *handlerstest.Page {
		return browser.Post(browser.Get(path), path, url.Values{"new_password": {first}, "password_again": {again}})
	}
	for _, wrong := range [][2]string{{newPassword, "other"}, {"12345678", "12345678"}, {"", ""}} {
		if page := set(wrong[0], wrong[1]); page.Status != http.StatusBadRequest || !page.Has("[data-fault]") {
			t.Errorf("%v: %d %s", wrong, page.Status, page.Text())
		}
	}
	if page := set(newPassword, newPassword); page.Status != http.StatusOK || !page.Has("a[href='/admin/login/']") {
		t.Fatalf("the new password: %d %s", page.Status, page.Text())
	}
	enter(t, a.App, "ann", newPassword)
	if n, err := a.DB.NewSelect().Model((*models.HistoryEntry)(nil)).Where("username = ?", "ann").Where("summary = ?", "Reset the password by a link").Count(t.Context()); err != nil || n != 1 {
		t.Errorf("%d entries of the history tell of it (%v)", n, err)
	}
	if page := set(goodPassword, goodPassword); page.Status != http.StatusBadRequest || !strings.Contains(page.Text(), "Invalid or expired reset link") {
		t.Errorf("the second use: %d %s", page.Status, page.Text())
	}
	a.actOn(boss, "send-reset", "1 reset mail is on its way.", "bob")
	path = a.mailedPath("bob@example.com", 1)
	if page := set(newPassword, newPassword); page.Status != http.StatusOK || page.Has("a[href='/admin/login/']") {
		t.Errorf("who is no staff is led to the back office: %d %s", page.Status, page.Text())
	}
	a.logIn("bob", newPassword)
}
