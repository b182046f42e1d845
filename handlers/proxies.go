package handlers

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/handlers/api"
	"digitalpath/models"
)

// identify gives the request its id and finds out who asks, and where: behind a
// trusted proxy that is what the proxy says of it.
func (a *App) identify(c *fiber.Ctx) error {
	ctx := withRequestID(c)
	channel := models.ChannelAPI
	if strings.HasPrefix(c.Path(), "/admin") {
		channel = models.ChannelBackoffice
	}
	if head, ok := c.Locals(headKey{}).(*api.Head); ok {
		ctx = api.WithHead(ctx, head)
	}
	ctx = models.WithActor(ctx, models.Actor{IP: a.clientIP(c).String(), Channel: channel})
	if host := a.forwarded(c, fiber.HeaderXForwardedHost); host != "" {
		c.Request().SetHost(host) // of the URL
		c.Request().Header.SetHost(host)
	}
	c.SetUserContext(api.WithBackendURL(ctx, a.backendURL(c)))
	return c.Next()
}

// backendURL is our own address: BACKEND_URL or, without it, where this request
// came to. checkHost sees to it that it is one of ours.
func (a *App) backendURL(c *fiber.Ctx) string {
	if a.BackendURL != "" {
		return a.BackendURL
	}
	scheme := strings.ToLower(a.forwarded(c, fiber.HeaderXForwardedProto))
	switch {
	case scheme == "http", scheme == "https":
	case a.Debug:
		scheme = "http"
	default:
		scheme = "https"
	}
	return scheme + "://" + string(c.Context().Host())
}

// clientIP is the peer's address or, where the peer is a trusted proxy, the
// rightmost address of X-Forwarded-For that is not one: what stands left of it was
// written by the client and may say anything.
func (a *App) clientIP(c *fiber.Ctx) netip.Addr {
	client := peer(c)
	if !a.trusts(client) {
		return client
	}
	for _, hop := range slices.Backward(listed(c, fiber.HeaderXForwardedFor)) {
		address, err := hopAddress(hop)
		if err != nil {
			break
		}
		if client = address; !a.trusts(client) {
			break
		}
	}
	return client
}

// forwarded is what the proxy that we were asked by says in a header of one value, ""
// where it is not a trusted one. An earlier value is one that reached it.
func (a *App) forwarded(c *fiber.Ctx, header string) string {
	values := listed(c, header)
	if len(values) == 0 || !a.trusts(peer(c)) {
		return ""
	}
	return values[len(values)-1]
}

func peer(c *fiber.Ctx) netip.Addr {
	address, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return address.Unmap()
}

func (a *App) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(a.TrustedProxies, func(p netip.Prefix) bool {
		return p.Contains(address) || p.Contains(netip.AddrFrom16(address.As16())) // ::ffff:10.0.0.0/104
	})
}

// listed is a header that is a list; several lines of it are one list (RFC 9110
// section 5.3).
func listed(c *fiber.Ctx, header string) []string {
	var values []string
	for _, line := range c.Request().Header.PeekAll(header) {
		for value := range strings.SplitSeq(string(line), ",") {
			if value = strings.TrimSpace(value); value != "" {
				values = append(values, value)
			}
		}
	}
	return values
}

// hopAddress reads an entry of X-Forwarded-For, which is an address, or one with a
// port; IPv6 may stand in brackets.
func hopAddress(hop string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(hop); err == nil {
		return withPort.Addr().WithZone("").Unmap(), nil
	}
	if inside, ok := strings.CutPrefix(hop, "["); ok {
		hop = strings.TrimSuffix(inside, "]")
	}
	address, err := netip.ParseAddr(hop)
	return address.WithZone("").Unmap(), err
}
