package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// rival is one of several people who sign up with the same address.
type rival struct{ name, password, first, language string }

var rivals = []rival{
	{"squat", "the squatter's secret", "Sam", "en"}, {"victim", "the victim's secret", "Vic", "es"}, {"third", "somebody else's secret", "Tom", "en"},
}

const rivalsAddress = "shared@example.com"

// signUpRivals signs everybody up, and returns the keys of their mails.
func (a *accountsApp) signUpRivals() (keys []string) {
	a.t.Helper()
	for i, r := range rivals {
		body := fields{"username": r.name, "email": rivalsAddress, "password": r.password, "first_name": r.first}
		a.keep(body)
		encoded, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		wantOK(a.t, r.name, a.PostJSON("/api/auth/signup", string(encoded), "Accept-Language", r.language))
		handlerstest.Eventually(a.t, 20*time.Second, "the mail of "+r.name, func() bool { return len(a.mails(rivalsAddress, "")) == i+1 })
		_, key, _ := strings.Cut(mailedLink.FindString(a.mails(rivalsAddress, "")[i].Part(a.t, "text/plain")), "key=")
		keys = append(keys, key)
	}
	return keys
}

func TestWhoeverConfirmsAnAddressGetsWhatTheySignedUpWith(t *testing.T) {
	t.Parallel()
	for winner, w := range rivals {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			a := startAccounts(t)
			keys := a.signUpRivals()
			for _, r := range rivals {
				wantRefused(t, r.name+" before", a.tryLogin(r.name, r.password), http.StatusUnauthorized, "email_not_verified")
			}
			wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": keys[winner]}), http.StatusOK, verifiedAnswer)
			for i, r := range rivals {
				if i == winner {
					continue
				}
				wantRefused(t, "the key of "+r.name, a.post("/api/auth/verify-email", fields{"key": keys[i]}), http.StatusBadRequest, "invalid_key")
				for _, login := range []string{r.name, rivalsAddress, w.name} {
					if answer := a.tryLogin(login, r.password); answer.Status != http.StatusUnauthorized {
						t.Errorf("%s logs in with the password of %s: %d", login, r.name, answer.Status)
					}
				}
			}
			a.logIn(rivalsAddress, w.password)
			me := a.Get("/api/me", "Authorization", "Bearer "+a.logIn(w.name, w.password).access).JSON()
			if me["username"] != w.name || me["first_name"] != w.first || me["email"] != rivalsAddress {
				t.Errorf("the account is %v", me)
			}
			user := a.user(w.name)
			if a.count((*models.User)(nil)) != 1 || user.Language != w.language || !user.IsActive || user.EmailVerifiedAt.IsZero() {
				t.Errorf("%d accounts, stored %+v", a.count((*models.User)(nil)), user)
			}
			told := a.told(user.ID)
			if last := told[len(told)-1]; !strings.Contains(last.Summary, "onfirmed the e-mail address") || last.Username != w.name || last.ObjectLabel != w.name {
				t.Errorf("the history ends with %+v", last)
			}
		})
	}
}

// told is the history of an account, oldest first.
func (a *accountsApp) told(id int64) []models.HistoryEntry {
	a.t.Helper()
	var entries []models.HistoryEntry
	if err := a.DB.NewSelect().Model(&entries).Where("model = ?", models.UsersSlug).Where("object_id = ?", id).OrderExpr("id").Scan(context.Background()); err != nil {
		a.t.Fatal(err)
	}
	return entries
}

