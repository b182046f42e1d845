package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"digitalpath/models"
	"digitalpath/problem"
)

// TokenFault is why a token is refused, for who runs the program: clients are told less.
type TokenFault struct{ Why, Remedy problem.Text }

func fault(remedy, why string, args ...any) *TokenFault {
	return &TokenFault{Why: problem.Text{Format: why, Args: args}, Remedy: problem.Text{Format: remedy}}
}

const (
	logInAgain = "POST /api/token/pair"
	refresh    = "POST /api/token/refresh"
)

// Diagnose says what is wrong with a token of either type; nil where it is good. It
// changes nothing.
func (s *Tokens) Diagnose(ctx context.Context, token string) (*TokenFault, error) {
	if rest, ok := strings.CutPrefix(token, "Bearer "); ok {
		token = strings.TrimSpace(rest) // pasted with its header
	}
	refused := s.Verify(ctx, token)
	if refused == nil {
		return nil, nil //nolint:nilnil // no fault is the good news
	}
	if _, ok := problem.As(refused); !ok {
		return nil, refused
	}
	c := new(claims)
	_, err := jwtParser.ParseWithClaims(token, c, func(*jwt.Token) (any, error) { return s.verificationKeys(), nil })
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return fault("Authorization: Bearer <token>", "This is no token: it has not three parts of base64 with dots between."), nil
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return fault("DJANGO_SECRET_KEY=...", "The token was signed with another secret key, or was changed since."), nil
	case err != nil:
		return fault(logInAgain, "The token cannot be read: %s", err.Error()), nil
	case c.TokenType != accessToken && c.TokenType != refreshToken:
		return fault(logInAgain, "The token is of the type %q, neither access nor refresh.", string(c.TokenType)), nil
	case isTime(c.ExpiresAt) && !s.Now().Before(c.ExpiresAt.Time):
		remedy := refresh
		if c.TokenType == refreshToken {
			remedy = logInAgain
		}
		return fault(remedy, "The token (%s) expired at %s.", string(c.TokenType), c.ExpiresAt.UTC().Format(time.RFC3339)), nil
	case isTime(c.IssuedAt) && c.IssuedAt.After(s.Now().Add(clockSkew)):
		return fault("sudo timedatectl set-ntp true", "The token was issued in the future: a clock is wrong."), nil
	}
	return s.diagnoseHolder(ctx, c)
}

// diagnoseHolder finds what became of the account and the login of a token that is
// itself in order.
func (s *Tokens) diagnoseHolder(ctx context.Context, c *claims) (*TokenFault, error) {
	id, err := c.UserID.Int64()
	if err != nil {
		return fault(logInAgain, "The token names no account."), nil
	}
	user := new(models.User)
	err = s.DB.NewSelect().Model(user).Where("id = ?", id).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault(logInAgain, "The account %s of the token is deleted.", c.UserID.String()), nil
	case err != nil:
		return nil, fmt.Errorf("find account of token: %w", err)
	case !user.DisabledAt.IsZero():
		return fault("Back office: Users, "+user.Username, "The account %s was disabled at %s.", user.Username, user.DisabledAt.UTC().Format(time.RFC3339)), nil
	case !user.IsActive:
		return fault("POST /api/auth/resend-verification", "The account %s waits for its owner to verify the address.", user.Username), nil
	case user.TokenEpoch != c.Epoch:
		return fault(logInAgain, "All logins of %s were ended after the token was issued: a new password, or \"log out everywhere\".", user.Username), nil
	}
	session := new(models.Session)
	err = s.DB.NewSelect().Model(session).Where("id = ?", c.SessionID).Scan(ctx)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("find login of token: %w", err)
	case err == nil && !session.EndedAt.IsZero():
		return fault(logInAgain, "The login of %s was ended at %s.", user.Username, session.EndedAt.UTC().Format(time.RFC3339)), nil
	case err == nil && c.TokenType == refreshToken && session.TokenHash != hashToken(c.ID):
		return fault(logInAgain, "The refresh token was replaced by a newer one."), nil
	}
	return fault(logInAgain, "The login of %s is over.", user.Username), nil
}
