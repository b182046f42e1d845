package handlers_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

const (
	accountsSecret = "the-secret-of-the-tests-the-secret-of-the-tests-"
	goodPassword   = "correct horse battery"
	newPassword    = "staple horse correct"
)

// accountsApp is the program with its visitors. At the end of every test its log must
// hold nothing that should stay secret.
type accountsApp struct {
	*handlerstest.App

	t       *testing.T
	mu      sync.Mutex
	secrets map[string]bool
}

// goodHash is the stored form of goodPassword, for accounts whose making is not the
// matter of a test.
var goodHash = sync.OnceValue(func() string {
	hash, err := accounts.NewPasswords(1).Hash(context.Background(), goodPassword)
	if err != nil {
		panic(err) // nobody ends that context
	}
	return hash
})

// fields is a JSON object.
type fields map[string]any

func startAccounts(t *testing.T, env ...string) *accountsApp {
	t.Helper()
	a := &accountsApp{t: t, secrets: map[string]bool{accountsSecret: true}, App: handlerstest.Start(t, append([]string{
		"DJANGO_SECRET_KEY=" + accountsSecret, "FRONTEND_URL=https://www.example.com/",
		"RATE_LIMIT_SIGNUP=off", "RATE_LIMIT_RESET=off", "RATE_LIMIT_CONFIRM=off", "RATE_LIMIT_API=off",
	}, env...)...)}
	process := a.Process
	t.Cleanup(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		for secret := range a.secrets {
			if strings.Contains(process.Log(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
	return a
}

// keep remembers what must not be logged.
func (a *accountsApp) keep(body fields) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range []string{"password", "new_password", "current_password", "key", "token", "refresh", "refresh_token", "access"} {
		if secret, _ := body[name].(string); len(secret) >= 8 {
			a.secrets[secret] = true
		}
	}
}

// post sends a body, with a Bearer token where one is given.
func (a *accountsApp) post(path string, body fields, token ...string) handlerstest.Answer {
	a.t.Helper()
	return a.send(http.MethodPost, path, body, token...)
}

func (a *accountsApp) send(method, path string, body fields, token ...string) handlerstest.Answer {
	a.t.Helper()
	a.keep(body)
	encoded, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	headers := []string{"Content-Type", "application/json"}
	if len(token) > 0 {
		headers = append(headers, "Authorization", "Bearer "+token[0])
	}
	answer := a.Do(method, path, string(encoded), headers...)
	var object fields
	if json.Unmarshal([]byte(answer.Body), &object) == nil {
		a.keep(object)
	}
	return answer
}

// signUp makes an account that waits, name@example.com.
func (a *accountsApp) signUp(name string) {
	a.t.Helper()
	body := fields{"username": name, "email": name + "@example.com", "password": goodPassword}
	if answer := a.post("/api/auth/signup", body); answer.Status != http.StatusOK {
		a.t.Fatalf("sign up of %s: %d %s", name, answer.Status, answer.Body)
	}
}

// verified makes an account that can be used, all by the front door.
func (a *accountsApp) verified(name string) {
	a.t.Helper()
	a.signUp(name)
	key := a.link(strings.ToLower(name)+"@example.com", "Confirm Your Email", 1).Get("key")
	if answer := a.post("/api/auth/verify-email", fields{"key": key}); answer.Status != http.StatusOK {
		a.t.Fatalf("verify %s: %d %s", name, answer.Status, answer.Body)
	}
}

// login is what a frontend keeps of one.
type login struct{ access, refresh string }

func (a *accountsApp) tryLogin(name, password string) handlerstest.Answer {
	a.t.Helper()
	return a.post("/api/token/pair", fields{"username": name, "password": password})
}

func (a *accountsApp) logIn(name, password string) login {
	a.t.Helper()
	answer := a.tryLogin(name, password)
	if answer.Status != http.StatusOK {
		a.t.Fatalf("log in of %s: %d %s", name, answer.Status, answer.Body)
	}
	return loginOf(answer)
}

func loginOf(answer handlerstest.Answer) login {
	body := answer.JSON()
	access, _ := body["access"].(string)
	refresh, _ := body["refresh"].(string)
	return login{access, refresh}
}

// mails are those to an address with these words in the subject, so far.
func (a *accountsApp) mails(to, subject string) []handlerstest.Mail {
	return slices.DeleteFunc(a.Mails.Accepted(), func(m handlerstest.Mail) bool {
		return !slices.Contains(m.To, to) || !strings.Contains(m.Header.Get("Subject"), subject)
	})
}

// mail waits for the nth of them.
func (a *accountsApp) mail(to, subject string, n int) handlerstest.Mail {
	a.t.Helper()
	handlerstest.Eventually(a.t, 20*time.Second, subject+" to "+to, func() bool { return len(a.mails(to, subject)) >= n })
	return a.mails(to, subject)[n-1]
}

var mailedLink = regexp.MustCompile(`https://www\.example\.com/[a-z-]+\?\S+`)

// link reads the link of the nth such mail, which the HTML must have too.
func (a *accountsApp) link(to, subject string, n int) url.Values {
	a.t.Helper()
	mail := a.mail(to, subject, n)
	found := mailedLink.FindString(mail.Part(a.t, "text/plain"))
	if html := mail.Part(a.t, "text/html"); found == "" || !strings.Contains(strings.ReplaceAll(html, "&amp;", "&"), `href="`+found+`"`) {
		a.t.Fatalf("the link %q is not in the HTML:\n%s", found, html)
	}
	parsed, err := url.Parse(found)
	if err != nil {
		a.t.Fatal(err)
	}
	a.keep(fields{"key": parsed.Query().Get("key"), "token": parsed.Query().Get("token")})
	return parsed.Query()
}

// user reads an account.
func (a *accountsApp) user(name string) models.User {
	a.t.Helper()
	var user models.User
	if err := a.DB.NewSelect().Model(&user).Where("username = ?", name).Scan(context.Background()); err != nil {
		a.t.Fatalf("the account of %s: %v", name, err)
	}
	return user
}

// set changes columns of an account behind the program's back.
func (a *accountsApp) set(name, assignment string, values ...any) {
	a.t.Helper()
	if _, err := a.DB.NewUpdate().Model((*models.User)(nil)).Set(assignment, values...).Where("username = ?", name).Exec(context.Background()); err != nil {
		a.t.Fatal(err)
	}
}

func (a *accountsApp) disable(name string) {
	a.t.Helper()
	a.set(name, "is_active = ?, disabled_at = ?", false, time.Now().UTC())
}

// count counts the rows of a model.
func (a *accountsApp) count(model any) int64 {
	a.t.Helper()
	n, err := a.DB.NewSelect().Model(model).Count(context.Background())
	if err != nil {
		a.t.Fatal(err)
	}
	return n
}

// openLogins counts the live logins of an account, or all where it is "".
func (a *accountsApp) openLogins(name string) int64 {
	a.t.Helper()
	query := a.DB.NewSelect().Model((*models.Session)(nil)).Apply(models.LiveSessions(time.Now().UTC()))
	if name != "" {
		query.Where("user_id = ?", a.user(name).ID)
	}
	n, err := query.Count(context.Background())
	if err != nil {
		a.t.Fatal(err)
	}
	return n
}

// enqueued counts the mails of a kind.
func (a *accountsApp) enqueued(kind models.MailKind) int64 {
	a.t.Helper()
	n, err := a.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("kind = ?", kind).Count(context.Background())
	if err != nil {
		a.t.Fatal(err)
	}
	return n
}

// wantRefused holds an answer against a status and a code of the envelope, and a 401
// against its header.
func wantRefused(t *testing.T, what string, answer handlerstest.Answer, status int, code string) {
	t.Helper()
	if answer.Status != status {
		t.Errorf("%s: got %d %s, want %d %s", what, answer.Status, answer.Body, status, code)
		return
	}
	wantEnvelope(t, answer, code)
	if challenge := answer.Header.Get("WWW-Authenticate"); (challenge == "Bearer") != (status == http.StatusUnauthorized) {
		t.Errorf("%s: WWW-Authenticate %q with %d", what, challenge, status)
	}
	wantNoInternals(t, answer)
}

// wantOK holds an answer against 200.
func wantOK(t *testing.T, what string, answer handlerstest.Answer) {
	t.Helper()
	if answer.Status != http.StatusOK {
		t.Errorf("%s: got %d %s", what, answer.Status, answer.Body)
	}
}
