package accounts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"digitalpath/models"
	"digitalpath/problem"
)

// tokenType is the claim that keeps access and refresh tokens from standing in for
// each other.
type tokenType string

const (
	accessToken  tokenType = "access"
	refreshToken tokenType = "refresh"
)

// clockSkew is how far in the future another machine may have issued a token.
const clockSkew = time.Minute

// claims are what a token says: Django's, and the session and epoch that ours have.
// A token without them is one of Django's, of epoch 0 and no session.
type claims struct {
	TokenType tokenType   `json:"token_type"`
	UserID    json.Number `json:"user_id"` // Django writes a number or a string of one
	SessionID int64       `json:"sid,omitempty"`
	Epoch     int         `json:"epoch,omitempty"`
	jwt.RegisteredClaims

	// In the place of the library's.
	IssuedAt  *date `json:"iat,omitempty"`
	NotBefore *date `json:"nbf,omitempty"`
	ExpiresAt *date `json:"exp,omitempty"`

	user int64 // UserID, read
}

// date is a time as a number. The library takes a text of one too.
type date struct{ jwt.NumericDate }

func dateOf(t time.Time) *date { return &date{*jwt.NewNumericDate(t)} }

// UnmarshalJSON implements json.Unmarshaler.
func (d *date) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		return errors.New("a date must be a number")
	}
	return d.NumericDate.UnmarshalJSON(text)
}

// errNotValid is the one answer to every token that is no good.
func errNotValid() error {
	return problem.New(problem.Unauthenticated, "token_not_valid", "Token is invalid or expired")
}

// errExpired tells a frontend that it is time to refresh.
func errExpired() error {
	return problem.New(problem.Unauthenticated, "token_expired", "Token has expired")
}

// sign makes a token of a session.
func (s *Tokens) sign(kind tokenType, user *models.User, sessionID int64, jti string, issued, expires time.Time) (string, error) {
	c := &claims{
		TokenType: kind, UserID: json.Number(strconv.FormatInt(user.ID, 10)), SessionID: sessionID, Epoch: user.TokenEpoch,
		RegisteredClaims: jwt.RegisteredClaims{ID: jti}, IssuedAt: dateOf(issued), ExpiresAt: dateOf(expires),
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(s.SecretKey))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return token, nil
}

// jwtParser takes HS256 alone; the claims are checked by read.
var jwtParser = jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithoutClaimsValidation())

// read checks the signature of a token, then what it claims; its type is one of kinds.
// No header but alg and typ is taken: jku, kid and the like are ways to choose the key.
func (s *Tokens) read(token string, kinds ...tokenType) (*claims, error) {
	c := new(claims)
	parsed, err := jwtParser.ParseWithClaims(token, c, func(*jwt.Token) (any, error) { return s.verificationKeys(), nil })
	if err != nil {
		return nil, errNotValid()
	}
	for name := range parsed.Header {
		if name != "alg" && name != "typ" {
			return nil, errNotValid()
		}
	}
	now := s.Now()
	c.user, err = c.UserID.Int64()
	if err != nil || c.user <= 0 || c.SessionID < 0 || c.ID == "" || !slices.Contains(kinds, c.TokenType) ||
		!isTime(c.ExpiresAt) || !isTime(c.IssuedAt) || c.IssuedAt.After(now.Add(clockSkew)) ||
		c.NotBefore != nil && c.NotBefore.After(now.Add(clockSkew)) {
		return nil, errNotValid()
	}
	if now.Before(c.ExpiresAt.Time) {
		return c, nil
	}
	if c.TokenType == accessToken {
		return nil, errExpired()
	}
	return nil, errNotValid()
}

// verificationKeys are the keys that may have signed a token, the former ones too.
func (s *Tokens) verificationKeys() jwt.VerificationKeySet {
	keys := []jwt.VerificationKey{[]byte(s.SecretKey)}
	for _, former := range s.Fallbacks {
		keys = append(keys, []byte(former))
	}
	return jwt.VerificationKeySet{Keys: keys}
}

// lastTime is the end of the year 9999, the last that every database keeps.
const lastTime = 253402300799

// isTime refuses what is missing, what no clock has shown since 1970, and what no
// database keeps.
func isTime(d *date) bool { return d != nil && d.Unix() > 0 && d.Unix() <= lastTime }
