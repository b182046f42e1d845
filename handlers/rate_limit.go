package handlers

import (
	"context"
	"net/netip"
	"time"

	"digitalpath/problem"
)

// Limit allows N events per Per, counted by "ip", by "key" (an address, an account) or
// by "user".
type Limit struct {
	N   int
	Per time.Duration
	By  string
}

// Limit counts one event of the story called name and refuses it where it comes too
// often. key is the user's id where the limit is one by user.
func (a *App) Limit(ctx context.Context, name, ip, key string) error {
	return a.limit(ctx, name, ip, key, a.Limiter.Allow)
}

// Reached refuses what Limit would refuse, and counts nothing.
func (a *App) Reached(ctx context.Context, name, ip, key string) error {
	return a.limit(ctx, name, ip, key, a.Limiter.Peek)
}

type askLimiter func(ctx context.Context, name, key string, n int, per time.Duration) (retryAfter time.Duration, allowed bool)

func (a *App) limit(ctx context.Context, name, ip, key string, ask askLimiter) error {
	for _, limit := range a.Limits[name] {
		who := key
		if limit.By == "ip" {
			who = network(ip)
		}
		if who == "" {
			continue
		}
		if retryAfter, ok := ask(ctx, name+":"+limit.By+":"+limit.Per.String(), who, limit.N, limit.Per); !ok {
			p := problem.New(problem.Throttled, "throttled", "Too many requests. Please try again later.")
			p.RetryAfter = retryAfter
			return p
		}
	}
	return nil
}

// network is what a limit by IP counts as one. One customer line has a whole IPv6 /64
// (RFC 6177), so single addresses of it cost nothing.
func network(ip string) string {
	address, err := netip.ParseAddr(ip)
	if err != nil || address.Is4() {
		return ip
	}
	return netip.PrefixFrom(address, 64).Masked().String()
}
