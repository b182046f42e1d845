package backoffice

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
)

// The fields of a login on the page of a form are apart from those of the form.
const (
	placeUsername = "_login_username"
	placePassword = "_login_password"
	placeReopen   = "_login_reopen" // the form is shown again, whoever is logged in by now
)

// RequireStaff lets members of staff pass and sends others to the login page.
func (b *Backoffice) RequireStaff(c *fiber.Ctx) error {
	err := b.signIn(c)
	switch {
	case isUnauthenticated(err):
		return b.logInPlace(c, err)
	case err != nil:
		return err
	case c.Method() == http.MethodPost && c.FormValue(placeReopen) != "":
		return b.Site.Reopen(c)
	}
	return c.Next()
}

func isUnauthenticated(err error) bool {
	p, ok := problem.As(err)
	return ok && p.Kind == problem.Unauthenticated
}

// logInPlace takes the login on the page of a form that was posted without a session, and
// shows the form again. Nothing of it is saved: that takes another press.
func (b *Backoffice) logInPlace(c *fiber.Ctx, cause error) error {
	in := b.loginInput(c)
	in.Login, in.Password = c.FormValue(placeUsername), c.FormValue(placePassword)
	if c.Method() != http.MethodPost || in.Login == "" && in.Password == "" {
		return b.askInPlace(c, cause, "")
	}
	token, err := b.Logins.LogIn(c.UserContext(), in)
	if p, ok := problem.As(err); ok {
		return b.askInPlace(c, err, admin.Sentence(c.UserContext(), p))
	}
	if err != nil {
		return err
	}
	user, err := b.Logins.User(c.UserContext(), token)
	if err := errors.Join(err, b.startSession(c, token)); err != nil {
		return err
	}
	if err := b.actAs(c, user); err != nil {
		return err
	}
	return b.Site.Reopen(c)
}

// askInPlace asks who is there with the posted form in the page, so that nothing typed is
// lost. What is no such form gets cause.
func (b *Backoffice) askInPlace(c *fiber.Ctx, cause error, sentence string) error {
	typed, ok := b.Site.Typed(c)
	if !ok {
		return cause
	}
	page, err := b.loginPage(c, c.FormValue(placeUsername), "")
	if err != nil {
		return err
	}
	page.Error, page.InPlace = sentence, &staff.InPlace{
		URL: c.OriginalURL(), Username: placeUsername, Password: placePassword, Typed: append(typed, adminpages.Param{Name: placeReopen, Value: "1"}),
	}
	return &admin.Rejected{Err: cause, Page: staff.LoginPage(page)}
}

// expired answers a form whose secret is not this browser's any more, as after a login in
// another tab: a form of the site comes back with what was typed, and nothing is done.
func (b *Backoffice) expired(c *fiber.Ctx) error {
	if _, ok := b.Site.Typed(c); !ok {
		return formExpired()
	}
	err := b.signIn(c)
	switch {
	case isUnauthenticated(err):
		return b.askInPlace(c, err, "")
	case err != nil:
		return err
	}
	return b.Site.Reopen(c)
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
	return b.actAs(c, user)
}

// actAs makes user the actor of the request, with the rights and the time zone that they
// have.
func (b *Backoffice) actAs(c *fiber.Ctx, user *models.User) error {
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
		page.Error = admin.Sentence(ctx, p)
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

// welcome starts the session and goes where the person wanted to go.
func (b *Backoffice) welcome(c *fiber.Ctx, token, next string) error {
	if err := b.startSession(c, token); err != nil {
		return err
	}
	return c.Redirect(ownPath(next), http.StatusSeeOther)
}

// startSession hands out the session and renews the secret of the forms, so that nothing
// planted in this browser before the login counts after it.
func (b *Backoffice) startSession(c *fiber.Ctx, token string) error {
	session := sessions.NewSession(b.staff, CookieName("sessionid", b.Debug))
	session.ID, session.Options = token, cookieOptions(b.Debug, int(accounts.SessionLife.Seconds()))
	return errors.Join(browserOf(c).renewCSRF(c), SaveCookie(c, session))
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
