package main

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"digitalpath/config"
	"digitalpath/handlers/handlerstest"
)

// manager is what systemd listens on.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
	path string
}

func newManager(t *testing.T) *manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // nobody writes any more
	return &manager{t, conn, path}
}

// heard is the next state that it is told, or nothing within a time.
func (m *manager) heard(within time.Duration) string {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		m.t.Fatal(err)
	}
	buffer := make([]byte, 100)
	n, err := m.conn.Read(buffer)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "timeout") {
		m.t.Fatal(err)
	}
	return string(buffer[:n])
}

// want reads signs of life away until a state comes.
func (m *manager) want(state string) {
	m.t.Helper()
	for {
		heard := m.heard(handlerstest.StartTime)
		if heard == state {
			return
		}
		if heard != "WATCHDOG=1" {
			m.t.Fatalf("systemd hears %q, want %s", heard, state)
		}
	}
}

func TestSystemdHearsWhenServeIsReadyLivesAndStops(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	app := handlerstest.Start(t, "NOTIFY_SOCKET="+m.path, "WATCHDOG_USEC=300000")
	m.want("READY=1")
	m.want("WATCHDOG=1")
	m.want("WATCHDOG=1")
	if code := app.Stop(15 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	m.want("STOPPING=1")
	if heard := m.heard(time.Millisecond); heard != "" {
		t.Errorf("after the end systemd hears %q", heard)
	}
}

func TestSystemdHearsWhenTheWorkerIsReadyLivesAndStops(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t)
	app := handlerstest.Start(t)
	m := newManager(t)
	worker := app.Worker("NOTIFY_SOCKET="+m.path, "WATCHDOG_USEC=300000")
	m.want("READY=1")
	m.want("WATCHDOG=1")
	worker.Stop(15 * time.Second)
	m.want("STOPPING=1")
}

func TestSystemdIsNotToldReadyBeforeTheDatabaseAnswers(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	program := handlerstest.Spawn(t, []string{"DJANGO_DEBUG=1", "PORT=0", "NOTIFY_SOCKET=" + m.path,
		"DATABASE_URL=postgresql://u@127.0.0.1:" + handlerstest.FreePort(t) + "/x"}, "serve")
	handlerstest.Eventually(t, handlerstest.StartTime, "it waits", func() bool { return strings.Contains(program.Log(), "waiting for the database") })
	if heard := m.heard(time.Millisecond); heard != "" {
		t.Errorf("systemd hears %q", heard)
	}
}

// What hangs is started again: systemd must not hear that it lives.
func TestSystemdHearsNothingOfAProcessThatHangs(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	c := &config.Config{NotifySocket: m.path, WatchdogMicros: 30_000}
	p := &program{errOut: t.Output()}
	d := &deps{config: c, log: p.logger(c, nil)}
	ctx, stop := context.WithCancel(t.Context())
	var hangs atomic.Bool
	looks := make(chan bool)
	go d.attend(ctx, func(ctx context.Context) error {
		select {
		case looks <- true:
		case <-ctx.Done():
			return ctx.Err()
		}
		if hangs.Load() {
			return errors.New("it hangs")
		}
		return nil
	})
	<-looks
	m.want("READY=1")
	<-looks
	m.want("WATCHDOG=1")
	hangs.Store(true)
	for range 3 { // with one look that began before
		<-looks
	}
	m.heard(time.Millisecond) // of that one
	if heard := m.heard(time.Millisecond); heard != "" {
		t.Errorf("systemd hears %q", heard)
	}
	hangs.Store(false)
	<-looks
	<-looks
	m.want("WATCHDOG=1")
	stop()
}

func TestWorkerThatStoppedLookingForMailDoesNotLive(t *testing.T) {
	t.Parallel()
	if sweeps(now()) != nil || sweeps(now().Add(-time.Minute)) == nil {
		t.Error("a look a minute ago counts, or one of just now does not")
	}
}
