package backoffice

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

// browserLocal is the name of the fiber local that holds the browser.
const browserLocal = "browser"

// browser is what the person's browser keeps between requests, signed: the secret of
// its forms, the language and the theme chosen, and sentences for the next page.
type browser struct{ session *sessions.Session }

// Browser reads what the browser keeps, chooses the language, and refuses a change
// that comes from a page of another site.
func (b *Backoffice) Browser(c *fiber.Ctx) error {
	session, err := ReadCookie(c, b.cookies, CookieName("browser", b.Debug))
	if err != nil {
		session.IsNew = true // a cookie signed with an older secret; gorilla gives an empty one
	}
	here := &browser{session}
	c.Locals(browserLocal, here)
	if here.csrf() == "" {
		if err := here.renewCSRF(c); err != nil {
			return err
		}
	}
	lang := here.text("lang")
	if lang == "" {
		lang = i18n.Match(c.Get(fiber.HeaderAcceptLanguage))
	}
	c.SetUserContext(i18n.With(c.UserContext(), lang))
	if c.Method() != http.MethodGet && c.Method() != http.MethodHead {
		var guard http.CrossOriginProtection
		if guard.Check(standardRequest(c)) != nil {
			return formExpired()
		}
		if subtle.ConstantTimeCompare([]byte(c.FormValue("csrf_token")), []byte(here.csrf())) != 1 {
			return b.expired(c)
		}
	}
	return c.Next()
}

func formExpired() error {
	return problem.New(problem.Forbidden, "forbidden", "This form has expired. Go back, reload the page and try again.")
}

func browserOf(c *fiber.Ctx) *browser {
	here, _ := c.Locals(browserLocal).(*browser)
	return here
}

func (b *browser) text(name string) string {
	value, _ := b.session.Values[name].(string)
	return value
}

// csrf is the value that every form of this browser must send.
func (b *browser) csrf() string { return b.text("csrf") }

// renewCSRF makes forms opened before it, by whoever, worthless.
func (b *browser) renewCSRF(c *fiber.Ctx) error { return b.set(c, "csrf", rand.Text()) }

func (b *browser) set(c *fiber.Ctx, name, value string) error {
	b.session.Values[name] = value
	return SaveCookie(c, b.session)
}

// addFlash keeps a sentence; undoURL, which may be empty, has no space in it.
func (b *browser) addFlash(c *fiber.Ctx, tone models.Tone, text, undoURL string) error {
	b.session.AddFlash(string(tone) + "|" + undoURL + " " + text)
	return SaveCookie(c, b.session)
}

// takeFlashes empties the list: each sentence is shown once.
func (b *browser) takeFlashes(c *fiber.Ctx) []layout.Flash {
	var flashes []layout.Flash
	for _, kept := range b.session.Flashes() {
		line, _ := kept.(string)
		head, text, _ := strings.Cut(line, " ")
		tone, undoURL, _ := strings.Cut(head, "|")
		flashes = append(flashes, layout.Flash{Tone: tone, Text: text, UndoURL: undoURL})
	}
	if len(flashes) > 0 {
		// Failing to forget a sentence shows it twice, which is no reason to show an
		// error instead of the page.
		_ = SaveCookie(c, b.session)
	}
	return flashes
}

// SetPreferences keeps the language and the theme that somebody chose.
func (b *Backoffice) SetPreferences(c *fiber.Ctx) error {
	here := browserOf(c)
	for name, known := range map[string][]string{"lang": i18n.Languages, "theme": layout.Themes, "keys": layout.KeyChoices} {
		if value := c.FormValue(name); slices.Contains(known, value) { // the cookie has no place for just anything
			if err := here.set(c, name, value); err != nil {
				return err
			}
		}
	}
	return c.Redirect(ownPath(c.FormValue("next")), http.StatusSeeOther)
}

// ownPath is next where it is a path of this site, else the dashboard: what comes in
// with a request must not lead to another host.
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n\t") {
		return "/admin/"
	}
	return next
}
