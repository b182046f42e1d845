package workers

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// limiter waits so long for Redis: where the test is not about that, longer than the tests
// beside it hold it up.
func (f *fixture) limiter(patience time.Duration) *RateCounter {
	f.Helper()
	l, err := newRateCounter(f.redis, patience, slog.New(f.logs))
	if err != nil {
		f.Fatal(err)
	}
	return l
}

// allowed counts how many of n tries pass.
func allowed(t *testing.T, l *RateCounter, key string, n int) (passed int) {
	for range n {
		retryAfter, ok := l.Count(t.Context(), "login", key, 10, time.Minute)
		if ok {
			passed++
		} else if retryAfter <= 0 || retryAfter > 7*time.Second {
			t.Errorf("retry after %v", retryAfter)
		}
	}
	return passed
}

func TestReplicasLimitTogether(t *testing.T) {
	f := newFixture(t)
	a, b := f.limiter(time.Minute), f.limiter(time.Minute)
	if n := allowed(t, a, "192.0.2.1", 6) + allowed(t, b, "192.0.2.1", 6); n != 10 {
		t.Errorf("%d of 12 allowed", n)
	}
	if n := allowed(t, b, "192.0.2.2", 1); n != 1 {
		t.Error("another key is limited too")
	}
}

// The count is exact whatever comes at once, in one process or several, and also where
// Redis is too slow to go on with.
func TestLimitIsExactUnderParallelRequests(t *testing.T) {
	for name, hangs := range map[string]bool{"Redis answers": false, "Redis hangs": true} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			p := f.throughProxy()
			replicas := []*RateCounter{f.limiter(time.Minute), f.limiter(time.Minute)}
			if hangs {
				replicas = []*RateCounter{f.limiter(limiterTimeout)} // without Redis each process counts by itself
				p.hang.Store(true)
			}
			for round := range 20 {
				var passed atomic.Int64
				var all sync.WaitGroup
				for i := range 50 {
					all.Go(func() {
						l, key := replicas[i%len(replicas)], fmt.Sprint("192.0.2.", round)
						l.Peek(t.Context(), "login", key, 10, time.Hour)
						if _, ok := l.Count(t.Context(), "login", key, 10, time.Hour); ok {
							passed.Add(1)
						}
					})
				}
				all.Wait()
				if n := passed.Load(); n != 10 {
					t.Errorf("%d of 50 allowed; logged %d times", n, f.logs.lines.Load())
				}
			}
		})
	}
}

func TestLimitGoesOnCountingWhenRedisFails(t *testing.T) {
	f := newFixture(t)
	p := f.throughProxy()
	l := f.limiter(limiterTimeout)
	if n := allowed(t, l, "192.0.2.1", 7); n != 7 {
		t.Errorf("%d of 7 allowed", n)
	}
	p.down()
	if n := allowed(t, l, "192.0.2.1", 7); n != 3 {
		t.Errorf("%d of 3 allowed", n)
	}
}

func TestLimitHoldsInTheProcessWhileRedisIsDown(t *testing.T) {
	f := newFixture(t)
	p := f.throughProxy()
	l := f.limiter(limiterTimeout)
	p.down()
	if n := allowed(t, l, "192.0.2.1", 12); n != 10 {
		t.Errorf("%d of 12 allowed", n)
	}
	if n := f.logs.lines.Load(); n != 1 {
		t.Errorf("%d lines logged", n)
	}
}

func TestLimitWaitsForASlowRedisOnce(t *testing.T) {
	f := newFixture(t)
	p := f.throughProxy()
	p.hang.Store(true)
	l := f.limiter(limiterTimeout)
	started := time.Now()
	if n := allowed(t, l, "192.0.2.1", 12); n != 10 {
		t.Errorf("%d of 12 allowed", n)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestPeekTellsWhatAllowWouldAndCountsNothing(t *testing.T) {
	f := newFixture(t)
	p := f.throughProxy()
	l := f.limiter(limiterTimeout)
	for _, key := range []string{"over Redis", "in memory"} {
		for i := range 3 {
			for range 5 {
				if _, ok := l.Peek(t.Context(), "login", key, 3, time.Hour); !ok {
					t.Errorf("refused after %d of 3", i)
				}
			}
			l.Count(t.Context(), "login", key, 3, time.Hour)
		}
		retryAfter, ok := l.Peek(t.Context(), "login", key, 3, time.Hour)
		if ok || retryAfter <= 19*time.Minute || retryAfter > 20*time.Minute {
			t.Errorf("after 3 of 3: %v, again in %v", ok, retryAfter)
		}
		p.down()
	}
}
