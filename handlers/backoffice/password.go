package backoffice

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/services/ratelimit"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
	"digitalpath/views/ui"
)

const (
	forgotURL = "/admin/forgot-password/"
	resetURL  = "/admin/reset-password/"
)

// ForgotPage asks for the address that the link to a new password is mailed to.
func (b *Backoffice) ForgotPage(c *fiber.Ctx) error {
	return admin.Render(c, staff.AskPage(b.forgot(c)))
}

func (b *Backoffice) forgot(c *fiber.Ctx) staff.Ask {
	ctx := c.UserContext()
	title := i18n.T(ctx, "Forgot password")
	return staff.Ask{
		Frame: b.BareFrame(c, title), URL: forgotURL, Title: title, Submit: i18n.T(ctx, "Send the link"),
		Sentence: i18n.T(ctx, "We send you a link to choose a new password."),
		Fields: []ui.Field{{
			Name: "email", Label: i18n.T(ctx, "E-mail"), Control: ui.ControlEmail, Value: c.FormValue("email"), Autocomplete: "email", Required: true, Autofocus: true,
		}},
	}
}

// Forgot mails the link to a page of ours. The answer does not tell whether there is such
// an account.
func (b *Backoffice) Forgot(c *fiber.Ctx) error {
	ctx, email := c.UserContext(), c.FormValue("email")
	all := b.Users.Accounts
	err := all.Limiter.Allow(ctx, ratelimit.Reset, models.ActorOf(ctx).IP, models.NormalizeEmail(email))
	if err == nil {
		err = all.ForgotPassword(ctx, email, accounts.MailResetHere)
	}
	page := b.forgot(c)
	if err != nil {
		return rejectAsk(c, page, err)
	}
	page.Fields, page.Done = nil, i18n.T(ctx, "If there is an account with this address, the link is on its way. It works once and for 24 hours.")
	page.BackURL, page.BackLabel = "/admin/login/", i18n.T(ctx, "Log in")
	return admin.Render(c, staff.AskPage(page))
}

// ResetPage asks for a new password; only the link of a mail leads here, and who lost it gets
// another one.
func (b *Backoffice) ResetPage(c *fiber.Ctx) error {
	if c.Query("uid") == "" || c.Query("token") == "" {
		return c.Redirect(forgotURL, fiber.StatusSeeOther)
	}
	return admin.Render(c, staff.AskPage(b.reset(c)))
}

func (b *Backoffice) reset(c *fiber.Ctx) staff.Ask {
	ctx := c.UserContext()
	title := i18n.T(ctx, "Choose a new password")
	link := url.Values{"uid": {c.Query("uid")}, "token": {c.Query("token")}}
	page := staff.Ask{
		Frame: b.BareFrame(c, title), URL: resetURL + "?" + link.Encode(), Title: title, Submit: i18n.T(ctx, "Change password"),
		Fields: []ui.Field{
			{Name: "new_password", Label: i18n.T(ctx, "New password"), Help: i18n.T(ctx, passwordHelp), Autofocus: true},
			{Name: "password_again", Label: i18n.T(ctx, "New password again")},
		},
	}
	for i := range page.Fields {
		f := &page.Fields[i]
		f.Control, f.Autocomplete, f.Required = ui.ControlPassword, "new-password", true
	}
	return page
}

// Reset sets the new password by the link of a mail, and says where it can be used.
func (b *Backoffice) Reset(c *fiber.Ctx) error {
	ctx := c.UserContext()
	typed, differ := newPassword(c)
	user, err := b.Users.Accounts.ResetPassword(ctx, accounts.ResetInput{UID: c.Query("uid"), Token: c.Query("token"), NewPassword: typed})
	page := b.reset(c)
	if err := differ.with(err); err != nil {
		return rejectAsk(c, page, err)
	}
	page.Fields, page.Done = nil, i18n.T(ctx, "Your password is changed, and you are logged out everywhere.")
	if user.IsStaff {
		page.BackURL, page.BackLabel = "/admin/login/", i18n.T(ctx, "Log in")
	}
	return admin.Render(c, staff.AskPage(page))
}

// rejectAsk shows the form again with what is wrong.
func rejectAsk(c *fiber.Ctx, page staff.Ask, err error) error {
	p, ok := problem.As(err)
	if !ok {
		return err
	}
	words := admin.AllWords(c.UserContext(), p)
	for i := range page.Fields {
		page.Fields[i].Errors = words[page.Fields[i].Name]
	}
	if len(words[""]) > 0 {
		page.Error = words[""][0]
	}
	return &admin.Rejected{Err: err, Page: staff.AskPage(page)}
}

// twice tells whether a new password was typed the same way twice.
type twice bool

// newPassword is the one that was typed, or none where the two differ: it is refused
// then, with all else that is wrong.
func newPassword(c *fiber.Ctx) (string, twice) {
	typed := c.FormValue("new_password")
	if typed != c.FormValue("password_again") {
		return "", false
	}
	return typed, true
}

// with says of two that differ what is wrong, in the place of what is said of none.
func (same twice) with(err error) error {
	p, ok := problem.As(err)
	if bool(same) || !ok || p.Fields == nil {
		return err
	}
	delete(p.Fields, "new_password")
	p.Fields.Add("password_again", "The two passwords are not the same.")
	return p.Fields.Problem()
}

// ChangePassword sets a member of staff's own password and ends their other logins.
func (b *Backoffice) ChangePassword(c *fiber.Ctx) error {
	ctx := c.UserContext()
	proof := b.loginInput(c)
	proof.Password = c.FormValue("current_password")
	typed, differ := newPassword(c)
	token, err := b.Users.Accounts.ChangeStaffPassword(ctx, models.ActorOf(ctx).User, proof, typed)
	err = differ.with(err)
	if p, ok := problem.As(err); ok {
		page, pageErr := b.profile(c)
		if pageErr != nil {
			return pageErr
		}
		page.PasswordErrors = admin.AllWords(ctx, p)
		if general := page.PasswordErrors[""]; general != nil {
			page.PasswordErrors["current_password"] = general
		}
		return &admin.Rejected{Err: err, Page: staff.ProfilePage(page)}
	}
	if err != nil {
		return err
	}
	if err := b.flash(c, models.TonePositive, i18n.T(ctx, "Your password is changed. You are logged out everywhere else.")); err != nil {
		return err
	}
	return b.welcome(c, token, profileURL)
}
