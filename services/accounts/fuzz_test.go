package accounts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

// fuzzTime is when the fuzzed tokens and keys are read.
func fuzzTime() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }

var fuzzSecret = strings.Repeat("k", 40)

// A token is ours where we signed that very text, and never otherwise.
func FuzzToken(f *testing.F) {
	tokens := &Tokens{SecretKey: fuzzSecret, Fallbacks: []string{strings.Repeat("f", 40)}, Now: fuzzTime}
	good, err := tokens.sign(accessToken, &models.User{ID: 7}, 3, "id", fuzzTime(), fuzzTime().Add(time.Hour))
	if err != nil {
		f.Fatal(err)
	}
	head, rest, _ := strings.Cut(good, ".")
	for _, token := range []string{good, "", "..", head + "..", "eyJhbGciOiJub25lIn0." + rest, head + "." + rest + ".", good + "=", strings.Repeat("a.", 300)} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := tokens.read(token, accessToken, refreshToken); err == nil && token != good {
			t.Errorf("%q is taken for a token of user %d", token, c.user)
		}
	})
}

// What a token claims is checked, not believed: signed by us, it may say anything.
func FuzzClaims(f *testing.F) {
	tokens := &Tokens{SecretKey: fuzzSecret, Now: fuzzTime}
	for _, claims := range []string{
		`{"token_type":"access","user_id":7,"exp":1795700000,"iat":1795690000,"jti":"a"}`, `{"token_type":"refresh","user_id":"7","exp":1e400,"iat":-1,"jti":"a"}`,
		`{"user_id":9223372036854775808}`, `{"exp":"1"}`, `null`, `[]`, `{"token_type":"access","user_id":7,"exp":253402300800,"iat":1,"nbf":"x","jti":"","sid":-1}`,
	} {
		f.Add(`{"alg":"HS256","typ":"JWT"}`, claims)
	}
	f.Add(`{"alg":"none"}`, `{}`)
	f.Add(`{"alg":"HS256","kid":"../../dev/null"}`, `{}`)
	f.Fuzz(func(t *testing.T, header, claims string) {
		c, err := tokens.read(signedByHand(fuzzSecret, header, claims), accessToken)
		if err == nil && (c.user <= 0 || c.ID == "" || c.SessionID < 0 || c.TokenType != accessToken || !fuzzTime().Before(c.ExpiresAt.Time)) {
			t.Errorf("%s %s is taken", header, claims)
		}
	})
}

// A stored hash of any shape is compared within bounds, or is nobody's.
func FuzzDjangoHash(f *testing.F) {
	for _, hash := range []string{
		"", "!unusable", "pbkdf2_sha256$1$salt$a2V5", "pbkdf2_sha1$18446744073709551615$$", "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$c2FsdA", "argon2$argon2i$v=19$m=4294967295,t=4294967295,p=255$$YQ",
		"scrypt$2$salt$1$1$a2V5", "scrypt$2147483647$s$2147483647$2147483647$YQ==", "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuJ0GjDfVqVq3rVvSV0aYRIxUvbFBXQi6", "bcrypt_sha256$$2b$31$",
	} {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		parsed, err := parseHash(hash)
		if err != nil {
			return
		}
		if parsed.memory > maxHashMemory {
			t.Fatalf("%q asks for %d KiB", hash, parsed.memory)
		}
		if len(hash) < 60 && !strings.HasPrefix(hash, "bcrypt") && cheap(hash) {
			parsed.matches("password")
		}
	})
}

// cheap keeps the fuzzer from hashing for seconds: numbers of at most two digits.
func cheap(hash string) bool {
	digits := 0
	for _, letter := range hash {
		if digits++; letter < '0' || letter > '9' {
			digits = 0
		}
		if digits > 2 {
			return false
		}
	}
	return true
}

// No key but those that we, or Django with our secret, signed opens anything.
func FuzzSignedKey(f *testing.F) {
	keys := &MailKeys{SecretKey: fuzzSecret, Now: fuzzTime}
	user := &models.User{ID: 7, Email: "ann@example.com", Password: "hash"}
	reset := stamp(fuzzSecret, resetPurpose, 7, fuzzTime(), resetState(user))
	verify := stamp(fuzzSecret, verifyPurpose, 7, fuzzTime(), verificationState(user))
	for _, key := range []string{
		"", ":", "v.7." + verify, "r.7." + reset, verify, reset, "Nw:1vNkZ2:c2lnbmF0dXJl", "Nw", "zzzzzzz-0123456789abcdef0123456789abcdef", "-", "v.-zzzzzzzzzzzzz.", strings.Repeat("9", 400) + ":" + strings.Repeat("Z", 400) + ":x",
	} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		_, django := keys.djangoAddress(key)
		_, _, signed, ok := parseConfirmKey(key)
		parseUID(key)
		if django || keys.djangoReset(key, user, user.Email) || ok && signed != verify && keys.freshVerification(signed, user) ||
			key != reset && keys.fresh(key, resetPurpose, 7, resetLife, resetState(user)) {
			t.Errorf("%q opens something", key)
		}
	})
}

// signedByHand is a JWT of any header and claims, with a good signature.
func signedByHand(secret, header, claims string) string {
	encoding := base64.RawURLEncoding
	text := encoding.EncodeToString([]byte(header)) + "." + encoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + encoding.EncodeToString(mac.Sum(nil))
}
