package handlers

import (
	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/static"
	"digitalpath/views/staff"
)

// serveStatic answers from the assets inside the binary. Their URL changes with
// their content, so a browser may keep them for ever.
func serveStatic(c *fiber.Ctx) error {
	asset, ok := static.Lookup(c.Path())
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, asset.Type)
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	return c.Send(asset.Body)
}

func serveDocs(c *fiber.Ctx) error { return admin.Render(c, staff.APIDocs()) }
