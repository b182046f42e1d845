package accounts

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- for Django's pbkdf2_sha1, which is replaced at login
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/sync/semaphore"
)

// argon2id parameters of OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonThreads = 1
	argonKeySize = 32
)

// argonPrefix opens every hash that Hash makes.
var argonPrefix = fmt.Sprintf("argon2$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemory, argonPasses, argonThreads)

// isCurrent tells whether a hash is one of Hash, with the parameters of today.
func isCurrent(hash string) bool { return strings.HasPrefix(hash, argonPrefix) }

// Passwords hashes and verifies passwords. Its semaphore bounds the memory and the
// processors that many logins at once can take.
type Passwords struct {
	memory *semaphore.Weighted // KiB
	all    int64
}

// NewPasswords allows parallel hashes at a time; each takes 19 MiB. Hashes of
// Django's that take more run alone.
func NewPasswords(parallel int64) *Passwords {
	return &Passwords{memory: semaphore.NewWeighted(parallel * argonMemory), all: parallel * argonMemory}
}

// Hash encodes a password as Django's Argon2PasswordHasher does. It returns an error
// only where ctx ends before the work's turn.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	leave, err := p.enter(ctx, argonMemory)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := rand.Text()
	encoding := base64.RawStdEncoding
	key := argon2.IDKey([]byte(password), []byte(salt), argonPasses, argonMemory, argonThreads, argonKeySize)
	return argonPrefix + encoding.EncodeToString([]byte(salt)) + "$" + encoding.EncodeToString(key), nil
}

// Verify tells whether password belongs to hash. allowed is asked when the work's
// turn has come. An empty hash, and one that is no password's, take as long as a real
// one, so that time does not tell which accounts exist.
func (p *Passwords) Verify(ctx context.Context, hash, password string, allowed func() error) (bool, error) {
	parsed, err := parseHash(hash)
	usable := err == nil
	if !usable {
		parsed, _ = parseHash(argonPrefix + "c2FsdHNhbHQ$c2FsdHNhbHQ")
	}
	leave, err := p.enter(ctx, parsed.memory)
	if err != nil {
		return false, err
	}
	defer leave()
	if err := allowed(); err != nil {
		return false, err
	}
	if len(password) > maxPassword {
		return false, nil // too long to be anyone's: CheckPassword refuses it at the door
	}
	return parsed.matches(password) && usable, nil
}

// enter waits for memory KiB.
func (p *Passwords) enter(ctx context.Context, memory int64) (leave func(), err error) {
	memory = min(max(memory, argonMemory), p.all)
	if err := p.memory.Acquire(ctx, memory); err != nil {
		return nil, fmt.Errorf("wait to hash a password: %w", err)
	}
	return func() { p.memory.Release(memory) }, nil
}

// What one hash from elsewhere may ask for: each bound is at most some two seconds of
// work, twice and more what the hashers of Django do by default.
const (
	maxHashMemory   = 512 * 1024      // KiB
	maxPBKDF2Rounds = 5_000_000       // Django 6 makes 1,200,000
	maxArgonWork    = 2 * 1024 * 1024 // KiB times passes; Django's: 204,800
	maxArgonThreads = 64
	maxScryptWork   = 4 << 20 // N*r*p; Django's: 655,360
	maxBcryptCost   = 14      // Django's: 12
)

// Why a stored hash is nobody's password.
var (
	errUnknownHash = errors.New("it is of no kind that is known")
	errCostlyHash  = errors.New("it asks for too much work")
)

// parsedHash is an encoded password that can be compared with one.
type parsedHash struct {
	memory  int64 // that a comparison takes, KiB
	matches func(password string) bool
}

// parseHash reads what the hashers of Django's django/contrib/auth/hashers.py write.
// Anything else, such as Django's unusable passwords (!...), is nobody's password.
func parseHash(encoded string) (parsedHash, error) {
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
		return parseBcrypt(rest)
	}
	return parsedHash{}, errUnknownHash
}

// judge is a parsed hash, or why it is none.
func judge(parsed parsedHash, valid, affordable bool) (parsedHash, error) {
	switch {
	case !valid:
		return parsedHash{}, errUnknownHash
	case !affordable:
		return parsedHash{}, errCostlyHash
	}
	return parsed, nil
}

