package models

import (
	"time"

	"github.com/uptrace/bun"
)

// MailKind names what a mail is for; workers/letters.go writes each.
type MailKind string

// MailContactNotice tells staff of a contact message; its object is the message.
const MailContactNotice MailKind = "contact_notice"

// The mails to the owner of an account; their object is the user, of the last two the
// EmailChange.
const (
	MailVerification      MailKind = "verification"
	MailAlreadyRegistered MailKind = "already_registered"
	MailPasswordReset     MailKind = "password_reset"
	MailPasswordChanged   MailKind = "password_changed"
	MailEmailChange       MailKind = "email_change"  // to the new address, asks to confirm it
	MailEmailChanged      MailKind = "email_changed" // to the old address
)

// The mails of the waitlist; their object is the entry. The notice goes to staff, the
// others to the person.
const (
	MailWaitlistWelcome    MailKind = "waitlist_welcome"
	MailWaitlistNotice     MailKind = "waitlist_notice"
	MailWaitlistInvitation MailKind = "waitlist_invitation"
)

// MailStatus is the state of a promise to mail.
type MailStatus string

const (
	MailPending MailStatus = "pending"
	MailSent    MailStatus = "sent"
	MailFailed  MailStatus = "failed"
)

// Choices are the states in the order a mail goes through them.
func (MailStatus) Choices() []Choice { return ContactStatus("").Choices() }

// OutboxMessage is a promise to send one mail. It holds the kind and the object's
// id only: text, keys and links are made when the mail is rendered, so no secret
// rests here. It is open (may still be tried) while NextAttemptAt is set.
type OutboxMessage struct {
	bun.BaseModel `bun:"table:outbox_messages,alias:outbox_message"`

	ID            int64      `bun:"id,pk,autoincrement"`
	Kind          MailKind   `bun:"kind,type:varchar(40)"`
	ObjectID      int64      `bun:"object_id"`
	MessageID     string     `bun:"message_id,type:varchar(255)"` // of the mail's header, without angle brackets
	Status        MailStatus `bun:"status,type:varchar(20)"`
	Attempts      int        `bun:"attempts"`
	MaxAttempts   int        `bun:"max_attempts"`
	NextAttemptAt time.Time  `bun:"next_attempt_at,nullzero,type:timestamptz"` // null: final
	QueuedAt      time.Time  `bun:"queued_at,type:timestamptz"`                // last hand-over to the job queue
	LeaseToken    string     `bun:"lease_token,nullzero,type:char(32)"`
	LeaseUntil    time.Time  `bun:"lease_until,nullzero,type:timestamptz"`
	ErrorMessage  string     `bun:"error_message,nullzero,type:text"`
	CreatedAt     time.Time  `bun:"created_at,type:timestamptz"`
	UpdatedAt     time.Time  `bun:"updated_at,type:timestamptz"`
	SentAt        time.Time  `bun:"sent_at,nullzero,type:timestamptz"`
}

// AttemptOutcome is how one attempt to send ended.
type AttemptOutcome string

const (
	AttemptRunning  AttemptOutcome = "running"
	AttemptSent     AttemptOutcome = "sent"     // the server took the mail
	AttemptDeferred AttemptOutcome = "deferred" // not now: a 4xx reply or no connection
	AttemptRefused  AttemptOutcome = "refused"  // a 5xx reply, or nothing to send to: final
	AttemptLost     AttemptOutcome = "lost"     // its worker went away before the end
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

// MailAttempt is one try to send a promised mail, kept for staff's timeline.
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

// IdempotencyKey remembers a request that was accepted under an Idempotency-Key.
type IdempotencyKey struct {
	bun.BaseModel `bun:"table:idempotency_keys,alias:idempotency_key"`

	Route       string    `bun:"route,pk,type:varchar(100)"`
	Key         string    `bun:"key,pk,type:varchar(255)"`
	RequestHash string    `bun:"request_hash,type:char(64)"` // SHA-256 of the body, hex
	CreatedAt   time.Time `bun:"created_at,type:timestamptz"`
}
