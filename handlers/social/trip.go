package social

import (
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/handlers/api"
	"digitalpath/handlers/backoffice"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services"
)

// Trip serves the start and the callback of each provider that has credentials.
type Trip struct {
	Logins      *services.SocialLogins
	Backoffice  *backoffice.Backoffice
	FrontendURL string // without a slash at its end
	Compat      bool   // tokens in the redirect's query, as the Django program meant it
	Log         *slog.Logger

	providers map[string]provider
	cookies   *sessions.CookieStore
	cookie    string
}

// Open prepares the providers that have credentials, and the cookie that binds a
// trip to its browser. Nothing of a trip is held here: any replica can finish what
// another began.
func (t *Trip) Open(secret string, debug bool, googleApp, githubApp Credentials) {
	t.providers = map[string]provider{}
	for _, p := range []provider{google(googleApp), github(githubApp)} {
		if p.config.ClientID != "" && p.config.ClientSecret != "" {
			t.providers[p.name] = p
		}
	}
	t.cookies = backoffice.NewCookieStore(secret, "social login", debug, int(services.TripLife.Seconds()))
	t.cookie = backoffice.CookieName("social_login", debug)
}

// Offered lists the providers that have credentials, in the order of their buttons.
func (t *Trip) Offered() []models.SocialProvider {
	var offered []models.SocialProvider
	for _, choice := range models.SocialProvider("").Choices() {
		if _, ok := t.providers[choice.Value]; ok {
			offered = append(offered, models.SocialProvider(choice.Value))
		}
	}
	return offered
}

// Start sends a visitor to the provider. ?connect= is the code of somebody who is
// signed in and wants to link the identity to their account.
func (t *Trip) Start(c *fiber.Ctx) error {
	p, err := t.provider(c)
	if err != nil {
		return err
	}
	var j journey
	if code := c.Query("connect"); code != "" {
		if j.ConnectTo, err = t.Logins.RedeemConnectCode(c.UserContext(), code); err != nil {
			return t.refuse(c, j, err)
		}
	}
	return t.leave(c, p, j)
}

// StartStaff sends somebody from the back office's login page to the provider.
func (t *Trip) StartStaff(c *fiber.Ctx) error {
	p, err := t.provider(c)
	if err != nil {
		return err
	}
	j := journey{Staff: true, Next: c.Query("next")}
	if len(j.Next) > maxNext {
		j.Next = ""
	}
	return t.leave(c, p, j)
}

// ConnectStaff sends a member of staff from their profile to the provider, to link
// the identity.
func (t *Trip) ConnectStaff(c *fiber.Ctx) error {
	p, err := t.provider(c)
	if err != nil {
		return err
	}
	target, err := t.setOut(c, p, journey{Staff: true, ConnectTo: models.ActorOf(c.UserContext()).UserID()})
	if err != nil {
		return err
	}
	return t.Backoffice.LeaveTo(c, models.SocialProvider(p.name), target)
}

func (t *Trip) provider(c *fiber.Ctx) (provider, error) {
	p, ok := t.providers[c.Params("provider")]
	if !ok {
		return provider{}, problem.Missing()
	}
	return p, nil
}

func (t *Trip) leave(c *fiber.Ctx, p provider, j journey) error {
	target, err := t.setOut(c, p, j)
	if err != nil {
		return err
	}
	return c.Redirect(target, http.StatusFound)
}

// callback is the address that the provider's console knows.
func (p provider) callback(c *fiber.Ctx) string {
	backend, _ := c.Locals(api.BackendURL).(string)
	return backend + "/accounts/" + p.name + "/login/callback/"
}
