package models

import (
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// WaitlistSlug names the waitlist in URLs, permissions and history.
const WaitlistSlug = "waitlist"

// WaitlistEntry is one address that wants to be let in. It waits in line until it is
// invited or unsubscribes. Notified follows delivery: it is true once the newest mail
// to the person (welcome, then invitation) was taken by the mail server.
type WaitlistEntry struct {
	bun.BaseModel `bun:"table:waitlist_entries,alias:waitlist_entry"`

	ID             int64     `bun:"id,pk,autoincrement"`
	Email          string    `bun:"email,type:varchar(254)" validate:"required,max=254,email"` // as NormalizeEmail spells it
	FirstName      string    `bun:"first_name,type:varchar(150)" validate:"max=100"`
	LastName       string    `bun:"last_name,type:varchar(150)" validate:"max=100"`
	Company        string    `bun:"company,type:varchar(255)" validate:"max=200"`
	Description    string    `bun:"description,type:text" validate:"max=2000"`
	UserID         int64     `bun:"user_id,nullzero"` // null: joined without an account
	Notified       bool      `bun:"notified"`
	IsSpam         bool      `bun:"is_spam"`
	Language       string    `bun:"language,type:varchar(2)"` // of the mails; empty: unknown
	IPAddress      string    `bun:"ip_address,type:varchar(45)"`
	UTMSource      string    `bun:"utm_source,type:varchar(255)"`
	UTMMedium      string    `bun:"utm_medium,type:varchar(255)"`
	UTMCampaign    string    `bun:"utm_campaign,type:varchar(255)"`
	UTMTerm        string    `bun:"utm_term,type:varchar(255)"`
	UTMContent     string    `bun:"utm_content,type:varchar(255)"`
	Referrer       string    `bun:"referrer,type:varchar(2000)"`
	CreatedAt      time.Time `bun:"created_at,type:timestamptz"`
	UpdatedAt      time.Time `bun:"updated_at,type:timestamptz"`
	InvitedAt      time.Time `bun:"invited_at,nullzero,type:timestamptz"`
	UnsubscribedAt time.Time `bun:"unsubscribed_at,nullzero,type:timestamptz"`
}

// FullName is the first and last name, or nothing.
func (e *WaitlistEntry) FullName() string { return strings.TrimSpace(e.FirstName + " " + e.LastName) }

// WaitlistOptout is an address that gets no mail of the waitlist any more, whatever
// becomes of its entry.
type WaitlistOptout struct {
	bun.BaseModel `bun:"table:waitlist_optouts,alias:waitlist_optout"`

	AddressHash string    `bun:"address_hash,pk,type:char(64)"` // SHA-256 of NormalizeEmail, hex
	CreatedAt   time.Time `bun:"created_at,type:timestamptz"`
}
