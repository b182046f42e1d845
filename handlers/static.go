package handlers

import (
	"encoding/json"
	"sync"

	"github.com/danielgtaylor/huma/v2"
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
	return sendPacked(c, asset.Packed)
}

// sendPacked answers with the smallest form that the client takes.
func sendPacked(c *fiber.Ctx, packed *static.Packed) error {
	// Who says nothing takes everything, says RFC 9110: but not every client without a
	// word of it can unpack.
	said := c.Get(fiber.HeaderAcceptEncoding) != ""
	body, encoding := packed.In(func(encoding string) bool { return said && c.AcceptsEncodings(encoding) != "" })
	c.Vary(fiber.HeaderAcceptEncoding)
	if encoding != "" {
		c.Set(fiber.HeaderContentEncoding, encoding)
	}
	return c.Send(body)
}

// serveDocument answers with what the API says of itself.
func serveDocument(document *huma.OpenAPI) fiber.Handler {
	packed := sync.OnceValues(func() (*static.Packed, error) {
		text, err := json.Marshal(document)
		return static.Pack(text), err
	})
	return func(c *fiber.Ctx) error {
		document, err := packed()
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, "application/openapi+json")
		return sendPacked(c, document)
	}
}

func (a *App) serveDocs(c *fiber.Ctx) error {
	return admin.Render(c, staff.APIDocs(a.Backoffice.BareFrame(c, i18n.T(c.UserContext(), "API documentation"))))
}
