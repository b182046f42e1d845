package accounts

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// historyLife is how long a login is remembered after it ran out: long enough to look
// into a stolen account, and no longer, as it holds addresses of people.
const historyLife = 90 * 24 * time.Hour

// endSessions ends the live logins that a condition picks and returns them. They open
// nothing from now on, and stay in the log-in history.
func endSessions(ctx context.Context, db bun.IDB, now time.Time, condition string, args ...any) ([]models.Session, error) {
	var ended []models.Session
	_, err := db.NewUpdate().Model((*models.Session)(nil)).Set("ended_at = ?", now).
		Where("ended_at IS NULL").Where("expires_at > ?", now).Where(condition, args...).Returning("id, user_id").Exec(ctx, &ended)
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	return ended, nil
}

// What the log says of logins that were ended.
const (
	loggedOut  = "logged out"
	oneEnded   = "a login ended"
	allEnded   = "all logins ended"
	staffEnded = "logins to the back office ended"
)

// logEnded tells the log whose logins were ended, and by whom where it was another.
func (s *Logins) logEnded(ctx context.Context, what string, userIDs ...int64) {
	actor := models.ActorOf(ctx).UserID()
	for _, id := range userIDs {
		attributes := []slog.Attr{slog.Int64("user", id)}
		if actor != 0 && actor != id {
			attributes = append(attributes, slog.Int64("by", actor))
		}
		s.Log.LogAttrs(ctx, slog.LevelInfo, what, attributes...)
	}
}

func endSession(ctx context.Context, db bun.IDB, now time.Time, id int64) error {
	_, err := endSessions(ctx, db, now, "id = ?", id)
	return err
}

// endLogins ends every login of users, by the API and in the back office, and every
// token issued before, Django's too: for a new password or a disabled account.
func endLogins(ctx context.Context, tx bun.Tx, now time.Time, userIDs []int64) error {
	if len(userIDs) == 0 {
		return nil
	}
	if _, err := tx.NewUpdate().Model((*models.User)(nil)).Set("token_epoch = token_epoch + 1").
		Where("id IN (?)", bun.List(userIDs)).Exec(ctx); err != nil {
		return fmt.Errorf("end tokens: %w", err)
	}
	if _, err := endSessions(ctx, tx, now, "user_id IN (?)", bun.List(userIDs)); err != nil {
		return err
	}
	// A code that is not swapped for tokens yet is a login too.
	if _, err := tx.NewDelete().Model((*models.OneTimeCode)(nil)).Where("user_id IN (?)", bun.List(userIDs)).Exec(ctx); err != nil {
		return fmt.Errorf("end one-time codes: %w", err)
	}
	return nil
}

// LoginHistory returns the newest logins of a user, live and over, at most limit, and
// how many there are in all.
func (s *Logins) LoginHistory(ctx context.Context, userID int64, limit int64) ([]models.Session, int64, error) {
	var sessions []models.Session
	total, err := s.DB.NewSelect().Model(&sessions).Where("user_id = ?", userID).OrderExpr("id DESC").Limit(limit).ScanAndCount(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("read log-in history: %w", err)
	}
	return sessions, total, nil
}

// ForgetExpired deletes logins that ran out too long ago to matter.
func (s *Logins) ForgetExpired(ctx context.Context) error {
	_, err := s.DB.NewDelete().Model((*models.Session)(nil)).Where("expires_at <= ?", s.Now().Add(-historyLife)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete expired sessions: %w", err)
	}
	return forgetDjangoTokens(ctx, s.DB, s.Now())
}
