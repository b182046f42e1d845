package admin

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// Render answers with a page or a fragment. All that it shows has been read: a
// deadline that is over by now, maybe the very cause of an error page, is no reason
// not to show it.
func Render(c *fiber.Ctx, component templ.Component) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return component.Render(context.WithoutCancel(c.UserContext()), c.Response().BodyWriter())
}
