package models

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"
)

// UsersSlug names accounts in URLs, permissions and history.
const UsersSlug = "users"

// User is an account, of staff or of a visitor. Waiting for verification
// (EmailVerifiedAt null) and disabled by staff (DisabledAt set) are different
// states; IsActive is false in both.
type User struct {
	bun.BaseModel `bun:"table:users,alias:user"`

	ID              int64     `bun:"id,pk,autoincrement"`
	Username        string    `bun:"username,type:varchar(150)" validate:"required,max=150,username"`
	Email           string    `bun:"email,type:varchar(254)" validate:"required,max=254,email"`
	Password        string    `bun:"password,type:varchar(255)" json:"-"` // encoded hash; see services/accounts/passwords.go
	FirstName       string    `bun:"first_name,type:varchar(150)" validate:"max=150"`
	LastName        string    `bun:"last_name,type:varchar(150)" validate:"max=150"`
	IsActive        bool      `bun:"is_active"`
	IsStaff         bool      `bun:"is_staff"`
	IsSuperuser     bool      `bun:"is_superuser"`
	EmailVerifiedAt time.Time `bun:"email_verified_at,nullzero,type:timestamptz"`
	DisabledAt      time.Time `bun:"disabled_at,nullzero,type:timestamptz"`
	DateJoined      time.Time `bun:"date_joined,type:timestamptz"`
	LastLogin       time.Time `bun:"last_login,nullzero,type:timestamptz"`
	TokenEpoch      int       `bun:"token_epoch"`                                  // raised to end every token issued before
	Language        string    `bun:"language,type:varchar(10)"`                    // of mails: en or es; empty: en
	TimeZone        string    `bun:"time_zone,type:varchar(64)" validate:"max=64"` // of the back office; empty: TIME_ZONE

	// What the form of the back office holds besides.
	Groups      []int64  `bun:"groups,scanonly"`
	Permissions []string `bun:"permissions,scanonly"`
	NewPassword string   `bun:"new_password,scanonly" json:"-"`
	NoPassword  bool     `bun:"no_password,scanonly"`
	Disabled    bool     `bun:"disabled,scanonly"` // DisabledAt is set

	GroupNames map[int64]string `bun:"-" json:"-"` // of Groups, now and before a change
}

// Waiting tells whether the account waits for its owner to verify the address.
func (u *User) Waiting() bool {
	return !u.IsActive && u.EmailVerifiedAt.IsZero() && u.DisabledAt.IsZero()
}

// Unclaimed tells whether nobody has proved yet that a waiting account is theirs, so that
// whoever proves to read its address takes its place. One with a rank is staff's matter.
func (u *User) Unclaimed() bool { return u.Waiting() && !u.IsStaff && !u.IsSuperuser }

// Enabled tells whether the account may be used.
func (u *User) Enabled() bool { return u.IsActive && u.DisabledAt.IsZero() }

// FullName is the first and last name, or the username where both are empty.
func (u *User) FullName() string {
	if name := strings.TrimSpace(u.FirstName + " " + u.LastName); name != "" {
		return name
	}
	return u.Username
}

// NormalizeUsername is Django's: NFKC, so that look-alikes compare equal.
func NormalizeUsername(s string) string { return norm.NFKC.String(s) }

// UserByLogin finds the account whose username or e-mail is login, in either case;
// who owns the address comes before who is named like it. It returns sql.ErrNoRows
// where there is none.
func UserByLogin(ctx context.Context, db bun.IDB, login string) (*User, error) {
	user := new(User)
	err := db.NewSelect().Model(user).
		Where("lower(username) = lower(?)", NormalizeUsername(strings.TrimSpace(login))).
		WhereOr("lower(email) IN (?)", spellings(login)).
		OrderExpr("CASE WHEN lower(email) IN (?) THEN 0 ELSE 1 END, id", spellings(login)).Limit(1).Scan(ctx)
	return user, err
}

// UserByEmail finds the account of an address. It returns sql.ErrNoRows where there
// is none.
func UserByEmail(ctx context.Context, db bun.IDB, email string) (*User, error) {
	user := new(User)
	err := db.NewSelect().Model(user).Where("lower(email) IN (?)", spellings(email)).OrderExpr("id").Limit(1).Scan(ctx)
	return user, err
}

// spellings are the normalized address and what releases before stored of one whose
// domain is not ASCII.
func spellings(email string) any {
	address := NormalizeEmail(email)
	return bun.List([]string{address, DisplayEmail(address)})
}

