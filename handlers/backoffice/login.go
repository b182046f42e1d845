package backoffice

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
)

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

// RequireStaff lets members of staff pass and sends others to the login page.
func (b *Backoffice) RequireStaff(c *fiber.Ctx) error {
	if err := b.signIn(c); err != nil {
		return err
	}
	return c.Next()
}

// signIn finds out who is logged in here, with what rights, and makes them the actor
// of the request.
func (b *Backoffice) signIn(c *fiber.Ctx) error {
	session, err := ReadCookie(c, b.staff, CookieName("sessionid", b.Debug))
	if err != nil {
		return err
	}
	user, ok := session.Values["user"].(*models.User)
	if !ok {
		return problem.New(problem.Unauthenticated, "not_authenticated", "Please log in.")
	}
	ctx := c.UserContext()
	rights, err := b.Users.Rights(ctx, user)
	if err != nil {
		return err
	}
	zone, chosen := models.TimeZone(user.TimeZone)
	if !chosen {
		zone = b.TimeZone
	}
	c.SetUserContext(models.WithActor(i18n.InZone(ctx, zone), models.Actor{
		User: user, Rights: rights, IP: models.ActorOf(ctx).IP, Channel: models.ChannelBackoffice,
	}))
	return nil
}

// LoginPage asks who you are.
func (b *Backoffice) LoginPage(c *fiber.Ctx) error {
	page, err := b.loginPage(c, "", c.Query("next"))
	if err != nil {
		return err
	}
	return admin.Render(c, staff.LoginPage(page))
}

func (b *Backoffice) loginPage(c *fiber.Ctx, username, next string) (staff.Login, error) {
	page := staff.Login{Frame: b.BareFrame(c, i18n.T(c.UserContext(), "Log in")), Username: username, Next: next, Social: b.socialLinks(next)}
	if !b.Debug {
		return page, nil
	}
	open, err := b.Superusers.SetupOpen(c.UserContext())
	if open {
		page.Hint = i18n.T(c.UserContext(), "There is no account yet. The terminal shows a link that makes the first one.")
	}
	return page, err
}

// LogIn starts a session under a new id and goes where the person wanted to go.
func (b *Backoffice) LogIn(c *fiber.Ctx) error {
	ctx, username, next := c.UserContext(), c.FormValue("username"), c.FormValue("next")
	in := b.loginInput(c)
	in.Login, in.Password = username, c.FormValue("password")
	token, err := b.Logins.LogIn(ctx, in)
	if p, ok := problem.As(err); ok {
		page, pageErr := b.loginPage(c, username, next)
		if pageErr != nil {
			return pageErr
		}
		page.Error = admin.Words(ctx, p.Message)
		return &admin.Rejected{Err: err, Page: staff.LoginPage(page)}
	}
	if err != nil {
		return err
	}
	return b.welcome(c, token, next)
}

func (b *Backoffice) loginInput(c *fiber.Ctx) accounts.LoginInput {
	return accounts.LoginInput{IPAddress: models.ActorOf(c.UserContext()).IP, UserAgent: c.Get(fiber.HeaderUserAgent)}
}

// welcome hands out the session and renews the secret of the forms, so that nothing
// planted in this browser before the login counts after it.
func (b *Backoffice) welcome(c *fiber.Ctx, token, next string) error {
	session := sessions.NewSession(b.staff, CookieName("sessionid", b.Debug))
	session.ID, session.Options = token, cookieOptions(b.Debug, int(accounts.SessionLife.Seconds()))
	if err := errors.Join(browserOf(c).renewCSRF(c), SaveCookie(c, session)); err != nil {
		return err
	}
	return c.Redirect(ownPath(next), http.StatusSeeOther)
}

// LogOut ends the session on our side too: a copy of the cookie opens nothing.
func (b *Backoffice) LogOut(c *fiber.Ctx) error {
	session, err := ReadCookie(c, b.staff, CookieName("sessionid", b.Debug))
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	if err := errors.Join(browserOf(c).renewCSRF(c), SaveCookie(c, session)); err != nil {
		return err
	}
	return c.Redirect("/admin/login/", http.StatusSeeOther)
}

// SetupPage asks for the first superuser; only the one-time link leads here.
func (b *Backoffice) SetupPage(c *fiber.Ctx) error {
	if err := b.Superusers.CheckSetup(c.UserContext(), c.Query("token")); err != nil {
		return err
	}
	return admin.Render(c, staff.SetupPage(staff.Setup{Frame: b.BareFrame(c, i18n.T(c.UserContext(), "Set up")), URL: c.OriginalURL()}))
}

// SetUp makes the first superuser and logs them in.
func (b *Backoffice) SetUp(c *fiber.Ctx) error {
	ctx := c.UserContext()
	in := accounts.SuperuserInput{Username: c.FormValue("username"), Email: c.FormValue("email"), Password: c.FormValue("password")}
	differ := c.FormValue("password_again") != in.Password
	if differ {
		in.Password = "" // which is refused, with all else that is wrong
	}
	token, err := b.Superusers.CreateFirst(ctx, c.Query("token"), in, b.loginInput(c))
	if p, ok := problem.As(err); ok && differ && p.Fields != nil {
		delete(p.Fields, "password")
		p.Fields.Add("password_again", "The two passwords are not the same.")
		err = p.Fields.Problem()
	}
	if p, ok := problem.As(err); ok && p.Kind != problem.NotFound {
		page := staff.Setup{Frame: b.BareFrame(c, i18n.T(c.UserContext(), "Set up")), URL: c.OriginalURL(), Username: in.Username, Email: in.Email, Errors: admin.AllWords(ctx, p)}
		return &admin.Rejected{Err: err, Page: staff.SetupPage(page)}
	}
	if err != nil {
		return err
	}
	return b.welcome(c, token, "")
}

// SetPreferences keeps the language and the theme that somebody chose.
func (b *Backoffice) SetPreferences(c *fiber.Ctx) error {
	here := browserOf(c)
	for name, known := range map[string][]string{"lang": i18n.Languages, "theme": layout.Themes} {
		if value := c.FormValue(name); slices.Contains(known, value) { // the cookie has no place for just anything
			if err := here.set(c, name, value); err != nil {
				return err
			}
		}
	}
	return c.Redirect(ownPath(c.FormValue("next")), http.StatusSeeOther)
}

// ownPath is next where it is a path of this site, else the dashboard: what comes in
// with a request must not lead to another host.
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n\t") {
		return "/admin/"
	}
	return next
}
