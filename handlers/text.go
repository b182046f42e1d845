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
// database takes NUL or invalid UTF-8, and dropping it would change what was said. JSON
// is checked where it is decoded.
func onlyText(c *fiber.Ctx) error {
	request := c.Request()
	ok := isText(c.Get("Idempotency-Key")) && argsAreText(request.URI().QueryArgs()) && argsAreText(request.PostArgs())
	form, err := request.MultipartForm()
	if err == nil {
		for name, values := range form.Value {
			ok = ok && isText(name) && !slices.ContainsFunc(values, func(value string) bool { return !isText(value) })
		}
	}
	if !ok || err != nil && !errors.Is(err, fasthttp.ErrNoMultipartForm) {
		return problem.New(problem.Invalid, "malformed", "The query or the form is not valid text.")
	}
	return c.Next()
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
