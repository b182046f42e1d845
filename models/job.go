package models

import (
	"fmt"
	"net/url"
	"time"

	"github.com/uptrace/bun"
)

// JobState is where a job is on its way:
//
//	queued → running → done | failed | cancelled
type JobState string

// The states of a job.
const (
	JobQueued    JobState = "queued"
	JobRunning   JobState = "running"
	JobDone      JobState = "done"      // every row was looked at, whatever became of it
	JobFailed    JobState = "failed"    // it cannot go on: see Problem
	JobCancelled JobState = "cancelled" // what was done until then stays done
)

// Choices are the states in the order a job goes through them.
func (JobState) Choices() []Choice {
	return []Choice{
		{Value: string(JobQueued), Label: "Waiting", Tone: ToneWarning, Live: true},
		{Value: string(JobRunning), Label: "Running", Tone: ToneWarning, Live: true},
		{Value: string(JobDone), Label: "Done", Tone: TonePositive},
		{Value: string(JobFailed), Label: "Failed", Tone: ToneNegative},
		{Value: string(JobCancelled), Label: "Cancelled", Tone: ToneNeutral},
	}
}

// Open tells whether the job has something left to do.
func (s JobState) Open() bool { return s == JobQueued || s == JobRunning }

// JobKind names what a job does. The table of kinds is set in wiring.
type JobKind string

// Job is work on many rows that goes on after the request that asked for it. Which rows
// these are was settled when it was confirmed.
type Job struct {
	bun.BaseModel `bun:"table:jobs,alias:job"`

	ID        int64      `bun:"id,pk,autoincrement"`
	Kind      JobKind    `bun:"kind,type:varchar(30)"`
	Model     string     `bun:"model,type:varchar(50)"`    // slug
	Action    string     `bun:"action,type:varchar(50)"`   // of the model; empty where the kind says it all
	Query     string     `bun:"query,type:text"`           // the list's state, as its URL says it
	IDs       []int64    `bun:"ids,nullzero,type:jsonb"`   // the rows, where they were ticked one by one
	Typed     url.Values `bun:"typed,nullzero,type:jsonb"` // what was typed into the action's form
	UpTo      int64      `bun:"up_to"`                     // the highest id that there was
	Signature string     `bun:"signature,type:char(64)"`   // of two alike one is open at a time; SHA-256, hex
	UserID    int64      `bun:"user_id,nullzero"`          // who started it; null once deleted
	Username  string     `bun:"username,type:varchar(150)"`
	IPAddress string     `bun:"ip_address,type:varchar(45)"`
	Language  string     `bun:"language,type:varchar(10)"` // in which reasons are kept

	State   JobState `bun:"state,type:varchar(20)"`
	Problem string   `bun:"problem,nullzero,type:text"` // why it failed, in Language
	Total   int      `bun:"total"`                      // rows that were meant
	Seen    int      `bun:"seen"`                       // rows that it came to
	Done    int      `bun:"done"`                       // of these, rows that it did something to
	Added   int      `bun:"added"`                      // of those that it did something to, new ones
	Failed  int      `bun:"failed"`                     // and rows that refused: a JobFailure each
	Cursor  int64    `bun:"cursor"`                     // id of the last row that it came to
	Place   string   `bun:"place,nullzero,type:text"`   // where that row is in the order of the list, as its cursor; empty: in that of the ids

	Attempts   int       `bun:"attempts"` // leases since the last batch that was finished
	LeaseToken string    `bun:"lease_token,nullzero,type:char(32)"`
	LeaseUntil time.Time `bun:"lease_until,type:timestamptz"` // not to be taken before
	CreatedAt  time.Time `bun:"created_at,type:timestamptz"`
	UpdatedAt  time.Time `bun:"updated_at,type:timestamptz"`
	StartedAt  time.Time `bun:"started_at,nullzero,type:timestamptz"`
	FinishedAt time.Time `bun:"finished_at,nullzero,type:timestamptz"`
}

// Act is what all that the job does is a part of, in history and trash.
func (j *Job) Act() string { return fmt.Sprintf("job-%d", j.ID) }

// JobFailure is one row that a job could not do, and why.
type JobFailure struct {
	bun.BaseModel `bun:"table:job_failures,alias:job_failure"`

	ID     int64  `bun:"id,pk,autoincrement"`
	JobID  int64  `bun:"job_id"`
	RowID  int64  `bun:"row_id"`
	Label  string `bun:"label,type:text"`  // the row in words, as it was then
	Reason string `bun:"reason,type:text"` // in the job's language
}

// JobFile is a piece of the file that a job reads or writes.
type JobFile struct {
	bun.BaseModel `bun:"table:job_files,alias:job_file"`

	JobID   int64  `bun:"job_id,pk"`
	Number  int64  `bun:"number,pk"` // pieces in this order make the file
	Content []byte `bun:"content,type:bytea"`
}

// JobUpload is a file that a job will read once it is confirmed what it shall do.
type JobUpload struct {
	bun.BaseModel `bun:"table:job_uploads,alias:job_upload"`

	ID        int64     `bun:"id,pk,autoincrement"`
	Model     string    `bun:"model,type:varchar(50)"` // slug
	UserID    int64     `bun:"user_id"`                // who brought it, and alone sees it
	JobID     int64     `bun:"job_id,nullzero"`        // that it became
	Content   []byte    `bun:"content,type:bytea"`
	CreatedAt time.Time `bun:"created_at,type:timestamptz"`
}
