package accounts

import (
	"crypto/pbkdf2"
	"crypto/sha1" // #nosec G505 -- for Django's pbkdf2_sha1, which is replaced at login
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// maxHashMemory bounds what one hash of Django's may ask for, in KiB.
const maxHashMemory = 512 * 1024

// parsedHash is an encoded password that can be compared with one.
type parsedHash struct {
	memory  int64 // that a comparison takes, KiB
	matches func(password string) bool
}

// parseHash reads what the hashers of Django's django/contrib/auth/hashers.py write.
// Anything else, such as Django's unusable passwords (!...), is nobody's password.
func parseHash(encoded string) (parsedHash, bool) {
	algorithm, rest, _ := strings.Cut(encoded, "$")
	switch algorithm {
	case "argon2":
		return parseArgon2(strings.Split(rest, "$"))
	case "pbkdf2_sha256":
		return parsePBKDF2(sha256.New, strings.Split(rest, "$"))
	case "pbkdf2_sha1":
		return parsePBKDF2(sha1.New, strings.Split(rest, "$"))
	case "scrypt":
		return parseScrypt(strings.Split(rest, "$"))
	case "bcrypt_sha256":
		return parsedHash{matches: func(password string) bool {
			// Django hashes first: bcrypt itself looks at 72 bytes only.
			digest := sha256.Sum256([]byte(password))
			return bcrypt.CompareHashAndPassword([]byte(rest), []byte(hex.EncodeToString(digest[:]))) == nil
		}}, strings.HasPrefix(rest, "$2")
	}
	return parsedHash{}, false
}

// parseArgon2 reads argon2id or argon2i, version 19, of any cost:
// argon2id$v=19$m=102400,t=2,p=8$salt$key.
func parseArgon2(parts []string) (parsedHash, bool) {
	if len(parts) != 5 || parts[1] != fmt.Sprintf("v=%d", argon2.Version) {
		return parsedHash{}, false
	}
	derive := argon2.IDKey
	switch parts[0] {
	case "argon2id":
	case "argon2i":
		derive = argon2.Key
	default:
		return parsedHash{}, false
	}
	var memory, passes uint32
	var threads uint8
	_, err := fmt.Sscanf(parts[2], "m=%d,t=%d,p=%d", &memory, &passes, &threads)
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[3])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[4])
	usable := err == nil && saltErr == nil && keyErr == nil && passes > 0 && threads > 0 && memory <= maxHashMemory && len(key) > 0
	return parsedHash{memory: int64(memory), matches: func(password string) bool {
		got := derive([]byte(password), salt, passes, memory, threads, uint32(len(key))) // #nosec G115 -- a column's length
		return subtle.ConstantTimeCompare(got, key) == 1
	}}, usable
}

// parsePBKDF2 reads iterations$salt$key.
func parsePBKDF2(digest func() hash.Hash, parts []string) (parsedHash, bool) {
	if len(parts) != 3 {
		return parsedHash{}, false
	}
	iterations, err := strconv.Atoi(parts[0])
	key, keyErr := base64.StdEncoding.DecodeString(parts[2])
	return parsedHash{matches: func(password string) bool {
		got, err := pbkdf2.Key(digest, password, []byte(parts[1]), iterations, len(key))
		return err == nil && subtle.ConstantTimeCompare(got, key) == 1
	}}, err == nil && keyErr == nil && iterations > 0 && len(key) > 0
}

// parseScrypt reads N$salt$r$p$key.
func parseScrypt(parts []string) (parsedHash, bool) {
	if len(parts) != 5 {
		return parsedHash{}, false
	}
	n, nErr := strconv.Atoi(parts[0])
	r, rErr := strconv.Atoi(parts[2])
	p, pErr := strconv.Atoi(parts[3])
	key, keyErr := base64.StdEncoding.DecodeString(parts[4])
	usable := nErr == nil && rErr == nil && pErr == nil && keyErr == nil && n > 0 && r > 0 && len(key) > 0 && int64(n)*int64(r)/8 <= maxHashMemory
	return parsedHash{memory: int64(n) * int64(r) / 8, matches: func(password string) bool { // 128 bytes for each of n*r
		got, err := scrypt.Key([]byte(password), []byte(parts[1]), n, r, p, len(key))
		return err == nil && subtle.ConstantTimeCompare(got, key) == 1
	}}, usable
}