// Whatever a stranger asks with the name, the address and the password of a sign-up, the
// answers are those of a free address.
func TestNothingThatASignupCanAskTellsWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("known")
	a.signUp("pending")
	a.verified("disabled")
	a.disable("disabled")
	a.imported("bystaff", goodHash())
	a.set("bystaff", "email_verified_at = ?", nil)
	a.imported("rank", goodHash())
	a.set("rank", "email_verified_at = ?, is_active = ?, is_staff = ?", nil, false, true)
	story := func(owner string) string {
		email, name := owner+"@example.com", "probe."+owner
		signup := func(name, email, password string) handlerstest.Answer {
			return a.post("/api/auth/signup", fields{"username": name, "email": email, "password": password})
		}
		var told []string
		for _, answer := range []handlerstest.Answer{
			signup(name, email, "first probing words"), signup(name, email, "first probing words"),
			signup(strings.ToUpper(name), "elsewhere."+email, "first probing words"),
			a.tryLogin(name, "first probing words"), a.tryLogin(email, "first probing words"), a.tryLogin(name, "wrong"), a.tryLogin(email, "wrong"),
			signup(name+"2", strings.ToUpper(email), "second probing words"),
			a.tryLogin(email, "first probing words"), a.tryLogin(email, "second probing words"), a.tryLogin(name, "first probing words"), a.tryLogin(name+"2", "second probing words"),
			signup(email, email, "third probing words"), a.tryLogin(email, "third probing words"), signup(email, email, "fourth probing words"),
			a.post("/api/auth/resend-verification", fields{"email": email}), a.post("/api/auth/forgot-password", fields{"email": email}),
		} {
			told = append(told, fmt.Sprint(answer.Status, " ", strings.ReplaceAll(strings.ToLower(answer.Body), owner, "OWNER")))
		}
		return strings.Join(told, "\n")
	}
	free := story("free")
	for _, code := range []string{"username_taken", "email_not_verified", "invalid_credentials"} {
		if !strings.Contains(free, code) {
			t.Fatalf("the story never comes to %s:\n%s", code, free)
		}
	}
	var together sync.WaitGroup
	for _, owner := range []string{"known", "pending", "disabled", "bystaff", "rank"} {
		together.Go(func() {
			if got := story(owner); got != free {
				t.Errorf("the address of %s is told by\n%s\nwhere a free one gets\n%s", owner, got, free)
			}
		})
	}
	together.Wait()
	a.logIn("known@example.com", goodPassword) // its own password is as good as ever
}

func TestKeyAgainSucceedsWithinItsLifeAndChangesNothing(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	keys := a.signUpRivals()
	key := keys[1]
	var together sync.WaitGroup
	for range 4 { // a browser, a mail scanner, an impatient person
		together.Go(func() {
			wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": key}), http.StatusOK, verifiedAnswer)
		})
	}
	together.Wait()
	before := a.user("victim")
	wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": key}), http.StatusOK, verifiedAnswer)
	after := a.user("victim")
	if !reflect.DeepEqual(before, after) || len(a.told(after.ID)) != 2 {
		t.Errorf("stored %+v, then %+v, told %+v", before, after, a.told(after.ID))
	}
	token := a.logIn("victim", rivals[1].password).access
	wantOK(t, "another password", a.post("/api/me/password", fields{"current_password": rivals[1].password, "new_password": newPassword}, token))
	wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": key}), http.StatusOK, verifiedAnswer)
	a.disable("victim")
	wantRefused(t, "a key of whom staff disabled", a.post("/api/auth/verify-email", fields{"key": key}), http.StatusBadRequest, "invalid_key")
}

func TestFirstMailOfASignupGoesOutFiveTimesAnHour(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "RATE_LIMIT_CONFIRM=1/3m/key")
	a.imported("owner", goodHash())
	a.set("owner", "date_joined = ?", time.Now().UTC().Add(-2*time.Hour))
	for _, who := range []string{"new", "owner"} {
		for i := range 7 {
			wantOK(t, "sign-up", a.post("/api/auth/signup", fields{"username": fmt.Sprint(who, i), "email": who + "@example.com", "password": goodPassword}))
		}
		wantOK(t, "once more at once", a.post("/api/auth/resend-verification", fields{"email": who + "@example.com"}))
	}
	for kind, want := range map[models.MailKind]int64{
		accounts.MailVerification: 1, accounts.MailSignup: 4, accounts.MailAlreadyRegistered: 5, accounts.MailVerificationAgain: 0,
	} {
		if n := a.enqueued(kind); n != want {
			t.Errorf("%d mails of the kind %s, want %d", n, kind, want)
		}
	}
}

// Who asks for the mail again may have made any of the sign-ups: the mail offers all, the
// newest first, and says nothing that strangers have typed.
func TestMailOnDemandOffersEverySignup(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.signUpRivals()
	wantOK(t, "resend", a.post("/api/auth/resend-verification", fields{"email": strings.ToUpper(rivalsAddress)}))
	handlerstest.Eventually(t, 20*time.Second, "the mail", func() bool { return len(a.mails(rivalsAddress, "")) == 4 })
	text := a.mails(rivalsAddress, "")[3].Part(t, "text/plain")
	links := mailedLink.FindAllString(text, -1)
	if len(links) != 3 || !strings.Contains(text, "several sign-ups") {
		t.Fatalf("the mail is\n%s", text)
	}
	for _, r := range rivals {
		if strings.Contains(text, r.name) || strings.Contains(text, r.first) {
			t.Errorf("the mail names %s:\n%s", r.name, text)
		}
	}
	_, key, _ := strings.Cut(links[0], "key=")
	wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": key}), http.StatusOK, verifiedAnswer)
	a.logIn("third", rivals[2].password)
}

