package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Tokens is the story of logins by the API. Such a login is a row of sessions that
// both its tokens name, so that ending it ends them at once.
type Tokens struct {
	DB          *bun.DB
	Logins      *Logins
	SecretKey   string   // signs the tokens; that of the Django program, whose tokens stay good
	Fallbacks   []string // former keys: what they signed stays good
	AccessLife  time.Duration
	RefreshLife time.Duration
	Rotate      bool          // each refresh token is good once
	Grace       time.Duration // within which one that was replaced gives the same successor
	Now         func() time.Time
}

// Pair is a login: what a client keeps of it.
type Pair struct {
	Refresh, Access, Username string
}

// LogIn answers the same, after the same time, to an unknown account, a wrong
// password and a disabled account. Only who knows the password learns that the
// address is not verified.
func (s *Tokens) LogIn(ctx context.Context, in LoginInput) (pair Pair, err error) {
	refusal := problem.New(problem.Unauthenticated, "invalid_credentials", "No active account found with the given credentials")
	user, err := s.Logins.authenticate(ctx, in, func(user *models.User) error {
		switch {
		case user.Waiting():
			return problem.New(problem.Unauthenticated, "email_not_verified", "Please verify your e-mail address before you log in.")
		case !user.Enabled():
			return errRefused
		}
		return nil
	})
	if err == nil {
		err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			pair, err = s.Open(ctx, tx, user, in)
			return err
		})
	}
	if errors.Is(err, errRefused) || errors.Is(err, errConcurrentChange) {
		err = refusal
	}
	return pair, err
}

// Open starts a login of a user who has proved to be one.
func (s *Tokens) Open(ctx context.Context, tx bun.Tx, user *models.User, from LoginInput) (Pair, error) {
	session, jti := newSession(user, from, s.Now()), rand.Text()
	session.Channel, session.TokenHash, session.ExpiresAt = models.ChannelAPI, hashToken(jti), s.Now().Add(s.RefreshLife)
	if err := startSession(ctx, tx, user, session); err != nil {
		return Pair{}, err
	}
	return s.pair(user, session, jti, s.Now())
}

// rotate makes the successor of a refresh token the session's only one.
func (s *Tokens) rotate(ctx context.Context, tx bun.Tx, user *models.User, session *models.Session, old string) (Pair, error) {
	jti := s.successor(old)
	session.TokenHash, session.PreviousHash = hashToken(jti), session.TokenHash
	session.RotatedAt, session.LastSeenAt, session.ExpiresAt = s.Now(), s.Now(), s.Now().Add(s.RefreshLife)
	if _, err := tx.NewUpdate().Model(session).Column("token_hash", "previous_hash", "rotated_at", "last_seen_at", "expires_at").WherePK().Exec(ctx); err != nil {
		return Pair{}, fmt.Errorf("rotate refresh token: %w", err)
	}
	return s.pair(user, session, jti, session.RotatedAt)
}

// successor is the jti of the token that replaces one: it is stored nowhere, and yet the
// same for whoever asks again.
func (s *Tokens) successor(jti string) string {
	mac := hmac.New(sha256.New, []byte(s.SecretKey))
	mac.Write([]byte("refresh token after " + jti))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s *Tokens) pair(user *models.User, session *models.Session, jti string, issued time.Time) (Pair, error) {
	refresh, err := s.sign(refreshToken, user, session.ID, jti, issued, session.ExpiresAt)
	if err != nil {
		return Pair{}, err
	}
	access, err := s.access(user, session)
	return Pair{Refresh: refresh, Access: access, Username: user.Username}, err
}

func (s *Tokens) access(user *models.User, session *models.Session) (string, error) {
	return s.sign(accessToken, user, session.ID, rand.Text(), s.Now(), s.Now().Add(s.AccessLife))
}

// Authenticate tells who holds an access token, in one round trip to the database. along,
// where it is not nil, makes a query for one text more, which the trip takes along.
func (s *Tokens) Authenticate(ctx context.Context, token string, along func(user int64, args *models.Args) *bun.SelectQuery) (*models.SignedIn, error) {
	c, err := s.read(token, accessToken)
	if err != nil {
		return nil, err
	}
	var more func(*models.Args) *bun.SelectQuery
	if along != nil {
		more = func(args *models.Args) *bun.SelectQuery { return along(c.user, args) }
	}
	in, err := s.holder(ctx, s.DB, c, c.SessionID, more)
	if err != nil {
		return nil, err
	}
	if in.SessionID != 0 {
		err = touchSession(ctx, s.DB, in.SessionID, in.SeenAt, s.Now())
	}
	return in, err
}

func (s *Tokens) holder(ctx context.Context, db bun.IDB, c *claims, sessionID int64, along func(*models.Args) *bun.SelectQuery) (*models.SignedIn, error) {
	in, err := models.ReadSignedIn(ctx, db, c.user, sessionID, c.Epoch, s.Now(), along)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNotValid()
	}
	if err != nil {
		return nil, fmt.Errorf("read who is signed in: %w", err)
	}
	return in, nil
}

