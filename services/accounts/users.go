package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/records"
)

// Users is the story of other people's accounts in the back office. Whoever calls it has
// the right to; rights.go says how far that goes.
type Users struct {
	*records.Keeper[models.User]

	Accounts *Service
}

// NewUsers keeps the accounts of a service. A new password ends every login, as
// deactivation does, and its owner is told; demotion ends those of the back office. What
// is deleted of an account takes everything that is its own along, and the sign-ups with
// its address.
func NewUsers(all *Service) *Users {
	s := &Users{Accounts: all}
	s.Keeper = &records.Keeper[models.User]{DB: all.DB, Now: all.Now, Hooks: records.Hooks[models.User]{
		New:  func() *models.User { return &models.User{IsActive: true, DateJoined: all.Now()} },
		Read: s.read, Prepare: s.prepare, May: mayChange, Check: s.check, After: s.after, Restored: s.restored,
		Children: []records.Children[models.User]{
			records.Links[models.User, int64]{
				Name: "groups", Table: "user_groups", Key: "user_id", Column: "group_id", Values: func(u *models.User) *[]int64 { return &u.Groups },
				Of: func(u *models.User, group int64) string { return u.GroupNames[group] },
			},
			records.Links[models.User, string]{
				Name: "permissions", Table: "user_permissions", Key: "user_id", Column: "permission", Values: func(u *models.User) *[]string { return &u.Permissions },
			},
		},
		UndoMail: all.Outbox.UndoMail, Discreet: true, Untold: []string{"date_joined", "last_login", "disabled_at", "token_epoch"},
	}}
	return s
}

func (s *Users) read(ctx context.Context, db bun.IDB, ids []int64) ([]*models.User, error) {
	users, err := s.Whole(ctx, db, ids)
	for _, user := range users {
		user.NoPassword, user.Disabled = !hasPassword(user.Password), !user.DisabledAt.IsZero()
	}
	return users, err
}

// prepare spells an account as it is stored, and hashes its new password.
func (s *Users) prepare(ctx context.Context, user *models.User) (err error) {
	user.Username, user.Email = models.NormalizeUsername(user.Username), models.NormalizeEmail(user.Email)
	switch {
	case user.NewPassword != "" && len(user.NewPassword) <= maxPassword: // beyond which check refuses it
		user.Password, err = s.Accounts.Passwords.Hash(ctx, user.NewPassword)
	case user.NoPassword && hasPassword(user.Password), user.NoPassword && user.ID == 0:
		user.Password = "!"
	}
	return err
}

// mayChange is problem.Forbidden for accounts above the actor, and for deleting oneself.
func mayChange(ctx context.Context, tx bun.Tx, verb models.Verb, user *models.User) error {
	if verb != models.Change && user.ID == models.ActorOf(ctx).UserID() {
		return problem.New(problem.Forbidden, "forbidden", "You cannot delete yourself.")
	}
	return mayManage(ctx, tx, user)
}

// check finds what is wrong with an account beyond its columns.
func (s *Users) check(ctx context.Context, tx bun.Tx, before, user *models.User, fields problem.Fields) error {
	checkUsername(fields, user)
	switch {
	case user.NewPassword != "" && user.NoPassword:
		fields.Add("new_password", "Set a password, or none, but not both.")
	case user.NewPassword != "" || before == nil && !user.NoPassword:
		CheckPassword(fields, "new_password", user.NewPassword, user)
	}
	for column, value := range map[string]string{"username": user.Username, "email": user.Email} {
		taken, err := tx.NewSelect().Model((*models.User)(nil)).Where("lower(?) = lower(?)", bun.Ident(column), value).
			Where("id <> ?", user.ID).Exists(ctx)
		if err != nil {
			return fmt.Errorf("look for account: %w", err)
		}
		if taken && value != "" {
			fields.Add(column, "Another account has this already.")
		}
	}
	if user.IsActive {
		user.DisabledAt = time.Time{}
	} else if before == nil || before.IsActive {
		user.DisabledAt = s.Accounts.Now()
	}
	if err := nameGroups(ctx, tx, before, user); err != nil {
		return err
	}
	return checkGrants(ctx, tx, fields, before, user)
}

// nameGroups says what the groups are called that the history may tell of.
func nameGroups(ctx context.Context, tx bun.Tx, before, user *models.User) error {
	ids := user.Groups
	if before != nil {
		ids = slices.Concat(ids, before.Groups)
	}
	var groups []models.Group
	if err := tx.NewSelect().Model(&groups).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	user.GroupNames = map[int64]string{}
	for _, group := range groups {
		user.GroupNames[group.ID] = group.Name
	}
	return nil
}

// after ends the logins that a change takes the ground from, and tells the owner of a new
// password.
func (s *Users) after(ctx context.Context, tx bun.Tx, before, user *models.User) error {
	if user == nil {
		if _, err := tx.NewDelete().Model((*models.Signup)(nil)).Where("email = ?", before.Email).Exec(ctx); err != nil {
			return fmt.Errorf("delete sign-ups: %w", err)
		}
		return nil
	}
	if before == nil {
		return nil
	}
	if user.Password != before.Password && hasPassword(user.Password) {
		due, err := s.Accounts.Outbox.Enqueue(ctx, tx, MailPasswordChanged, user.ID)
		if err != nil {
			return err
		}
		s.Accounts.Outbox.Notify(ctx, due)
	}
	switch ended := endedBy(before, user); ended {
	case allEnded:
		user.TokenEpoch++ // as endLogins stores it
		models.AfterCommit(ctx, func() { s.Accounts.Logins.logEnded(ctx, ended, user.ID) })
		return endLogins(ctx, tx, s.Accounts.Now(), []int64{user.ID})
	case staffEnded:
		models.AfterCommit(ctx, func() { s.Accounts.Logins.logEnded(ctx, ended, user.ID) })
		_, err := endSessions(ctx, tx, s.Accounts.Now(), "user_id = ? AND channel = ?", user.ID, models.ChannelBackoffice)
		return err
	}
	return nil
}

// endedBy names the logins that a change of an account takes the ground from: all of
// them where it may not be used as before, those of the back office where it lost a rank. Its
// logins by the API open what its rights are.
func endedBy(before, after *models.User) string {
	switch {
	case before.Password != after.Password || before.IsActive && !after.IsActive:
		return allEnded
	case before.IsStaff && !after.IsStaff || before.IsSuperuser && !after.IsSuperuser:
		return staffEnded
	}
	return ""
}

// restored ends the logins that came back with accounts.
func (s *Users) restored(ctx context.Context, tx bun.Tx, users []*models.User) error {
	ids := make([]int64, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}
	return endLogins(ctx, tx, s.Accounts.Now(), ids)
}
