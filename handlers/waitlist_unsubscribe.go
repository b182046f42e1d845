package handlers

import (
	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
)

// unsubscribePage asks before it ends the mails: programs that look at the links of
// a mail must not do it.
func (a *App) unsubscribePage(c *fiber.Ctx) error {
	c.SetUserContext(i18n.With(c.UserContext(), i18n.Match(c.Get(fiber.HeaderAcceptLanguage))))
	address := c.Query("address")
	if err := a.Waitlist.Links.Check(address, c.Query("token")); err != nil {
		return err
	}
	return admin.Render(c, staff.UnsubscribePage(staff.Unsubscribe{
		Frame: a.Backoffice.BareFrame(c, i18n.T(c.UserContext(), "Unsubscribe")), URL: c.OriginalURL(), Address: models.DisplayEmail(address),
	}))
}

// unsubscribe answers the page's button and, after RFC 8058, the mail program's. The
// token in the URL is all that it takes: no login, no cookie.
func (a *App) unsubscribe(c *fiber.Ctx) error {
	c.SetUserContext(i18n.With(c.UserContext(), i18n.Match(c.Get(fiber.HeaderAcceptLanguage))))
	address := c.Query("address")
	if err := a.Waitlist.Unsubscribe(c.UserContext(), address, c.Query("token")); err != nil {
		return err
	}
	return admin.Render(c, staff.UnsubscribePage(staff.Unsubscribe{
		Frame: a.Backoffice.BareFrame(c, i18n.T(c.UserContext(), "Unsubscribe")), Address: models.DisplayEmail(address),
	}))
}
