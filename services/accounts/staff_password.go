package accounts

import (
	"context"
	"fmt"

	"digitalpath/models"
)

// ChangeStaffPassword is ChangePassword in the back office: whoever knows the current
// password stays logged in there, by the session whose token it returns.
func (s *Service) ChangeStaffPassword(ctx context.Context, user *models.User, proof LoginInput, password string) (token string, err error) {
	if err := s.replacePassword(ctx, user, proof, password); err != nil {
		return "", err
	}
	if token, err = s.Logins.start(ctx, s.DB, user, proof); err != nil {
		return "", fmt.Errorf("log in again: %w", err)
	}
	return token, nil
}
