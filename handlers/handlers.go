// Package handlers is HTTP in, HTTP out: a handler reads, calls a service, answers,
// and returns its error; errors.go alone turns errors into answers. routes.go shows
// the whole URL surface.
package handlers

import (
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"
	"github.com/valyala/fasthttp"

	"digitalpath/handlers/api"
	"digitalpath/handlers/backoffice"
	"digitalpath/handlers/oauth"
	"digitalpath/services/outbox"
	"digitalpath/services/waitlist"
	"digitalpath/workers"
)

const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 15 * time.Second
	idleTimeout   = 60 * time.Second
	// jsonLimit bounds what the API reads, bodyLimit what anything does: an imported
	// file may be larger. In bytes.
	jsonLimit = 1 << 20
	bodyLimit = 4 << 20
	// requestTime is how long a request may take; a database that is slower answers 503.
	requestTime = 4500 * time.Millisecond
	// tripTime is how long a request may take that asks Google or GitHub on its way.
	oauthTime = 9 * time.Second
	// otherMethod stands for every method that fiber would answer before any middleware:
	// it finds no route that takes it, and the metrics need not hold what clients invent.
	otherMethod = "OTHER"
)

// App is what the HTTP side needs, set once in wire.go.
type App struct {
	DB             *bun.DB
	Log            *slog.Logger
	Now            func() time.Time
	Debug          bool
	Compat         bool     // DJANGO_COMPAT
	AllowedHosts   []string // empty: every host, with debug on
	CORSOrigins    []string
	TrustedProxies []netip.Prefix // whose X-Forwarded-* headers count
	Limits         map[string][]Limit
	Waitlist       *waitlist.Service
	Outbox         *outbox.Outbox
	API            *api.API
	Backoffice     *backoffice.Backoffice
	BackendURL     string // without a slash at its end; empty: where requests come to
	OAuth          *oauth.Flow
	Limiter        *workers.Limiter
	Queue          *workers.Queue
}

// New builds the web server. It does not listen yet.
func (a *App) New() *fiber.App {
	app := fiber.New(fiber.Config{
		// Strings from a request must survive it: jobs and goroutines keep some.
		Immutable:             true,
		CaseSensitive:         true,
		DisableStartupMessage: true,
		// A form is read by the route that takes one, not before a route is found.
		DisablePreParseMultipartForm: true,
		BodyLimit:                    bodyLimit,
		ReadTimeout:                  headerTimeout,
		IdleTimeout:                  idleTimeout,
		RequestMethods:               append(slices.Clone(fiber.DefaultMethods), otherMethod),
		ErrorHandler:                 a.handleError,
	})
	route := app.Server().Handler
	app.Server().Handler = func(c *fasthttp.RequestCtx) {
		if !slices.Contains(fiber.DefaultMethods, string(c.Method())) {
			c.Request.Header.SetMethod(otherMethod)
		}
		route(c)
	}
	app.Server().HeaderReceived = func(*fasthttp.RequestHeader) fasthttp.RequestConfig {
		return fasthttp.RequestConfig{ReadTimeout: bodyTimeout}
	}
	a.routes(app)
	return app
}
