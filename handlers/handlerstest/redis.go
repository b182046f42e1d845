package handlerstest

import (
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
)

// Redis is a redis-server that belongs to one test, which may kill and flush it.
type Redis struct {
	URL string

	t    testing.TB
	port string
	cmd  *exec.Cmd
}

// NewRedis starts one, and ends it with the test.
func NewRedis(t testing.TB) *Redis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs a redis-server of its own to stop and start")
	}
	r := &Redis{t: t, port: FreePort(t)}
	r.URL = "redis://127.0.0.1:" + r.port + "/0"
	r.Start()
	t.Cleanup(r.Kill)
	return r
}

// Start starts it, empty, on the same port, and waits until it answers.
func (r *Redis) Start() {
	r.t.Helper()
	r.cmd = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", r.port, "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())
	r.cmd.SysProcAttr = notOrphaned
	if err := r.cmd.Start(); err != nil {
		r.t.Fatalf("start redis-server: %v", err)
	}
	Eventually(r.t, StartTime, "redis-server answers", func() bool {
		conn, err := redis.DialURL(r.URL, redis.DialConnectTimeout(time.Second))
		if err != nil {
			return false
		}
		defer func() { _ = conn.Close() }() // it was opened to see that it can be
		_, err = conn.Do("PING")
		return err == nil
	})
}

// Kill takes it away, with all that it holds.
func (r *Redis) Kill() {
	if r.cmd.ProcessState != nil {
		return
	}
	if err := r.cmd.Process.Kill(); err != nil {
		r.t.Errorf("kill redis-server: %v", err)
	}
	_ = r.cmd.Wait() // "signal: killed" is what was asked for
}

// Freeze makes it silent; Thaw lets it go on.
func (r *Redis) Freeze() { r.signal(syscall.SIGSTOP) }

// Thaw is the end of Freeze.
func (r *Redis) Thaw() { r.signal(syscall.SIGCONT) }

func (r *Redis) signal(signal syscall.Signal) {
	if err := r.cmd.Process.Signal(signal); err != nil {
		r.t.Errorf("signal redis-server: %v", err)
	}
}

// Do runs one command.
func (r *Redis) Do(command string, args ...any) any {
	r.t.Helper()
	conn, err := redis.DialURL(r.URL)
	if err != nil {
		r.t.Fatalf("reach redis-server: %v", err)
	}
	defer func() { _ = conn.Close() }() // the answer is here already
	answer, err := conn.Do(command, args...)
	if err != nil {
		r.t.Fatalf("%s: %v", command, err)
	}
	return answer
}

// given are the ports that tests of this process have: one that is free now may be that
// of a server which is about to start, or stopped for a moment.
var given sync.Map

// FreePort finds a loopback port that nobody listens on, below those that the kernel
// hands out: a connection of another test must not take it before it is used.
func FreePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(10_000 + rand.IntN(10_000))
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			continue // somebody's
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("no port is free")
	return ""
}
