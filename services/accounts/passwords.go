package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
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
	parsed, usable := parseHash(hash)
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
