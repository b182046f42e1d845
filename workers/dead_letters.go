package workers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
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

// DeadLetters are the dead letters, newest first, at most deadKept.
func (q *Queue) DeadLetters(ctx context.Context) ([]DeadJob, error) {
	if !q.broker.health.usable() {
		return nil, errDown
	}
	conn, err := q.broker.pool.GetContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	defer conn.Close()
	return readDead(conn, deadKept)
}

// readDead reads the newest dead letters.
func readDead(conn redis.Conn, limit int) ([]DeadJob, error) {
	entries, err := redis.ByteSlices(conn.Do("ZREVRANGE", deadKey, 0, limit-1, "WITHSCORES"))
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	var dead []DeadJob
	for pair := range slices.Chunk(entries, 2) {
		diedAt, _ := redis.Float64(pair[1], nil) // a score is a number
		sum := sha256.Sum256(pair[0])
		letter := DeadJob{Key: hex.EncodeToString(sum[:12]), DiedAt: time.Unix(int64(diedAt), 0).UTC(), entry: pair[0]}
		if job, err := decodeJob(pair[0]); err != nil {
			letter.garbage, letter.Error = true, err.Error()
		} else {
			letter.Name, letter.ID, letter.Error, letter.MailID = job.Name, job.ID, job.LastErr, job.ArgString("id")
		}
		dead = append(dead, letter)
	}
	return dead, nil
}

// Discard forgets dead letters and returns which of them were still there. No mail is lost
// by it: those are in the database.
func (q *Queue) Discard(ctx context.Context, dead []DeadJob) ([]DeadJob, error) {
	conn, err := q.broker.pool.GetContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("discard dead letters: %w", err)
	}
	defer conn.Close()
	var gone []DeadJob
	for _, letter := range dead {
		n, err := redis.Int(conn.Do("ZREM", deadKey, letter.entry))
		if err != nil {
			return gone, fmt.Errorf("discard dead letters: %w", err)
		}
		if n > 0 {
			gone = append(gone, letter)
		}
	}
	return gone, nil
}

// Retry queues the jobs of dead letters that name a mail again, and returns which. A job
// sends no mail twice: whether one is still to be sent is the database's to tell.
func (q *Queue) Retry(ctx context.Context, dead []DeadJob) ([]DeadJob, error) {
	dead = slices.DeleteFunc(slices.Clone(dead), func(letter DeadJob) bool { return letter.mail() == 0 })
	if len(dead) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(dead))
	for i, letter := range dead {
		ids[i] = letter.mail()
	}
	if err := q.broker.pushAgain(ids); err != nil {
		return nil, err
	}
	return q.Discard(ctx, dead)
}

// mail is the id of the mail that the job names; 0: none.
func (d DeadJob) mail() int64 {
	id, err := strconv.ParseInt(d.MailID, 10, 64)
	if err != nil || d.Name != mailJob || id <= 0 {
		return 0
	}
	return id
}

// Retries tells whether the job can be queued again.
func (d DeadJob) Retries() bool { return d.mail() > 0 }
