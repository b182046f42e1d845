package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"digitalpath/admin"
	"digitalpath/handlers/backoffice"
)

// routes is the whole URL surface. Every route answers with and without its
// trailing slash.
func (a *App) routes(app *fiber.App) {
	requests, serveMetrics := a.metrics()
	app.Use(a.identify, withDeadline, a.measure(requests), a.setHeaders,
		recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: a.logPanic}), a.refuseEarly)

	app.Get("/healthz", a.healthz)
	app.Get("/readyz", a.readyz)
	app.Get("/metrics", a.guardMetrics, serveMetrics)

	app.Get("/static/*", serveStatic)
	app.Get("/", func(c *fiber.Ctx) error { return c.Redirect("/admin/", fiber.StatusSeeOther) })

	app.Use(a.preflight, onlyText)
	app.Get("/api/docs", a.Backoffice.Browser, a.serveDocs)
	a.API.Present, a.API.Refuse = a.present, a.handleError
	app.Get("/api/openapi.json", serveDocument(a.API.Register(app).OpenAPI()))

	app.Get("/waitlist/unsubscribe", a.unsubscribePage)
	app.Post("/waitlist/unsubscribe", a.unsubscribe)

	a.browserRoutes(app, a.Backoffice)
}

// browserRoutes are those of pages: social login, the back office, the dev mailbox.
func (a *App) browserRoutes(app *fiber.App, b *backoffice.Backoffice) {
	app.Use("/accounts", b.Browser)
	app.Get("/accounts/:provider/login", a.OAuth.Start)
	app.Get("/accounts/:provider/login/callback", a.OAuth.Callback)
	app.Use("/admin", b.Browser)
	app.Get("/admin/login", b.LoginPage)
	app.Post("/admin/login", b.LogIn)
	app.Get("/admin/login/:provider", a.OAuth.StartStaff)
	app.Get("/admin/forgot-password", b.ForgotPage)
	app.Post("/admin/forgot-password", b.Forgot)
	app.Get("/admin/reset-password", b.ResetPage)
	app.Post("/admin/reset-password", b.Reset)
	app.Get("/admin/setup", b.SetupPage)
	app.Post("/admin/setup", b.SetUp)
	app.Post("/admin/preferences", b.SetPreferences)
	app.Post("/admin/logout", b.LogOut)
	staff := app.Group("/admin", b.RequireStaff)
	b.Site.Routes(staff) // as backoffice declares them
	b.Site.Mount(staff, admin.Page{URL: "/admin/profile/connect/:provider", Post: a.OAuth.ConnectStaff})

	if a.Debug {
		app.Get("/dev/mailbox/api", b.MailboxAPI)
		app.Use("/dev", b.Browser)
		app.Get("/dev/mailbox", b.Mailbox)
		app.Get("/dev/mailbox/:id", b.Mail)
		app.Get("/dev/mailbox/:id/html", b.MailHTML)
	}
}
