package backoffice

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
)

const profileURL = "/admin/profile/"

// Profile shows a member of staff their own account, and where it is logged in.
func (b *Backoffice) Profile(c *fiber.Ctx) error {
	page, err := b.profile(c)
	if err != nil {
		return err
	}
	return admin.Render(c, staff.ProfilePage(page))
}

func (b *Backoffice) profile(c *fiber.Ctx) (staff.Profile, error) {
	ctx := c.UserContext()
	identities, err := b.Social.Linked(ctx, models.ActorOf(ctx).UserID())
	if err != nil {
		return staff.Profile{}, err
	}
	linked := map[models.SocialProvider]models.SocialAccount{}
	for _, account := range identities {
		linked[account.Provider] = account
	}
	user := models.ActorOf(ctx).User
	page := staff.Profile{
		You: staff.You{
			Username: user.Username, Email: user.Email, FirstName: user.FirstName, LastName: user.LastName, TimeZone: user.TimeZone,
			TimeZoneDefault: b.TimeZone.String(), Language: i18n.Lang(ctx),
		},
	}
	if page.Logins, err = b.ownLogins(c); err != nil {
		return staff.Profile{}, err
	}
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

// SaveProfile changes what a member of staff is called, and in which language and whose
// days they read. What the form does not send stays.
func (b *Backoffice) SaveProfile(c *fiber.Ctx) error {
	ctx, user := c.UserContext(), *models.ActorOf(c.UserContext()).User
	sent := func(name string) *string {
		if !c.Request().PostArgs().Has(name) {
			return nil
		}
		value := strings.TrimSpace(c.FormValue(name))
		return &value
	}
	own := accounts.Own{FirstName: sent("first_name"), LastName: sent("last_name"), TimeZone: sent("time_zone")}
	if language := c.FormValue("language"); slices.Contains(i18n.Languages, language) {
		own.Language = &language
		if err := browserOf(c).set(c, "lang", language); err != nil {
			return err
		}
	}
	err := b.Users.Accounts.ChangeOwn(ctx, &user, own)
	if p, ok := problem.As(err); ok {
		page, pageErr := b.profile(c)
		if pageErr != nil {
			return pageErr
		}
		page.You.TimeZone, page.You.FirstName, page.You.LastName = user.TimeZone, user.FirstName, user.LastName
		if own.TimeZone != nil {
			page.You.TimeZone = *own.TimeZone
		}
		page.You.Errors = admin.AllWords(ctx, p)
		return &admin.Rejected{Err: err, Page: staff.ProfilePage(page)}
	}
	if err != nil {
		return err
	}
	return b.profileSaid(c, i18n.T(i18n.With(ctx, cmp.Or(c.FormValue("language"), i18n.Lang(ctx))), "Your profile is changed."))
}

// EndLogin ends one of somebody's own logins.
func (b *Backoffice) EndLogin(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := strconv.ParseInt(c.Params("login"), 10, 64)
	if err != nil {
		return problem.ErrNotFound()
	}
	if err := b.Users.Accounts.EndSession(ctx, models.ActorOf(ctx).UserID(), id); err != nil {
		return err
	}
	return b.profileSaid(c, i18n.T(ctx, "The login is ended."))
}

func (b *Backoffice) profileSaid(c *fiber.Ctx, sentence string) error {
	if err := b.flash(c, models.TonePositive, sentence); err != nil {
		return err
	}
	return c.Redirect(profileURL, http.StatusSeeOther)
}

// ownLogins are the open logins of who asks, that of this very browser marked.
func (b *Backoffice) ownLogins(c *fiber.Ctx) ([]staff.ProfileLogin, error) {
	ctx := c.UserContext()
	sessions, err := b.Users.Accounts.Sessions(ctx, models.ActorOf(ctx).UserID())
	if err != nil {
		return nil, err
	}
	here, err := ReadCookie(c, b.staff, CookieName("sessionid", b.Debug))
	if err != nil {
		return nil, err
	}
	logins := make([]staff.ProfileLogin, len(sessions))
	for i, session := range sessions {
		event := loginEvent(ctx, session, b.Now())
		logins[i] = staff.ProfileLogin{
			Where: event.Title, From: event.Text, Agent: session.UserAgent, Seen: session.LastSeenAt, Here: accounts.Opens(here.ID, session),
			EndURL: profileURL + "logins/" + strconv.FormatInt(session.ID, 10) + "/end/",
		}
	}
	return logins, nil
}
