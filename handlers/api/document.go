package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// chapters are the document's tags.
var chapters = []*huma.Tag{
	{Name: "Service", Description: "Whether somebody is there."},
	{Name: "Accounts", Description: "What people do before they are signed in: sign up, verify an address, choose a new password."},
	{Name: "Tokens", Description: "Log in, stay logged in, log out."},
	{Name: "Me", Description: "The account of who asks, and its logins."},
	{Name: "Social login", Description: "Identities at Google and GitHub: log in with them, link and unlink them."},
	{Name: "Contact", Description: "The contact form."},
	{Name: "Waitlist", Description: "Who wants to be let in."},
	{Name: "Projects", Description: "Projects, what belongs to them, and who takes part in them."},
}

// failure is what a status of failure says: an operation's own codes are in its
// Metadata under ownCodes.
type failure struct {
	codes   []string
	message string
}

// failures are the statuses that operations answer with.
var failures = map[int]failure{
	http.StatusBadRequest:            {[]string{"invalid", "malformed"}, "Please correct the fields below."},
	http.StatusUnauthorized:          {[]string{"not_authenticated", "token_expired", "token_not_valid"}, "Unauthorized"},
	http.StatusForbidden:             {[]string{"forbidden"}, "You may see this, but not do that with it."},
	http.StatusNotFound:              {[]string{"not_found"}, "Not found."},
	http.StatusConflict:              {[]string{"conflict"}, "The account was changed meanwhile. Please try again."},
	http.StatusPreconditionFailed:    {[]string{"precondition_failed"}, "The project was changed meanwhile."},
	http.StatusRequestEntityTooLarge: {[]string{"too_large"}, "The request is larger than 1 MB."},
	http.StatusUnsupportedMediaType:  {[]string{"unsupported_media_type"}, "Send the request as application/json."},
	http.StatusTooManyRequests:       {[]string{"throttled"}, "Too many requests. Please try again in 42 seconds."},
	http.StatusInternalServerError:   {[]string{"internal"}, "Something went wrong on our side. Please tell us this request id: K5T7VCSHRUFPOVR3W76KKAFL63"},
	http.StatusServiceUnavailable:    {[]string{"unavailable"}, "The service cannot answer right now. Please try again in a moment."},
}

// rareCodes are those that stand at some operations only.
var rareCodes = []string{
	"account_conflict", "email_not_verified", "head_too_large", "idempotency_conflict", "invalid_code", "invalid_credentials", "invalid_key", "invalid_link",
	"last_login_method", "last_owner", "method_not_allowed", "state_mismatch", "username_taken",
}

// codes are those that an operation has in place of the usual ones, by status.
type codes map[int][]string

// ownCodes is where an operation keeps its codes.
const ownCodes = "codes"

// own is the Metadata of an operation with codes of its own.
func own(c codes) map[string]any { return map[string]any{ownCodes: c} }

// finish adds to the document what no type of ours says: headers, the codes of failures,
// and examples.
func finish(doc *huma.OpenAPI, compat bool) {
	schemas := doc.Components.Schemas
	for _, schema := range schemas.Map() {
		illustrate(schemas, schema)
	}
	doc.Components.Responses = map[string]*huma.Response{}
	for name, path := range doc.Paths {
		delete(doc.Paths, name) // every route answers with and without its slash
		doc.Paths[strings.TrimSuffix(name, "/")] = path
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if op != nil {
				finishOperation(doc.Components, op)
				if answer := op.Responses["200"]; compat && answer != nil && (strings.HasPrefix(name, "/api/auth/") || name == "/api/contact") {
					body := answer.Content[fiber.MIMEApplicationJSON] // handled failures of the Django program came as 200
					body.Schema = &huma.Schema{OneOf: []*huma.Schema{body.Schema, failureSchema(schemas)}}
				}
			}
		}
	}
}

func finishOperation(components *huma.Components, op *huma.Operation) {
	schemas := components.Schemas
	if op.Security == nil {
		op.Security = []map[string][]string{} // public, and says so
	}
	for _, parameter := range op.Parameters {
		illustrate(schemas, parameter.Schema)
	}
	for name, response := range op.Responses {
		status, _ := strconv.Atoi(name) // huma has written it
		if status >= http.StatusBadRequest {
			own, _ := op.Metadata[ownCodes].(codes)
			op.Responses[name] = failed(components, status, own[status])
			continue
		}
		if response.Headers == nil {
			response.Headers = map[string]*huma.Param{}
		}
		response.Headers[fiber.HeaderXRequestID] = requestID
		for _, body := range response.Content {
			body.Example = sample(schemas, body.Schema)
		}
	}
	op.Responses["default"] = failed(components, 0, nil)
}

var requestID = &huma.Param{
	Description: "The request's id, as it stands in every line of the log.",
	Schema:      &huma.Schema{Type: huma.TypeString}, Required: true, Example: "K5T7VCSHRUFPOVR3W76KKAFL63",
}

func failureSchema(schemas huma.Registry) *huma.Schema {
	return schemas.Schema(reflect.TypeFor[Failure](), true, "")
}

// TransformSchema lists the codes of all operations.
func (Failure) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	all := slices.Clone(rareCodes)
	for _, usual := range failures {
		all = append(all, usual.codes...)
	}
	slices.Sort(all)
	schema.Properties["code"].Enum = anys(all)
	return schema
}

// failed is the answer of a status, which the document describes once; codes are those
// in place of the usual ones.
func failed(components *huma.Components, status int, codes []string) *huma.Response {
	usual, name := failures[status], strings.ReplaceAll(http.StatusText(status), " ", "")+strings.Join(codes, "")
	switch {
	case status == 0:
		name = "Failed"
	case codes == nil:
		codes = usual.codes
	}
	ref := &huma.Response{Ref: "#/components/responses/" + name}
	if components.Responses[name] != nil {
		return ref
	}
	schema := failureSchema(components.Schemas)
	if status == http.StatusPreconditionFailed {
		schema = components.Schemas.Schema(reflect.TypeFor[StaleFailure](), true, "")
	}
	response := &huma.Response{Description: usual.message, Headers: map[string]*huma.Param{fiber.HeaderXRequestID: requestID}}
	example, _ := sample(components.Schemas, schema).(map[string]any)
	if status == 0 {
		response.Description = "Refused before the operation begins (400, 413, 415, 431), or a fault that is not the client's (500, 503)."
	} else {
		example["message"], example["detail"], example["code"] = usual.message, usual.message, codes[0]
		schema = &huma.Schema{AllOf: []*huma.Schema{
			schema, {Type: huma.TypeObject, Required: []string{"code"}, Properties: map[string]*huma.Schema{"code": {Type: huma.TypeString, Enum: anys(codes)}}},
		}}
	}
	switch status {
	case http.StatusUnauthorized:
		response.Headers[fiber.HeaderWWWAuthenticate] = &huma.Param{
			Description: "How to authenticate.", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"Bearer"}}, Required: true, Example: "Bearer",
		}
	case http.StatusTooManyRequests:
		least := 1.0
		response.Headers[fiber.HeaderRetryAfter] = &huma.Param{
			Description: "Seconds until a new try can succeed.", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &least}, Required: true, Example: 42,
		}
	}
	response.Content = map[string]*huma.MediaType{fiber.MIMEApplicationJSON: {Schema: schema, Example: example}}
	components.Responses[name] = response
	return ref
}

func anys(words []string) []any {
	list := make([]any, len(words))
	for i, word := range words {
		list[i] = word
	}
	return list
}
