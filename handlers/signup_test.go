package handlers_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// signupOf is the sign-up of ann with some fields changed; nil leaves one out.
func signupOf(changes fields) fields {
	body := fields{"username": "ann", "email": "ann@example.com", "password": goodPassword, "first_name": "Ann", "last_name": "Lee"}
	maps.Copy(body, changes)
	maps.DeleteFunc(body, func(_ string, value any) bool { return value == nil })
	return body
}

func TestSignupIsAnsweredStoredAndMailed(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	answer := a.post("/api/auth/signup/", signupOf(fields{"email": " Ann@Example.com "}))
	wantAnswer(t, answer, http.StatusOK, `{"success":true,"message":"User created successfully. Please check your email to verify your account.",`+
		`"user":{"username":"ann","email":"ann@example.com","is_authenticated":false,"first_name":"Ann","last_name":"Lee"}}`)
	user := a.user("ann")
	if user.IsActive || !user.EmailVerifiedAt.IsZero() || !strings.HasPrefix(user.Password, "argon2$argon2id$v=19$m=19456,t=2,p=1$") || user.Language != "en" {
		t.Errorf("stored %+v", user)
	}
	mail := a.mail("ann@example.com", "", 1)
	if subject := mail.Header.Get("Subject"); subject != "DigitalPath AI - Please Confirm Your Email Address" {
		t.Errorf("Subject %q", subject)
	}
	if key := a.link("ann@example.com", "Confirm Your Email", 1).Get("key"); key == "" {
		t.Error("the link has no key")
	}
	if !strings.Contains(mail.Part(t, "text/plain"), "https://www.example.com/verify-email?key=") {
		t.Errorf("the text is\n%s", mail.Part(t, "text/plain"))
	}
}

func TestSpanishVisitorGetsSpanishMail(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	wantOK(t, "sign up", a.PostJSON("/api/auth/signup", `{"username":"ana","email":"ana@example.com","password":"caballo correcto bateria"}`, "Accept-Language", "es-MX,es;q=0.9,en;q=0.5"))
	handlerstest.Eventually(t, 20*time.Second, "the mail", func() bool { return len(a.Mails.Accepted()) == 1 })
	mail := a.Mails.Accepted()[0]
	if text, html := mail.Part(t, "text/plain"), mail.Part(t, "text/html"); !strings.Contains(text, "Confirma tu correo") || !strings.Contains(html, `<html lang="es">`) || !strings.Contains(html, "3 días") {
		t.Errorf("the mail is\n%s\n%s", text, html)
	}
	if a.user("ana").Language != "es" {
		t.Error("the language is not kept")
	}
}

// badSignups store nothing and mail nobody.
var badSignups = []struct {
	name    string
	changes fields
	field   string
}{
	{"a username is required", fields{"username": nil}, "username"},
	{"a username is not empty", fields{"username": ""}, "username"},
	{"a username has no spaces", fields{"username": "ann lee"}, "username"},
	{"a username has no slashes", fields{"username": "ann/lee"}, "username"},
	{"a username has no line breaks", fields{"username": "ann\nlee"}, "username"},
	{"a username ends at 150 characters", fields{"username": strings.Repeat("n", 151)}, "username"},
	{"a username that is somebody's address is refused", fields{"username": "bob@example.com"}, "username"},
	{"also in another case and width", fields{"username": "BOB＠example．com"}, "username"},
	{"also where nobody has that address", fields{"username": "nobody@example.com"}, "username"},
	{"a username is text", fields{"username": 7}, "username"},
	{"an address is required", fields{"email": nil}, "email"},
	{"an address has a domain", fields{"email": "ann@"}, "email"},
	{"an address ends at 254 characters", fields{"email": longEmail(255)}, "email"},
	{"one address, not two", fields{"email": "ann@example.com,eve@example.com"}, "email"},
	{"a first name ends at 150 characters", fields{"first_name": strings.Repeat("n", 151)}, "first_name"},
	{"a last name ends at 150 characters", fields{"last_name": strings.Repeat("n", 151)}, "last_name"},
	{"a password is required", fields{"password": nil}, "password"},
	{"a password has 8 characters", fields{"password": "sh0rt!x"}, "password"},
	{"a password is not common", fields{"password": "Password123"}, "password"},
	{"a password is not all digits", fields{"password": "83920175648201"}, "password"},
	{"a password is not the username", fields{"username": "annabella", "password": "annabella1"}, "password"},
	{"a password is not the address", fields{"email": "wintergarden@example.com", "password": "wintergarden7"}, "password"},
	{"a password is not the first name", fields{"first_name": "Wilhelmina", "password": "wilhelmina9"}, "password"},
	{"a password is not the last name", fields{"last_name": "Featherstone", "password": "featherstone"}, "password"},
	{"a password ends at 4,096 bytes", fields{"password": strings.Repeat("long pass", 500)}, "password"},
}

