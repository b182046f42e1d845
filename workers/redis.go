package workers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/gomodule/redigo/redis"
)

// redisTimeout bounds connecting, and each read and write. A Redis that is slower
// counts as down.
const redisTimeout = time.Second

// restedAfter is when a connection is tried before it is used again.
const restedAfter = time.Second

type dialFunc func() (redis.Conn, error)

// redisDialer checks a redis:// or rediss:// URL and returns how to connect to it.
func redisDialer(rawURL string, timeout time.Duration) (dialFunc, error) {
	u, err := url.Parse(rawURL)
	if err != nil || (u.Scheme != "redis" && u.Scheme != "rediss") || u.Host == "" {
		return nil, errors.New("the broker's URL is not like redis://host:6379/0") // it may hold a password
	}
	options := []redis.DialOption{
		redis.DialConnectTimeout(timeout), redis.DialTLSHandshakeTimeout(timeout),
		redis.DialReadTimeout(timeout), redis.DialWriteTimeout(timeout),
		// Celery's spelling, in use where a hosted Redis has a self-signed certificate.
		redis.DialTLSSkipVerify(strings.HasSuffix(strings.ToLower(u.Query().Get("ssl_cert_reqs")), "none")),
	}
	return func() (redis.Conn, error) { return redis.DialURL(rawURL, options...) }, nil
}

func redisPool(dial dialFunc) *redis.Pool {
	return &redis.Pool{
		Dial: dial, MaxIdle: 8, IdleTimeout: 4 * time.Minute,
		// A connection that outlived a restart of Redis must not look like an outage.
		TestOnBorrow: func(conn redis.Conn, lastUsed time.Time) error {
			if time.Since(lastUsed) < restedAfter {
				return nil
			}
			_, err := conn.Do("PING")
			return err
		},
	}
}

// embedded is a Redis inside this process. It keeps nothing on disk: what it held
// is driven again from the database after a restart.
type embedded struct {
	server *miniredis.Miniredis
	url    string
	done   chan struct{}
}

func startEmbedded() (*embedded, error) {
	e := &embedded{server: miniredis.NewMiniRedis(), done: make(chan struct{})}
	password := rand.Text() // other users of the machine can reach the port
	e.server.RequireAuth(password)
	if err := e.server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start embedded Redis: %w", err)
	}
	e.url = "redis://:" + password + "@" + e.server.Addr() + "/0"
	go e.tick()
	return e, nil
}

// tick lets keys expire, which miniredis does not do by itself.
func (e *embedded) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for last := time.Now(); ; {
		select {
		case <-e.done:
			return
		case now := <-ticker.C:
			e.server.FastForward(now.Sub(last))
			last = now
		}
	}
}

func (e *embedded) stop() {
	close(e.done)
	e.server.Close()
}
