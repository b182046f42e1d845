package services

import (
	"context"
	"fmt"

	"digitalpath/models"
	"digitalpath/problem"
)

// ChangeStaffPassword is ChangePassword in the back office: whoever knows the current
// password stays logged in there, by the session whose token it returns.
func (s *Accounts) ChangeStaffPassword(ctx context.Context, user *models.User, proof LoginInput, password string) (token string, err error) {
	if err := s.provePassword(ctx, user, proof); err != nil {
		return "", err
	}
	stale := problem.New(problem.Conflict, "conflict", "The account was changed meanwhile. Please try again.")
	if err := s.setPassword(ctx, user, password, user.EmailVerifiedAt, stale); err != nil {
		return "", err
	}
	if token, err = s.Logins.start(ctx, s.DB, user, proof); err != nil {
		return "", fmt.Errorf("log in again: %w", err)
	}
	return token, nil
}
