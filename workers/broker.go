package workers

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

// downFor is how long an outage is remembered, so that not every caller waits for
// a dead Redis to time out.
const downFor = 3 * time.Second

// health is what this process believes about something that may be down. It logs
// an outage once every few seconds, and its end.
type health struct {
	name string
	log  *slog.Logger

	mu       sync.Mutex
	down     bool
	until    time.Time
	loggedAt time.Time
}

func (h *health) usable() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().After(h.until)
}

func (h *health) failed(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	h.down, h.until = true, now.Add(downFor)
	if now.Sub(h.loggedAt) >= 5*time.Second {
		h.loggedAt = now
		h.log.Warn(h.name+" is down", "error", err)
	}
}

func (h *health) works() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		h.down, h.until, h.loggedAt = false, time.Time{}, time.Time{}
		h.log.Info(h.name + " is back")
	}
}

// broker is Redis as a queue.
type broker struct {
	pool   *redis.Pool
	health *health
}

// push queues a job for each mail and notifies the worker pools of all processes.
func (b *broker) push(ids []int64) error { return b.queue(ids, false) }

// pushAgain is push for mails whose jobs may be queued already: it leaves one of each,
// so that a queue that nobody works at does not grow.
func (b *broker) pushAgain(ids []int64) error { return b.queue(ids, true) }

func (b *broker) queue(ids []int64, again bool) error {
	args := redis.Args{jobsKey}
	for _, id := range ids {
		job, err := encodeJob(id)
		if err != nil {
			return fmt.Errorf("encode job: %w", err)
		}
		args = append(args, job)
	}
	err := b.write(func(conn redis.Conn) error {
		if again {
			for _, job := range args[1:] {
				if err := conn.Send("LREM", jobsKey, 0, job); err != nil {
					return err
				}
			}
		}
		if err := conn.Send("LPUSH", args...); err != nil {
			return err
		}
		_, err := conn.Do("PUBLISH", notifyChannel, len(ids))
		return err
	})
	if err != nil {
		return fmt.Errorf("queue jobs: %w", err)
	}
	return nil
}

// notify wakes the workers of all processes.
func (b *broker) notify() error {
	return b.write(func(conn redis.Conn) error {
		_, err := conn.Do("PUBLISH", notifyChannel, 0)
		return err
	})
}

// waiting counts the jobs that no worker has taken yet.
func (b *broker) waiting() (n int64, err error) {
	err = b.write(func(conn redis.Conn) error {
		n, err = redis.Int64(conn.Do("LLEN", jobsKey))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count jobs: %w", err)
	}
	return n, nil
}

// write talks to Redis if it is believed up, and remembers how that went. It
// always writes a little: a replica or a full Redis still answers reads.
func (b *broker) write(talk func(redis.Conn) error) error {
	if !b.health.usable() {
		return errDown
	}
	conn := b.pool.Get()
	defer conn.Close()
	err := conn.Send("SADD", knownJobsKey, mailJob)
	if err == nil {
		err = talk(conn)
	}
	if err != nil {
		b.health.failed(err)
		return err
	}
	b.health.works()
	return nil
}