// Session is one login, live or over: those that are over are the log-in history. A browser's cookie holds the token, a program's refresh
// token its jti; the row holds the SHA-256 of either, so that a copy of the database
// opens no door.
type Session struct {
	bun.BaseModel `bun:"table:sessions,alias:session"`

	ID         int64     `bun:"id,pk,autoincrement"`
	UserID     int64     `bun:"user_id"`
	User       *User     `bun:"rel:belongs-to,join:user_id=id"`
	Channel    Channel   `bun:"channel,type:varchar(20)"` // the back office or the API: one's token is nothing to the other
	TokenHash  string    `bun:"token_hash,type:char(64)"`
	IPAddress  string    `bun:"ip_address,type:varchar(45)"`
	UserAgent  string    `bun:"user_agent,type:varchar(255)"`
	CreatedAt  time.Time `bun:"created_at,type:timestamptz"`
	LastSeenAt time.Time `bun:"last_seen_at,type:timestamptz"`
	ExpiresAt  time.Time `bun:"expires_at,type:timestamptz"`
	EndedAt    time.Time `bun:"ended_at,nullzero,type:timestamptz"` // logged out, or ended by a change of the account

	PreviousHash string    `bun:"previous_hash,nullzero,type:char(64)"` // of the refresh token that the present one replaced
	RotatedAt    time.Time `bun:"rotated_at,nullzero,type:timestamptz"` // when it did
}

// Live tells whether the login still opens anything at now.
func (s *Session) Live(now time.Time) bool { return s.EndedAt.IsZero() && s.ExpiresAt.After(now) }

// LiveSessions is Live for queries of the table, under its alias session. now is a time,
// or the argument of one.
func LiveSessions(now any) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("session.ended_at IS NULL").Where("session.expires_at > ?", now)
	}
}

// DjangoToken is a refresh token that the Django program issued and that was used
// here: such tokens name no session, so this one keeps what they became.
type DjangoToken struct {
	bun.BaseModel `bun:"table:django_tokens,alias:django_token"`

	TokenHash string    `bun:"token_hash,pk,type:char(64)"` // SHA-256 of the jti, hex
	SessionID int64     `bun:"session_id"`                  // may be over
	ExpiresAt time.Time `bun:"expires_at,type:timestamptz"`
}

// DjangoLink is what links that the Django program mailed to an account are signed over,
// where the account itself does not say it: they stay good for as long as they said.
type DjangoLink struct {
	bun.BaseModel `bun:"table:django_links,alias:django_link"`

	UserID         int64  `bun:"user_id,pk"`
	Email          string `bun:"email,type:varchar(254)"`   // as Django spelt it
	EmailAddressID int64  `bun:"email_address_id,nullzero"` // of an account that waits: allauth's row, which its key names
}

// Signed tells whether the account still has the address that its links were mailed to,
// as far as that is known. One that another account keeps was mailed to all the same.
func (l *DjangoLink) Signed(user *User) bool {
	return l.Email == "" || user.Email == NormalizeEmail(l.Email) || user.Email == StandInEmail(user.ID)
}

// EmailChange is somebody's wish to move their account to another address. The
// newest one of a user counts.
type EmailChange struct {
	bun.BaseModel `bun:"table:email_changes,alias:email_change"`

	ID          int64     `bun:"id,pk,autoincrement"`
	UserID      int64     `bun:"user_id"`
	User        *User     `bun:"rel:belongs-to,join:user_id=id"`
	OldEmail    string    `bun:"old_email,type:varchar(254)"`
	NewEmail    string    `bun:"new_email,type:varchar(254)"`
	CreatedAt   time.Time `bun:"created_at,type:timestamptz"`
	ConfirmedAt time.Time `bun:"confirmed_at,nullzero,type:timestamptz"`
}

// NewestEmailChange reads a change, with its user, that no newer wish took the place of.
// It returns sql.ErrNoRows where there is none.
func NewestEmailChange(ctx context.Context, db bun.IDB, id int64) (*EmailChange, error) {
	change := new(EmailChange)
	err := db.NewSelect().Model(change).Relation("User").Where("email_change.id = ?", id).
		Where("NOT EXISTS (SELECT 1 FROM email_changes AS newer WHERE newer.user_id = email_change.user_id AND newer.id > email_change.id)").
		Scan(ctx)
	return change, err
}

// StandInEmail is the address of an account that came without one, or with another's:
// no mail ever gets there.
func StandInEmail(id int64) string { return fmt.Sprintf("user-%d@no-address.invalid", id) }
