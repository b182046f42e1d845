package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// Whatever X-Forwarded-For says, the client is an address, and one that a trusted proxy
// named: what stands left of the rightmost untrusted hop moves nothing.
func FuzzForwardedFor(f *testing.F) {
	for _, hops := range []string{"", "203.0.113.7", "6.6.6.6, 203.0.113.7:51234", "[2001:db8::7]:1, ::ffff:10.0.0.1", "unknown, _x, 10.0.0.1", ",,\t,", "fe80::1%eth0", "999.1.1.1:99999", strings.Repeat("1.1.1.1,", 50)} {
		f.Add(hops, "6.6.6.6")
	}
	const client = "203.0.113.99"
	a := &App{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32"), netip.MustParsePrefix("10.0.0.0/8")}} // 0.0.0.0 is who asks in a test
	f.Fuzz(func(t *testing.T, hops, forged string) {
		seen := ""
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Get("/", func(c *fiber.Ctx) error { seen = a.clientIP(c).String(); return nil })
		for _, line := range []string{hops, forged + ", " + client, forged + ", " + client + ", 10.1.2.3"} {
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			request.Header.Set("X-Forwarded-For", strings.Map(func(r rune) rune {
				if r < ' ' && r != '\t' || r == 0x7f {
					return -1
				}
				return r
			}, line))
			if _, err := app.Test(request, -1); err != nil {
				return // no such header can be sent
			}
			if address, err := netip.ParseAddr(seen); err != nil || address.Zone() != "" || address.Is4In6() || line != hops && seen != client {
				t.Errorf("%q: the client is %s", line, seen)
			}
		}
	})
}
