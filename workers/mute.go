package workers

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

var errDown = errors.New("the broker is down")

// mutedPool is for gocraft/work, which prints a line for every failed command and
// tries again 10 ms later: its failures are told to health and look to it like a
// Redis with nothing to do.
func mutedPool(dial dialFunc, h *health) *redis.Pool {
	looks := &requeues{next: map[any]time.Time{}}
	pool := redisPool(func() (redis.Conn, error) {
		if !h.usable() {
			return downConn{}, nil
		}
		conn, err := dial()
		if err != nil {
			h.failed(err)
			return downConn{}, nil
		}
		return &mutedConn{conn, dial, time.Now(), h, looks}, nil
	})
	pool.MaxIdle = 32
	pool.TestOnBorrow = nil // most of those that are borrowed are not used
	return pool
}

// mutedConn answers nil where Redis answers with an error.
type mutedConn struct {
	redis.Conn
	dial   dialFunc
	used   time.Time
	health *health
	looks  *requeues
}

// refresh makes a new connection of one that did not outlive its rest.
func (c *mutedConn) refresh() {
	rested := time.Since(c.used) >= restedAfter
	c.used = time.Now()
	if !rested {
		return
	}
	_, err := c.Conn.Do("PING")
	if err == nil {
		return
	}
	_ = c.Conn.Close() // it is broken
	if c.Conn, err = c.dial(); err != nil {
		c.health.failed(err)
		c.Conn = downConn{}
	}
}

func (c *mutedConn) Do(command string, args ...any) (any, error) {
	isLook := len(args) > 2 && (args[2] == retryKey || args[2] == scheduledKey)
	if isLook && !c.looks.due(args[2]) {
		return nil, nil
	}
	if command != "" { // which a pool does with what is given back
		c.refresh()
	}
	reply, err := c.mute(c.Conn.Do(command, args...))
	if isLook && (reply != nil || err != nil) { // it found something, or must come with its text
		c.looks.more(args[2])
	}
	return reply, err
}

// requeues holds back gocraft/work's scripts that look for jobs to be tried again or to be
// done later: each pool runs two of them a second. No job of ours is among those.
type requeues struct {
	mu   sync.Mutex
	next map[any]time.Time // by key: when a look at it is let through
}

func (r *requeues) due(key any) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if now.Before(r.next[key]) {
		return false
	}
	r.next[key] = now.Add(collectTime)
	return true
}

// more lets the next look through.
func (r *requeues) more(key any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.next, key)
}

func (c *mutedConn) Receive() (any, error) { return c.mute(c.Conn.Receive()) }

func (c *mutedConn) Send(command string, args ...any) error {
	c.refresh()
	_, err := c.mute(nil, c.Conn.Send(command, args...))
	return err
}

func (c *mutedConn) Flush() error {
	_, err := c.mute(nil, c.Conn.Flush())
	return err
}

func (c *mutedConn) mute(reply any, err error) (any, error) {
	if err == nil || strings.HasPrefix(err.Error(), "NOSCRIPT ") { // redigo then sends the script
		return reply, err
	}
	// An error that Redis answers is about this command (garbage in the retry set);
	// that it refuses writes is found by broker.write.
	if _, answered := errors.AsType[redis.Error](err); !answered {
		c.health.failed(err)
	}
	return nil, nil
}

// downConn stands in for a connection while Redis is down.
type downConn struct{}

func (downConn) Close() error                   { return nil }
func (downConn) Err() error                     { return errDown } // so that the pool does not keep it
func (downConn) Do(string, ...any) (any, error) { return nil, nil }
func (downConn) Send(string, ...any) error      { return nil }
func (downConn) Flush() error                   { return nil }
func (downConn) Receive() (any, error)          { return nil, nil }
