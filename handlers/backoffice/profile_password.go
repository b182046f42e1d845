package backoffice

import (
	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
)

// ChangePassword sets a member of staff's own password and ends their other logins.
func (b *Backoffice) ChangePassword(c *fiber.Ctx) error {
	ctx := c.UserContext()
	proof := b.loginInput(c)
	proof.Password = c.FormValue("current_password")
	err := error(problem.Field("password_again", "The two passwords are not the same."))
	var token string
	if c.FormValue("password_again") == c.FormValue("new_password") {
		token, err = b.Users.Accounts.ChangeStaffPassword(ctx, models.ActorOf(ctx).User, proof, c.FormValue("new_password"))
	}
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
