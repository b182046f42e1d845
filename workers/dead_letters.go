package workers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gocraft/work"
	"github.com/gomodule/redigo/redis"
	"github.com/uptrace/bun"

	"digitalpath/models"
)

const (
	// letterPage is how many entries of a list are looked at.
	letterPage = 500
	// deadKept is how many dead letters are kept, the newest.
	deadKept = 10_000
	// backPrefix begins the keys that remember for a day which dead letters' jobs were queued
	// again: where that could not be committed, they are not queued a second time.
	backPrefix = namespace + ":put_back:"
)

// collect moves the dead letters into the database, where people see them: what
// gocraft/work gave up, and what is no job, at which it stops in the retry set, and which
// it forgets among the jobs in progress. They leave Redis once the database has them.
func (q *Queue) collect(ctx context.Context) error {
	if !q.broker.health.usable() {
		return nil
	}
	conn, err := q.broker.pool.GetContext(ctx)
	if err != nil {
		return nil // the sweeper's look at Redis logs outages
	}
	defer conn.Close()
	err = q.move(ctx, conn, "ZRANGE", deadKey, func([]byte) bool { return true }, "ZREM")
	for _, key := range []string{retryKey, scheduledKey} {
		err = errors.Join(err, q.move(ctx, conn, "ZRANGE", key, isGarbage, "ZREM"))
	}
	pools, _ := redis.Strings(conn.Do("SMEMBERS", poolsKey))
	for _, pool := range pools {
		err = errors.Join(err, q.move(ctx, conn, "LRANGE", inProgressKey(pool), isGarbage, "LREM", 1))
	}
	return err
}

func isGarbage(entry []byte) bool {
	_, err := decodeJob(entry)
	return err != nil
}

// move keeps the dead ones of the first entries at key, before it removes them there. Two
// processes may do so at once, or one again what another was stopped at.
func (q *Queue) move(ctx context.Context, conn redis.Conn, read, key string, dead func([]byte) bool, remove string, count ...any) error {
	entries, _ := redis.ByteSlices(conn.Do(read, key, 0, letterPage-1))
	entries = slices.DeleteFunc(entries, func(entry []byte) bool { return !dead(entry) })
	if len(entries) == 0 {
		return nil
	}
	letters := make([]models.DeadLetter, len(entries))
	for i, entry := range entries {
		letters[i] = letterOf(entry)
	}
	db := q.Letters.DB
	if _, err := db.NewInsert().Model(&letters).On("CONFLICT (job_id) DO NOTHING").Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("keep dead letters: %w", err)
	}
	oldest := db.NewSelect().Model((*models.DeadLetter)(nil)).Column("id").OrderExpr("id DESC").Offset(deadKept).Limit(1)
	if _, err := db.NewDelete().Model((*models.DeadLetter)(nil)).Where("id <= (?)", oldest).Exec(ctx); err != nil {
		return fmt.Errorf("forget old dead letters: %w", err)
	}
	for _, entry := range entries {
		_ = conn.Send(remove, append(append([]any{key}, count...), entry)...) // next time, if not now
	}
	_, _ = conn.Do("")
	return nil
}

// letterOf is what is kept of an entry, which anybody may have written.
func letterOf(entry []byte) models.DeadLetter {
	job, fault := decodeJob(entry)
	if fault != nil {
		job = &work.Job{Name: "garbage", LastErr: fault.Error(), Args: work.Q{"entry": fmt.Sprintf("%.200s", entry)}}
	}
	args, _ := json.Marshal(job.Args) // they were read as JSON
	kept := func(s string, n int) string { return models.Truncate(strings.ReplaceAll(s, "\x00", ""), n) }
	letter := models.DeadLetter{
		JobID: kept(job.ID, 64), Job: kept(job.Name, 100), Arguments: models.Truncate(string(args), 10_000), Cause: kept(job.LastErr, 300),
		Fails: job.Fails, FailedAt: time.Now().UTC().Truncate(time.Second),
	}
	if letter.JobID == "" || letter.JobID != job.ID {
		sum := sha256.Sum256(entry)
		letter.JobID = hex.EncodeToString(sum[:12])
	}
	if died := time.Unix(job.FailedAt, 0).UTC(); job.FailedAt > 0 && died.Before(letter.FailedAt) {
		letter.FailedAt = died
	}
	return letter
}

// PutBack queues the jobs of dead letters again and returns how many; those letters are
// gone then. A job sends no mail twice: whether one is still to be sent is the database's
// to tell.
func (q *Queue) PutBack(ctx context.Context, ids []int64) (int, error) {
	back := 0
	err := models.InTx(ctx, q.Letters.DB, func(ctx context.Context, tx bun.Tx) error {
		letters, err := q.locked(ctx, tx, ids)
		letters = slices.DeleteFunc(letters, func(letter *models.DeadLetter) bool { return mailOf(letter) == 0 })
		back = len(letters)
		if err != nil || back == 0 {
			return err
		}
		gone, keys, jobs := make([]int64, back), []any{jobsKey}, make([]any, back)
		for i, letter := range letters {
			gone[i] = letter.ID
			keys = append(keys, backPrefix+strconv.FormatInt(letter.ID, 10))
			if jobs[i], err = encodeJob(mailOf(letter)); err != nil {
				return fmt.Errorf("encode job: %w", err)
			}
		}
		if _, err := tx.NewDelete().Model((*models.DeadLetter)(nil)).Where("id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
			return fmt.Errorf("delete dead letters: %w", err)
		}
		if err := q.Letters.Record(ctx, tx, models.HistoryDeleted, nil, letters...); err != nil {
			return err
		}
		return q.queueOnce(keys, jobs)
	})
	return back, err
}

// queueOnce is a script that queues each job unless its key tells that it was queued
// before. It leaves one of each.
const queueOnce = `
for i, job in ipairs(ARGV) do
	if redis.call("SET", KEYS[i + 1], "1", "NX", "EX", "86400") then
		redis.call("LREM", KEYS[1], 0, job)
		redis.call("LPUSH", KEYS[1], job)
	end
end`

func (q *Queue) queueOnce(keys, jobs []any) error {
	err := q.broker.write(func(conn redis.Conn) error {
		if _, err := conn.Do("EVAL", slices.Concat([]any{queueOnce, len(keys)}, keys, jobs)...); err != nil {
			return err
		}
		_, err := conn.Do("PUBLISH", notifyChannel, len(jobs))
		return err
	})
	if err != nil {
		return fmt.Errorf("queue jobs again: %w", err)
	}
	return nil
}

func (q *Queue) locked(ctx context.Context, tx bun.Tx, ids []int64) (letters []*models.DeadLetter, err error) {
	query := tx.NewSelect().Model(&letters).Where("id IN (?)", bun.List(ids)).OrderExpr("id")
	if err := models.ForUpdate(query).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return letters, nil
}

// Works tells whether there are workers for the job of a dead letter: it would send a mail.
func (q *Queue) Works(letter *models.DeadLetter) bool { return mailOf(letter) > 0 }

// mailOf is the id of the mail that a dead letter's job would send; 0: none.
func mailOf(letter *models.DeadLetter) int64 {
	job := &work.Job{Name: letter.Job}
	if json.Unmarshal([]byte(letter.Arguments), &job.Args) != nil || job.Name != mailJob {
		return 0
	}
	id, err := decodeMailID(job)
	if err != nil {
		return 0
	}
	return id
}
