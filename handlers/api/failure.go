package api

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"digitalpath/problem"
)

// Failure is the error envelope of docs/contract.md section 1. handlers/errors.go
// fills it in; here is its shape, which OpenAPI shows.
type Failure struct {
	Success bool                `json:"success" enum:"false"`
	Message string              `json:"message" doc:"What is wrong, for people." example:"This field is required."`
	Detail  string              `json:"detail" doc:"The same sentence as message." example:"This field is required."`
	Code    string              `json:"code" doc:"A stable word for programs." example:"invalid"`
	Errors  map[string][]string `json:"errors,omitempty" doc:"What is wrong with each field at fault." example:"{\"name\":[\"This field is required.\"]}"`

	Status     int           `json:"-"`
	RetryAfter time.Duration `json:"-"`
}

func (f *Failure) Error() string { return f.Message }

// GetStatus is how huma learns the status of an answer.
func (f *Failure) GetStatus() int { return f.Status }

// GetHeaders is how huma learns its headers.
func (f *Failure) GetHeaders() http.Header {
	headers := http.Header{}
	if f.RetryAfter > 0 {
		headers.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	if f.Status == http.StatusUnauthorized {
		headers.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	}
	return headers
}

// emptyFailure is all that huma wants of an error while it writes the document.
func emptyFailure(int, string, ...error) huma.StatusError { return new(Failure) }

// refusal words what huma itself refuses: an empty body, or a parameter that is not
// as the document says. An id that cannot be one is nobody's.
func refusal(errs []error) *problem.Problem {
	fields := problem.Fields{}
	for _, err := range errs {
		detail, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			continue
		}
		place, name, _ := strings.Cut(detail.Location, ".")
		if place == "path" {
			return problem.ErrNotFound()
		}
		fields.Add(name, "Enter a valid value.")
	}
	if len(fields) == 0 {
		return problem.New(problem.Invalid, "malformed", "The request body is not valid JSON.")
	}
	return fields.Problem()
}
