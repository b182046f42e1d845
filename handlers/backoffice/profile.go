package backoffice

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
)

const profileURL = "/admin/profile/"

// Profile shows a member of staff what they can log in with.
func (b *Backoffice) Profile(c *fiber.Ctx) error {
	page, err := b.profile(c)
	if err != nil {
		return err
	}
	return admin.Render(c, staff.ProfilePage(page))
}

func (b *Backoffice) profile(c *fiber.Ctx) (staff.Profile, error) {
	ctx := c.UserContext()
	accounts, err := b.Social.Linked(ctx, models.ActorOf(ctx).UserID())
	if err != nil {
		return staff.Profile{}, err
	}
	linked := map[models.SocialProvider]models.SocialAccount{}
	for _, account := range accounts {
		linked[account.Provider] = account
	}
	page := staff.Profile{TimeZone: models.ActorOf(ctx).User.TimeZone, TimeZoneDefault: b.TimeZone.String()}
	for _, choice := range models.SocialProvider("").Choices() {
		provider := models.SocialProvider(choice.Value)
		account, isLinked := linked[provider]
		if !isLinked && !slices.Contains(b.Offered, provider) {
			continue
		}
		page.Providers = append(page.Providers, staff.ProfileProvider{
			Label: choice.Label, Email: account.Email, Linked: isLinked,
			ConnectURL: profileURL + "connect/" + choice.Value + "/", DisconnectURL: profileURL + "disconnect/" + choice.Value + "/",
		})
	}
	title := i18n.T(ctx, "Your profile")
	page.Frame, err = b.frame(c, title, layout.Crumb{Label: title})
	return page, err
}

// Disconnect unlinks an identity from the member of staff.
func (b *Backoffice) Disconnect(c *fiber.Ctx) error {
	ctx, provider := c.UserContext(), models.SocialProvider(c.Params("provider"))
	err := b.Social.Unlink(ctx, models.ActorOf(ctx).UserID(), provider)
	tone, text := models.TonePositive, i18n.T(ctx, "You can't log in with %s any more.", provider.Label())
	if p, ok := problem.As(err); ok && p.Kind == problem.Conflict {
		tone, text, err = models.ToneNegative, admin.Words(ctx, p.Message), nil
	}
	if err != nil {
		return err
	}
	if err := b.flash(c, tone, text); err != nil {
		return err
	}
	return c.Redirect(profileURL, http.StatusSeeOther)
}

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
