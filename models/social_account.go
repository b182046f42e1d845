package models

import (
	"time"

	"github.com/uptrace/bun"
)

// SocialProvider is who vouches for a person at a social login.
type SocialProvider string

const (
	Google SocialProvider = "google"
	GitHub SocialProvider = "github"
)

// Choices are the providers by their own spelling.
func (SocialProvider) Choices() []Choice {
	return []Choice{
		{Value: string(Google), Label: "Google", Tone: ToneNeutral},
		{Value: string(GitHub), Label: "GitHub", Tone: ToneNeutral},
	}
}

// Label is the provider's own spelling.
func (p SocialProvider) Label() string { return ChoiceOf(p, string(p)).Label }

// SocialAccount links a user to an identity at a provider. The key is the provider's
// subject: addresses can change hands.
type SocialAccount struct {
	bun.BaseModel `bun:"table:social_accounts,alias:social_account"`

	ID        int64          `bun:"id,pk,autoincrement"`
	UserID    int64          `bun:"user_id"`
	User      *User          `bun:"rel:belongs-to,join:user_id=id"`
	Provider  SocialProvider `bun:"provider,type:varchar(20)"`
	Subject   string         `bun:"subject,type:varchar(255)"`
	Email     string         `bun:"email,type:varchar(254)"` // at the provider, as of the last login
	CreatedAt time.Time      `bun:"created_at,type:timestamptz"`
	LastLogin time.Time      `bun:"last_login,type:timestamptz"`
}

// SocialAccountsSlug names social accounts in URLs and permissions.
const SocialAccountsSlug = "social-accounts"

// CodePurpose is what a one-time code is good for.
type CodePurpose string

const (
	CodeExchange CodePurpose = "exchange" // for the tokens of a social login
	CodeConnect  CodePurpose = "connect"  // to set out to link an identity to the user
	CodeConfirm  CodePurpose = "confirm"  // to link the identity that came back
	CodeState    CodePurpose = "state"    // for nothing any more: the state of a trip that is over
)

// OneTimeCode stands for a user, and at CodeConfirm for an identity too, for a
// minute. The row holds the code's SHA-256.
type OneTimeCode struct {
	bun.BaseModel `bun:"table:one_time_codes,alias:one_time_code"`

	CodeHash  string         `bun:"code_hash,pk,type:char(64)"`
	Purpose   CodePurpose    `bun:"purpose,type:varchar(20)"`
	UserID    int64          `bun:"user_id,nullzero"` // null: CodeState, which has no user yet
	Provider  SocialProvider `bun:"provider,type:varchar(20)"`
	Subject   string         `bun:"subject,type:varchar(255)"`
	Email     string         `bun:"email,type:varchar(254)"`
	ExpiresAt time.Time      `bun:"expires_at,type:timestamptz"`
}
