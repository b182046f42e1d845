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
	Failed    FailedLogins
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
	user, err := s.authenticate(ctx, in, refusal, func(user *models.User) *problem.Problem {
		if !user.Enabled() || !user.IsStaff {
			return refusal
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return s.start(ctx, s.DB, user, in)
}

// start records the login of user and returns the session's token.
func (s *Logins) start(ctx context.Context, db bun.IDB, user *models.User, in LoginInput) (string, error) {
	token, session := rand.Text()+rand.Text(), newSession(user, in, s.Now())
	session.Channel, session.TokenHash, session.ExpiresAt = models.ChannelBackoffice, hashToken(token), s.Now().Add(SessionLife)
	return token, startSession(ctx, db, user, session)
}

// newSession is a login from somewhere, without its token.
func newSession(user *models.User, from LoginInput, now time.Time) *models.Session {
	return &models.Session{
		UserID: user.ID, IPAddress: from.IPAddress, UserAgent: models.Truncate(from.UserAgent, 255), CreatedAt: now, LastSeenAt: now,
	}
}

func startSession(ctx context.Context, db bun.IDB, user *models.User, session *models.Session) error {
	if _, err := db.NewInsert().Model(session).Exec(ctx); err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	if _, err := db.NewUpdate().Model(user).Set("last_login = ?", session.CreatedAt).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("record login: %w", err)
	}
	return nil
}

// User returns who is logged in under token. Anything but a live session of an
// active member of staff is problem.Unauthenticated.
func (s *Logins) User(ctx context.Context, token string) (*models.User, error) {
	now := s.Now()
	session := new(models.Session)
	err := s.DB.NewSelect().Model(session).Relation("User").
		Where("session.token_hash = ?", hashToken(token)).Apply(models.LiveSessions(now)).
		Where("session.channel = ?", models.ChannelBackoffice).Where("?.disabled_at IS NULL", bun.Ident("user")).
		Where("?.is_active", bun.Ident("user")).Where("?.is_staff", bun.Ident("user")).Scan(ctx)
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