// parseBcrypt reads $2b$12$ and the rest of it.
func parseBcrypt(encoded string) (parsedHash, error) {
	cost, err := bcrypt.Cost([]byte(encoded))
	return judge(parsedHash{matches: func(password string) bool {
		// Django hashes first: bcrypt itself looks at 72 bytes only.
		digest := sha256.Sum256([]byte(password))
		return bcrypt.CompareHashAndPassword([]byte(encoded), []byte(hex.EncodeToString(digest[:]))) == nil
	}}, err == nil, cost <= maxBcryptCost)
}

// parseArgon2 reads argon2id or argon2i, version 19:
// argon2id$v=19$m=102400,t=2,p=8$salt$key.
func parseArgon2(parts []string) (parsedHash, error) {
	if len(parts) != 5 || parts[1] != fmt.Sprintf("v=%d", argon2.Version) {
		return parsedHash{}, errUnknownHash
	}
	derive := argon2.IDKey
	switch parts[0] {
	case "argon2id":
	case "argon2i":
		derive = argon2.Key
	default:
		return parsedHash{}, errUnknownHash
	}
	var memory, passes uint32
	var threads uint8
	_, err := fmt.Sscanf(parts[2], "m=%d,t=%d,p=%d", &memory, &passes, &threads)
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[3])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[4])
	valid := err == nil && saltErr == nil && keyErr == nil && passes > 0 && threads > 0 && len(key) > 0
	affordable := memory <= maxHashMemory && uint64(max(memory, 8*uint32(threads)))*uint64(passes) <= maxArgonWork && threads <= maxArgonThreads
	return judge(parsedHash{memory: int64(memory), matches: func(password string) bool {
		got := derive([]byte(password), salt, passes, memory, threads, uint32(len(key))) // #nosec G115 -- a column's length
		return subtle.ConstantTimeCompare(got, key) == 1
	}}, valid, affordable)
}

// parsePBKDF2 reads iterations$salt$key.
func parsePBKDF2(digest func() hash.Hash, parts []string) (parsedHash, error) {
	if len(parts) != 3 {
		return parsedHash{}, errUnknownHash
	}
	rounds, err := strconv.ParseUint(parts[0], 10, 64)
	key, keyErr := base64.StdEncoding.DecodeString(parts[2])
	blocks := (len(key) + digest().Size() - 1) / digest().Size() // each takes all the rounds
	return judge(parsedHash{matches: func(password string) bool {
		got, err := pbkdf2.Key(digest, password, []byte(parts[1]), int(rounds), len(key)) // #nosec G115 -- bounded
		return err == nil && subtle.ConstantTimeCompare(got, key) == 1
	}}, err == nil && keyErr == nil && rounds > 0 && len(key) > 0, rounds <= maxPBKDF2Rounds && blocks <= 2)
}

// parseScrypt reads N$salt$r$p$key.
func parseScrypt(parts []string) (parsedHash, error) {
	if len(parts) != 5 {
		return parsedHash{}, errUnknownHash
	}
	n, nErr := strconv.ParseUint(parts[0], 10, 31)
	r, rErr := strconv.ParseUint(parts[2], 10, 31)
	p, pErr := strconv.ParseUint(parts[3], 10, 31)
	key, keyErr := base64.StdEncoding.DecodeString(parts[4])
	valid := errors.Join(nErr, rErr, pErr, keyErr) == nil && n > 1 && r > 0 && p > 0 && len(key) > 0
	affordable := n*r/8 <= maxHashMemory && p <= maxScryptWork && n*r*p <= maxScryptWork
	return judge(parsedHash{memory: int64(min(n*r/8, maxHashMemory)), matches: func(password string) bool { // 128 bytes for each of n*r
		got, err := scrypt.Key([]byte(password), []byte(parts[1]), int(n), int(r), int(p), len(key)) // #nosec G115 -- bounded
		return err == nil && subtle.ConstantTimeCompare(got, key) == 1
	}}, valid, affordable)
}
