package handlers

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"digitalpath/handlers/api"
	"digitalpath/problem"
)

// unreadKey names the local that holds why the server gave up reading the request.
type unreadKey struct{}

// headReceived leaves all but the first byte of a body to readBody, which knows what
// to answer where it is not to be read.
func headReceived(*fasthttp.RequestHeader) fasthttp.RequestConfig {
	return fasthttp.RequestConfig{ReadTimeout: bodyTimeout, MaxRequestBodySize: 1}
}

// headKey names the local that holds the api.Head of a request whose body is still to
// come.
type headKey struct{}

// expect answers "Expect: 100-continue". What is refused by its head alone gets its
// refusal, and is not told to go on. Pages are for browsers, which never ask: who is
// behind their forms stands in the body.
func (a *App) expect(c *fasthttp.RequestCtx) int {
	if refusal(&c.Request.Header) == nil && isPage(string(c.Path())) {
		return http.StatusContinue
	}
	head := new(api.Head)
	c.SetUserValue(headKey{}, head)
	a.handle(c)
	if head.Taken {
		c.ResetUserValues()
		c.Response.Reset()
		return http.StatusContinue
	}
	leaveUnread(c)
	return c.Response.StatusCode()
}

// limitOf is the bound on the request's body.
func limitOf(head *fasthttp.RequestHeader) int {
	path, _, _ := bytes.Cut(head.RequestURI(), []byte("?"))
	if bytes.HasPrefix(path, []byte("/admin/")) && bytes.HasSuffix(bytes.TrimSuffix(path, []byte("/")), []byte("/import")) {
		return importLimit
	}
	return bodyLimit
}

// chunked is the length of a body that comes in chunks.
const chunked = -1

// refusal is what a request is refused for by its head alone: among others a compressed
// body, of which a small one can unpack to gigabytes, and one whose length can be read
// in two ways, or in none (RFC 9112 sections 6.1 and 6.3).
func refusal(head *fasthttp.RequestHeader) error {
	raw := head.RawHeaders()
	line := len(head.Method()) + len(head.RequestURI()) + len(head.Protocol()) + len("  \r\n")
	lower := bytes.ToLower(slices.Concat([]byte("\n"), raw))
	switch {
	case line+len(raw) > headLimit:
		return fiber.ErrRequestHeaderFieldsTooLarge
	case !bytes.HasPrefix(head.Protocol(), []byte("HTTP/1.")):
		return fiber.ErrBadRequest
	case bytes.Contains(lower, []byte("\ntransfer-encoding:")) && (head.ContentLength() != chunked || bytes.Contains(lower, []byte("\ncontent-length:"))):
		return fiber.ErrBadRequest
	case head.ContentLength() > limitOf(head):
		return tooLarge(head)
	case len(head.PeekAll(fiber.HeaderContentEncoding)) > 0:
		return problem.New(problem.UnsupportedMedia, "unsupported_media_type", "Send the request without a Content-Encoding.")
	}
	return nil
}

func tooLarge(head *fasthttp.RequestHeader) error {
	return problem.New(problem.TooLarge, "too_large", "The request is larger than %d MB.", limitOf(head)>>20)
}

// refuseEarly refuses what no route may come to see, in the order of docs/contract.md
// section 1: a head that can't be read, a host that is not ours, size and encoding.
func (a *App) refuseEarly(c *fiber.Ctx) error {
	err, _ := c.Locals(unreadKey{}).(error)
	if err == nil {
		err = a.checkHost(c)
	}
	if err == nil {
		err = refusal(&c.Request().Header)
	}
	if err == nil {
		err = readBody(c.Request())
	}
	if err != nil {
		leaveUnread(c.Context())
		return err
	}
	return c.Next()
}

// readBody reads the whole body: whether a handler looks at it or not, the next request
// begins behind it.
func readBody(request *fasthttp.Request) error {
	if !request.IsBodyStream() {
		return nil
	}
	limit := limitOf(&request.Header)
	body, err := io.ReadAll(io.LimitReader(request.BodyStream(), int64(limit)+1))
	if err != nil {
		return fiber.ErrBadRequest // late, cut short or malformed
	}
	if len(body) > limit {
		return tooLarge(&request.Header)
	}
	request.SetBodyStream(bytes.NewReader(body), len(body)) // huma asks for a stream
	return nil
}

// leaveUnread ends the connection with the answer where more of the request may come.
func leaveUnread(c *fasthttp.RequestCtx) {
	if head := &c.Request.Header; head.ContentLength() == 0 && c.UserValue(unreadKey{}) == nil {
		return
	}
	c.SetConnectionClose()
	if conn, ok := c.Conn().(*connection); ok {
		conn.unread = true
	}
}

// checkHost lets only our own names pass, as Django's ALLOWED_HOSTS: with debug off
// nobody can make pages and links that name another host. What fasthttp takes for the
// host may stand in the URL, and lacks what "user@" the header has. Probes ask by
// whatever address they know.
func (a *App) checkHost(c *fiber.Ctx) error {
	if a.Debug || slices.Contains(probes, strings.TrimSuffix(c.Path(), "/")) ||
		a.hostAllowed(string(c.Context().Host())) && a.hostAllowed(string(c.Request().Header.Host())) {
		return nil
	}
	return problem.New(problem.Invalid, "invalid", "This host name is not served here.")
}

var probes = []string{"/healthz", "/readyz", "/metrics"}

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

// refuseUnread answers a request that the server gave up reading, by the middleware
// that sees every other one: it is logged, and has the same headers.
func (a *App) refuseUnread(c *fiber.Ctx, err error) error {
	if conn, ok := c.Context().Conn().(*connection); ok && nobodyWaits(conn, err) {
		return conn.Close()
	}
	c.Locals(unreadKey{}, err)
	a.handle(c.Context())
	return nil
}

// nobodyWaits tells of a request that never came that its connection is broken or,
// sooner than a body may be late, that it has not been used yet. An answer to one that
// asked nothing would be taken for that to its next request.
func nobodyWaits(conn *connection, err error) bool {
	return errors.Is(err, fiber.ErrBadGateway) ||
		errors.Is(err, fiber.ErrRequestTimeout) && time.Since(conn.opened) < bodyTimeout
}
