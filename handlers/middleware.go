package handlers

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/problem"
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
		elapsed := time.Since(start)
		status := c.Response().StatusCode()
		requests.count(c, status, elapsed)
		a.Log.InfoContext(c.UserContext(), "request", slog.String("method", c.Method()), slog.String("path", c.Path()),
			slog.Int("status", status), slog.Duration("took", elapsed), slog.String("ip", models.ActorOf(c.UserContext()).IP))
		return err
	}
}

// logPanic keeps the stack of what recover turns into an error.
func (a *App) logPanic(c *fiber.Ctx, cause any) {
	a.Log.ErrorContext(c.UserContext(), "panic", slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
}

// secure sets the headers that every answer has, errors too, and refuses what no
// handler may come to read: a compressed body, of which a small one can unpack to
// gigabytes, and one whose length can be read in two ways (RFC 9112 section 6.1).
func (a *App) secure(c *fiber.Ctx) error {
	a.setHeaders(c)
	if len(c.Request().Header.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		return problem.New(problem.UnsupportedMedia, "unsupported_media_type", "Send the request without a Content-Encoding.")
	}
	head := bytes.ToLower(c.Request().Header.RawHeaders())
	if bytes.Contains(head, []byte("transfer-encoding:")) && bytes.Contains(head, []byte("content-length:")) {
		c.Context().SetConnectionClose()
		return fiber.ErrBadRequest
	}
	return c.Next()
}

func (a *App) setHeaders(c *fiber.Ctx) {
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

// checkHost answers only to our own names, as Django's ALLOWED_HOSTS: with debug off
// nobody can make pages and links that name another host. What fasthttp takes for the
// host may stand in the URL, and lacks what "user@" the header has.
func (a *App) checkHost(c *fiber.Ctx) error {
	if a.Debug || a.hostAllowed(string(c.Context().Host())) && a.hostAllowed(string(c.Request().Header.Host())) {
		return c.Next()
	}
	return problem.New(problem.Invalid, "invalid", "This host name is not served here.")
}

func (a *App) hostAllowed(host string) bool {
	u, err := url.Parse("//" + host)
	if err != nil || u.Host != host { // a name and a port, nothing else
		return false
	}
	name := strings.ToLower(u.Hostname())
	return slices.ContainsFunc(a.AllowedHosts, func(allowed string) bool {
		allowed = strings.ToLower(allowed)
		return allowed == "*" || allowed == name || strings.HasPrefix(allowed, ".") && (name == allowed[1:] || strings.HasSuffix(name, allowed))
	})
}

// cors lets the frontends of CORS_ALLOWED_ORIGINS read the API's answers. There are
// no credentials: the API knows its callers by Bearer tokens alone.
func (a *App) cors(c *fiber.Ctx) error {
	c.Vary(fiber.HeaderOrigin)
	origin := c.Get(fiber.HeaderOrigin)
	preflight := c.Method() == http.MethodOptions && c.Get(fiber.HeaderAccessControlRequestMethod) != ""
	if slices.Contains(a.CORSOrigins, origin) {
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
		c.Set(fiber.HeaderAccessControlExposeHeaders, "Link, Retry-After, X-Request-ID")
		if preflight {
			c.Set(fiber.HeaderAccessControlAllowMethods, "DELETE, GET, OPTIONS, PATCH, POST, PUT")
			c.Set(fiber.HeaderAccessControlAllowHeaders,
				"accept, authorization, content-type, idempotency-key, x-csrftoken, x-request-id, x-requested-with")
			c.Set(fiber.HeaderAccessControlMaxAge, "86400")
		}
	}
	if preflight {
		return c.SendStatus(http.StatusNoContent)
	}
	return c.Next()
}

// onlyJSON refuses bodies of another type.
func (a *App) onlyJSON(c *fiber.Ctx) error {
	if !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, c.Method()) {
		return c.Next()
	}
	if a.Compat && len(c.Request().Body()) == 0 && strings.TrimSuffix(c.Path(), "/") == "/api/token/refresh" {
		return c.Next() // the token is in the query
	}
	if len(c.Request().Body()) > jsonLimit {
		return fiber.ErrRequestEntityTooLarge
	}
	kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEApplicationJSON {
		return problem.New(problem.UnsupportedMedia, "unsupported_media_type", "Send the request as application/json.")
	}
	return c.Next()
}

func queryEscape(s string) string { return url.QueryEscape(s) }
