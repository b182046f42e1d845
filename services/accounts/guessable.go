package accounts

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"digitalpath/models"
)

// guessed is how many of the commonest passwords Guessable tries; the list begins with
// the commonest.
const guessed = 100

// demoPassword is the one that the Django program's documentation gives its first
// account.
const demoPassword = "changeme123"

// Guessable names the accounts that the back office lets in by one of the commonest
// passwords, or by that of the Django program's documentation. Each account takes
// seconds.
func (s *Superusers) Guessable(ctx context.Context) (names []string, err error) {
	guesses, err := commonest()
	if err != nil {
		return nil, err
	}
	var users []models.User
	if err := s.DB.NewSelect().Model(&users).Where("is_active").Where("is_staff OR is_superuser").OrderExpr("username").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the accounts of staff: %w", err)
	}
	for _, user := range users {
		if !user.Enabled() {
			continue
		}
		hits := make([]bool, len(guesses))
		group, tried := errgroup.WithContext(ctx)
		for i, guess := range guesses {
			group.Go(func() (err error) {
				hits[i], err = s.Accounts.Passwords.Verify(tried, user.Password, guess, func() error { return nil })
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return nil, fmt.Errorf("try passwords of %s: %w", user.Username, err)
		}
		if slices.Contains(hits, true) {
			names = append(names, user.Username)
		}
	}
	return names, nil
}

func commonest() ([]string, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(commonPasswordsFile))
	if err != nil {
		return nil, fmt.Errorf("read the common passwords: %w", err)
	}
	guesses := []string{demoPassword}
	lines := bufio.NewScanner(unzipped)
	for len(guesses) <= guessed && lines.Scan() {
		guesses = append(guesses, lines.Text())
	}
	return guesses, lines.Err()
}