func TestOwnerOfAnAddressMovesThereWhateverWaitsUnderIt(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	wantOK(t, "squat", a.post("/api/auth/signup", fields{"username": "squat", "email": "new@example.com", "password": "the squatter's secret"}))
	squats := a.link("new@example.com", "Confirm Your Email", 1).Get("key")
	token := a.logIn("ann", goodPassword).access
	wantOK(t, "move", a.post("/api/me/email", fields{"email": "new@example.com", "current_password": goodPassword}, token))
	key := a.link("new@example.com", "Confirm Your Email", 2).Get("key")
	for range 2 {
		wantAnswer(t, a.post("/api/auth/verify-email", fields{"key": key}), http.StatusOK, verifiedAnswer)
	}
	wantRefused(t, "the squatter's key", a.post("/api/auth/verify-email", fields{"key": squats}), http.StatusBadRequest, "invalid_key")
	if answer := a.tryLogin("squat", "the squatter's secret"); answer.Status != http.StatusUnauthorized || a.count((*models.User)(nil)) != 1 {
		t.Errorf("got %d, %d accounts", answer.Status, a.count((*models.User)(nil)))
	}
	a.logIn("new@example.com", goodPassword)
	told := a.told(a.user("ann").ID)
	if last := told[len(told)-1]; len(last.Changes) != 1 || last.Changes[0] != (models.FieldChange{Field: "email", From: "ann@example.com", To: "new@example.com"}) {
		t.Errorf("the history ends with %+v", last)
	}
}

func TestSignupGoesWithTheAccountThatStaffDelete(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	keys := a.signUpRivals()
	path := "/admin/users/" + itoa(a.user("squat").ID) + "/delete/"
	boss.Post(boss.Get(path), path, url.Values{"confirm": {"yes"}})
	for _, key := range keys {
		wantRefused(t, "a key", a.post("/api/auth/verify-email", fields{"key": key}), http.StatusBadRequest, "invalid_key")
	}
	if n := a.count((*models.Signup)(nil)); n != 0 {
		t.Errorf("%d sign-ups are left", n)
	}
}

// What people do with their own accounts is told like what staff do with them.
func TestHistoryTellsWhatPeopleDoWithTheirAccounts(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	token := a.logIn("ann", goodPassword).access
	for range 2 { // the second time nothing changes
		wantOK(t, "names", a.send(http.MethodPatch, "/api/me", fields{"first_name": "Ann", "last_name": "Lee"}, token))
	}
	wantRefused(t, "a wrong password", a.post("/api/me/password", fields{"current_password": "wrong", "new_password": newPassword}, token), http.StatusBadRequest, "invalid")
	token = loginOf(a.post("/api/me/password", fields{"current_password": goodPassword, "new_password": newPassword}, token)).access
	wantOK(t, "another address", a.post("/api/me/email", fields{"email": "new@example.com", "current_password": newPassword}, token))
	wantOK(t, "its key", a.post("/api/auth/verify-email", fields{"key": a.link("new@example.com", "Confirm Your Email", 1).Get("key")}))
	wantOK(t, "forgot", a.post("/api/auth/forgot-password", fields{"email": "new@example.com"}))
	link := a.link("new@example.com", "Password Reset", 1)
	for range 2 { // the second time it is used up
		a.post("/api/auth/reset-password", fields{"uid": link.Get("uid"), "token": link.Get("token"), "new_password": goodPassword})
	}
	var told []string
	for _, entry := range a.told(a.user("ann").ID) {
		line := fmt.Sprintf("%s by %s (%s, %s): %s", entry.Action, entry.Username, entry.Channel, entry.IPAddress, entry.Summary)
		for _, change := range entry.Changes {
			line += " " + change.Field + " " + change.From + ">" + change.To
		}
		told = append(told, line)
	}
	want := []string{
		"added by ann (api, 127.0.0.1): Signed up", "changed by ann (api, 127.0.0.1): Confirmed the e-mail address",
		"changed by ann (api, 127.0.0.1):  first_name >Ann last_name >Lee", "changed by ann (api, 127.0.0.1):  password >set",
		"changed by ann (api, 127.0.0.1):  email ann@example.com>new@example.com", "changed by ann (api, 127.0.0.1): Reset the password by a link password >set",
	}
	if !slices.Equal(told, want) {
		t.Errorf("the history tells\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

func TestHistoryTellsWhoMadeASuperuserAndHow(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.CreateSuperuser()
	told := a.told(a.user(handlerstest.Username).ID)
	if len(told) != 1 || told[0].Action != models.HistoryAdded || told[0].Summary != "Made a superuser" || told[0].Channel != models.ChannelCommand || told[0].Username != "" {
		t.Errorf("the history tells %+v", told)
	}
}
