package handlerstest

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Gate stands before a server that tests share, so that one test may take it away
// from its own processes.
type Gate struct {
	Address string // host:port

	t        testing.TB
	target   string
	delay    atomic.Int64 // nanoseconds
	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
}

// NewGate makes a closed gate before the target.
func NewGate(t testing.TB, target string) *Gate {
	t.Helper()
	g := &Gate{t: t, target: target, Address: "127.0.0.1:" + FreePort(t)}
	t.Cleanup(g.Close)
	return g
}

// Open lets connections through.
func (g *Gate) Open() {
	g.t.Helper()
	listener, err := net.Listen("tcp", g.Address)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	g.listener = listener
	g.mu.Unlock()
	go g.serve(listener)
}

// Close refuses new connections and breaks those that there are.
func (g *Gate) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		_ = g.listener.Close() // it may be closed already
	}
	for _, conn := range g.conns {
		_ = conn.Close() // likewise
	}
	g.listener, g.conns = nil, nil
}

func (g *Gate) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // closed
		}
		server, err := net.Dial("tcp", g.target)
		if err != nil {
			g.t.Errorf("the gate's server: %v", err)
			_ = client.Close() // the error above is what counts
			continue
		}
		g.mu.Lock()
		closed := g.listener != listener
		g.conns = append(g.conns, client, server)
		g.mu.Unlock()
		if closed {
			g.Close()
			return
		}
		go pass(server, client, &g.delay)
		go pass(client, server, new(atomic.Int64))
	}
}

// Delay makes the server that much slower with everything it says.
func (g *Gate) Delay(d time.Duration) { g.delay.Store(int64(d)) }

// pass copies until a connection breaks, and then breaks the other half too.
func pass(from, to net.Conn, delay *atomic.Int64) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		time.Sleep(time.Duration(delay.Load()))
		if _, broken := to.Write(buffer[:n]); err != nil || broken != nil {
			_ = to.Close() // it may be closed already
			return
		}
	}
}

// SmallDisk mounts a file system of so many bytes until the test ends.
func SmallDisk(t testing.TB, bytes int) (path string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root to mount a small disk")
	}
	path = filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(path, 0o750); err != nil {
		t.Fatal(err)
	}
	mount := exec.Command("mount", "-t", "tmpfs", "-o", "size="+strconv.Itoa(bytes), "tmpfs", path)
	if out, err := mount.CombinedOutput(); err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Skipf("mount says %d: %s", exit.ExitCode(), out)
		}
		t.Skip(err)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", path).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return path
}
