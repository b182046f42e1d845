package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/markbates/goth"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/views/i18n"
)

// Callback ends the flow: whatever happens, the browser is sent on, and no answer
// holds more than a code.
func (f *Flow) Callback(c *fiber.Ctx) error {
	p, err := f.provider(c)
	if err != nil {
		return err
	}
	s, err := f.readState(c, p)
	if err == nil {
		err = f.complete(c, p, s)
	}
	if err != nil {
		return f.refuse(c, s, err)
	}
	return nil
}

// complete does what the flow was for.
func (f *Flow) complete(c *fiber.Ctx, p provider, s state) error {
	id, err := p.identity(c, s)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	switch {
	case s.Staff && s.ConnectTo != 0:
		return f.Backoffice.ConnectSocial(c, s.ConnectTo, id)
	case s.Staff:
		return f.Backoffice.WelcomeSocial(c, id, s.Next)
	case s.ConnectTo != 0:
		code, err := f.Logins.IssueConfirmCode(ctx, s.ConnectTo, id)
		if err != nil {
			return err
		}
		return f.toFrontend(c, url.Values{"connect": {code}, "provider": {p.name}})
	case f.Compat:
		pair, err := f.Logins.LogInWithTokens(ctx, id, accounts.LoginInput{IPAddress: models.ActorOf(ctx).IP, UserAgent: c.Get(fiber.HeaderUserAgent)})
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
		return f.toFrontend(c, url.Values{"access": {pair.Access}, "refresh": {pair.Refresh}, "username": {pair.Username}})
	}
	code, err := f.Logins.LogIn(ctx, id)
	if err != nil {
		return err
	}
	return f.toFrontend(c, url.Values{"code": {code}})
}

// identity asks the provider who came back.
func (p provider) identity(c *fiber.Ctx, s state) (accounts.Identity, error) {
	switch refusal := c.Query("error"); refusal {
	case "":
	case "access_denied":
		return accounts.Identity{}, problem.New(problem.Forbidden, "denied", "The login was cancelled at the provider.")
	default:
		return accounts.Identity{}, fmt.Errorf("the provider refuses: %.100q", refusal)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), providerTime)
	defer cancel()
	by := p.at(ctx, p.callback(c))
	handshake, err := by.UnmarshalSession(s.Handshake)
	if err != nil {
		return accounts.Identity{}, err
	}
	if _, err := handshake.Authorize(by, url.Values{"code": {c.Query("code")}}); err != nil {
		return accounts.Identity{}, err
	}
	user, err := by.FetchUser(handshake)
	if err != nil {
		return accounts.Identity{}, err
	}
	if user.UserID == "" {
		return accounts.Identity{}, errors.New("the provider names no person")
	}
	return identityOf(user, i18n.Lang(c.UserContext())), nil
}

func identityOf(user goth.User, lang string) accounts.Identity {
	isVerified, _ := user.RawData[verified].(bool)
	return accounts.Identity{
		Provider: models.SocialProvider(user.Provider), Subject: user.UserID, Email: user.Email, EmailVerified: isVerified,
		Nickname: user.NickName, FirstName: user.FirstName, LastName: user.LastName, Language: lang,
	}
}

// refuse sends the browser back to where the flow began, with what went wrong. All
// that is no problem of the person's is the provider's to them; the log says more.
func (f *Flow) refuse(c *fiber.Ctx, s state, err error) error {
	p, ok := problem.As(err)
	if !ok {
		p = problem.New(problem.Unavailable, "provider_error", "The provider does not answer as it should.")
	}
	f.Log.WarnContext(c.UserContext(), "social login refused", slog.String("provider", c.Params("provider")),
		slog.String("code", p.Code), slog.Any("cause", err), slog.String("ip", models.ActorOf(c.UserContext()).IP))
	if s.Staff {
		return f.Backoffice.SocialRefused(c, p, s.ConnectTo != 0)
	}
	return f.toFrontend(c, url.Values{"error": {p.Code}})
}

// toFrontend goes to one page of one site, whatever the request says.
func (f *Flow) toFrontend(c *fiber.Ctx, query url.Values) error {
	return c.Redirect(f.FrontendURL+"/auth/callback?"+query.Encode(), http.StatusFound)
}
