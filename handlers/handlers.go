// Package handlers is HTTP in, HTTP out: a handler reads, calls a service, answers,
// and returns its error; errors.go alone turns errors into answers. routes.go shows
// the whole URL surface.
package handlers

import (
	"log/slog"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"
	"github.com/valyala/fasthttp"

	"digitalpath/handlers/api"
	"digitalpath/handlers/backoffice"
	"digitalpath/handlers/oauth"
	"digitalpath/services/origins"
	"digitalpath/services/outbox"
	"digitalpath/services/waitlist"
	"digitalpath/workers"
)

const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 15 * time.Second
	idleTimeout   = 60 * time.Second
	// bodyLimit bounds what is read of a request's body, importLimit of one that brings a
	// file; headLimit bounds its first line and headers. In bytes.
	bodyLimit   = 1 << 20
	importLimit = 4 << 20
	headLimit   = 16 << 10
	// A head between headLimit and this is still understood, so that a browser may read
	// why it is refused. Each connection holds so much memory.
	headBuffer = 32 << 10
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
	Origins        *origins.Log   // of those that are not allowed
	CORSHeaders    []string       // that frontends may send besides the usual ones
	MetricsToken   string         // of who may read /metrics; empty: this machine alone
	TrustedProxies []netip.Prefix // whose X-Forwarded-* headers count
	Waitlist       *waitlist.Service
	Outbox         *outbox.Outbox
	API            *api.API
	Backoffice     *backoffice.Backoffice
	BackendURL     string // without a slash at its end; empty: where requests come to
	OAuth          *oauth.Flow
	Queue          *workers.Queue

	handle   fasthttp.RequestHandler
	stopping atomic.Bool
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
		ReadBufferSize:               headBuffer,
		StreamRequestBody:            true,
		ReadTimeout:                  headerTimeout,
		IdleTimeout:                  idleTimeout,
		RequestMethods:               append(slices.Clone(fiber.DefaultMethods), otherMethod),
		ErrorHandler:                 a.handleError,
	})
	server := app.Server()
	route := server.Handler
	a.handle = func(c *fasthttp.RequestCtx) {
		if !slices.Contains(fiber.DefaultMethods, string(c.Method())) {
			c.Request.Header.SetMethod(otherMethod)
		}
		route(c)
		if a.stopping.Load() {
			c.SetConnectionClose()
		}
	}
	server.Handler, server.HeaderReceived, server.ExpectHandler = a.handle, headReceived, a.expect
	server.FormValueFunc = formValue
	a.routes(app)
	return app
}
