package backoffice

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
)

// socialLinks are the buttons of the login page.
func (b *Backoffice) socialLinks(next string) []staff.SocialLink {
	var links []staff.SocialLink
	for _, provider := range b.Offered {
		links = append(links, staff.SocialLink{
			Label: provider.Label(), URL: "/admin/login/" + string(provider) + "/?next=" + url.QueryEscape(next),
		})
	}
	return links
}

// WelcomeSocial logs in a member of staff for whom a provider vouches.
func (b *Backoffice) WelcomeSocial(c *fiber.Ctx, id accounts.Identity, next string) error {
	ctx := c.UserContext()
	actor := models.ActorOf(ctx)
	actor.Channel = models.ChannelBackoffice // the callback is of both
	token, err := b.Social.LogInStaff(models.WithActor(ctx, actor), id, b.loginInput(c))
	if err != nil {
		return err
	}
	return b.welcome(c, token, next)
}

// SocialRefused says what went wrong at the provider where the person set out: on the
// login page, or on the profile of who wanted to link an identity.
func (b *Backoffice) SocialRefused(c *fiber.Ctx, p *problem.Problem, connecting bool) error {
	if err := b.flash(c, models.ToneNegative, admin.Words(c.UserContext(), p.Message)); err != nil {
		return err
	}
	if connecting {
		return c.Redirect(profileURL, http.StatusSeeOther)
	}
	return c.Redirect("/admin/login/", http.StatusSeeOther)
}

// LeaveTo sends the browser to the provider by way of a page: the content policy lets
// no form lead to another site, not even by a redirect.
func (b *Backoffice) LeaveTo(c *fiber.Ctx, provider models.SocialProvider, target string) error {
	c.Set("Refresh", "0; url="+target)
	return admin.Render(c, staff.LeavePage(staff.Leave{
		Frame: b.BareFrame(c, i18n.T(c.UserContext(), "One moment…")), To: staff.SocialLink{Label: provider.Label(), URL: target}, BackURL: profileURL,
	}))
}

// ConnectSocial links an identity to the member of staff who set out for it and is
// still the one logged in here.
func (b *Backoffice) ConnectSocial(c *fiber.Ctx, userID int64, id accounts.Identity) error {
	if err := b.signIn(c); err != nil {
		return err
	}
	ctx := c.UserContext()
	if models.ActorOf(ctx).UserID() != userID {
		return accounts.StateMismatch()
	}
	if err := b.Social.Link(ctx, userID, id); err != nil {
		return err
	}
	if err := b.flash(c, models.TonePositive, i18n.T(ctx, "You can log in with %s now.", id.Provider.Label())); err != nil {
		return err
	}
	return c.Redirect(profileURL, http.StatusSeeOther)
}

// socialAccountsModel declares the identities that people log in with. Deleting one
// unlinks it.
func socialAccountsModel(logins *accounts.SocialLogins) *admin.Model[models.SocialAccount] {
	return &admin.Model[models.SocialAccount]{
		Slug: models.SocialAccountsSlug, Name: "Social account", Plural: "Social accounts",
		Group: "People", Icon: "key",
		List:    []string{"user.username", "provider", "email", "created_at", "last_login"},
		Filters: []string{"provider", "created_at", "last_login"},
		Search:  []string{"user.username", "email", "subject"}, Unindexed: true, // of two tables
		Dates: "created_at",
		Fieldsets: []admin.Fieldset{
			{Title: "Identity", Fields: []string{"user.username", "provider", "email", "subject"}},
			{Title: "Timestamps", Fields: []string{"created_at", "last_login"}},
		},
		Labels: map[string]string{
			"user.username": "User", "email": "Provider's e-mail", "subject": "Provider's id", "created_at": "Linked", "last_login": "Last login",
		},
		Excerpt: "email",
		Title:   func(row *models.SocialAccount) string { return row.User.Username + ", " + row.Provider.Label() },
		Hint:    "Who logs in with Google or GitHub appears here.",
		Delete:  logins.UnlinkAll,
	}
}
