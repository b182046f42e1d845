package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// adoptDjangoToken gives a refresh token of the Django program a session at its first use here,
// and finds that session at the next ones: from then on it is a login like others.
func (s *Tokens) adoptDjangoToken(ctx context.Context, tx bun.Tx, c *claims, from LoginInput) (*models.Session, error) {
	row := &models.DjangoToken{TokenHash: hashToken(c.ID), ExpiresAt: c.ExpiresAt.UTC()}
	result, err := tx.NewInsert().Model(row).On("CONFLICT (token_hash) DO NOTHING").Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("keep Django's token: %w", err)
	}
	added, err := result.RowsAffected()
	if err != nil {
		return nil, fmt.Errorf("count Django's tokens: %w", err)
	}
	if added == 0 {
		if err := tx.NewSelect().Model(row).WherePK().Scan(ctx); err != nil {
			return nil, fmt.Errorf("find Django's token: %w", err)
		}
		return s.liveSession(ctx, tx, row.SessionID, c.user)
	}
	session := newSession(&models.User{ID: c.user}, from, s.Now())
	session.Channel, session.TokenHash, session.ExpiresAt = models.ChannelAPI, row.TokenHash, row.ExpiresAt
	exists, err := tx.NewSelect().Model((*models.User)(nil)).Where("id = ?", c.user).Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for account: %w", err)
	}
	if !exists {
		return nil, errNotValid()
	}
	if err := refuseOurs(ctx, tx, row.TokenHash); err != nil {
		return nil, err
	}
	if _, err := tx.NewInsert().Model(session).Exec(ctx); err != nil {
		return nil, fmt.Errorf("start session of Django's token: %w", err)
	}
	if _, err := tx.NewUpdate().Model(row).Set("session_id = ?", session.ID).WherePK().Exec(ctx); err != nil {
		return nil, fmt.Errorf("keep session of Django's token: %w", err)
	}
	return session, nil
}

// refuseOurs refuses a token of Django's whose jti is that of a login here: it is one
// of ours that lost its session.
func refuseOurs(ctx context.Context, db bun.IDB, hash string) error {
	ours, err := db.NewSelect().Model((*models.Session)(nil)).Where("token_hash = ?", hash).Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for session of token: %w", err)
	}
	if ours {
		return errNotValid()
	}
	return nil
}

// checkDjango refuses a refresh token of the Django program whose login is over.
func (s *Tokens) checkDjango(ctx context.Context, c *claims) error {
	row := &models.DjangoToken{TokenHash: hashToken(c.ID)}
	err := s.DB.NewSelect().Model(row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) { // it was never used here
		return refuseOurs(ctx, s.DB, row.TokenHash)
	}
	if err != nil {
		return fmt.Errorf("find Django's token: %w", err)
	}
	alive, err := s.DB.NewSelect().Model((*models.Session)(nil)).Where("id = ?", row.SessionID).
		Where("token_hash = ?", row.TokenHash).Where("ended_at IS NULL").Exists(ctx)
	if err == nil && !alive {
		return errNotValid()
	}
	return err
}

// ForgetDjangoTokens deletes what is known of tokens that have expired.
func (s *Logins) ForgetDjangoTokens(ctx context.Context) error {
	_, err := s.DB.NewDelete().Model((*models.DjangoToken)(nil)).Where("expires_at <= ?", s.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete expired tokens of Django: %w", err)
	}
	return nil
}
