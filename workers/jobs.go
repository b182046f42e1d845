package workers

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/gocraft/work"
)

const (
	namespace = "digitalpath" // begins every key of ours
	mailJob   = "mail"        // send the mail {"id": "<outbox id>"}
	probeJob  = "probe"       // answer at the key {"reply": "<key>"}

	// notifyChannel carries a message for every hand-over: idle gocraft/work pools look
	// for jobs only every 5 s. The release before listens to this name.
	notifyChannel = namespace + ":nudge"
)

// The keys of gocraft/work, which its API does not give away. Its own client stops
// at the first entry that is not a job, so the queue is read by key.
const (
	jobsKey      = namespace + ":jobs:" + mailJob
	probesKey    = namespace + ":jobs:" + probeJob
	knownJobsKey = namespace + ":known_jobs"
	retryKey     = namespace + ":retry"
	scheduledKey = namespace + ":scheduled"
	deadKey      = namespace + ":dead"
	poolsKey     = namespace + ":worker_pools"
)

// inProgressKey is the list of jobs that a worker pool has taken.
func inProgressKey(poolID string) string { return jobsKey + ":" + poolID + ":inprogress" }

// encodeJob writes the job that sends the mail id, the same each time, so that it can be
// found in the queue. The id is a string because retried jobs pass through Lua, whose
// numbers keep 14 digits.
func encodeJob(id int64) ([]byte, error) {
	text := strconv.FormatInt(id, 10)
	return json.Marshal(work.Job{Name: mailJob, ID: mailJob + text, EnqueuedAt: 1, Args: work.Q{"id": text}})
}

func decodeMailID(job *work.Job) (int64, error) {
	id, err := strconv.ParseInt(job.ArgString("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, fmt.Errorf("the job carries no mail id: %.100v", job.Args)
	}
	return id, nil
}
