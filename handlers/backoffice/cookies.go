package backoffice

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/problem"
	"digitalpath/services/accounts"
)

// NewCookieStore keeps values in a cookie for maxAge seconds, signed by the first of the
// secrets; what former ones signed is still good. The purpose keeps its keys apart from
// other uses of the secrets.
func NewCookieStore(secrets []string, purpose string, debug bool, maxAge int) *sessions.CookieStore {
	var keys [][]byte // pairs: to sign, and to encrypt
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(purpose))
		keys = append(keys, mac.Sum(nil), nil)
	}
	store := sessions.NewCookieStore(keys...)
	store.Options = cookieOptions(debug, maxAge)
	store.MaxAge(maxAge) // of the signature, too
	return store
}

// CookieName has the __Host- prefix wherever there is TLS: browsers then refuse such
// a cookie from any other host or path.
func CookieName(name string, debug bool) string {
	if debug {
		return name
	}
	return "__Host-" + name
}

func cookieOptions(debug bool, maxAge int) *sessions.Options {
	return &sessions.Options{Path: "/", MaxAge: maxAge, Secure: !debug, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// ReadCookie reads a session from the request. With an error it is an empty one.
func ReadCookie(c *fiber.Ctx, store sessions.Store, name string) (*sessions.Session, error) {
	return store.New(standardRequest(c), name)
}

// SaveCookie writes the session's cookie into the answer, over an earlier one of it.
func SaveCookie(c *fiber.Ctx, session *sessions.Session) error {
	answer := cookieWriter{}
	if err := session.Save(standardRequest(c), answer); err != nil {
		return err
	}
	for _, line := range answer["Set-Cookie"] {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			return err
		}
		c.Cookie(&fiber.Cookie{
			Name: cookie.Name, Value: cookie.Value, Path: cookie.Path, MaxAge: cookie.MaxAge, Expires: cookie.Expires,
			Secure: cookie.Secure, HTTPOnly: cookie.HttpOnly, SameSite: fiber.CookieSameSiteLaxMode,
		})
	}
	return nil
}

// cookieWriter is the part of http.ResponseWriter that sessions write to.
type cookieWriter http.Header

func (w cookieWriter) Header() http.Header       { return http.Header(w) }
func (w cookieWriter) Write([]byte) (int, error) { return 0, nil }
func (w cookieWriter) WriteHeader(int)           {}

// standardRequest is the request as far as gorilla/sessions and
// http.CrossOriginProtection read it; a full conversion would copy the body.
func standardRequest(c *fiber.Ctx) *http.Request {
	header := http.Header{}
	for _, name := range []string{"Cookie", "Origin", "Sec-Fetch-Site"} {
		if value := c.Get(name); value != "" {
			header.Set(name, value)
		}
	}
	request := &http.Request{Method: c.Method(), Host: string(c.Context().Host()), URL: &url.URL{Path: c.Path()}, Header: header}
	return request.WithContext(c.UserContext())
}

// staffStore is a gorilla store of staff logins: the cookie holds the token, the
// database everything else, so that a session can be ended from our side.
type staffStore struct {
	logins  *accounts.Logins
	options *sessions.Options
}

// Get returns the session of this request.
func (s *staffStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the cookie. The session's ID is its token, Values["user"] who it is; a
// session without a user is a new one.
func (s *staffStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	options := *s.options
	session.Options, session.IsNew = &options, true
	cookie, err := r.Cookie(name)
	if err != nil {
		return session, nil // no cookie: nobody is logged in
	}
	user, err := s.logins.User(r.Context(), cookie.Value)
	if p, ok := problem.As(err); ok && p.Kind == problem.Unauthenticated {
		return session, nil
	}
	if err != nil {
		return session, err
	}
	session.ID, session.IsNew = cookie.Value, false
	session.Values["user"] = user
	return session, nil
}

// Save writes the cookie; with a negative MaxAge it ends the session.
func (s *staffStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		if err := s.logins.LogOut(r.Context(), session.ID); err != nil {
			return err
		}
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
	return nil
}
