package handlers

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"digitalpath/problem"
)

// onlyText refuses a query, a form or an Idempotency-Key with what is no text: neither
// database takes NUL or invalid UTF-8, and dropping it would change what was said. The
// API takes no forms; its JSON is checked where it is decoded.
func onlyText(c *fiber.Ctx) error {
	request := c.Request()
	ok := isText(c.Get("Idempotency-Key")) && argsAreText(request.URI().QueryArgs())
	if !ok || isPage(c.Path()) && !formIsText(request) {
		return problem.New(problem.Invalid, "malformed", "The query or the form is not valid text.")
	}
	return c.Next()
}

func formIsText(request *fasthttp.Request) bool {
	form, err := request.MultipartForm()
	if err != nil {
		return errors.Is(err, fasthttp.ErrNoMultipartForm) && argsAreText(request.PostArgs())
	}
	for name, values := range form.Value {
		if !isText(name) || slices.ContainsFunc(values, func(value string) bool { return !isText(value) }) {
			return false
		}
	}
	return true
}

// formValue is a field of the form in the body. The query, which gets into logs and
// links, fills in no form.
func formValue(c *fasthttp.RequestCtx, name string) []byte {
	if form, err := c.MultipartForm(); err == nil {
		if values := form.Value[name]; len(values) > 0 {
			return []byte(values[0])
		}
		return nil
	}
	return c.PostArgs().Peek(name)
}

func argsAreText(args *fasthttp.Args) bool {
	for name, value := range args.All() {
		if !isText(string(name)) || !isText(string(value)) {
			return false
		}
	}
	return true
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
