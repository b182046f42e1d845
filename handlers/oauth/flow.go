package oauth

import (
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/handlers/api"
	"digitalpath/handlers/backoffice"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
)

// Flow serves the start and the callback of each provider that has credentials.
type Flow struct {
	Logins      *accounts.SocialLogins
	Backoffice  *backoffice.Backoffice
	FrontendURL string // without a slash at its end
	Compat      bool   // tokens in the redirect's query, as the Django program meant it
	Log         *slog.Logger

	providers map[string]provider
	cookies   *sessions.CookieStore
	cookie    string
}

// Open prepares the providers that have credentials, and the cookie that binds a
// flow to its browser. Nothing of a flow is held here: any replica can finish what
// another began.
func (f *Flow) Open(secrets []string, debug bool, googleApp, githubApp Credentials) {
	f.providers = map[string]provider{}
	for _, p := range []provider{google(googleApp), github(githubApp)} {
		if p.config.ClientID != "" && p.config.ClientSecret != "" {
			f.providers[p.name] = p
		}
	}
	f.cookies = backoffice.NewCookieStore(secrets, "social login", debug, int(accounts.OAuthStateLife.Seconds()))
	f.cookie = backoffice.CookieName("social_login", debug)
}

// Offered lists the providers that have credentials, in the order of their buttons.
func (f *Flow) Offered() []models.SocialProvider {
	var offered []models.SocialProvider
	for _, choice := range models.SocialProvider("").Choices() {
		if _, ok := f.providers[choice.Value]; ok {
			offered = append(offered, models.SocialProvider(choice.Value))
		}
	}
	return offered
}

// Start sends a visitor to the provider. ?connect= is the code of somebody who is
// signed in and wants to link the identity to their account.
func (f *Flow) Start(c *fiber.Ctx) error {
	p, err := f.provider(c)
	if err != nil {
		return err
	}
	var s state
	if code := c.Query("connect"); code != "" {
		if s.ConnectTo, err = f.Logins.RedeemConnectCode(c.UserContext(), code); err != nil {
			return f.refuse(c, s, err)
		}
	}
	return f.redirect(c, p, s)
}

// StartStaff sends somebody from the back office's login page to the provider.
func (f *Flow) StartStaff(c *fiber.Ctx) error {
	p, err := f.provider(c)
	if err != nil {
		return err
	}
	s := state{Staff: true, Next: c.Query("next")}
	if len(s.Next) > maxNext {
		s.Next = ""
	}
	return f.redirect(c, p, s)
}

// ConnectStaff sends a member of staff from their profile to the provider, to link
// the identity.
func (f *Flow) ConnectStaff(c *fiber.Ctx) error {
	p, err := f.provider(c)
	if err != nil {
		return err
	}
	target, err := f.begin(c, p, state{Staff: true, ConnectTo: models.ActorOf(c.UserContext()).UserID()})
	if err != nil {
		return err
	}
	return f.Backoffice.LeaveTo(c, models.SocialProvider(p.name), target)
}

func (f *Flow) provider(c *fiber.Ctx) (provider, error) {
	p, ok := f.providers[c.Params("provider")]
	if !ok {
		return provider{}, problem.ErrNotFound()
	}
	return p, nil
}

func (f *Flow) redirect(c *fiber.Ctx, p provider, s state) error {
	target, err := f.begin(c, p, s)
	if err != nil {
		return err
	}
	return c.Redirect(target, http.StatusFound)
}

// callback is the address that the provider's console knows.
func (p provider) callback(c *fiber.Ctx) string {
	return api.BackendURL(c.UserContext()) + "/accounts/" + p.name + "/login/callback/"
}
