package models

import (
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// MailKind names what a mail is for. The table of kinds is workers/mail_kinds.go.
type MailKind string

// MailState is where an outbox message is on its way:
//
//	pending → sending → (retrying → sending)* → sent | failed | cancelled
//
// The last three are final. A sender that stops in time gives a message back as it
// found it, pending or retrying.
type MailState string

// The states of an outbox message.
const (
	MailPending   MailState = "pending"   // nobody has tried yet
	MailSending   MailState = "sending"   // under the lease of a sender
	MailRetrying  MailState = "retrying"  // an attempt failed, another one follows
	MailSent      MailState = "sent"      // a server took it
	MailFailed    MailState = "failed"    // refused, or out of attempts
	MailCancelled MailState = "cancelled" // on purpose, before a server took it
)

// Choices are the states in the order a message goes through them.
func (MailState) Choices() []Choice {
	return []Choice{
		{Value: string(MailPending), Label: "Waiting", Tone: ToneWarning, Live: true},
		{Value: string(MailSending), Label: "Sending", Tone: ToneWarning, Live: true},
		{Value: string(MailRetrying), Label: "Retrying", Tone: ToneNegative, Live: true},
		{Value: string(MailSent), Label: "Sent", Tone: TonePositive},
		{Value: string(MailFailed), Label: "Failed", Tone: ToneNegative},
		{Value: string(MailCancelled), Label: "Cancelled", Tone: ToneNeutral},
	}
}

// OpenMail are the states in which a message may still be sent.
var OpenMail = []MailState{MailPending, MailSending, MailRetrying}

// DeliveryStatus is what the API and the back office say of a row whose mail is in this
// state: the one place where the six states become the contract's three.
func (s MailState) DeliveryStatus() ContactStatus {
	switch s {
	case MailSent:
		return ContactSent
	case MailRetrying, MailFailed, MailCancelled:
		return ContactFailed
	}
	return ContactPending
}

// OutboxMessage is one mail to one recipient. It holds the kind and the object's id
// only: text, keys and links are made when the mail is composed, so no secret rests
// here.
type OutboxMessage struct {
	bun.BaseModel `bun:"table:outbox_messages,alias:outbox_message"`

	ID            int64     `bun:"id,pk,autoincrement"`
	Kind          MailKind  `bun:"kind,type:varchar(40)"`
	ObjectID      int64     `bun:"object_id"`
	Recipient     string    `bun:"recipient,type:varchar(254)"`  // a member of staff; empty: whom the object names
	MessageID     string    `bun:"message_id,type:varchar(255)"` // of the mail's header, without angle brackets
	State         MailState `bun:"state,type:varchar(20)"`
	Superseded    bool      `bun:"superseded"` // a newer message took its place, or nobody needs it any more
	Attempts      int       `bun:"attempts"`
	MaxAttempts   int       `bun:"max_attempts"`
	NextAttemptAt time.Time `bun:"next_attempt_at,nullzero,type:timestamptz"` // null in the final states
	QueuedAt      time.Time `bun:"queued_at,type:timestamptz"`                // last hand-over to the job queue
	LeaseToken    string    `bun:"lease_token,nullzero,type:char(32)"`        // of the last lease; held while sending
	LeaseUntil    time.Time `bun:"lease_until,nullzero,type:timestamptz"`
	CancelledAt   time.Time `bun:"cancelled_at,nullzero,type:timestamptz"` // while sending: the attempt under way is the last one
	ErrorMessage  string    `bun:"error_message,nullzero,type:text"`
	Cause         string    `bun:"cause,type:varchar(300)"` // what the last attempt failed by, in a few words; empty: it did not
	CreatedAt     time.Time `bun:"created_at,type:timestamptz"`
	UpdatedAt     time.Time `bun:"updated_at,type:timestamptz"`
	SentAt        time.Time `bun:"sent_at,nullzero,type:timestamptz"`

	// Act is the one that last made, changed or ended the message. PriorState and
	// PriorAttemptAt are what it was before, if it waited.
	Act            string    `bun:"act,nullzero,type:varchar(26)"`
	PriorState     MailState `bun:"prior_state,nullzero,type:varchar(20)"`
	PriorAttemptAt time.Time `bun:"prior_attempt_at,nullzero,type:timestamptz"`

	About string `bun:"about,scanonly"` // what it is for, in words

	// Status is what releases before the states wrote. They read it while both run;
	// the next release drops it.
	Status ContactStatus `bun:"status,type:varchar(20),nullzero,default:'pending'"`
}

// AttemptOutcome is how one attempt to send ended.
type AttemptOutcome string

const (
	AttemptRunning  AttemptOutcome = "running"
	AttemptSent     AttemptOutcome = "sent"     // the server took the mail
	AttemptDeferred AttemptOutcome = "deferred" // not now: a 4xx reply or no connection
	AttemptRefused  AttemptOutcome = "refused"  // a 5xx reply, or nothing to send to: final
	AttemptLost     AttemptOutcome = "lost"     // its sender went away, or had to stop, before the end
)

// Choices are the outcomes with the words of the timeline.
func (AttemptOutcome) Choices() []Choice {
	return []Choice{
		{Value: string(AttemptRunning), Label: "Attempt %d is being sent", Tone: ToneWarning, Live: true},
		{Value: string(AttemptSent), Label: "Attempt %d sent", Tone: TonePositive},
		{Value: string(AttemptDeferred), Label: "Attempt %d failed", Tone: ToneNegative},
		{Value: string(AttemptRefused), Label: "Attempt %d refused", Tone: ToneNegative},
		{Value: string(AttemptLost), Label: "Attempt %d was cut off", Tone: ToneNeutral},
	}
}

// MailAttempt is one try to send a message, kept for the timeline that staff see.
type MailAttempt struct {
	bun.BaseModel `bun:"table:mail_attempts,alias:mail_attempt"`

	ID              int64          `bun:"id,pk,autoincrement"`
	OutboxMessageID int64          `bun:"outbox_message_id"`
	Number          int            `bun:"number"` // 1-based
	Worker          string         `bun:"worker,type:varchar(100)"`
	Server          string         `bun:"server,type:varchar(255)"` // host:port, or the backend's name
	Outcome         AttemptOutcome `bun:"outcome,type:varchar(20)"`
	Reply           string         `bun:"reply,nullzero,type:text"` // the server's words
	StartedAt       time.Time      `bun:"started_at,type:timestamptz"`
	FinishedAt      time.Time      `bun:"finished_at,nullzero,type:timestamptz"`
}

// Mailing is whom an act would mail.
type Mailing struct {
	Mails  int      // that it would send
	People int      // different addresses that these go to
	To     []string // the first of them
	// Sent are the rows that it leaves out unless they are asked for: their mail went out.
	Sent int
}

// DeadLettersSlug names dead letters in URLs and in the history.
const DeadLettersSlug = "dead-letters"

// DeadLetter is a job that the queue gave up, or an entry of it that is no job. The mail
// that one stands for has its own row.
type DeadLetter struct {
	bun.BaseModel `bun:"table:dead_letters,alias:dead_letter"`

	ID        int64     `bun:"id,pk,autoincrement"`
	JobID     string    `bun:"job_id,type:varchar(64)"` // unique; a hash of an entry that has none
	Job       string    `bun:"job,type:varchar(100)"`   // its name
	Arguments string    `bun:"arguments,type:text"`     // JSON
	Cause     string    `bun:"cause,type:varchar(300)"`
	Fails     int64     `bun:"fails"`
	FailedAt  time.Time `bun:"failed_at,type:timestamptz"`
}

// Title names a dead letter: by the job, and by what is wrong with it.
func (l *DeadLetter) Title() string { return strings.TrimSuffix(l.Job+" "+l.JobID+": "+l.Cause, ": ") }
