package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/handlers/api"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
)

// statuses maps each kind of problem to its answer (docs/contract.md section 1).
var statuses = map[problem.Kind]int{
	problem.Invalid:            http.StatusBadRequest,
	problem.Unauthenticated:    http.StatusUnauthorized,
	problem.Forbidden:          http.StatusForbidden,
	problem.NotFound:           http.StatusNotFound,
	problem.MethodNotAllowed:   http.StatusMethodNotAllowed,
	problem.Conflict:           http.StatusConflict,
	problem.PreconditionFailed: http.StatusPreconditionFailed,
	problem.TooLarge:           http.StatusRequestEntityTooLarge,
	problem.UnsupportedMedia:   http.StatusUnsupportedMediaType,
	problem.HeadTooLarge:       http.StatusRequestHeaderFieldsTooLarge,
	problem.Throttled:          http.StatusTooManyRequests,
	problem.Unavailable:        http.StatusServiceUnavailable,
}

// present makes an error the answer of an API route. What is no problem.Problem is
// logged and shown to nobody.
func (a *App) present(ctx context.Context, route string, err error) *api.Failure {
	p, internal := a.problemOf(ctx, err)
	return a.failureOf(route, p, internal)
}

// failureOf puts a problem into the envelope, with the words and the status that its
// route has from the Django program.
func (a *App) failureOf(route string, p *problem.Problem, internal bool) *api.Failure {
	f := &api.Failure{Message: p.Message.String(), Code: p.Code, Status: statuses[p.Kind], RetryAfter: p.RetryAfter}
	if internal {
		f.Status = http.StatusInternalServerError
	}
	for field, texts := range p.Fields {
		if f.Errors == nil {
			f.Errors = map[string][]string{}
		}
		for _, text := range texts {
			f.Errors[field] = append(f.Errors[field], text.String())
		}
	}
	if isContact(route) && (f.Status == http.StatusBadRequest || internal) {
		f.Message = "Error sending message: " + f.Message // docs/contract.md section 4
	}
	if a.Compat && djangoHandled(route, f.Status) {
		f.Status = http.StatusOK
	}
	f.Detail = f.Message
	return f
}

func isContact(route string) bool { return strings.TrimSuffix(route, "/") == "/api/contact" }

// djangoHandled tells whether the Django program answered such a failure with 200 and
// success:false (docs/contract.md section 10).
func djangoHandled(route string, status int) bool {
	switch {
	case isContact(route):
		return status == http.StatusBadRequest || status == http.StatusInternalServerError
	case strings.HasPrefix(route, "/api/auth/"):
		return status == http.StatusBadRequest || status == http.StatusConflict
	}
	return false
}

// problemOf finds what may be said of err. internal means that it is a fault of
// ours, of which nothing but the request's id is said.
func (a *App) problemOf(ctx context.Context, err error) (p *problem.Problem, internal bool) {
	if p, ok := problem.As(err); ok {
		return p, false
	}
	if web, ok := errors.AsType[*fiber.Error](err); ok && web.Code < http.StatusInternalServerError {
		return problemOfFiber(web), false
	}
	if ctx.Value(panickedKey{}) == nil {
		a.Log.ErrorContext(ctx, "request failed", slog.Any("error", err))
	}
	if models.IsUnavailable(err) {
		return problem.New(problem.Unavailable, "unavailable", "The service cannot answer right now. Please try again in a moment."), false
	}
	return problem.New(problem.Unavailable, "internal", "Something went wrong on our side. Please tell us this request id: %s", requestIDOf(ctx)), true
}

// problemOfFiber words what the web framework refuses before a handler sees it.
func problemOfFiber(web *fiber.Error) *problem.Problem {
	switch web.Code {
	case http.StatusNotFound:
		return problem.ErrNotFound()
	case http.StatusMethodNotAllowed:
		return problem.New(problem.MethodNotAllowed, "method_not_allowed", "This method is not allowed here.")
	case http.StatusRequestHeaderFieldsTooLarge:
		return problem.New(problem.HeadTooLarge, "head_too_large", "The address and the headers of the request are larger than 16 KB.")
	}
	return problem.New(problem.Invalid, "malformed", "The request is malformed.")
}

