package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/ratelimit"
)

const (
	// SessionLife is how long a login lasts: Django's default SESSION_COOKIE_AGE.
	SessionLife = 14 * 24 * time.Hour
	// touchEvery is how precise Session.LastSeenAt is, so that reading pages does not
	// write to the database each time.
	touchEvery = 5 * time.Minute
)

// Logins is the story of staff's logins, and of what proves who somebody is: a
// session lives in the database, so that logging out, and losing the right to be
// here, ends it at once and everywhere.
type Logins struct {
	DB        *bun.DB
	Passwords *Passwords
	Limiter   *ratelimit.Limiter
	Log       *slog.Logger
	Now       func() time.Time

	refusals responseTime
}

// LoginInput is one try to log in.
type LoginInput struct {
	Login, Password      string // Login is the username or the e-mail, in either case
	IPAddress, UserAgent string
}

// LogIn starts a session of an active member of staff and returns its token, which
// is stored nowhere. Whatever is wrong, the answer and its time are the same.
func (s *Logins) LogIn(ctx context.Context, in LoginInput) (token string, err error) {
	refusal := problem.New(problem.Unauthenticated, "invalid_credentials",
		"Please enter the correct username and password for a staff account.")
	user, err := s.authenticate(ctx, in, func(user *models.User) error {
		if !user.Enabled() || !user.IsStaff {
			return errRefused
		}
		return nil
	})
	if err == nil {
		err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			token, err = s.start(ctx, tx, user, in)
			return err
		})
	}
	if errors.Is(err, errRefused) || errors.Is(err, errConcurrentChange) {
		err = refusal
	}
	if err != nil {
		return "", err
	}
	return token, nil
}

// start records the login of user and returns the session's token.
func (s *Logins) start(ctx context.Context, tx bun.Tx, user *models.User, in LoginInput) (string, error) {
	token, session := rand.Text()+rand.Text(), newSession(user, in, s.Now())
	session.Channel, session.TokenHash, session.ExpiresAt = models.ChannelBackoffice, hashToken(token), s.Now().Add(SessionLife)
	return token, startSession(ctx, tx, user, session)
}

// newSession is a login from somewhere, without its token.
func newSession(user *models.User, from LoginInput, now time.Time) *models.Session {
	return &models.Session{
		UserID: user.ID, IPAddress: from.IPAddress, UserAgent: models.Truncate(from.UserAgent, 255), CreatedAt: now, LastSeenAt: now,
	}
}

// startSession stores a login of user as they were when they proved to be one. Whose
// logins were ended since, by a new password or by staff, gets errConcurrentChange.
func startSession(ctx context.Context, tx bun.Tx, user *models.User, session *models.Session) error {
	// This waits for whoever changes the account, and makes them wait.
	result, err := tx.NewUpdate().Model(user).Set("last_login = ?", session.CreatedAt).WherePK().
		Where("token_epoch = ?", user.TokenEpoch).Where("is_active").Where("disabled_at IS NULL").Exec(ctx)
	if err := changedOne(result, err, errConcurrentChange); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(session).Exec(ctx); err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	return nil
}

