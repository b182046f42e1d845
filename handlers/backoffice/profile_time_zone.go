package backoffice

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
)

// ChangeTimeZone chooses whose days and times a member of staff is shown.
func (b *Backoffice) ChangeTimeZone(c *fiber.Ctx) error {
	ctx := c.UserContext()
	err := b.Users.Accounts.SetTimeZone(ctx, models.ActorOf(ctx).User, c.FormValue("time_zone"))
	if p, ok := problem.As(err); ok {
		page, pageErr := b.profile(c)
		if pageErr != nil {
			return pageErr
		}
		page.TimeZone, page.TimeZoneErrors = c.FormValue("time_zone"), admin.AllWords(ctx, p)["time_zone"]
		return &admin.Rejected{Err: err, Page: staff.ProfilePage(page)}
	}
	if err != nil {
		return err
	}
	if err := b.flash(c, models.TonePositive, i18n.T(ctx, "Your time zone is changed.")); err != nil {
		return err
	}
	return c.Redirect(profileURL, http.StatusSeeOther)
}