func TestBadSignupIsRefusedAndStoresNothing(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.signUp("bob")
	for _, bad := range badSignups {
		answer := a.post("/api/auth/signup", signupOf(bad.changes))
		wantRefused(t, bad.name, answer, http.StatusBadRequest, "invalid")
		faults, _ := answer.JSON()["errors"].(map[string]any)
		if len(faults) != 1 || faults[bad.field] == nil {
			t.Errorf("%s: errors is %v", bad.name, faults)
		}
	}
	wantRefused(t, "malformed JSON", a.PostJSON("/api/auth/signup", `{"username":`), http.StatusBadRequest, "malformed")
	wantRefused(t, "a NUL", a.PostJSON("/api/auth/signup", `{"username":"a\u0000"}`), http.StatusBadRequest, "malformed")
	if users, mails := a.count((*models.User)(nil)), a.count((*models.OutboxMessage)(nil)); users != 1 || mails != 1 {
		t.Errorf("%d accounts and %d mails, want bob's alone", users, mails)
	}
}

// Every part of what a person tells of themselves is held against the password: that
// must not be work without bound for whoever sends a megabyte.
func TestHugeSignupIsRefusedWithAllItsFaultsAndLittleWork(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	for what, huge := range map[string]fields{
		"many short parts":             {"first_name": strings.Repeat("a ", 400_000), "password": strings.Repeat("bcdefgh1", 500)},
		"many parts like the password": {"last_name": strings.Repeat(strings.Repeat("bcdefgh1", 50)+" ", 2000), "password": strings.Repeat("bcdefgh1", 500)},
		"one part":                     {"username": strings.Repeat("a", 900_000), "password": strings.Repeat("bcdefgh1", 500)},
		"a password that is a part":    {"first_name": strings.Repeat("Wilhelmina ", 80_000), "password": "wilhelmina9"},
		"with a bad password":          {"first_name": strings.Repeat("a ", 400_000), "username": "ann lee", "password": "1234567"},
	} {
		started := time.Now()
		answer := a.post("/api/auth/signup", signupOf(huge))
		if took := time.Since(started); took > 5*time.Second { // a request's deadline; a part at a time took 12 to 20
			t.Errorf("%s: answered after %v", what, took)
		}
		wantRefused(t, what, answer, http.StatusBadRequest, "invalid")
		faults, _ := answer.JSON()["errors"].(map[string]any)
		want := len(huge) - 1 // all but the password
		if what == "with a bad password" {
			want++
		}
		if len(faults) != want || (faults["password"] != nil) != (what == "with a bad password") {
			t.Errorf("%s: errors is %v", what, faults)
		}
	}
	if n := a.count((*models.User)(nil)); n != 0 {
		t.Errorf("%d accounts", n)
	}
}

func TestLongPasswordWithSpacesAndEmojiIsKeptWhole(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	password := strings.Repeat("Ein Pferd 😀 ", 20) + "and its end"
	wantOK(t, "sign up", a.post("/api/auth/signup", signupOf(fields{"password": password, "username": "ann@example.com"})))
	a.set("ann@example.com", "is_active = ?, email_verified_at = date_joined", true)
	wantRefused(t, "all but its end", a.tryLogin("ann@example.com", strings.TrimSuffix(password, "d")), http.StatusUnauthorized, "invalid_credentials")
	wantOK(t, "all of it", a.tryLogin("ann@example.com", password))
	wantRefused(t, "a megabyte", a.tryLogin("ann@example.com", strings.Repeat("m", 1<<19)), http.StatusUnauthorized, "invalid_credentials")
}

func TestUsernameIsTakenRegardlessOfCase(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	wantOK(t, "the first", a.post("/api/auth/signup", signupOf(fields{"username": "Ángel.ﬁ"})))
	for _, name := range []string{"Ángel.fi", "ángel.FI", "A\u0301NGEL.fi"} {
		answer := a.post("/api/auth/signup", signupOf(fields{"username": name, "email": "other@example.com"}))
		wantRefused(t, name, answer, http.StatusConflict, "username_taken")
		if answer.JSON()["message"] != "Username already exists" {
			t.Errorf("%s: %s", name, answer.Body)
		}
	}
	if a.count((*models.User)(nil)) != 1 {
		t.Error("another account is stored")
	}
}

func TestSignupDoesNotTellWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	a.signUp("waits")
	before := a.user("ann")
	fresh := a.post("/api/auth/signup", signupOf(fields{"username": "guess", "email": "free@example.com"}))
	for _, known := range []string{"ANN@example.com", "waits@example.com"} {
		answer := a.post("/api/auth/signup", signupOf(fields{"username": "eve." + known[:3], "email": known}))
		got := strings.NewReplacer("eve."+known[:3], "guess", strings.ToLower(known), "free@example.com").Replace(answer.Body)
		if answer.Status != fresh.Status || got != fresh.Body {
			t.Errorf("%s: %d %s differs from %d %s", known, answer.Status, answer.Body, fresh.Status, fresh.Body)
		}
	}
	if reset := a.link("ann@example.com", "Already Have an Account", 1); reset.Get("uid") == "" || reset.Get("token") == "" {
		t.Errorf("the mail to ann has the link %v", reset)
	}
	if verify := a.link("waits@example.com", "Confirm Your Email", 2); verify.Get("key") == "" {
		t.Errorf("the mail to who waits has the link %v", verify)
	}
	if after := a.user("ann"); after.Password != before.Password || a.count((*models.User)(nil)) != 3 {
		t.Error("the account was touched, or another one made")
	}
}

func TestSignupNamedByItsAddressDoesNotTellWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.verified("ann")
	both := func(username, email string) handlerstest.Answer {
		return a.post("/api/auth/signup", signupOf(fields{"username": username, "email": email}))
	}
	for _, again := range [][2]string{
		{"v@x.example.com", "v@x.example.com"}, {"V@X.example.com", "v@x.example.com"}, {"Ｖ＠x.example.com", "V@x.example.com"},
		{"ann@example.com", "ann@example.com"}, {"v", "v@x.example.com"},
	} {
		wantOK(t, fmt.Sprint(again), both(again[0], again[1]))
	}
	for _, name := range []string{"v@x.example.com", "Ｖ＠X.example.com", "ANN@example.com", "nobody@x.example.com"} {
		wantRefused(t, name+" of another", both(name, "eve@example.com"), http.StatusBadRequest, "invalid")
	}
	for _, email := range []string{"free@example.com", "ann@example.com"} { // a taken name is told with either
		wantRefused(t, "a taken name with "+email, both("ANN", email), http.StatusConflict, "username_taken")
	}
	if n := a.count((*models.User)(nil)); n != 2 {
		t.Errorf("%d accounts, want ann's and one more", n)
	}
	told, asked := a.enqueued(accounts.MailAlreadyRegistered), a.enqueued(accounts.MailVerification)+a.enqueued(accounts.MailSignup)
	if told != 1 || asked != 5 {
		t.Errorf("%d mails tell an owner and %d ask to confirm, want 1 and those of ann's and four more sign-ups", told, asked)
	}
}

func TestSignupCannotMakeStaff(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	wantOK(t, "sign up", a.post("/api/auth/signup", signupOf(fields{
		"id": 77, "is_staff": true, "is_superuser": true, "is_active": true, "token_epoch": 5, "IsStaff": true,
		"email_verified_at": "2020-01-01T00:00:00Z", "groups": []int{1}, "date_joined": "2001-01-01T00:00:00Z",
	})))
	user := a.user("ann")
	if user.IsStaff || user.IsSuperuser || user.IsActive || user.ID == 77 || user.TokenEpoch != 0 || !user.EmailVerifiedAt.IsZero() || user.DateJoined.Year() == 2001 {
		t.Errorf("stored %+v", user)
	}
}

func TestMailServerCannotFailASignup(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.Mails.Refuse()
	a.signUp("ann")
	var message models.OutboxMessage
	if err := a.DB.NewSelect().Model(&message).Where("kind = ?", accounts.MailVerification).Scan(context.Background()); err != nil || message.ObjectID != a.user("ann").ID {
		t.Errorf("enqueued %+v: %v", message, err)
	}
	a.Mails.Listen()
	a.link("ann@example.com", "Confirm Your Email", 1)
}

func TestParallelSignupsOfOnePersonMakeOneAccount(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	const clients = 4 // so few that their hashes do not outlast a request on a busy machine
	var together sync.WaitGroup
	var made, taken atomic.Int64
	for i := range clients {
		together.Go(func() {
			name, email := "ann", "ann@example.com"
			if i%2 == 1 { // half of them fight for the address, half for the name
				name = fmt.Sprintf("ann%d", i)
			} else {
				email = fmt.Sprintf("ann%d@example.com", i)
			}
			switch answer := a.post("/api/auth/signup", signupOf(fields{"username": name, "email": email})); answer.Status {
			case http.StatusOK:
				made.Add(1)
			case http.StatusConflict:
				taken.Add(1)
			default:
				t.Errorf("got %d %s", answer.Status, answer.Body)
			}
		})
	}
	together.Wait()
	if half := int64(clients) / 2; made.Load() != half+1 || taken.Load() != half-1 || a.count((*models.User)(nil)) != 2 {
		t.Errorf("of %d %d are answered as made, %d as taken; %d accounts, want 2", clients, made.Load(), taken.Load(), a.count((*models.User)(nil)))
	}
}
