// Package backoffice holds the declarations of the back office's models, in menu
// order, and its bespoke pages.
package backoffice

import (
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/accounts"
	"digitalpath/services/contact"
	"digitalpath/services/doctor"
	"digitalpath/services/erasure"
	"digitalpath/services/jobs"
	"digitalpath/services/outbox"
	"digitalpath/services/projects"
	"digitalpath/services/waitlist"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/workers"
)

// preferenceLife is how long a browser keeps the language and the theme, in seconds.
const preferenceLife = 365 * 24 * 60 * 60

// Backoffice is what the bespoke pages need, set once in wire.go.
type Backoffice struct {
	Site       *admin.Site
	Waitlist   *waitlist.Service
	Contact    *contact.Service
	Projects   *projects.Service
	Users      *accounts.Users
	Groups     *accounts.Groups
	Logins     *accounts.Logins
	Superusers *accounts.Superusers
	Social     *accounts.SocialLogins
	Erasure    *erasure.Service
	Offered    []models.SocialProvider // those with credentials
	Outbox     *outbox.Outbox
	Jobs       *jobs.Jobs
	Queue      *workers.Queue
	Doctor     *doctor.Doctor
	MailFiles  workers.Mailbox // served with debug on only
	Log        *slog.Logger
	Now        func() time.Time
	Debug      bool
	TimeZone   *time.Location // of who has chosen none

	cookies *sessions.CookieStore // what a browser keeps by itself, signed
	staff   sessions.Store        // staff logins, kept in the database
}

// Open prepares the cookie stores, signed with secret, declares the models, and tells the
// jobs what they do. It fails where a declaration names something that does not exist.
func (b *Backoffice) Open(secrets []string) error {
	if err := b.complete(); err != nil {
		return err
	}
	b.cookies = NewCookieStore(secrets, "browser", b.Debug, preferenceLife)
	b.staff = &staffStore{logins: b.Logins, options: cookieOptions(b.Debug, int(accounts.SessionLife.Seconds()))}
	b.Site.Frame, b.Site.Flash, b.Site.FlashUndo, b.Site.Enqueue = b.frame, b.flash, b.flashUndo, b.enqueue
	b.Jobs.Kinds, b.Jobs.Explain = b.jobKinds(), b.explain
	b.Site.Translated = i18n.Translated
	b.Site.Pages, b.Site.Imports = b.pages(), b.imports
	b.Site.Register(b.contactModel(), b.waitlistModel(), b.projectsModel(),
		b.usersModel(), groupsModel(b.Groups), socialAccountsModel(b.Social), historyModel(b.Site, b.Users), b.mailModel(), b.deadLettersModel())
	if err := b.Site.Check(); err != nil {
		return fmt.Errorf("declare the back office: %w", err)
	}
	return nil
}

// pages are the coded ones, each with the right that it takes. Those of a model are in its
// declaration.
func (b *Backoffice) pages() []admin.Page {
	return []admin.Page{
		{Label: "Dashboard", URL: "/admin/", Icon: "dashboard", Get: b.Dashboard},
		{URL: "/admin/profile/", Get: b.Profile, Post: b.SaveProfile},
		{URL: "/admin/profile/password/", Post: b.ChangePassword},
		{URL: "/admin/profile/logins/:login/end/", Post: b.EndLogin}, // one's own alone
		{URL: "/admin/profile/disconnect/:provider", Post: b.Disconnect},
		{Group: "System", Label: "Mail queue", URL: queueURL, Icon: "mail", Slug: models.ContactSlug, Get: b.QueuePage},
		{Group: "System", Label: "Background jobs", URL: jobsURL, Icon: "clock", Get: b.JobsPage},
		{URL: jobsURL + ":id/", Get: b.JobPage}, // one's own, as the jobs see to
		{URL: jobsURL + ":id/cancel/", Post: b.CancelJob},
		{URL: jobsURL + ":id/failures/", Get: b.JobFailures},
		{URL: jobsURL + ":id/file/", Get: b.JobFile},
		{Group: "System", Label: "Health", URL: healthURL, Icon: "check", Slug: healthSlug, Get: b.HealthPage},
		{URL: tokenURL, Slug: healthSlug, Get: b.TokenPage, Post: b.TokenPage},
	}
}

// complete refuses a part that nobody set: a page would fail for it when it is opened.
func (b *Backoffice) complete() error {
	value := reflect.ValueOf(b).Elem()
	for _, field := range reflect.VisibleFields(value.Type()) {
		part := value.FieldByIndex(field.Index)
		if kind := part.Kind(); field.IsExported() && (kind == reflect.Pointer || kind == reflect.Func) && part.IsNil() {
			return fmt.Errorf("back office: %s is not set; wire.go says who gets what", field.Name)
		}
	}
	return nil
}

// frame is what every page behind the login shows around its content.
func (b *Backoffice) frame(c *fiber.Ctx, title string, crumbs ...layout.Crumb) (layout.Frame, error) {
	frame := b.BareFrame(c, title)
	frame.Crumbs = crumbs
	frame.User = models.ActorOf(c.UserContext()).User.FullName()
	var err error
	frame.Menu, err = b.Site.Menu(c.UserContext(), c.Path())
	return frame, err
}

// BareFrame is the frame of pages without a login. The title is in the reader's
// language already.
func (b *Backoffice) BareFrame(c *fiber.Ctx, title string) layout.Frame {
	frame := layout.Frame{Title: title, Path: c.OriginalURL()}
	if browser := browserOf(c); browser != nil {
		frame.CSRF, frame.Theme, frame.NoKeys = browser.csrf(), browser.text("theme"), browser.text("keys") == layout.KeyChoices[1]
		if c.Get("HX-Request") == "" {
			frame.Flashes = browser.takeFlashes(c) // a fragment has no place for them
		}
	}
	return frame
}

// ErrorFrame is the frame of a page about an error: with the menu for whoever is
// logged in, unless the database, which it is read from, does not answer.
func (b *Backoffice) ErrorFrame(c *fiber.Ctx, title string, status int) layout.Frame {
	if models.ActorOf(c.UserContext()).User == nil || status == fiber.StatusServiceUnavailable {
		return b.BareFrame(c, title)
	}
	frame, err := b.frame(c, title, layout.Crumb{Label: title})
	if err != nil {
		frame.User = "" // no menu, then
	}
	return frame
}

func (b *Backoffice) flash(c *fiber.Ctx, tone models.Tone, text string) error {
	return browserOf(c).addFlash(c, tone, text, "")
}

func (b *Backoffice) flashUndo(c *fiber.Ctx, text, url string) error {
	return browserOf(c).addFlash(c, models.TonePositive, text, url)
}
