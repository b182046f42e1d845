package handlers

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/problem"
)

// forwardedHeaders are what a proxy adds: a request that carries one is not this
// machine's own, whoever brings it.
var forwardedHeaders = []string{fiber.HeaderXForwardedFor, fiber.HeaderXForwardedHost, fiber.HeaderXForwardedProto, "Forwarded", "X-Real-Ip"}

// guardMetrics lets those see the metrics who know the token, and with debug on
// everybody. This machine itself needs none.
func (a *App) guardMetrics(c *fiber.Ctx) error {
	scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	known := a.MetricsToken != "" && strings.EqualFold(scheme, "Bearer") && sameSecret(strings.TrimSpace(token), a.MetricsToken)
	ownMachine := peer(c).IsLoopback() && !slices.ContainsFunc(forwardedHeaders, func(name string) bool { return c.Get(name) != "" })
	if a.Debug || known || ownMachine {
		return c.Next()
	}
	return problem.New(problem.Unauthenticated, "not_authenticated", "Unauthorized")
}

// sameSecret takes as long for any two texts, whatever their lengths.
func sameSecret(a, b string) bool {
	left, right := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(left[:], right[:]) == 1
}