// handleError is Fiber's error handler: JSON for the API, pages for people, a toast
// for HTMX.
func (a *App) handleError(c *fiber.Ctx, err error) error {
	if requestIDOf(c.UserContext()) == "" { // by the server, before any middleware
		return a.refuseUnread(c, err)
	}
	p, internal := a.problemOf(c.UserContext(), err)
	f := a.failureOf(c.Path(), p, internal)
	for name, values := range f.GetHeaders() {
		c.Set(name, values[0])
	}
	c.Status(f.Status)
	if !wantsPage(c) {
		return c.JSON(f)
	}
	if f.Status == http.StatusUnauthorized {
		c.Response().Header.Del(fiber.HeaderWWWAuthenticate)
	}
	if rejected, ok := errors.AsType[*admin.Rejected](err); ok {
		if c.Get("HX-Request") != "" { // htmx shows what succeeds, and puts pages nowhere
			c.Status(http.StatusOK).Set("HX-Retarget", "body")
		}
		return admin.Render(c, rejected.Page)
	}
	if f.Code == "not_authenticated" {
		return a.toLogin(c)
	}
	if !i18n.Chosen(c.UserContext()) { // no route knew who looks
		c.SetUserContext(i18n.With(c.UserContext(), i18n.Match(c.Get(fiber.HeaderAcceptLanguage))))
	}
	if p.Message.Format == problem.ErrNotFound().Message.Format {
		p = problem.New(p.Kind, p.Code, "There is no such page, or what was on it is deleted.")
	}
	return a.errorPage(c, f.Status, admin.Sentence(c.UserContext(), p))
}

// wantsPage tells whether a person looks at the answer, not a program. Of a request
// whose head could not be read, the path is not known.
func wantsPage(c *fiber.Ctx) bool {
	if c.Locals(unreadKey{}) != nil || isAPI(c.Path()) {
		return false
	}
	return isPage(c.Path()) || c.Accepts(fiber.MIMEApplicationJSON, fiber.MIMETextHTML) == fiber.MIMETextHTML
}

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// isPage tells whether what stands at the path is for people.
func isPage(path string) bool {
	return path == "/" || slices.ContainsFunc([]string{"/admin", "/dev", "/accounts", "/waitlist"}, func(part string) bool {
		return path == part || strings.HasPrefix(path, part+"/")
	})
}

// toLogin sends a person without a session to the login page and remembers where
// they wanted to go.
func (a *App) toLogin(c *fiber.Ctx) error {
	target := "/admin/login/"
	if c.Method() == fiber.MethodGet && c.Path() != "/admin/" && c.Get("HX-Request") == "" {
		target += "?next=" + url.QueryEscape(c.OriginalURL())
	}
	if c.Get("HX-Request") != "" {
		c.Set("HX-Redirect", target)
		return c.SendStatus(http.StatusOK) // htmx follows HX-Redirect on success only
	}
	return c.Redirect(target, http.StatusSeeOther)
}

func (a *App) errorPage(c *fiber.Ctx, status int, sentence string) error {
	ctx := c.UserContext()
	if c.Get("HX-Request") != "" {
		c.Set("HX-Retarget", "#toasts")
		c.Set("HX-Reswap", "beforeend")
		return admin.Render(c, layout.Toast(layout.Flash{Text: sentence, Tone: string(models.ToneNegative)}))
	}
	words := http.StatusText(status)
	title := i18n.T(ctx, words[:1]+strings.ToLower(words[1:]))
	page := staff.Error{
		Frame: a.Backoffice.ErrorFrame(c, title, status), Status: status,
		Title: title, Sentence: sentence, RequestID: requestIDOf(ctx),
	}
	inside := strings.HasPrefix(c.Path(), "/admin")
	switch {
	case models.ActorOf(ctx).User != nil, inside && status == http.StatusBadRequest: // refused before it is known who asks
		page.BackURL, page.BackLabel = "/admin/", i18n.T(ctx, "Back to the dashboard")
	case inside && status < http.StatusInternalServerError:
		page.BackURL, page.BackLabel = "/admin/login/", i18n.T(ctx, "Log in")
	}
	return admin.Render(c, staff.ErrorPage(page))
}

// unready answers a probe where nothing can be accepted.
func unready(c *fiber.Ctx, state any) error {
	return c.Status(http.StatusServiceUnavailable).JSON(state)
}
