package models

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Signup is a sign-up with an address that an account has already, be it one that waits
// for its owner or one in use. It touches nothing of that account. Where the account
// only waits, the key of the sign-up's own mail makes this sign-up the account; where it
// is somebody's, the sign-up leads nowhere, and all the same looks like one that may.
type Signup struct {
	bun.BaseModel `bun:"table:signups,alias:signup"`

	ID        int64     `bun:"id,pk,autoincrement"`
	Username  string    `bun:"username,type:varchar(150)"`
	Email     string    `bun:"email,type:varchar(254)"`
	Password  string    `bun:"password,type:varchar(255)"` // encoded hash; empty once it is the account's
	FirstName string    `bun:"first_name,type:varchar(150)"`
	LastName  string    `bun:"last_name,type:varchar(150)"`
	Language  string    `bun:"language,type:varchar(10)"`
	CreatedAt time.Time `bun:"created_at,type:timestamptz"`
	UserID    int64     `bun:"user_id,nullzero"` // the account that it became
}

// SignupByLogin finds the sign-up that login names and that is no account yet; an
// address stands for the newest one. It returns sql.ErrNoRows where there is none.
func SignupByLogin(ctx context.Context, db bun.IDB, login string) (*Signup, error) {
	signup := new(Signup)
	err := db.NewSelect().Model(signup).Where("user_id IS NULL").
		Where("(lower(username) = lower(?) OR email = ?)", NormalizeUsername(strings.TrimSpace(login)), NormalizeEmail(login)).
		OrderExpr("id DESC").Limit(1).Scan(ctx)
	return signup, err
}

// OpenSignups are the newest sign-ups with an address that are no account yet.
func OpenSignups(ctx context.Context, db bun.IDB, email string, limit int64) ([]Signup, error) {
	var signups []Signup
	err := db.NewSelect().Model(&signups).Where("user_id IS NULL").Where("email = ?", email).OrderExpr("id DESC").Limit(limit).Scan(ctx)
	return signups, err
}
