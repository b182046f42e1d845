package workers

import (
	"errors"
	"strings"

	"github.com/gomodule/redigo/redis"
)

var errDown = errors.New("the broker is down")

// quietPool is for gocraft/work, which prints a line for every failed command and
// tries again 10 ms later: its failures are told to health and look to it like a
// Redis with nothing to do.
func mutedPool(dial dialFunc, h *health) *redis.Pool {
	pool := redisPool(func() (redis.Conn, error) {
		if !h.usable() {
			return downConn{}, nil
		}
		conn, err := dial()
		if err != nil {
			h.failed(err)
			return downConn{}, nil
		}
		return mutedConn{conn, h}, nil
	})
	pool.MaxIdle = 32
	return pool
}

// quietConn answers nil where Redis answers with an error.
type mutedConn struct {
	redis.Conn
	health *health
}

func (c mutedConn) Do(command string, args ...any) (any, error) {
	return c.mute(c.Conn.Do(command, args...))
}

func (c mutedConn) Receive() (any, error) { return c.mute(c.Conn.Receive()) }

func (c mutedConn) Send(command string, args ...any) error {
	_, err := c.mute(nil, c.Conn.Send(command, args...))
	return err
}

func (c mutedConn) Flush() error {
	_, err := c.mute(nil, c.Conn.Flush())
	return err
}

func (c mutedConn) mute(reply any, err error) (any, error) {
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
