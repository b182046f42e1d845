// Package origins remembers the websites whose browsers were refused the API, so that
// whoever runs it learns which line of the configuration lacks.
package origins

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

const (
	// kept is how many origins are remembered: anybody may send any.
	kept = 50
	// writeEvery is how often a process writes what it saw.
	writeEvery = 10 * time.Second
	longest    = 255 // as wide as the column
)

// Log remembers refused origins.
type Log struct {
	DB  *bun.DB
	Now func() time.Time

	mu      sync.Mutex // of what follows
	seen    map[string]int64
	written time.Time
}

// Note remembers that a browser at origin was refused. What no browser sends is left out.
func (l *Log) Note(ctx context.Context, origin string) error {
	site, err := url.Parse(origin)
	if err != nil || site.Scheme != "http" && site.Scheme != "https" || site.Scheme+"://"+site.Host != origin || len(origin) > longest {
		return nil
	}
	l.mu.Lock()
	if l.seen == nil {
		l.seen = map[string]int64{}
	}
	if _, known := l.seen[origin]; known || len(l.seen) < kept {
		l.seen[origin]++
	}
	due := l.Now().Sub(l.written) >= writeEvery
	l.mu.Unlock()
	if !due {
		return nil
	}
	return l.write(ctx)
}

// Newest are the origins that were refused, the last one first, but those of allowed.
func (l *Log) Newest(ctx context.Context, allowed []string) ([]models.RefusedOrigin, error) {
	if err := l.write(ctx); err != nil {
		return nil, err
	}
	var all []models.RefusedOrigin
	if err := l.DB.NewSelect().Model(&all).OrderExpr("last_at DESC, origin").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read refused origins: %w", err)
	}
	return slices.DeleteFunc(all, func(r models.RefusedOrigin) bool { return slices.Contains(allowed, r.Origin) }), nil
}

// write adds what was seen since the last time, and forgets all but the newest.
func (l *Log) write(ctx context.Context) error {
	l.mu.Lock()
	now, rows := l.Now(), make([]models.RefusedOrigin, 0, len(l.seen))
	for origin, requests := range l.seen {
		rows = append(rows, models.RefusedOrigin{Origin: origin, Requests: requests, LastAt: now})
	}
	l.seen, l.written = nil, now
	l.mu.Unlock()
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b models.RefusedOrigin) int { return cmp.Compare(a.Origin, b.Origin) }) // two processes lock in one order
	_, err := l.DB.NewInsert().Model(&rows).On("CONFLICT (origin) DO UPDATE").
		Set("requests = refused_origin.requests + EXCLUDED.requests").Set("last_at = EXCLUDED.last_at").Exec(ctx)
	if err == nil {
		newest := l.DB.NewSelect().Model((*models.RefusedOrigin)(nil)).Column("origin").OrderExpr("last_at DESC, origin").Limit(kept)
		_, err = l.DB.NewDelete().Model((*models.RefusedOrigin)(nil)).Where("origin NOT IN (?)", newest).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("remember refused origins: %w", err)
	}
	return nil
}