// User returns who is logged in under token. Anything but a live session of an
// active member of staff is problem.Unauthenticated.
func (s *Logins) User(ctx context.Context, token string) (*models.User, error) {
	now := s.Now()
	session, args := new(models.Session), new(models.Args)
	err := s.DB.NewSelect().Model(session).Relation("User").
		Where("session.token_hash = ?", args.Of(hashToken(token))).Apply(models.LiveSessions(args.Of(now))).
		Where("session.channel = ?", models.ChannelBackoffice).Where("?.disabled_at IS NULL", bun.Ident("user")).
		Where("?.is_active", bun.Ident("user")).Where("?.is_staff", bun.Ident("user")).Scan(args.In(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.New(problem.Unauthenticated, "not_authenticated", "Please log in.")
	}
	if err != nil {
		return nil, fmt.Errorf("find session: %w", err)
	}
	return session.User, touchSession(ctx, s.DB, session.ID, session.LastSeenAt, now)
}

// touchSession notes that a session is in use.
func touchSession(ctx context.Context, db bun.IDB, sessionID int64, lastSeen, now time.Time) error {
	if now.Sub(lastSeen) <= touchEvery {
		return nil
	}
	if _, err := db.NewUpdate().Model((*models.Session)(nil)).Set("last_seen_at = ?", now).Where("id = ?", sessionID).Exec(ctx); err != nil {
		return fmt.Errorf("record use of session: %w", err)
	}
	return nil
}

// LogOut ends the session of token, wherever a copy of its cookie may be.
func (s *Logins) LogOut(ctx context.Context, token string) error {
	ended, err := endSessions(ctx, s.DB, s.Now(), "token_hash = ?", hashToken(token))
	for _, session := range ended {
		s.logEnded(ctx, loggedOut, session.UserID)
	}
	return err
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Opens tells whether a token is that of a login.
func Opens(token string, session models.Session) bool { return session.TokenHash == hashToken(token) }

// endSessions ends the live logins that a condition picks and returns them. They open
// nothing from now on, and stay in the log-in history.
func endSessions(ctx context.Context, db bun.IDB, now time.Time, condition string, args ...any) ([]models.Session, error) {
	var ended []models.Session
	_, err := db.NewUpdate().Model((*models.Session)(nil)).Set("ended_at = ?", now).
		Where("ended_at IS NULL").Where("expires_at > ?", now).Where(condition, args...).Returning("id, user_id").Exec(ctx, &ended)
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	return ended, nil
}

// What the log says of logins that were ended.
const (
	loggedOut  = "logged out"
	oneEnded   = "a login ended"
	allEnded   = "all logins ended"
	staffEnded = "logins to the back office ended"
)

// logEnded tells the log whose logins were ended, and by whom where it was another.
func (s *Logins) logEnded(ctx context.Context, what string, userIDs ...int64) {
	actor := models.ActorOf(ctx).UserID()
	for _, id := range userIDs {
		attributes := []slog.Attr{slog.Int64("user", id)}
		if actor != 0 && actor != id {
			attributes = append(attributes, slog.Int64("by", actor))
		}
		s.Log.LogAttrs(ctx, slog.LevelInfo, what, attributes...)
	}
}

func endSession(ctx context.Context, db bun.IDB, now time.Time, id int64) error {
	_, err := endSessions(ctx, db, now, "id = ?", id)
	return err
}

// endLogins ends every login of users, by the API and in the back office, and every
// token issued before, Django's too: for a new password or a disabled account.
func endLogins(ctx context.Context, tx bun.Tx, now time.Time, userIDs []int64) error {
	if len(userIDs) == 0 {
		return nil
	}
	if _, err := tx.NewUpdate().Model((*models.User)(nil)).Set("token_epoch = token_epoch + 1").
		Where("id IN (?)", bun.List(userIDs)).Exec(ctx); err != nil {
		return fmt.Errorf("end tokens: %w", err)
	}
	if _, err := endSessions(ctx, tx, now, "user_id IN (?)", bun.List(userIDs)); err != nil {
		return err
	}
	// A code that is not swapped for tokens yet is a login too.
	if _, err := tx.NewDelete().Model((*models.OneTimeCode)(nil)).Where("user_id IN (?)", bun.List(userIDs)).Exec(ctx); err != nil {
		return fmt.Errorf("end one-time codes: %w", err)
	}
	return nil
}

// LoginHistory returns the newest logins of a user, live and over, at most limit, and
// how many there are in all.
func (s *Logins) LoginHistory(ctx context.Context, userID int64, limit int64) ([]models.Session, int64, error) {
	var sessions []models.Session
	total, err := s.DB.NewSelect().Model(&sessions).Where("user_id = ?", userID).OrderExpr("id DESC").Limit(limit).ScanAndCount(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("read log-in history: %w", err)
	}
	return sessions, total, nil
}

// OldLogins narrows a query to the logins that were over before a time. A token of a
// login that was ended is kept in mind until it has run out: it may be shown till then.
func OldLogins(now, before time.Time) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("expires_at < ?", now).Where("(expires_at < ? OR ended_at < ?)", before, before)
	}
}
