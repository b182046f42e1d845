package accounts

import (
	"context"

	"digitalpath/models"
	"digitalpath/problem"
)

// Locked are the columns of an account's form that the actor cannot change. Save
// holds them against the same rules.
func (s *Users) Locked(ctx context.Context, user *models.User) []string {
	actor := models.ActorOf(ctx)
	var locked []string
	if user.ID != 0 && user.ID == actor.UserID() {
		locked = append(locked, "is_active", "is_staff", "is_superuser", "no_password")
	}
	if actor.Rights.All {
		return locked
	}
	err := mayManage(ctx, s.DB, user)
	if p, ok := problem.As(err); ok && p.Kind == problem.Forbidden {
		return append(locked, "username", "email", "first_name", "last_name", "new_password", "no_password",
			"is_active", "is_staff", "is_superuser", "groups", "permissions")
	}
	return append(locked, "is_superuser")
}
