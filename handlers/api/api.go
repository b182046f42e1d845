// Package api holds the JSON API, one story per file, as typed operations from
// which the OpenAPI document comes.
package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/services/contact"
	"digitalpath/services/projects"
	"digitalpath/services/ratelimit"
	"digitalpath/services/waitlist"
)

// API is what the operations need. Its fields are set once, before Register.
type API struct {
	Contact  *contact.Service
	Waitlist *waitlist.Service
	Projects *projects.Service
	Limiter  *ratelimit.Limiter
	Compat   bool // DJANGO_COMPAT
	Accounts *accounts.Service
	Tokens   *accounts.Tokens
	Social   *accounts.SocialLogins
	Offered  []models.SocialProvider // those with credentials
	Version  string
	// Present makes err an answer of the API's error envelope.
	Present func(ctx context.Context, route string, err error) *Failure
	// Refuse answers with the error envelope.
	Refuse func(c *fiber.Ctx, err error) error
}

type helloOutput struct {
	Body struct {
		Message string `json:"message" example:"Hello World"`
	}
}

func registerHello(humaAPI huma.API) {
	huma.Register(humaAPI, huma.Operation{
		OperationID: "hello", Method: http.MethodGet, Path: "/api/hello", Summary: "Say hello", Tags: []string{"Service"},
		Description: "Whether the API is there. The probes of operators are /healthz and /readyz.",
		Errors:      []int{http.StatusBadRequest, http.StatusServiceUnavailable},
	}, func(context.Context, *struct{}) (*helloOutput, error) {
		out := new(helloOutput)
		out.Body.Message = "Hello World"
		return out, nil
	})
}

type backendURLKey struct{}

// WithBackendURL puts this program's own address, without a slash at its end, into a
// request's context.
func WithBackendURL(ctx context.Context, url string) context.Context {
	return context.WithValue(ctx, backendURLKey{}, url)
}

// BackendURL is this program's own address, as the request came to it.
func BackendURL(ctx context.Context) string {
	url, _ := ctx.Value(backendURLKey{}).(string)
	return url
}

// Register adds every operation to app.
func (a *API) Register(app *fiber.App) huma.API {
	config := huma.DefaultConfig("DigitalPath API", a.Version)
	config.DocsPath, config.SchemasPath, config.OpenAPIPath = "", "", ""
	config.Info.Description = "Errors share one envelope: success, message, detail (the same sentence), code and, where fields are at fault, errors."
	config.CreateHooks = nil // no $schema links in answers
	config.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{bearer: {
		Type: "http", Scheme: bearer, BearerFormat: "JWT", Description: "The access token of POST /api/token/pair.",
	}}
	config.Tags = chapters
	config.Servers = []*huma.Server{{URL: "/", Description: "The host that serves this document."}}
	config.Info.Contact = &huma.Contact{Name: "DigitalPath"}
	config.OnAddOperation = append(config.OnAddOperation, func(_ *huma.OpenAPI, op *huma.Operation) {
		delete(op.Responses, "422") // huma's own; ours is 400
		if op.Method == http.MethodGet && op.Security != nil {
			revalidate(op)
		}
		if body, ok := op.Metadata[jsonBody].(*huma.MediaType); ok {
			op.RequestBody.Content[fiber.MIMEApplicationJSON] = body
			op.Middlewares = append(op.Middlewares, a.onlyJSON) // after whatever finds out who asks
		}
		op.Middlewares = append(op.Middlewares, stopBehindHead)
	})
	humaAPI := humafiber.NewWithGroup(app, apiRouter{app}, config)
	huma.DefaultArrayNullable = false // no list of ours is null
	// Every error answer is the envelope: in the document, and as it goes out.
	huma.NewError = emptyFailure
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		err := errors.Join(errs...)
		if _, ok := problem.As(err); !ok && status < http.StatusInternalServerError {
			err = refusal(errs)
		}
		answer := a.Present(ctx.Context(), ctx.Operation().Path, err)
		for name, values := range answer.GetHeaders() {
			ctx.SetHeader(name, values[0])
		}
		return answer
	}
	registerHello(humaAPI)
	a.registerSignup(humaAPI)
	a.registerPassword(humaAPI)
	a.registerTokens(humaAPI)
	a.registerMe(humaAPI)
	a.registerSessions(humaAPI)
	a.registerContact(humaAPI)
	a.registerWaitlist(humaAPI)
	a.registerProjects(humaAPI)
	a.registerSocial(humaAPI)
	finish(humaAPI.OpenAPI(), a.Compat)
	return humaAPI
}

// apiRouter answers HEAD wherever it answers GET, as the Django program did, and takes
// only numbers for an id: projects/summary/ is no project, whatever the method.
type apiRouter struct{ fiber.Router }

// Add is all that huma asks of a router.
func (r apiRouter) Add(method, path string, handlers ...fiber.Handler) fiber.Router {
	path = strings.ReplaceAll(path, "/:id/", "/:id<int>/")
	if method == http.MethodGet {
		r.Router.Add(http.MethodHead, path, handlers...)
	}
	return r.Router.Add(method, path, handlers...)
}

// limited makes an operation one that a client may not ask for too often.
func (a *API) limited(rule ratelimit.Rule, op huma.Operation) huma.Operation {
	op.Errors = append(op.Errors, http.StatusTooManyRequests)
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		if HeadOf(ctx.Context()) == nil {
			if err := a.Limiter.Allow(ctx.Context(), rule, models.ActorOf(ctx.Context()).IP, ""); err != nil {
				_ = a.Refuse(humafiber.Unwrap(ctx), err) // an error's envelope can always be written
				return
			}
		}
		next(ctx)
	})
	return op
}

// jsonBody is where an operation keeps what the document says about its body until
// huma, which takes a body that it does not decode for a binary one, is done with it.
const jsonBody = "json body"

// describe sets what OpenAPI says about the operation's JSON body.
func describe[B any](humaAPI huma.API, op huma.Operation, example B) huma.Operation {
	schema := schemaOf[B](humaAPI)
	if component := humaAPI.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref); component != nil {
		*component = *accepted(component)
	}
	return withBody(op, schema, example)
}

// withBody is describe for a body that a Go type alone does not describe.
func withBody(op huma.Operation, schema *huma.Schema, example any) huma.Operation {
	op.SkipValidateBody = true
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	if op.Metadata == nil {
		op.Metadata = map[string]any{}
	}
	op.Metadata[jsonBody] = &huma.MediaType{Schema: schema, Example: example}
	op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusInternalServerError, http.StatusServiceUnavailable)
	return op
}

// onlyJSON refuses a body of another type.
func (a *API) onlyJSON(ctx huma.Context, next func(huma.Context)) {
	web := humafiber.Unwrap(ctx)
	kind, _, err := mime.ParseMediaType(web.Get(fiber.HeaderContentType))
	nothing := web.Request().Header.ContentLength() == 0 && !ctx.Operation().RequestBody.Required
	if !nothing && (err != nil || kind != fiber.MIMEApplicationJSON) {
		_ = a.Refuse(web, problem.New(problem.UnsupportedMedia, "unsupported_media_type", "Send the request as application/json.")) // it can always be written
		return
	}
	next(ctx)
}

// schemaOf is the schema of a type, which the document names once.
func schemaOf[T any](humaAPI huma.API) *huma.Schema {
	return humaAPI.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
}
