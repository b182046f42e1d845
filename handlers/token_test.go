package handlers_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// The tokens of user 1 that PyJWT made with Django's claims and accountsSecret, the
// user's id once as a number and once as text.
var (
	pyAccess = []string{
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MDAwMDAwMDAsImp0aSI6IjVmMGQzYzJiMWEwOTQ4N2U4ZDZjNWI0YTM5MjgxNzA2IiwidXNlcl9pZCI6MX0.qyqWkSLJ7fFWFeSIiQr3hovtnZlKMrlBgnUSjiq9i0w",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MDAwMDAwMDAsImp0aSI6IjVmMGQzYzJiMWEwOTQ4N2U4ZDZjNWI0YTM5MjgxNzA2IiwidXNlcl9pZCI6IjEifQ.ETWbo9b-K3X7pih1bJENEw9oH7dtoKM2Yl_M6jbcPtc",
	}
	pyRefresh = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6NDEwMjQ0NDgwMCwiaWF0IjoxNzAwMDAwMDAwLCJqdGkiOiIwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiIsInVzZXJfaWQiOjF9.fDfGcbVS1uRSiZdt5QGpWmuR3UVK2rWnesy2swek_Bk"
)

func (a *accountsApp) me(token string) handlerstest.Answer {
	a.t.Helper()
	return a.Get("/api/me", "Authorization", "Bearer "+token)
}

// wantDead tells what is wrong where a login still works.
func (a *accountsApp) wantDead(what string, l login) {
	a.t.Helper()
	wantRefused(a.t, what+": access", a.me(l.access), http.StatusUnauthorized, "token_not_valid")
	wantRefused(a.t, what+": refresh", a.post("/api/token/refresh", fields{"refresh": l.refresh}), http.StatusUnauthorized, "token_not_valid")
	for _, token := range []string{l.access, l.refresh} {
		wantRefused(a.t, what+": verify", a.post("/api/token/verify", fields{"token": token}), http.StatusUnauthorized, "token_not_valid")
	}
}

func (a *accountsApp) wantAlive(what string, l login) {
	a.t.Helper()
	wantOK(a.t, what+": access", a.me(l.access))
	for _, token := range []string{l.access, l.refresh} {
		wantAnswer(a.t, a.post("/api/token/verify", fields{"token": token}), http.StatusOK, "{}")
	}
}

func TestTokensOpenRefreshAndEndALogin(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.imported("ann", goodHash())
	l, other := a.logIn("ann", goodPassword), a.logIn("ann", goodPassword)
	a.wantAlive("a login", l)
	for _, name := range []string{"refresh", "refresh_token"} {
		answer := a.post("/api/token/refresh/", fields{name: l.refresh})
		wantOK(t, name, answer)
		if body := answer.JSON(); len(body) != 1 {
			t.Errorf("%s: %s", name, answer.Body)
		}
		wantOK(t, "the new access token", a.me(loginOf(answer).access))
		l.access = loginOf(answer).access
	}
	wantRefused(t, "the token in the URL", a.PostJSON("/api/token/refresh?refresh_token="+l.refresh, "{}"), http.StatusBadRequest, "invalid")
	wantRefused(t, "an access token", a.post("/api/token/refresh", fields{"refresh": l.access}), http.StatusUnauthorized, "token_not_valid")
	wantRefused(t, "a refresh token for access", a.me(l.refresh), http.StatusUnauthorized, "token_not_valid")
	wantRefused(t, "to log out an access token", a.post("/api/token/blacklist", fields{"refresh": l.access}), http.StatusUnauthorized, "token_not_valid")
	wantRefused(t, "to log out nothing", a.post("/api/token/blacklist", fields{}), http.StatusBadRequest, "invalid")
	wantOK(t, "log out", a.post("/api/token/blacklist/", fields{"refresh": l.refresh}))
	a.wantDead("after it", l)
	wantRefused(t, "to log out twice", a.post("/api/token/blacklist", fields{"refresh": l.refresh}), http.StatusUnauthorized, "token_not_valid")
	a.wantAlive("the other login", other)
	var hashes []string
	if err := a.DB.NewSelect().Model((*models.Session)(nil)).Column("token_hash").Apply(models.LiveSessions(time.Now().UTC())).Scan(t.Context(), &hashes); err != nil || len(hashes) != 1 || len(hashes[0]) != 64 || strings.Contains(other.refresh, hashes[0]) {
		t.Errorf("kept of the refresh token: %v, %v", hashes, err)
	}
}

func TestDisabledUserIsOutAtOnce(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.imported("ann", goodHash())
	l := a.logIn("ann", goodPassword)
	a.disable("ann")
	a.wantDead("a disabled user", l)
}

