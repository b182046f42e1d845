package handlers

import (
	"context"
	"fmt"
	"net"
	"time"
)

// stopTime is how long the requests under way may take at the end.
const stopTime = 5 * time.Second

// Serve answers what comes to listener until ctx ends, then lets the requests under
// way come to their end.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	app := a.New()
	failed := make(chan error, 1)
	go func() { failed <- app.Listener(connections{listener}) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	if err := app.ShutdownWithTimeout(stopTime); err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}
