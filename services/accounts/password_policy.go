package accounts

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	_ "embed" // for the list of common passwords
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"digitalpath/models"
	"digitalpath/problem"
)

const (
	minPassword = 8 // characters, Django's MinimumLengthValidator
	// maxPassword bounds the work of hashing, in bytes.
	maxPassword = 4096
	// maxSimilarity is Django's UserAttributeSimilarityValidator's.
	maxSimilarity = 0.7
	// maxAttribute is how long what an account tells of its owner can be, in characters;
	// models.Validate refuses more.
	maxAttribute = 254
)

// commonPasswordsFile holds the 20,000 commonest passwords, lower-cased, as Django
// ships them; the list was made by Royce Williams
// (https://gist.github.com/roycewilliams/226886fd01572964e1431ac8afc999ce).
//
//go:embed common-passwords.txt.gz
var commonPasswordsFile []byte

var commonPasswords = sync.OnceValue(func() map[string]bool {
	unzipped, err := gzip.NewReader(bytes.NewReader(commonPasswordsFile))
	if err != nil {
		panic(fmt.Sprintf("common-passwords.txt.gz: %v", err)) // a broken build
	}
	common := make(map[string]bool, 20_000)
	lines := bufio.NewScanner(unzipped)
	for lines.Scan() {
		common[strings.TrimSpace(lines.Text())] = true
	}
	if err := lines.Err(); err != nil {
		panic(fmt.Sprintf("common-passwords.txt.gz: %v", err))
	}
	return common
})

// CheckPassword holds a new password of user against Django's four validators and
// notes its faults in fields under name.
func CheckPassword(fields problem.Fields, name, password string, user *models.User) {
	if password == "" {
		fields.Add(name, "This field is required.")
		return
	}
	if len(password) > maxPassword {
		fields.Add(name, "This password is too long. Use at most %d bytes.", maxPassword)
		return
	}
	if attribute := similarAttribute(strings.ToLower(password), user); attribute != "" {
		fields.Add(name, "The password is too similar to the "+attribute+".")
	}
	if utf8.RuneCountInString(password) < minPassword {
		fields.Add(name, "This password is too short. Use at least %d characters.", minPassword)
	}
	if commonPasswords()[strings.ToLower(strings.TrimSpace(password))] {
		fields.Add(name, "This password is too common.")
	}
	if strings.Trim(password, "0123456789") == "" {
		fields.Add(name, "This password is entirely numeric.")
	}
}

var notWord = regexp.MustCompile(`[^\p{L}\p{N}_]+`)

// similarAttribute names what of user the lower-case password resembles; "" for none.
func similarAttribute(password string, user *models.User) string {
	attributes := []struct{ name, value string }{
		{"username", user.Username}, {"first name", user.FirstName}, {"last name", user.LastName}, {"e-mail address", user.Email},
	}
	for _, attribute := range attributes {
		if utf8.RuneCountInString(attribute.value) > maxAttribute {
			continue // refused anyway, and a megabyte of it would take seconds
		}
		value := strings.ToLower(attribute.value)
		for _, part := range append(notWord.Split(value, -1), value) {
			if part != "" && similarity(password, part) >= maxSimilarity {
				return attribute.name
			}
		}
	}
	return ""
}

// similarity is difflib's quick_ratio, which Django uses: twice the letters in
// common, wherever they stand, over all letters. Where the lengths alone rule out
// maxSimilarity it is 0, and nothing is counted.
func similarity(a, b string) float64 {
	lengths := [2]int{utf8.RuneCountInString(a), utf8.RuneCountInString(b)}
	all := float64(lengths[0] + lengths[1])
	if 2*float64(min(lengths[0], lengths[1])) < maxSimilarity*all {
		return 0
	}
	left := map[rune]int{}
	for _, r := range b {
		left[r]++
	}
	common := 0
	for _, r := range a {
		if left[r] > 0 {
			left[r]--
			common++
		}
	}
	return 2 * float64(common) / all
}

// guessed is how many of the commonest passwords Guessable tries; the list begins with
// the commonest.
const guessed = 100

// demoPassword is the one that the Django program's documentation gives its first
// account.
const demoPassword = "changeme123"

var errGuessed = errors.New("the password was guessed")

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
		group, tried := errgroup.WithContext(ctx) // which a hit ends
		for _, guess := range guesses {
			group.Go(func() error {
				hit, err := s.Accounts.Passwords.Verify(tried, user.Password, guess, func() error { return nil })
				if hit {
					return errGuessed
				}
				return err
			})
		}
		if err := group.Wait(); errors.Is(err, errGuessed) {
			names = append(names, user.Username)
		} else if err != nil {
			return nil, fmt.Errorf("try passwords of %s: %w", user.Username, err)
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