// Refresh gives a new access token for a refresh token and, where tokens rotate, a
// new refresh token too. A refresh token that was replaced a moment ago may come again,
// of two tabs or after a lost answer. Later it was stolen, from us or from its owner: the
// login ends.
func (s *Tokens) Refresh(ctx context.Context, token string, from LoginInput) (pair Pair, err error) {
	c, err := s.read(token, refreshToken)
	if err != nil {
		return Pair{}, err
	}
	if !s.Rotate && c.SessionID != 0 {
		if pair, kept, err := s.renew(ctx, c); kept || err != nil {
			return pair, err
		}
	}
	reused := false
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		session, err := s.sessionOf(ctx, tx, c, from)
		if err != nil {
			return err
		}
		present, again := session.TokenHash == hashToken(c.ID), s.replacedJustNow(session, c)
		if reused = !present && !again; reused {
			return endSession(ctx, tx, s.Now(), session.ID)
		}
		in, err := s.holder(ctx, tx, c, session.ID, nil)
		if err != nil {
			return err
		}
		if again {
			pair, err = s.pair(in.User, session, s.successor(c.ID), session.RotatedAt)
			return err
		}
		if s.Rotate {
			pair, err = s.rotate(ctx, tx, in.User, session, c.ID)
			return err
		}
		pair.Access, err = s.access(in.User, session)
		return errors.Join(err, touchSession(ctx, tx, session.ID, in.SeenAt, s.Now()))
	})
	if err == nil && reused {
		s.Logins.Log.WarnContext(ctx, "a refresh token came again after it was replaced: the login is ended", slog.Int64("user", c.user))
		err = errNotValid()
	}
	if err != nil {
		return Pair{}, err
	}
	return pair, nil
}

// renew gives a new access token for a refresh token that stays what it is: one read,
// and nothing to hold. kept is false where another token has taken its place.
func (s *Tokens) renew(ctx context.Context, c *claims) (pair Pair, kept bool, err error) {
	in, err := s.holder(ctx, s.DB, c, c.SessionID, nil)
	if err != nil || in.TokenHash != hashToken(c.ID) {
		return Pair{}, false, err
	}
	pair.Access, err = s.access(in.User, &models.Session{ID: in.SessionID})
	return pair, true, errors.Join(err, touchSession(ctx, s.DB, in.SessionID, in.SeenAt, s.Now()))
}

// replacedJustNow tells whether the session's present token has replaced this one within
// the grace.
func (s *Tokens) replacedJustNow(session *models.Session, c *claims) bool {
	return s.Rotate && session.PreviousHash == hashToken(c.ID) && s.Now().Before(session.RotatedAt.Add(s.Grace))
}

// sessionOf finds the live session of a refresh token and holds it until tx ends.
func (s *Tokens) sessionOf(ctx context.Context, tx bun.Tx, c *claims, from LoginInput) (*models.Session, error) {
	if c.SessionID == 0 {
		return s.adoptDjangoToken(ctx, tx, c, from)
	}
	return s.liveSession(ctx, tx, c.SessionID, c.user)
}

func (s *Tokens) liveSession(ctx context.Context, tx bun.Tx, id, userID int64) (*models.Session, error) {
	session := new(models.Session)
	query := tx.NewSelect().Model(session).Where("id = ?", id).Where("user_id = ?", userID).
		Where("channel = ?", models.ChannelAPI).Apply(models.LiveSessions(s.Now()))
	err := models.ForUpdate(query).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNotValid()
	}
	if err != nil {
		return nil, fmt.Errorf("find session: %w", err)
	}
	return session, nil
}

// Verify tells whether a token of either type is good.
func (s *Tokens) Verify(ctx context.Context, token string) error {
	c, err := s.read(token, accessToken, refreshToken)
	if err != nil {
		return err
	}
	if c.TokenType == accessToken || c.SessionID == 0 {
		if _, err = s.holder(ctx, s.DB, c, c.SessionID, nil); err != nil || c.TokenType == accessToken {
			return err
		}
		return s.checkDjango(ctx, c)
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		session, err := s.sessionOf(ctx, tx, c, LoginInput{})
		if err != nil {
			return err
		}
		if session.TokenHash != hashToken(c.ID) {
			return errNotValid()
		}
		_, err = s.holder(ctx, tx, c, session.ID, nil)
		return err
	})
}

// LogOut ends the login of a refresh token, with its access tokens.
func (s *Tokens) LogOut(ctx context.Context, token string) error {
	c, err := s.read(token, refreshToken)
	if err != nil {
		return err
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		session, err := s.sessionOf(ctx, tx, c, LoginInput{})
		if err != nil {
			return err
		}
		return endSession(ctx, tx, s.Now(), session.ID)
	})
	if err == nil {
		s.Logins.logEnded(ctx, loggedOut, c.user)
	}
	return err
}

// LogOutEverywhere ends every login of users, by the API and in the back office, and
// every token issued before, Django's too.
func (s *Tokens) LogOutEverywhere(ctx context.Context, userIDs []int64) error {
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return endLogins(ctx, tx, s.Now(), userIDs) })
	if err == nil {
		s.Logins.logEnded(ctx, allEnded, userIDs...)
	}
	return err
}
