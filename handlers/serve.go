package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

const (
	// stopTime is how long a stop may take. For its first part, announceTime, requests
	// are still taken, so that proxies notice.
	stopTime     = 5 * time.Second
	announceTime = 2 * time.Second
)

// Serve answers what comes to listener until ctx ends, then lets the requests under
// way come to their end. The end is announced first, by /readyz and by closing each
// connection with its answer: a connection that a proxy keeps must not be closed while
// a request is on its way over it.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	app := a.New()
	failed := make(chan error, 1)
	go func() { failed <- app.Listener(connections{listener}) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	a.stopping.Store(true)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(announceTime):
	}
	err := app.ShutdownWithTimeout(stopTime - announceTime)
	if errors.Is(err, context.DeadlineExceeded) { // they do not send or read on: no fault of ours
		a.Log.Warn("clients are cut off", slog.Int("connections", int(app.Server().GetOpenConnectionsCount())))
		return nil
	}
	if err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}
