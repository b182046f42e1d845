package backoffice

import (
	"fmt"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

// eraseLink leads from a row of a model to the page that erases the person whom it is about.
func (b *Backoffice) eraseLink(slug string) admin.Link {
	return admin.Link{Label: "Erase the person…", URL: "erase/", Needs: models.Purge, Danger: true, Get: b.erasePage(slug), Post: b.erase(slug)}
}

// erasePage says what is erased of the person whom a row of a model is about, and asks.
func (b *Backoffice) erasePage(slug string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx := c.UserContext()
		address, err := b.personOf(c, slug)
		if err != nil {
			return err
		}
		person, err := b.Erasure.Of(ctx, address)
		if err != nil {
			return err
		}
		list := fmt.Sprintf("/admin/%s/", slug)
		row := list + c.Params("id") + "/"
		confirm := adminpages.Confirm{
			Title:    i18n.T(ctx, "Erase %s?", person.Address),
			Question: i18n.T(ctx, "This cannot be brought back. The history keeps that something was, but not what. It takes what is listed here, the address out of every other text, and the files of all exports and imports:"),
			Objects:  b.Site.RelatedLines(ctx, person.Removes()), URL: row + "erase/", CancelURL: row, Submit: i18n.T(ctx, "Erase for good"),
			Params: []adminpages.Param{{Name: "address", Value: address}},
		}
		refused, err := b.Users.Refusals(ctx, models.Purge, person.Users())
		if err != nil {
			return err
		}
		for _, refusal := range refused {
			confirm.Refused, confirm.Submit = append(confirm.Refused, refusal.Label+": "+admin.Words(ctx, refusal.Why.Message)), ""
		}
		confirm.Frame, err = b.frame(c, confirm.Title, layout.Crumb{Label: b.Site.Plural(ctx, slug), URL: list}, layout.Crumb{Label: address, URL: row},
			layout.Crumb{Label: i18n.T(ctx, "Erase for good")})
		if err != nil {
			return err
		}
		return admin.Render(c, adminpages.ConfirmPage(confirm))
	}
}

// erase erases the person whom a row of a model is about, where it still is the one that
// the page asked about.
func (b *Backoffice) erase(slug string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx := c.UserContext()
		address, err := b.personOf(c, slug)
		if err != nil {
			return err
		}
		if c.FormValue("address") != address {
			return problem.New(problem.Conflict, "conflict", "The address was changed meanwhile. Look again at what will be erased.")
		}
		if err := b.Erasure.Erase(ctx, address); err != nil {
			return err
		}
		if err := b.flash(c, models.TonePositive, i18n.T(ctx, "The person is erased.")); err != nil {
			return err
		}
		return c.Redirect(fmt.Sprintf("/admin/%s/", slug), fiber.StatusSeeOther)
	}
}

func (b *Backoffice) personOf(c *fiber.Ctx, slug string) (string, error) {
	id, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil {
		return "", problem.ErrNotFound()
	}
	return b.Erasure.Address(c.UserContext(), slug, id)
}
