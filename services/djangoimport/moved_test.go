package djangoimport_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// moved is the program on a database that was brought over.
func moved(t *testing.T, shape string) *handlerstest.App {
	t.Helper()
	engine := engines()[len(engines())-1]
	target := migrated(t, engine)
	mustImport(t, target, django(t, shape, engine))
	app := handlerstest.PrepareOn(t, target, "DJANGO_SECRET_KEY="+secretKey, "RATE_LIMIT_RESET=off")
	app.Serve()
	return app
}

func logIn(app *handlerstest.App, name, password string) int {
	return app.PostJSON("/api/token/pair", fmt.Sprintf(`{"username":%q,"password":%q}`, name, password)).Status
}

func TestPeopleLogInWithTheirOldPasswordsAndTokens(t *testing.T) {
	t.Parallel()
	app := moved(t, "new")
	tokens := readSigned(t, "new")
	for _, test := range []struct {
		name, password string
		status         int
	}{
		{"Ann", "correct horse 41", 200}, {"ann.lee@example.com", "correct horse 41", 200}, {"ann-9", "lower case ann 48", 200},
		{"dora", "dora has no mail 44", 200}, {"twin1", "first of two 46", 200}, {"Twin@Example.com", "second of two 47", 200},
		{"carl", "disabled carl 43", 401}, {"bob", "battery staple 42", 401}, {"admin", "changeme123", 401}, {"Ann", "wrong", 401},
	} {
		if status := logIn(app, test.name, test.password); status != test.status {
			t.Errorf("%s logs in: %d, want %d", test.name, status, test.status)
		}
	}
	if me := app.Get("/api/me", "Authorization", "Bearer "+tokens.Access); me.Status != 200 || me.JSON()["username"] != "Ann" {
		t.Errorf("the access token answers %d %s", me.Status, me.Body)
	}
	if me := app.Get("/api/me", "Authorization", "Bearer "+tokens.DeletedUser); me.Status != 401 {
		t.Errorf("the token of a deleted user answers %d %s", me.Status, me.Body)
	}
	for token, status := range map[string]int{tokens.Refresh: 200, tokens.Blacklisted: 401} {
		if answer := app.PostJSON("/api/token/refresh", `{"refresh":"`+token+`"}`); answer.Status != status {
			t.Errorf("a refresh token answers %d %s, want %d", answer.Status, answer.Body, status)
		}
	}
}

// mac is Django's salted_hmac.
func mac(salt, value string) []byte {
	key := sha256.Sum256([]byte(salt + secretKey))
	m := hmac.New(sha256.New, key[:])
	m.Write([]byte(value))
	return m.Sum(nil)
}

// digitsOf62 are Django's.
const digitsOf62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// verificationKey is what Django mails: see django.core.signing.dumps.
func verificationKey(address string, at time.Time) string {
	stamp := ""
	for n := at.Unix(); n > 0; n /= 62 {
		stamp = string(digitsOf62[n%62]) + stamp
	}
	value := base64.RawURLEncoding.EncodeToString([]byte(address)) + ":" + stamp
	return value + ":" + base64.RawURLEncoding.EncodeToString(mac("accountsigner", value))
}

// resetBody is what comes back from a link that Django mails: see
// django.contrib.auth.tokens.
func resetBody(user *models.User, email, password string, at time.Time) string {
	seconds := int64(at.Sub(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)).Seconds())
	login := ""
	if !user.LastLogin.IsZero() {
		login = user.LastLogin.UTC().Format("2006-01-02 15:04:05")
	}
	digits := hex.EncodeToString(mac("django.contrib.auth.tokens.PasswordResetTokenGenerator", fmt.Sprint(user.ID, user.Password, login, seconds, email)))
	var every strings.Builder
	for i := 0; i < len(digits); i += 2 {
		every.WriteByte(digits[i])
	}
	var stamp string
	for n := seconds; n > 0; n /= 36 {
		stamp = string(strings.ToLower(digitsOf62[:36])[n%36]) + stamp
	}
	uid := base64.RawURLEncoding.EncodeToString(fmt.Append(nil, user.ID))
	return fmt.Sprintf(`{"uid":%q,"token":%q,"new_password":%q}`, uid, stamp+"-"+every.String(), password)
}

func TestLinksThatDjangoMailedYesterdayWork(t *testing.T) {
	t.Parallel()
	app := moved(t, "old")
	yesterday := time.Now().Add(-26 * time.Hour)
	for _, test := range []struct {
		what, key string
		status    int
	}{
		{"too old", verificationKey("2", time.Now().Add(-73*time.Hour)), 400},
		{"of an account that is disabled", verificationKey("3", yesterday), 400},
		{"of an address that is nobody's", verificationKey("99", yesterday), 400},
		{"good", verificationKey("2", yesterday), 200},
		{"used again", verificationKey("2", yesterday), 200},
	} {
		if answer := app.PostJSON("/api/auth/verify-email", `{"key":"`+test.key+`"}`); answer.Status != test.status {
			t.Errorf("a key %s: %d %s, want %d", test.what, answer.Status, answer.Body, test.status)
		}
	}
	if status := logIn(app, "bob", "battery staple 42"); status != 200 {
		t.Errorf("bob, who confirmed his address, logs in: %d", status)
	}
	for id, email := range map[int64]string{2: "Ann.Lee@Example.com", 5: "", 8: "TWIN@example.com"} {
		user := &models.User{ID: id}
		if err := app.DB.NewSelect().Model(user).WherePK().Scan(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, try := range []struct {
			body   string
			status int
		}{
			{resetBody(user, email, "a quite new passphrase 5", time.Now().Add(-73*time.Hour)), 400},
			{resetBody(user, "x"+email, "a quite new passphrase 5", yesterday), 400},
			{resetBody(user, email, "123", yesterday), 400},
			{resetBody(user, email, "a quite new passphrase 5", yesterday), 200},
			{resetBody(user, email, "a quite new passphrase 6", yesterday), 400},
		} {
			if answer := app.PostJSON("/api/auth/reset-password", try.body); answer.Status != try.status {
				t.Errorf("a link of user %d: %d %s, want %d", id, answer.Status, answer.Body, try.status)
			}
		}
		if status := logIn(app, user.Username, "a quite new passphrase 5"); status != 200 {
			t.Errorf("%s logs in by the new password: %d", user.Username, status)
		}
	}
}
