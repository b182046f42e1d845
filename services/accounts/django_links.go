package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"digitalpath/models"
)

// Links that the Django program mailed before the import are good here for as long as
// they were there: ids, hashes and the secret key are the same.

// djangoResetLife is PASSWORD_RESET_TIMEOUT's default; the keys of addresses live as
// long as ours.
const djangoResetLife = 3 * 24 * time.Hour

// djangoMAC is salted_hmac of django/utils/crypto.py, with SHA-256.
func djangoMAC(salt, secret, value string) []byte {
	key := sha256.Sum256([]byte(salt + secret))
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(value))
	return mac.Sum(nil)
}

// djangoAddress reads whose address the key of a mail confirms: allauth's row, of which
// the key is django.core.signing.dumps(pk, salt="account"), which is
// base64(pk):time in base 62:signature.
func (k *MailKeys) djangoAddress(key string) (id int64, ok bool) {
	end := strings.LastIndexByte(key, ':')
	if end < 0 {
		return 0, false
	}
	value, signature := key[:end], key[end+1:]
	if !k.anySecret(func(secret string) bool {
		want := base64.RawURLEncoding.EncodeToString(djangoMAC("accountsigner", secret, value))
		return hmac.Equal([]byte(signature), []byte(want))
	}) {
		return 0, false
	}
	payload, stamp, _ := strings.Cut(value, ":")
	seconds, read := new(big.Int).SetString(swapCase(stamp), 62)
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if !read || !seconds.IsInt64() || err != nil || !k.Now().Before(time.Unix(seconds.Int64(), 0).Add(verificationLife)) {
		return 0, false
	}
	id, err = strconv.ParseInt(string(text), 10, 64)
	return id, err == nil
}

// swapCase turns Django's digits of base 62, 0-9A-Za-z, into Go's, 0-9a-zA-Z.
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

// djangoReset tells whether a token is what Django's default_token_generator
// (django/contrib/auth/tokens.py) made for the account as it is, with its address as
// Django spelt it: seconds since 2001 in base 36, a hyphen, every other digit of the
// signature.
func (k *MailKeys) djangoReset(token string, user *models.User, email string) bool {
	stamp, signature, _ := strings.Cut(token, "-")
	seconds, err := strconv.ParseInt(stamp, 36, 64)
	if err != nil || seconds < 0 || len(stamp) > 7 {
		return false
	}
	at := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
	lastLogin := ""
	if !user.LastLogin.IsZero() {
		lastLogin = user.LastLogin.UTC().Format(time.DateTime)
	}
	value := strconv.FormatInt(user.ID, 10) + user.Password + lastLogin + strconv.FormatInt(seconds, 10) + email
	return k.Now().Before(at.Add(djangoResetLife)) && k.anySecret(func(secret string) bool {
		digits := hex.EncodeToString(djangoMAC("django.contrib.auth.tokens.PasswordResetTokenGenerator", secret, value))
		want := make([]byte, len(digits)/2)
		for i := range want {
			want[i] = digits[2*i]
		}
		return hmac.Equal([]byte(signature), want)
	})
}

// confirmDjango confirms the address of an account that waits, by a key that the Django
// program mailed.
func (s *Service) confirmDjango(ctx context.Context, key string) error {
	address, ok := s.Keys.djangoAddress(key)
	if !ok {
		return errInvalidKey()
	}
	link := new(models.DjangoLink)
	err := s.DB.NewSelect().Model(link).Where("email_address_id = ?", address).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return errInvalidKey()
	}
	if err != nil {
		return fmt.Errorf("find account of Django's key: %w", err)
	}
	return s.activate(ctx, link.UserID, func(user *models.User) bool { return link.Signed(user) })
}

// djangoResets tells whether a token resets the password of an account by a link that
// the Django program mailed.
func (s *Service) djangoResets(ctx context.Context, token string, user *models.User) (bool, error) {
	if !strings.Contains(token, "-") { // cheap to see that it is no token of Django's
		return false, nil
	}
	link := &models.DjangoLink{UserID: user.ID, Email: user.Email}
	err := s.DB.NewSelect().Model(link).WherePK().Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("find Django's spelling: %w", err)
	}
	return link.Signed(user) && s.Keys.djangoReset(token, user, link.Email), nil
}
