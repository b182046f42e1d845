package workers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"
	"github.com/throttled/throttled/v2/store/redigostore"
)

const (
	limiterTimeout = 200 * time.Millisecond // a Redis slower than that counts as down
	limiterKeys    = 65536                  // kept in memory while Redis is down
	limiterRaces   = 100                    // lost to other requests with the same key before giving up on Redis
)

var errSlow = errors.New("the broker is slow")

// Limiter counts what must not happen too often, for all replicas together. While
// Redis is down each process counts by itself.
type Limiter struct {
	shared, local throttled.GCRAStoreCtx
	health        *health
}

func newLimiter(redisURL string, log *slog.Logger) (*Limiter, error) {
	dial, err := redisDialer(redisURL, limiterTimeout)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(redisURL)
	if err != nil {
		return nil, fmt.Errorf("parse the broker's URL: %w", err)
	}
	database, _ := strconv.Atoi(strings.TrimPrefix(u.Path, "/")) // none: 0, as for the connections
	shared, err := redigostore.NewCtx(redisPool(dial), namespace+":limit:", database)
	if err != nil {
		return nil, fmt.Errorf("limit over Redis: %w", err)
	}
	local, err := memstore.NewCtx(limiterKeys)
	if err != nil {
		return nil, fmt.Errorf("limit in memory: %w", err)
	}
	return &Limiter{shared, local, &health{name: "rate limiting over Redis", log: log}}, nil
}

// Allow tells whether what name limits may happen once more for key, where n times
// in per are allowed, all of them at once if need be. If not, it may after
// retryAfter.
func (l *Limiter) Allow(ctx context.Context, name, key string, n int, per time.Duration) (retryAfter time.Duration, allowed bool) {
	quota := throttled.RateQuota{MaxRate: throttled.PerDuration(n, per), MaxBurst: n - 1}
	return l.ask(name, key, func(store throttled.GCRAStoreCtx, key string) (bool, throttled.RateLimitResult, error) {
		return count(ctx, store, quota, key)
	})
}

// Peek tells what Allow would, and counts nothing.
func (l *Limiter) Peek(ctx context.Context, name, key string, n int, per time.Duration) (retryAfter time.Duration, allowed bool) {
	return l.ask(name, key, func(store throttled.GCRAStoreCtx, key string) (bool, throttled.RateLimitResult, error) {
		// The store keeps when the whole quota is free again; one event moves that by its
		// share, and may not move it further away than per.
		freeAt, now, err := store.GetWithTime(ctx, key)
		wait := time.Unix(0, freeAt).Add(per / time.Duration(n)).Add(-per).Sub(now)
		return err == nil && freeAt >= 0 && wait > 0, throttled.RateLimitResult{RetryAfter: wait}, err
	})
}

// ask asks Redis or, while that is down, this process.
func (l *Limiter) ask(name, key string, limit func(throttled.GCRAStoreCtx, string) (bool, throttled.RateLimitResult, error)) (retryAfter time.Duration, allowed bool) {
	sum := sha256.Sum256([]byte(key)) // keys are addresses of people, of any length
	key = name + ":" + hex.EncodeToString(sum[:16])
	if l.health.usable() {
		started := time.Now()
		limited, result, err := limit(l.shared, key)
		if err == nil && time.Since(started) > limiterTimeout {
			l.health.failed(errSlow) // this answer is good, the next ones come from memory
			return result.RetryAfter, !limited
		}
		if err == nil {
			l.health.works()
			return result.RetryAfter, !limited
		}
		l.health.failed(err)
	}
	limited, result, err := limit(l.local, key)
	return result.RetryAfter, err != nil || !limited // memory fails only for a limit that makes no sense
}

func count(ctx context.Context, store throttled.GCRAStoreCtx, quota throttled.RateQuota, key string) (bool, throttled.RateLimitResult, error) {
	limiter, err := throttled.NewGCRARateLimiterCtx(store, quota)
	if err != nil {
		return false, throttled.RateLimitResult{}, fmt.Errorf("limit: %w", err)
	}
	limiter.SetMaxCASAttemptsLimit(limiterRaces)
	return limiter.RateLimitCtx(ctx, key, 1)
}
