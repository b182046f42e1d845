package handlers

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/handlers/api"
	"digitalpath/models"
)

type requestIDKey struct{}

// saneID is what is taken from a client as a request id; anything else could be
// used to write into our logs.
var saneID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

func withRequestID(c *fiber.Ctx) context.Context {
	id := c.Get(fiber.HeaderXRequestID)
	if !saneID.MatchString(id) {
		id = rand.Text()
	}
	c.Set(fiber.HeaderXRequestID, id)
	return context.WithValue(c.UserContext(), requestIDKey{}, id)
}

func requestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// measure logs and counts each request once it is answered. The query stays out of
// the log: it may hold what only the asker should know.
func (a *App) measure(requests requests) fiber.Handler {
	return func(c *fiber.Ctx) error {
		start := time.Now()
		err := c.Next()
		if err != nil {
			err = a.handleError(c, err)
		}
		if head := api.HeadOf(c.UserContext()); head != nil && head.Taken {
			return err // it comes again, with its body
		}
		elapsed := time.Since(start)
		status := c.Response().StatusCode()
		requests.count(c, status, elapsed)
		a.Log.InfoContext(c.UserContext(), "request", slog.String("method", c.Method()), slog.String("path", c.Path()),
			slog.Int("status", status), slog.Duration("took", elapsed), slog.String("ip", models.ActorOf(c.UserContext()).IP))
		return err
	}
}

type panickedKey struct{}

// logPanic keeps the stack of what recover turns into an error. It is one fault: the
// error is not logged again.
func (a *App) logPanic(c *fiber.Ctx, cause any) {
	c.SetUserContext(context.WithValue(c.UserContext(), panickedKey{}, true))
	a.Log.ErrorContext(c.UserContext(), "panic", slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
}

// setHeaders sets the headers that every answer has, errors too.
func (a *App) setHeaders(c *fiber.Ctx) error {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderContentSecurityPolicy,
		"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	if !strings.HasPrefix(c.Path(), "/static/") {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
	if !a.Debug {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	if isAPI(c.Path()) {
		a.allowOrigin(c)
	}
	return c.Next()
}

// withDeadline bounds the time of the request's work. It comes before whatever
// presents errors, which needs the context too.
func withDeadline(c *fiber.Ctx) error {
	limit := requestTime
	if strings.HasPrefix(c.Path(), "/accounts/") {
		limit = oauthTime
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), limit)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// noteTime is how long a refused origin may keep its request waiting.
const noteTime = 500 * time.Millisecond

// allowOrigin lets the frontends of CORS_ALLOWED_ORIGINS read the API's answers, of
// whatever kind. There are no credentials: the API knows its callers by Bearer tokens
// alone.
func (a *App) allowOrigin(c *fiber.Ctx) {
	c.Vary(fiber.HeaderOrigin)
	origin := c.Get(fiber.HeaderOrigin)
	if slices.Contains(a.CORSOrigins, origin) {
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
		c.Set(fiber.HeaderAccessControlExposeHeaders, "ETag, Link, Retry-After, X-Request-ID")
		return
	}
	if _, host, _ := strings.Cut(origin, "://"); origin == "" || host == string(c.Request().Host()) {
		return
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), noteTime)
	defer cancel()
	if err := a.Origins.Note(ctx, origin); err != nil {
		a.Log.WarnContext(ctx, "a refused origin is not remembered", slog.Any("error", err))
	}
}

// preflight answers a browser that asks what it may send to the API.
func (a *App) preflight(c *fiber.Ctx) error {
	if !isAPI(c.Path()) || c.Method() != http.MethodOptions || c.Get(fiber.HeaderAccessControlRequestMethod) == "" {
		return c.Next()
	}
	if slices.Contains(a.CORSOrigins, c.Get(fiber.HeaderOrigin)) {
		c.Set(fiber.HeaderAccessControlAllowMethods, "DELETE, GET, OPTIONS, PATCH, POST, PUT")
		c.Set(fiber.HeaderAccessControlAllowHeaders, strings.Join(append([]string{
			"accept, authorization, content-type, idempotency-key, if-match, if-none-match, x-csrftoken, x-request-id, x-requested-with, " +
				"cache-control, user-agent, sentry-trace, baggage, traceparent"}, a.CORSHeaders...), ", "))
		c.Set(fiber.HeaderAccessControlMaxAge, "86400")
	}
	return c.SendStatus(http.StatusNoContent)
}
