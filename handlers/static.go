package handlers

import (
	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/static"
	"digitalpath/views/i18n"
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
	if asset.Gzip == nil {
		return c.Send(asset.Body)
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	// Who says nothing takes everything, says RFC 9110: but not every client without a
	// word of it can unpack.
	if c.Get(fiber.HeaderAcceptEncoding) == "" || c.AcceptsEncodings("gzip") == "" {
		return c.Send(asset.Body)
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(asset.Gzip())
}

func (a *App) serveDocs(c *fiber.Ctx) error {
	return admin.Render(c, staff.APIDocs(a.Backoffice.BareFrame(c, i18n.T(c.UserContext(), "API documentation"))))
}
