package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gocraft/work"
	"github.com/gomodule/redigo/redis"

	"digitalpath/models"
	"digitalpath/services/records"
)

// Queue tells what Redis holds. Whether a mail is sent is the database's to tell.
type Queue struct {
	Letters *records.Keeper[models.DeadLetter]

	broker *broker
}

// QueueStatus is one look at the queue.
type QueueStatus struct {
	Waiting int64        // jobs that no worker has taken yet
	Workers []MailWorker // of all processes, those that went away lately too
}

// MailWorker is one process that works at the queue, by its own account.
type MailWorker struct {
	Host          string
	PID           int
	StartedAt     time.Time
	LastBeat      time.Time // every 5 s
	Senders, Busy int       // how many mails it can send at once, and sends now
	Jobs          []string  // the kinds of job that it knows
}

// Alive tells whether the worker has been heard of lately.
func (w MailWorker) Alive(now time.Time) bool { return now.Sub(w.LastBeat) < 15*time.Second }

// Status reads the queue. An error means that Redis cannot be reached.
func (q *Queue) Status(ctx context.Context) (QueueStatus, error) {
	var status QueueStatus
	if !q.broker.health.usable() {
		return status, errDown
	}
	conn, err := q.broker.pool.GetContext(ctx)
	if err != nil {
		return status, fmt.Errorf("read queue: %w", err)
	}
	defer conn.Close()
	status.Waiting, err = redis.Int64(conn.Do("LLEN", jobsKey))
	if err == nil {
		status.Workers, err = readWorkers(work.NewClient(namespace, q.broker.pool))
	}
	if err != nil {
		return status, fmt.Errorf("read queue: %w", err)
	}
	return status, nil
}

func readWorkers(client *work.Client) ([]MailWorker, error) {
	observations, err := client.WorkerObservations()
	if err != nil {
		return nil, err
	}
	busy := map[string]bool{}
	for _, o := range observations {
		busy[o.WorkerID] = o.IsBusy
	}
	pools, err := client.WorkerPoolHeartbeats()
	if err != nil {
		return nil, err
	}
	var workers []MailWorker
	for _, p := range pools { // a process has a pool for each mail that it sends at once
		i := slices.IndexFunc(workers, func(w MailWorker) bool { return w.Host == p.Host && w.PID == p.Pid })
		if i < 0 {
			i = len(workers)
			workers = append(workers, MailWorker{Host: p.Host, PID: p.Pid, StartedAt: time.Unix(p.StartedAt, 0).UTC(), Jobs: p.JobNames})
		}
		w := &workers[i]
		if beat := time.Unix(p.HeartbeatAt, 0).UTC(); beat.After(w.LastBeat) {
			w.LastBeat = beat
		}
		w.Senders++
		if slices.ContainsFunc(p.WorkerIDs, func(id string) bool { return busy[id] }) {
			w.Busy++
		}
	}
	return workers, nil
}

// decodeJob reads an entry of the queue, which anybody may have written.
func decodeJob(entry []byte) (*work.Job, error) {
	job := new(work.Job)
	if err := json.Unmarshal(entry, job); err != nil {
		return nil, fmt.Errorf("not a job: %w", err)
	}
	if job.Name == "" {
		return nil, errors.New("not a job: it has no name")
	}
	return job, nil
}

// Lacks are the kinds of job of this version that the worker does not know.
func (w MailWorker) Lacks() []string {
	return slices.DeleteFunc([]string{mailJob, probeJob}, func(job string) bool { return slices.Contains(w.Jobs, job) })
}

// Alive counts the workers that have been heard of lately.
func (s QueueStatus) Alive(now time.Time) int {
	alive := 0
	for _, w := range s.Workers {
		if w.Alive(now) {
			alive++
		}
	}
	return alive
}
