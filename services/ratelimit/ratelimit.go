// Package ratelimit says what must not happen too often.
package ratelimit

import (
	"context"
	"net/netip"
	"time"

	"digitalpath/config"
	"digitalpath/problem"
)

// Rule names what is limited.
type Rule string

// The rules, each with a variable RATE_LIMIT_... of its own.
const (
	Contact     Rule = "contact"
	Waitlist    Rule = "waitlist"
	LoginFailed Rule = "login"
	SignUp      Rule = "signup"
	Reset       Rule = "reset"
	Confirm     Rule = "confirm"
	API         Rule = "api"
)

// Limiter holds what people do against the limits.
type Limiter struct {
	Limits map[Rule]config.Limits
	// Count counts one event of a key, n of which are allowed in per, and tells whether
	// it is; if not, when one will be. Peek tells the same and counts nothing.
	Count, Peek Counter
}

// Counter counts for all replicas together.
type Counter func(ctx context.Context, name, key string, n int, per time.Duration) (retryAfter time.Duration, allowed bool)

// Allow counts one event and is problem.Throttled where it comes too often. key is an
// address, an account or, where the limit is one by user, the user's id; an empty ip or
// key is not limited.
func (l *Limiter) Allow(ctx context.Context, rule Rule, ip, key string) error {
	return l.hold(ctx, rule, ip, key, l.Count)
}

// Check is Allow that counts nothing.
func (l *Limiter) Check(ctx context.Context, rule Rule, ip, key string) error {
	return l.hold(ctx, rule, ip, key, l.Peek)
}

func (l *Limiter) hold(ctx context.Context, rule Rule, ip, key string, count Counter) error {
	for _, limit := range l.Limits[rule] {
		who := key
		if limit.By == "ip" {
			who = network(ip)
		}
		if who == "" {
			continue
		}
		if retryAfter, ok := count(ctx, string(rule)+":"+limit.By+":"+limit.Per.String(), who, limit.N, limit.Per); !ok {
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
