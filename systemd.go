package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// sweepPatience is more than a look for mail takes while the database hangs.
const sweepPatience = 40 * time.Second

// tellSystemd tells the service manager a state, as sd_notify(3) does; without one, nobody.
func (d *deps) tellSystemd(state string) {
	if d.config.NotifySocket == "" {
		return
	}
	conn, err := net.Dial("unixgram", d.config.NotifySocket)
	if err == nil {
		_, err = conn.Write([]byte(state))
		_ = conn.Close() // what it took is on its way
	}
	if err != nil {
		d.log.Warn("systemd is not told", slog.String("state", state), slog.Any("error", err))
	}
}

// attend tells systemd that the process is ready, once it works, and from then on that it
// lives, for as long as it works. It returns when ctx ends.
func (d *deps) attend(ctx context.Context, works func(context.Context) error) {
	beat := time.Duration(d.config.WatchdogMicros) * time.Microsecond / 3
	if d.config.NotifySocket == "" {
		return
	}
	for pause, state := time.Second, "READY=1"; ; {
		look, cancel := context.WithTimeout(ctx, healthTime)
		err := works(look)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.log.Warn("systemd is not told that the process works", slog.Any("error", err))
		default:
			d.tellSystemd(state)
			if beat == 0 {
				return
			}
			pause, state = beat, "WATCHDOG=1"
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// sweeps is an error where this process has not looked for mail for too long: what works
// does so within seconds, whether the database answers or not.
func sweeps(swept time.Time) error {
	if age := time.Since(swept); age > sweepPatience {
		return fmt.Errorf("it has not looked for mail for %s", age.Round(time.Second))
	}
	return nil
}
