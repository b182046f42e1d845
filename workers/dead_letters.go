package workers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gocraft/work"
	"github.com/gomodule/redigo/redis"
)

// garbagePage is how many entries of a list are looked at.
const garbagePage = 100

// discardGarbage moves what is no job to the dead letters, where people see it: gocraft/work
// stops at it in the retry set, and forgets it among the jobs in progress.
func (q *Queue) discardGarbage(ctx context.Context) {
	if !q.broker.health.usable() {
		return
	}
	conn, err := q.broker.pool.GetContext(ctx)
	if err != nil {
		return // the sweeper's look at Redis logs outages
	}
	defer conn.Close()
	for _, key := range []string{retryKey, scheduledKey} {
		entries, _ := redis.ByteSlices(conn.Do("ZRANGE", key, 0, garbagePage-1))
		discard(conn, entries, func(entry []byte) error { return conn.Send("ZREM", key, entry) })
	}
	pools, _ := redis.Strings(conn.Do("SMEMBERS", poolsKey))
	for _, pool := range pools {
		key := inProgressKey(pool)
		entries, _ := redis.ByteSlices(conn.Do("LRANGE", key, 0, garbagePage-1))
		discard(conn, entries, func(entry []byte) error { return conn.Send("LREM", key, 1, entry) })
	}
	_, _ = conn.Do("ZREMRANGEBYRANK", deadKey, 0, -deadKept-1) // next time, if not now
}

// discard adds each entry that is no job to the dead letters, wrapped in one, before it
// removes it. Two processes may do so at once: the wrapping is always the same.
func discard(conn redis.Conn, entries [][]byte, remove func([]byte) error) {
	for _, entry := range entries {
		_, err := decodeJob(entry)
		if err == nil {
			continue
		}
		sum := sha256.Sum256(entry)
		wrapped, err := json.Marshal(work.Job{
			Name: "garbage", ID: hex.EncodeToString(sum[:12]), LastErr: err.Error(),
			Args: work.Q{"entry": fmt.Sprintf("%.200s", entry)},
		})
		if err != nil {
			continue // cannot be: a string and a map of one
		}
		if _, err := conn.Do("ZADD", deadKey, time.Now().Unix(), wrapped); err != nil {
			return
		}
		if remove(entry) != nil {
			return
		}
	}
}

// Discard forgets all dead letters and returns how many there were. No mail is lost by
// it: those are in the database.
func (q *Queue) Discard(ctx context.Context) (int, error) {
	conn, err := q.broker.pool.GetContext(ctx)
	if err != nil {
		return 0, fmt.Errorf("discard dead letters: %w", err)
	}
	defer conn.Close()
	replies, err := redis.Values(redis.NewScript(1, "return {redis.call('ZCARD', KEYS[1]), redis.call('DEL', KEYS[1])}").Do(conn, deadKey))
	if err != nil {
		return 0, fmt.Errorf("discard dead letters: %w", err)
	}
	count, err := redis.Int(replies[0], nil)
	if err != nil {
		return 0, fmt.Errorf("count dead letters: %w", err)
	}
	return count, nil
}
