package accounts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"digitalpath/models"
)

// signedByDjango is what services/djangoimport/testdata/make.py had Django sign.
type signedByDjango struct {
	SecretKey    string `json:"secret_key"`
	At           int64  `json:"at"`
	Verification struct {
		Address int64
		Key     string
	}
	Resets []struct {
		User                   int64
		Email, Password, Token string
		LastLogin              time.Time `json:"last_login"`
	}
}

// vectors are those of old and new releases of Django.
func vectors(t *testing.T) map[string]signedByDjango {
	t.Helper()
	all := map[string]signedByDjango{}
	for _, name := range []string{"old", "new"} {
		text, err := os.ReadFile(filepath.Join("..", "djangoimport", "testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var v signedByDjango
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		all[name] = v
	}
	return all
}

func TestKeyThatDjangoMailedNamesItsAddressForThreeDays(t *testing.T) {
	for name, v := range vectors(t) {
		at := time.Unix(v.At, 0)
		keys := &MailKeys{SecretKey: v.SecretKey}
		altered := []byte(v.Verification.Key)
		altered[len(altered)-1] ^= 1
		for _, test := range []struct {
			what, key, secret string
			after             time.Duration
			good              bool
		}{
			{"at once", v.Verification.Key, v.SecretKey, 0, true},
			{"the next day", v.Verification.Key, v.SecretKey, 30 * time.Hour, true},
			{"to the last second", v.Verification.Key, v.SecretKey, 72*time.Hour - time.Second, true},
			{"later", v.Verification.Key, v.SecretKey, 72 * time.Hour, false},
			{"by another secret", v.Verification.Key, v.SecretKey + "x", 0, false},
			{"altered at its end", string(altered), v.SecretKey, 0, false},
			{"of another address", "Mw" + v.Verification.Key[2:], v.SecretKey, 0, false},
			{"empty", "", v.SecretKey, 0, false},
			{"colons alone", "::", v.SecretKey, 0, false},
		} {
			keys.SecretKey, keys.Now = test.secret, func() time.Time { return at.Add(test.after) }
			if id, ok := keys.djangoAddress(test.key); ok != test.good || ok && id != v.Verification.Address {
				t.Errorf("%s, %s: address %d, %v", name, test.what, id, ok)
			}
		}
	}
}

func TestResetLinkOfDjangoIsBoundToTheAccountAsItWas(t *testing.T) {
	for name, v := range vectors(t) {
		at := time.Unix(v.At, 0)
		keys := &MailKeys{SecretKey: v.SecretKey, Now: func() time.Time { return at.Add(30 * time.Hour) }}
		for _, reset := range v.Resets {
			user := models.User{ID: reset.User, Password: reset.Password, LastLogin: reset.LastLogin}
			if !keys.djangoReset(reset.Token, &user, reset.Email) {
				t.Errorf("%s: the link of user %d is refused", name, reset.User)
			}
			for what, change := range map[string]func(*models.User){
				"another user":     func(u *models.User) { u.ID++ },
				"another password": func(u *models.User) { u.Password += "x" },
				"another login":    func(u *models.User) { u.LastLogin = at },
			} {
				changed := user
				if change(&changed); keys.djangoReset(reset.Token, &changed, reset.Email) {
					t.Errorf("%s: the link of user %d is good for %s", name, reset.User, what)
				}
			}
			if keys.djangoReset(reset.Token, &user, "x"+reset.Email) || keys.djangoReset(reset.Token[:len(reset.Token)-1], &user, reset.Email) {
				t.Errorf("%s: the link of user %d is good for another address, or cut", name, reset.User)
			}
			late := &MailKeys{SecretKey: v.SecretKey, Now: func() time.Time { return at.Add(73 * time.Hour) }}
			if late.djangoReset(reset.Token, &user, reset.Email) {
				t.Errorf("%s: the link of user %d lives too long", name, reset.User)
			}
		}
	}
}
