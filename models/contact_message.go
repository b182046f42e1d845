package models

import (
	"time"

	"github.com/uptrace/bun"
)

// ContactStatus says what became of the mail that carries a contact message.
type ContactStatus string

const (
	ContactPending ContactStatus = "pending"
	ContactSent    ContactStatus = "sent"
	ContactFailed  ContactStatus = "failed"
)

// Choices are the statuses that the API and the back office show.
func (ContactStatus) Choices() []Choice {
	return []Choice{
		{Value: string(ContactPending), Label: "Pending", Tone: ToneWarning, Live: true},
		{Value: string(ContactSent), Label: "Sent", Tone: TonePositive},
		{Value: string(ContactFailed), Label: "Failed", Tone: ToneNegative},
	}
}

// ContactSlug names contact messages in URLs, permissions and history.
const ContactSlug = "contact-messages"

// ContactMessage is one submit of the contact form. Status, SentAt and
// ErrorMessage follow the newest mail about it (see OutboxMessage).
type ContactMessage struct {
	bun.BaseModel `bun:"table:contact_messages,alias:contact_message"`

	ID           int64         `bun:"id,pk,autoincrement"`
	Name         string        `bun:"name,type:varchar(200)" validate:"required,visible,max=200"`
	Email        string        `bun:"email,type:varchar(254)" validate:"required,max=254,email"`
	Message      string        `bun:"message,type:text" validate:"required,visible,max=10000"`
	Status       ContactStatus `bun:"status,type:varchar(20)"`
	IsSpam       bool          `bun:"is_spam"`
	IPAddress    string        `bun:"ip_address,type:varchar(45)"`
	CreatedAt    time.Time     `bun:"created_at,type:timestamptz"`
	UpdatedAt    time.Time     `bun:"updated_at,type:timestamptz"`
	SentAt       time.Time     `bun:"sent_at,nullzero,type:timestamptz"`
	ErrorMessage string        `bun:"error_message,nullzero,type:text"`
}
