package workers

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/gocraft/work"
	"github.com/gomodule/redigo/redis"
)

const (
	aheadTime = time.Second // after which a worker turns to gocraft/work, which has other jobs too
	aheadMost = 8           // jobs
)

// ahead are jobs that a worker took out of the queue beside the one that gocraft/work gave
// it: each job would cost three trips to Redis, and two to the database in place of one.
// If their turn does not come soon, they go back; those of a killed worker are found by
// the sweeper, as its one job is.
type ahead struct {
	conns *redis.Pool
	log   *slog.Logger
	quit  context.Context // nothing new is begun

	mu   sync.Mutex
	ids  []int64
	over time.Time   // no more is taken
	slow *time.Timer // to give them back
}

func (a *ahead) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = time.Now().Add(aheadTime)
}

func (a *ahead) ready(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n == 0 || len(a.ids) > 0 || a.quit.Err() != nil || time.Now().After(a.over) {
		return
	}
	a.take(min(n, aheadMost))
	if len(a.ids) > 0 {
		a.slow = time.AfterFunc(aheadTime, a.giveBack)
	}
}

// take pops jobs, oldest first. One that makes no sense goes back, for gocraft/work to
// make a dead letter of it.
func (a *ahead) take(n int) {
	conn := a.conns.Get()
	defer conn.Close()
	for range n {
		_ = conn.Send("RPOP", jobsKey) // the answers tell
	}
	_ = conn.Flush()
	for range n {
		entry, err := redis.Bytes(conn.Receive())
		if err != nil {
			continue
		}
		job, err := decodeJob(entry)
		var id int64
		if err == nil {
			id, err = decodeMailID(job)
		}
		if err != nil {
			a.over = time.Time{}
			defer conn.Do("RPUSH", jobsKey, entry)
			continue
		}
		a.ids = append(a.ids, id)
	}
}

func (a *ahead) next() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.ids) == 0 || a.quit.Err() != nil {
		return 0
	}
	id := a.ids[0]
	a.ids = a.ids[1:]
	a.slow.Reset(aheadTime)
	return id
}

// giveBack puts the jobs where they were.
func (a *ahead) giveBack() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.slow != nil {
		a.slow.Stop()
	}
	if len(a.ids) == 0 {
		return
	}
	args := redis.Args{jobsKey}
	for i := len(a.ids) - 1; i >= 0; i-- {
		if job, err := encodeJob(a.ids[i]); err == nil { // a number and a string
			args = append(args, job)
		}
	}
	a.ids = nil
	conn := a.conns.Get()
	defer conn.Close()
	_ = conn.Send("RPUSH", args...) // where Redis is down the sweeper finds them
	_, _ = conn.Do("PUBLISH", notifyChannel, len(args)-1)
}

// setAside makes a dead letter of a mail's job.
func (a *ahead) setAside(id int64, fault error) {
	entry, err := encodeJob(id)
	job := new(work.Job)
	if err == nil {
		err = json.Unmarshal(entry, job)
	}
	job.Fails, job.LastErr, job.FailedAt = 1, fault.Error(), time.Now().Unix()
	if err == nil {
		entry, err = json.Marshal(job)
	}
	a.log.Error("job is a dead letter", "job", job.ID, "error", fault)
	if err != nil {
		return // cannot be: it is made of numbers and strings
	}
	conn := a.conns.Get()
	defer conn.Close()
	_, _ = conn.Do("ZADD", deadKey, job.FailedAt, entry) // the log has it
}