// claimsOf are those of a good access token with some changed; nil leaves one out.
func claimsOf(user int64, changes map[string]any) jwt.MapClaims {
	c := jwt.MapClaims{"token_type": "access", "user_id": user, "jti": "0123456789", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

func signedToken(t *testing.T, method jwt.SigningMethod, key any, header map[string]any, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// odd tokens: each is one change away from a good one.
func oddTokens(t *testing.T, user int64) map[string]string {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(method jwt.SigningMethod, key any, header, changes map[string]any) string {
		return signedToken(t, method, key, header, claimsOf(user, changes))
	}
	secret := []byte(accountsSecret)
	good := sign(jwt.SigningMethodHS256, secret, nil, nil)
	odd := map[string]string{
		"good":          good,
		"alg none":      sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil),
		"alg HS384":     sign(jwt.SigningMethodHS384, secret, nil, nil),
		"alg HS512":     sign(jwt.SigningMethodHS512, secret, nil, nil),
		"alg RS256":     sign(jwt.SigningMethodRS256, private, nil, nil),
		"another key":   sign(jwt.SigningMethodHS256, []byte(strings.Repeat("x", 40)), nil, nil),
		"kid":           sign(jwt.SigningMethodHS256, secret, map[string]any{"kid": "../../dev/null"}, nil),
		"jku":           sign(jwt.SigningMethodHS256, secret, map[string]any{"jku": "https://evil.example/keys"}, nil),
		"no signature":  good[:strings.LastIndexByte(good, '.')+1],
		"two parts":     good[:strings.LastIndexByte(good, '.')],
		"four parts":    good + ".x",
		"another claim": strings.Replace(good, ".", ".e30", 1),
		"rubbish":       "rubbish",
		"very long":     strings.Repeat("a", 3000),
	}
	for _, name := range []string{"token_type", "user_id", "jti", "iat", "exp"} {
		odd["no "+name] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{name: nil})
		for _, value := range []any{"odd", -1, 1.5, true, []int{1}, map[string]any{"a": 1}, "", 1e300} {
			if name == "iat" && value == 1.5 || name == "jti" && value == "odd" {
				continue // a long time ago, and a good jti
			}
			code := fmt.Sprintf("%s is %v", name, value)
			if name == "exp" && value == 1.5 {
				code = "expired: " + code
			}
			odd[code] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{name: value})
		}
	}
	odd["expired: a second ago"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"exp": time.Now().Add(-time.Second).Unix()})
	odd["user of nobody"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"user_id": user + 100})
	odd["another epoch"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"epoch": 1})
	odd["a session of nobody"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"sid": 99})
	odd["from the future"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"iat": time.Now().Add(time.Hour).Unix()})
	odd["not yet"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"nbf": time.Now().Add(time.Hour).Unix()})
	odd["an odd nbf"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"nbf": "odd"})
	for name, at := range map[string]time.Time{"iat": time.Now(), "exp": time.Now().Add(time.Hour), "nbf": time.Now()} {
		odd[name+" is a text"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{name: strconv.FormatInt(at.Unix(), 10)})
	}
	for _, kind := range []string{"access", "refresh"} {
		for _, exp := range []float64{1e12, 1e15, 9e15, 9e18} {
			odd[fmt.Sprintf("%s until %g", kind, exp)] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"token_type": kind, "exp": exp})
		}
	}
	odd["a type of its own"] = sign(jwt.SigningMethodHS256, secret, nil, map[string]any{"token_type": "sliding"})
	return odd
}

// A refresh token of ours that names no session is not one of Django's.
func TestTokenThatLostItsSessionIs401(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.imported("ann", goodHash())
	l := a.logIn("ann", goodPassword)
	c := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(l.refresh, c); err != nil {
		t.Fatal(err)
	}
	delete(c, "sid")
	lost := signedToken(t, jwt.SigningMethodHS256, []byte(accountsSecret), nil, c)
	for path, body := range map[string]fields{
		"/api/token/refresh": {"refresh": lost}, "/api/token/verify": {"token": lost}, "/api/token/blacklist": {"refresh": lost},
	} {
		wantRefused(t, path, a.post(path, body), http.StatusUnauthorized, "token_not_valid")
	}
	if n := a.count((*models.Session)(nil)) + a.count((*models.DjangoToken)(nil)); n != 1 {
		t.Errorf("%d logins and tokens of Django's are kept, want the login alone", n)
	}
	a.wantAlive("the login itself", l)
}

func TestTokenThatIsNoGoodIs401(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.imported("ann", goodHash())
	for what, token := range oddTokens(t, a.user("ann").ID) {
		answer, code := a.me(token), "token_not_valid"
		switch {
		case what == "good":
			wantOK(t, what, answer)
			continue
		case strings.HasPrefix(what, "expired"):
			code = "token_expired"
		}
		wantRefused(t, what, answer, http.StatusUnauthorized, code)
		wantRefused(t, what+", to refresh", a.post("/api/token/refresh", fields{"refresh": token}), http.StatusUnauthorized, "token_not_valid")
		if verify := a.post("/api/token/verify", fields{"token": token}); verify.Status != http.StatusUnauthorized {
			t.Errorf("%s, to verify: %d", what, verify.Status)
		}
	}
	if n := a.count((*models.Session)(nil)); n != 0 {
		t.Errorf("%d logins were made of them", n)
	}
	for _, header := range []string{"", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "Bearer a b", "bearer  x"} {
		wantRefused(t, "header "+header, a.Get("/api/me", "Authorization", header), http.StatusUnauthorized, "not_authenticated")
	}
	answer := a.Get("/api/me")
	wantRefused(t, "no header", answer, http.StatusUnauthorized, "not_authenticated")
	if answer.JSON()["message"] != "Unauthorized" {
		t.Errorf("no header: %s", answer.Body)
	}
}
