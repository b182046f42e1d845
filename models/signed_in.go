package models

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// SignedIn is who holds an access token, as the database knows them now.
type SignedIn struct {
	User      *User
	Rights    Rights
	SessionID int64     // 0: none
	SeenAt    time.Time // when the session was last seen to be used
	TokenHash string    // of the session's present refresh token
	Along     string    // what the query that came along found
}

// ReadSignedIn reads an enabled user with their rights and, where sessionID is not
// 0, their live API session, all in one round trip: every signed-in request pays it.
// along, which may be nil, asks for one text more in the same trip. It returns
// sql.ErrNoRows where the user, the session or the token's epoch is not good any more.
func ReadSignedIn(ctx context.Context, db bun.IDB, userID, sessionID int64, epoch int, now time.Time, along func(*Args) *bun.SelectQuery) (*SignedIn, error) {
	var row struct {
		User      `bun:",extend"`
		Granted   string    `bun:"granted,scanonly"`
		SeenAt    time.Time `bun:"seen_at,nullzero,scanonly"`
		TokenHash string    `bun:"token_hash,scanonly"`
		Along     string    `bun:"along,scanonly"`
	}
	args := new(Args)
	user := args.Of(userID)
	query := db.NewSelect().Model(&row).ColumnExpr("?TableColumns").
		ColumnExpr("(SELECT string_agg(permission, ' ') FROM (?) AS granted) AS granted", grantedTo(db, user)).
		Where("?TableAlias.id = ?", user).Where("?TableAlias.is_active").Where("?TableAlias.disabled_at IS NULL").
		Where("?TableAlias.token_epoch = ?", args.Of(int64(epoch)))
	if sessionID != 0 {
		query = query.ColumnExpr("session.last_seen_at AS seen_at, session.token_hash").
			Join("JOIN sessions AS session ON session.user_id = ?TableAlias.id AND session.id = ?", args.Of(sessionID)).
			Where("session.channel = ?", ChannelAPI).Apply(LiveSessions(args.Of(now)))
	}
	if along != nil {
		query.ColumnExpr("(?) AS along", along(args))
	}
	if err := query.Scan(args.In(ctx)); err != nil {
		return nil, err
	}
	rights := Rights{All: row.IsSuperuser}
	if !rights.All {
		rights.Granted = strings.Fields(row.Granted)
	}
	return &SignedIn{User: &row.User, Rights: rights, SessionID: sessionID, SeenAt: row.SeenAt, TokenHash: row.TokenHash, Along: row.Along}, nil
}
