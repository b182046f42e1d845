package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"digitalpath/models"
	"digitalpath/services/ratelimit"
)

// minResponseTime is how long an answer takes at least where its time would tell who has an
// account: longer than the slowest of Django's hashes on a machine that is not busy.
const minResponseTime = 400 * time.Millisecond

// maxResponseTime is the most that refusals wait for each other.
const maxResponseTime = 2 * time.Second

// responseTime is how long a refused login takes, whatever it had to compare. It
// follows the slowest ones, because on a busy machine one of Django's hashes can take
// longer than minResponseTime, and falls back slowly.
type responseTime struct {
	mu  sync.Mutex
	now time.Duration
}

// time is how long a refusal is to take whose work took this long.
func (r *responseTime) time(work time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = max(minResponseTime, min(work, maxResponseTime), r.now-(r.now-minResponseTime)/64)
	return r.now
}

// errRefused is a login that is not let in, for whatever reason.
var errRefused = errors.New("login refused")

// authenticate finds whom in names and proves that it is them. Everything but a right
// password of an account that admit takes ends after the same time. errRefused counts as
// failed; admit may also return a problem, for those who know the password.
func (s *Logins) authenticate(ctx context.Context, in LoginInput, admit func(*models.User) error) (*models.User, error) {
	started := time.Now()
	candidates, err := s.candidates(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	user, proven := candidates[0], false
	for i := 0; i < len(candidates) && !proven; i++ {
		user = candidates[i]
		if proven, err = s.verifyPassword(ctx, user, in); err != nil {
			return nil, err
		}
	}
	refused := errRefused
	if proven {
		refused = admit(user)
	}
	if refused == nil {
		s.Log.InfoContext(ctx, "logged in", slog.Int64("user", user.ID), slog.String("ip", in.IPAddress))
		return user, s.upgrade(ctx, user, in.Password)
	}
	if errors.Is(refused, errRefused) {
		if err := s.failed(ctx, candidates[0], in); err != nil {
			refused = err
		}
	}
	if len(in.Password) <= maxPassword { // a longer one was not looked at
		pauseUntil(ctx, started.Add(s.refusals.time(time.Since(started))))
	}
	return nil, refused
}

// candidates are whom a name may stand for, never none: an account, or an empty one, and
// a sign-up. An address stands for its account and its newest sign-up; while the account
// only waits, for the sign-up alone. So what is answered to the passwords of sign-ups is
// the same whether or not their address has an account.
func (s *Logins) candidates(ctx context.Context, login string) ([]*models.User, error) {
	user, err := models.UserByLogin(ctx, s.DB, login)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find account: %w", err)
	}
	signup, err := models.SignupByLogin(ctx, s.DB, login)
	if errors.Is(err, sql.ErrNoRows) {
		return []*models.User{user}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find sign-up: %w", err)
	}
	waiting := &models.User{Username: signup.Username, Email: signup.Email, Password: signup.Password}
	if user.ID == 0 || user.Unclaimed() {
		return []*models.User{waiting}, nil
	}
	return []*models.User{user, waiting}, nil
}

// verifyPassword tells whether in.Password is the user's. It refuses with problem.Throttled
// while too many tries fail: before the work, to spare it, and before it tells of a
// right one, because many tries at once all begin before the first of them has failed.
func (s *Logins) verifyPassword(ctx context.Context, user *models.User, in LoginInput) (bool, error) {
	if _, err := parseHash(user.Password); hasPassword(user.Password) && err != nil {
		s.Log.WarnContext(ctx, "a stored password hash can't be used", slog.Int64("user", user.ID), slog.Any("error", err))
	}
	check := func() error { return s.Limiter.Check(ctx, ratelimit.LoginFailed, in.IPAddress, accountKey(in)) }
	proven, err := s.Passwords.Verify(ctx, user.Password, in.Password, check)
	if err == nil && proven {
		err = check()
	}
	return proven, err
}

// failed counts a failed login, and is problem.Throttled where the client may not even
// learn that it failed.
func (s *Logins) failed(ctx context.Context, user *models.User, in LoginInput) error {
	s.Log.WarnContext(ctx, "login failed", slog.Int64("user", user.ID), slog.String("ip", in.IPAddress))
	return s.Limiter.Allow(ctx, ratelimit.LoginFailed, in.IPAddress, accountKey(in))
}

// accountKey names what failed logins are counted for: the name as it was typed, case
// and spelling aside. That the username and the address of one account are one must not
// show.
func accountKey(in LoginInput) string {
	name := strings.ToLower(models.NormalizeUsername(strings.TrimSpace(in.Login)))
	if address := models.NormalizeEmail(name); models.IsEmail(address) {
		return address
	}
	return name
}

// upgrade replaces a hash of Django's, or one made with older parameters, by ours.
func (s *Logins) upgrade(ctx context.Context, user *models.User, password string) error {
	if isCurrent(user.Password) {
		return nil
	}
	hash, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	if _, err := s.DB.NewUpdate().Model(user).Set("password = ?", hash).WherePK().Where("password = ?", user.Password).Exec(ctx); err != nil {
		return fmt.Errorf("renew password hash: %w", err)
	}
	return nil
}

// pauseUntil waits until a time, or until nobody waits for the answer any more.
func pauseUntil(ctx context.Context, at time.Time) {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
