package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"digitalpath/models"
	"digitalpath/problem"
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

// FailedLogins counts failed logins for all replicas together. Both are
// problem.Throttled where too many logins of the client or to the account have failed
// lately; Count counts one more.
type FailedLogins struct {
	Check, Count func(ctx context.Context, ip, account string) error
}

// authenticate finds whom in names and proves that it is them. Everything but a right
// password of an account that admit takes ends in refusal after the same time, and
// counts as failed; admit may also return another problem, for those who know the
// password.
func (s *Logins) authenticate(ctx context.Context, in LoginInput, refusal *problem.Problem, admit func(*models.User) *problem.Problem) (*models.User, error) {
	started := time.Now()
	user, err := models.UserByLogin(ctx, s.DB, in.Login)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find account: %w", err)
	}
	proven, err := s.verifyPassword(ctx, user, in)
	if err != nil {
		return nil, err
	}
	fault := refusal
	if proven {
		fault = admit(user)
	}
	switch fault {
	case nil:
		s.Log.InfoContext(ctx, "logged in", slog.Int64("user", user.ID), slog.String("ip", in.IPAddress))
		return user, s.upgrade(ctx, user, in.Password)
	case refusal:
		err := s.failed(ctx, user, in)
		if len(in.Password) <= maxPassword { // a longer one was not looked at
			pauseUntil(ctx, started.Add(s.refusals.time(time.Since(started))))
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, fault
}

// verifyPassword tells whether in.Password is the user's. It refuses with problem.Throttled
// while too many tries fail: before the work, to spare it, and before it tells of a
// right one, because many tries at once all begin before the first of them has failed.
func (s *Logins) verifyPassword(ctx context.Context, user *models.User, in LoginInput) (bool, error) {
	check := func() error { return s.Failed.Check(ctx, in.IPAddress, accountKey(user, in)) }
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
	return s.Failed.Count(ctx, in.IPAddress, accountKey(user, in))
}

// accountKey names what failed logins are counted for: the account, by whichever of
// its names, or a name that no account has.
func accountKey(user *models.User, in LoginInput) string {
	if user.ID != 0 {
		return "user " + strconv.FormatInt(user.ID, 10)
	}
	return strings.ToLower(models.NormalizeUsername(strings.TrimSpace(in.Login)))
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
