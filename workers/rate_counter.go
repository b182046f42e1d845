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
	"sync"
	"time"

	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"
	"github.com/throttled/throttled/v2/store/redigostore"
)

const (
	limiterTimeout = 200 * time.Millisecond // what a request can wait for its count
	limiterKeys    = 65536                  // kept in memory while Redis is down
	limiterRaces   = 100                    // lost to other requests with the same key before giving up on Redis
)

var errSlow = errors.New("the broker is slow")

// RateCounter counts what must not happen too often, for all replicas together. While
// Redis is down each process counts by itself, on top of what it saw before; without a
// Redis there is one process.
type RateCounter struct {
	shared, local throttled.GCRAStoreCtx // shared: nil without a Redis
	health        *health
	patience      time.Duration   // a Redis slower than that counts as down
	turns         [256]sync.Mutex // by key: what comes at once is counted one by one
}

// NewRateCounter counts over the Redis of a URL, or in memory where it is empty. It
// connects to nothing yet.
func NewRateCounter(redisURL string, log *slog.Logger) (*RateCounter, error) {
	return newRateCounter(redisURL, limiterTimeout, log)
}

func newRateCounter(redisURL string, patience time.Duration, log *slog.Logger) (*RateCounter, error) {
	local, err := memstore.NewCtx(limiterKeys)
	if err != nil {
		return nil, fmt.Errorf("limit in memory: %w", err)
	}
	counter := &RateCounter{local: local, patience: patience, health: &health{name: "rate limiting over Redis", log: log}}
	if redisURL == "" {
		return counter, nil
	}
	dial, err := redisDialer(redisURL, patience)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(redisURL)
	if err != nil {
		return nil, fmt.Errorf("parse the broker's URL: %w", err)
	}
	database, _ := strconv.Atoi(strings.TrimPrefix(u.Path, "/")) // none: 0, as for the connections
	counter.shared, err = redigostore.NewCtx(redisPool(dial), namespace+":limit:", database)
	if err != nil {
		return nil, fmt.Errorf("limit over Redis: %w", err)
	}
	return counter, nil
}

// Count tells whether what name limits may happen once more for key, where n times
// in per are allowed, all of them at once if need be. If not, it may after
// retryAfter.
func (l *RateCounter) Count(ctx context.Context, name, key string, n int, per time.Duration) (retryAfter time.Duration, allowed bool) {
	return l.ask(name, key, func(store throttled.GCRAStoreCtx, key string) (time.Duration, error) {
		return retryIn(ctx, store, key, 1, n, per)
	})
}

// Peek tells what Count would, and counts nothing.
func (l *RateCounter) Peek(ctx context.Context, name, key string, n int, per time.Duration) (retryAfter time.Duration, allowed bool) {
	return l.ask(name, key, func(store throttled.GCRAStoreCtx, key string) (time.Duration, error) {
		return retryIn(ctx, unwritten{store}, key, 0, n, per)
	})
}

// ask asks Redis or, while that is down, this process. What Redis allowed is counted
// here too, so that its going down starts no count anew.
func (l *RateCounter) ask(name, key string, limit func(throttled.GCRAStoreCtx, string) (time.Duration, error)) (retryAfter time.Duration, allowed bool) {
	sum := sha256.Sum256([]byte(key)) // keys are addresses of people, of any length
	key = name + ":" + hex.EncodeToString(sum[:16])
	turn := &l.turns[sum[0]]
	turn.Lock()
	defer turn.Unlock()
	if l.shared != nil && l.health.usable() {
		started := time.Now()
		wait, err := limit(l.shared, key)
		switch {
		case err != nil:
			l.health.failed(err)
		case time.Since(started) > l.patience:
			l.health.failed(errSlow) // this answer is good, the next ones come from memory
		default:
			l.health.works()
		}
		if err == nil && wait < 0 {
			_, _ = limit(l.local, key) // Redis has decided
		}
		if err == nil {
			return max(wait, 0), wait < 0
		}
	}
	wait, err := limit(l.local, key)
	return max(wait, 0), err != nil || wait < 0 // memory fails only for a limit that makes no sense
}

// retryIn counts quantity events of a key and tells when one more may happen: below 0
// where it may now, or just did.
func retryIn(ctx context.Context, store throttled.GCRAStoreCtx, key string, quantity, n int, per time.Duration) (time.Duration, error) {
	limiter, err := throttled.NewGCRARateLimiterCtx(store, throttled.RateQuota{MaxRate: throttled.PerDuration(n, per), MaxBurst: n - 1})
	if err != nil {
		return 0, fmt.Errorf("limit: %w", err)
	}
	limiter.SetMaxCASAttemptsLimit(limiterRaces)
	_, result, err := limiter.RateLimitCtx(ctx, key, quantity)
	return result.RetryAfter, err
}

// unwritten is a store to peek into. RateLimitCtx with a quantity of 0 writes what it
// has read and, where that loses a race, counts 1 at its second try.
type unwritten struct{ throttled.GCRAStoreCtx }

func (unwritten) SetIfNotExistsWithTTL(context.Context, string, int64, time.Duration) (bool, error) {
	return true, nil
}

func (unwritten) CompareAndSwapWithTTL(context.Context, string, int64, int64, time.Duration) (bool, error) {
	return true, nil
}
