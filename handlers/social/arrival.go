package social

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/markbates/goth"

	"digitalpath/handlers/api"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services"
	"digitalpath/views/i18n"
)

// Callback ends the trip: whatever happens, the browser is sent on, and no answer
// holds more than a code.
func (t *Trip) Callback(c *fiber.Ctx) error {
	p, err := t.provider(c)
	if err != nil {
		return err
	}
	j, err := t.comeBack(c, p)
	if err == nil {
		err = t.arrive(c, p, j)
	}
	if err != nil {
		return t.refuse(c, j, err)
	}
	return nil
}

// arrive does what the trip was for.
func (t *Trip) arrive(c *fiber.Ctx, p provider, j journey) error {
	id, err := p.identity(c, j)
	if err != nil {
		return err
	}
	ip, _ := c.Locals(api.ClientIP).(string)
	ctx := models.WithActor(c.UserContext(), models.Actor{IP: ip, Channel: models.ChannelAPI})
	switch {
	case j.Staff && j.ConnectTo != 0:
		return t.Backoffice.ConnectSocial(c, j.ConnectTo, id)
	case j.Staff:
		return t.Backoffice.WelcomeSocial(c, id, j.Next)
	case j.ConnectTo != 0:
		code, err := t.Logins.IssueConfirmCode(ctx, j.ConnectTo, id)
		if err != nil {
			return err
		}
		return t.toFrontend(c, url.Values{"connect": {code}, "provider": {p.name}})
	case t.Compat:
		pair, err := t.Logins.LogInWithTokens(ctx, id, services.LoginInput{IPAddress: ip, UserAgent: c.Get(fiber.HeaderUserAgent)})
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
		return t.toFrontend(c, url.Values{"access": {pair.Access}, "refresh": {pair.Refresh}, "username": {pair.Username}})
	}
	code, err := t.Logins.LogIn(ctx, id)
	if err != nil {
		return err
	}
	return t.toFrontend(c, url.Values{"code": {code}})
}

// identity asks the provider who came back.
func (p provider) identity(c *fiber.Ctx, j journey) (services.Identity, error) {
	switch refusal := c.Query("error"); refusal {
	case "":
	case "access_denied":
		return services.Identity{}, problem.New(problem.Forbidden, "denied", "The login was cancelled at the provider.")
	default:
		return services.Identity{}, fmt.Errorf("the provider refuses: %.100q", refusal)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), providerTime)
	defer cancel()
	by := p.at(ctx, p.callback(c))
	handshake, err := by.UnmarshalSession(j.Handshake)
	if err != nil {
		return services.Identity{}, err
	}
	if _, err := handshake.Authorize(by, url.Values{"code": {c.Query("code")}}); err != nil {
		return services.Identity{}, err
	}
	user, err := by.FetchUser(handshake)
	if err != nil {
		return services.Identity{}, err
	}
	if user.UserID == "" {
		return services.Identity{}, errors.New("the provider names no person")
	}
	return identityOf(user, i18n.Lang(c.UserContext())), nil
}

func identityOf(user goth.User, lang string) services.Identity {
	isVerified, _ := user.RawData[verified].(bool)
	return services.Identity{
		Provider: models.SocialProvider(user.Provider), Subject: user.UserID, Email: user.Email, EmailVerified: isVerified,
		Nickname: user.NickName, FirstName: user.FirstName, LastName: user.LastName, Language: lang,
	}
}

// refuse sends the browser back to where the trip began, with what went wrong. All
// that is no problem of the person's is the provider's to them; the log says more.
func (t *Trip) refuse(c *fiber.Ctx, j journey, err error) error {
	p, ok := problem.As(err)
	if !ok {
		p = problem.New(problem.Unavailable, "provider_error", "The provider does not answer as it should.")
	}
	t.Log.WarnContext(c.UserContext(), "social login refused", slog.String("provider", c.Params("provider")),
		slog.String("code", p.Code), slog.Any("cause", err), slog.Any("ip", c.Locals(api.ClientIP)))
	if j.Staff {
		return t.Backoffice.SocialRefused(c, p, j.ConnectTo != 0)
	}
	return t.toFrontend(c, url.Values{"error": {p.Code}})
}

// toFrontend goes to one page of one site, whatever the request says.
func (t *Trip) toFrontend(c *fiber.Ctx, query url.Values) error {
	return c.Redirect(t.FrontendURL+"/auth/callback?"+query.Encode(), http.StatusFound)
}
