package workers

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gocraft/work"
	"github.com/gomodule/redigo/redis"
)

// probeTime is how long a probe waits for its answer at most. An idle worker takes a job
// within 5 s even where it missed the notification.
const probeTime = 12 * time.Second

// probePrefix begins the keys that probes are answered at. A worker writes to no other.
const probePrefix = namespace + ":probe:"

// Probe sends a job through the queue that does nothing but answer, and returns which
// worker took it. A job that nobody took is taken back.
func (q *Queue) Probe(ctx context.Context) (worker string, err error) {
	reply := probePrefix + rand.Text()
	job, err := json.Marshal(work.Job{Name: probeJob, ID: reply, EnqueuedAt: time.Now().Unix(), Args: work.Q{"reply": reply}})
	if err != nil {
		return "", fmt.Errorf("encode probe: %w", err)
	}
	patience := probeTime
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)-redisTimeout/2)
	}
	if patience <= 0 {
		return "", context.DeadlineExceeded
	}
	err = q.broker.write(func(conn redis.Conn) error {
		for _, command := range [][]any{{"SADD", knownJobsKey, probeJob}, {"LPUSH", probesKey, job}, {"PUBLISH", notifyChannel, 1}} {
			if _, err := conn.Do(command[0].(string), command[1:]...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("queue probe: %w", err)
	}
	conn, err := q.broker.pool.GetContext(ctx)
	if err != nil {
		return "", fmt.Errorf("wait for probe: %w", err)
	}
	defer conn.Close()
	answer, err := redis.Strings(redis.DoWithTimeout(conn, patience+redisTimeout, "BRPOP", reply, patience.Seconds()))
	if errors.Is(err, redis.ErrNil) {
		_, err = conn.Do("LREM", probesKey, 0, job)
		return "", errors.Join(errors.New("no worker took the job"), err)
	}
	if err != nil {
		return "", fmt.Errorf("wait for probe: %w", err)
	}
	return answer[1], nil
}

// answerProbe is what a worker does with a probe.
func answerProbe(conns *redis.Pool, job *work.Job, worker string) error {
	reply := job.ArgString("reply")
	if !strings.HasPrefix(reply, probePrefix) {
		return fmt.Errorf("the probe asks for an answer elsewhere: %.100q", reply)
	}
	conn := conns.Get()
	defer conn.Close()
	for _, command := range [][]any{{"LPUSH", reply, worker}, {"EXPIRE", reply, 60}} {
		if _, err := conn.Do(command[0].(string), command[1:]...); err != nil {
			return fmt.Errorf("answer probe: %w", err)
		}
	}
	return nil
}
