package accounts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// codeLife is how long a one-time code is good.
const codeLife = time.Minute

// OAuthStateLife is how long a person may take at a provider.
const OAuthStateLife = 10 * time.Minute

// StateMismatch is the answer to an OAuth flow that was not begun here, or that is over.
func StateMismatch() error {
	return problem.New(problem.Forbidden, "state_mismatch", "This login was not begun in this browser, or is over.")
}

func errInvalidCode() error {
	return problem.New(problem.Invalid, "invalid_code", "Invalid or expired code")
}

// SpendState makes the state of an OAuth flow good once, on whatever replica it comes back
// to and whoever kept a copy of it.
func (s *SocialLogins) SpendState(ctx context.Context, state string) error {
	row := &models.OneTimeCode{CodeHash: hashToken(state), Purpose: models.CodeState, ExpiresAt: s.Now().Add(OAuthStateLife)}
	_, err := s.DB.NewInsert().Model(row).Exec(ctx)
	if models.IsUniqueViolation(err) {
		return StateMismatch()
	}
	if err != nil {
		return fmt.Errorf("spend state: %w", err)
	}
	return nil
}

// IssueConnectCode makes the code with which a signed-in user sets out to link an
// identity.
func (s *SocialLogins) IssueConnectCode(ctx context.Context, userID int64) (string, error) {
	return s.issue(ctx, s.DB, models.OneTimeCode{Purpose: models.CodeConnect, UserID: userID})
}

// RedeemConnectCode tells who set out to link an identity.
func (s *SocialLogins) RedeemConnectCode(ctx context.Context, code string) (userID int64, err error) {
	row, err := s.redeem(ctx, s.DB, code, models.CodeConnect, StateMismatch())
	if err != nil {
		return 0, err
	}
	return row.UserID, nil
}

// IssueConfirmCode makes the code with which the user who set out to link an
// identity confirms it. It is bound to both, so that neither can be planted on
// somebody else.
func (s *SocialLogins) IssueConfirmCode(ctx context.Context, userID int64, id Identity) (string, error) {
	return s.issue(ctx, s.DB, models.OneTimeCode{
		Purpose: models.CodeConfirm, UserID: userID, Provider: id.Provider, Subject: id.Subject, Email: keptEmail(id),
	})
}

// Confirm links the identity of a confirm code to the user who set out for it, and
// to nobody else.
func (s *SocialLogins) Confirm(ctx context.Context, userID int64, provider models.SocialProvider, code string) error {
	row, err := s.redeem(ctx, s.DB, code, models.CodeConfirm, errInvalidCode())
	if err != nil {
		return err
	}
	if row.UserID != userID || row.Provider != provider {
		return errInvalidCode()
	}
	return s.Link(ctx, userID, Identity{Provider: row.Provider, Subject: row.Subject, Email: row.Email})
}

// Exchange swaps the code of a social login for its tokens. Of two uses at once, one
// succeeds.
func (s *SocialLogins) Exchange(ctx context.Context, code string, from LoginInput) (pair Pair, err error) {
	user := new(models.User)
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.redeem(ctx, tx, code, models.CodeExchange, errInvalidCode())
		if err != nil {
			return err
		}
		if err := tx.NewSelect().Model(user).Where("id = ?", row.UserID).Scan(ctx); err != nil {
			return fmt.Errorf("find user of code: %w", err)
		}
		if !user.Enabled() {
			return errInvalidCode()
		}
		pair, err = s.Tokens.Open(ctx, tx, user, from)
		return err
	})
	if errors.Is(err, errConcurrentChange) {
		err = errInvalidCode()
	}
	if err != nil {
		return Pair{}, err
	}
	s.loggedIn(ctx, user, from)
	return pair, nil
}

// issue keeps the hash of a new code, which stands for row.
func (s *SocialLogins) issue(ctx context.Context, db bun.IDB, row models.OneTimeCode) (string, error) {
	code := rand.Text()
	row.CodeHash, row.ExpiresAt = hashToken(code), s.Now().Add(codeLife)
	if _, err := db.NewInsert().Model(&row).Exec(ctx); err != nil {
		return "", fmt.Errorf("issue code: %w", err)
	}
	return code, nil
}

// redeem takes a code away and returns what it stood for, or invalid.
func (s *SocialLogins) redeem(ctx context.Context, db bun.IDB, code string, purpose models.CodePurpose, invalid error) (*models.OneTimeCode, error) {
	row := new(models.OneTimeCode)
	err := db.NewDelete().Model(row).Where("code_hash = ?", hashToken(code)).Where("purpose = ?", purpose).Returning("code_hash, purpose, user_id, provider, subject, email, expires_at").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !s.Now().Before(row.ExpiresAt) {
		return nil, invalid
	}
	if err != nil {
		return nil, fmt.Errorf("redeem code: %w", err)
	}
	return row, nil
}

// ForgetCodes deletes the codes that are over.
func (s *SocialLogins) ForgetCodes(ctx context.Context) error {
	_, err := s.DB.NewDelete().Model((*models.OneTimeCode)(nil)).Where("expires_at < ?", s.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete old codes: %w", err)
	}
	return nil
}
