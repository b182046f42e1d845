package accounts

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// freeUsername starts from a name and counts up until it is free, a few times: then the
// name is so common that chance finds one sooner.
func freeUsername(ctx context.Context, tx bun.Tx, base string) (string, error) {
	base = models.Truncate(base, 120)
	for n := 1; ; n++ {
		name := base
		switch {
		case n > 9:
			name += "-" + strings.ToLower(rand.Text())
		case n > 1:
			name += fmt.Sprint(n)
		}
		taken, err := tx.NewSelect().Model((*models.User)(nil)).Where("lower(username) = lower(?)", name).Exists(ctx)
		if err != nil {
			return "", fmt.Errorf("look for a free username: %w", err)
		}
		if !taken {
			return name, nil
		}
	}
}

// usernameOf makes a name of the nickname or the address of an identity.
func usernameOf(id Identity) string {
	base := id.Nickname
	if base == "" || strings.Contains(base, "@") {
		base, _, _ = strings.Cut(id.Email, "@")
	}
	return usernameLetters(models.NormalizeUsername(base))
}

// usernameLetters leaves out what a username may not hold, and the sign of addresses:
// only its owner may be named like one.
func usernameLetters(s string) string {
	kept := strings.Map(func(r rune) rune {
		if models.ValidUsername(string(r)) && r != '@' {
			return r
		}
		return -1
	}, s)
	if kept == "" {
		return "user"
	}
	return kept
}

// unusablePassword is Django's mark of an account without a password.
func unusablePassword() string { return "!" + rand.Text() }

// hasPassword tells whether somebody can log in with a password.
func hasPassword(hash string) bool { return hash != "" && !strings.HasPrefix(hash, "!") }
