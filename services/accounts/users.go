package accounts

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Users is the story of other people's accounts in the back office. Whoever calls it has
// the right to; rights.go says how far that goes.
type Users struct {
	DB       *bun.DB
	Accounts *Service
	Now      func() time.Time
}

// LoadAll reads those of the accounts that there are, by id, with their groups and their
// own permissions.
func (s *Users) LoadAll(ctx context.Context, ids []int64) ([]*models.User, error) {
	return loadUsers(ctx, s.DB, ids)
}

func loadUser(ctx context.Context, db bun.IDB, id int64) (*models.User, error) {
	users, err := loadUsers(ctx, db, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(users) == 0 {
		return nil, problem.ErrNotFound()
	}
	return users[0], nil
}

func loadUsers(ctx context.Context, db bun.IDB, ids []int64) ([]*models.User, error) {
	var users []*models.User
	query := db.NewSelect().Model(&users).Where("id IN (?)", bun.List(ids)).OrderExpr("id")
	if _, inside := db.(bun.Tx); inside {
		models.ForUpdate(query)
	}
	if err := query.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	var groups []models.UserGroup
	if err := db.NewSelect().Model(&groups).Where("user_id IN (?)", bun.List(ids)).OrderExpr("group_id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read groups of accounts: %w", err)
	}
	var permissions []models.UserPermission
	if err := db.NewSelect().Model(&permissions).Where("user_id IN (?)", bun.List(ids)).OrderExpr("permission").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read permissions of accounts: %w", err)
	}
	byID := map[int64]*models.User{}
	for _, user := range users {
		user.Groups, user.Permissions = []int64{}, []string{}
		user.NoPassword, user.Disabled = !hasPassword(user.Password), !user.DisabledAt.IsZero()
		byID[user.ID] = user
	}
	for _, group := range groups {
		if user := byID[group.UserID]; user != nil {
			user.Groups = append(user.Groups, group.GroupID)
		}
	}
	for _, permission := range permissions {
		if user := byID[permission.UserID]; user != nil {
			user.Permissions = append(user.Permissions, permission.Permission)
		}
	}
	return users, nil
}

// Save stores what edit makes of an account, or of a new one where id is 0. A new
// password ends every login, as deactivation does, and its owner is told; demotion ends
// those of the back office. An account that changes while a password is hashed is left
// as it is.
func (s *Users) Save(ctx context.Context, id int64, edit func(*models.User) error) (*models.User, error) {
	before, user := (*models.User)(nil), &models.User{IsActive: true, DateJoined: s.Now()}
	if id != 0 {
		var err error
		if before, err = loadUser(ctx, s.DB, id); err != nil {
			return nil, err
		}
		edited := *before
		user = &edited
	}
	if err := edit(user); err != nil {
		return nil, err
	}
	hash, err := s.newHash(ctx, user)
	if err != nil {
		return nil, err
	}
	var due []int64
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if before != nil {
			if err := s.unchanged(ctx, tx, before); err != nil {
				return err
			}
			if err := mayManage(ctx, tx, before); err != nil {
				return err
			}
		}
		if err := checkUser(ctx, tx, before, user); err != nil {
			return err
		}
		due, err = s.store(ctx, tx, before, user, hash)
		return err
	})
	if models.IsUniqueViolation(err) {
		return nil, problem.New(problem.Conflict, "username_taken", "A user with that username or e-mail address already exists.")
	}
	if err != nil {
		return nil, err
	}
	s.Accounts.Outbox.Notify(ctx, due)
	if ended := endedBy(before, user); ended != "" {
		s.Accounts.Logins.logEnded(ctx, ended, user.ID)
	}
	return user, nil
}

// newHash hashes the new password of user, before any transaction: hashing takes long.
// It is empty where none is set.
func (s *Users) newHash(ctx context.Context, user *models.User) (string, error) {
	if user.NewPassword == "" || len(user.NewPassword) > maxPassword { // which checkUser refuses
		return "", nil
	}
	return s.Accounts.Passwords.Hash(ctx, user.NewPassword)
}

// unchanged holds an account until tx ends, and refuses where it differs from what was
// read of it. Logins come and go.
func (s *Users) unchanged(ctx context.Context, tx bun.Tx, read *models.User) error {
	now, err := loadUser(ctx, tx, read.ID)
	if err != nil {
		return err
	}
	now.LastLogin = read.LastLogin
	if !reflect.DeepEqual(now, read) {
		return problem.New(problem.Conflict, "conflict", "The account was changed meanwhile. Please try again.")
	}
	return nil
}

// checkUser finds everything that is wrong with an account.
func checkUser(ctx context.Context, tx bun.Tx, before, user *models.User) error {
	user.Username, user.Email = models.NormalizeUsername(strings.TrimSpace(user.Username)), models.NormalizeEmail(user.Email)
	user.FirstName, user.LastName = strings.TrimSpace(user.FirstName), strings.TrimSpace(user.LastName)
	fields, err := accountFaults(user)
	if err != nil {
		return err
	}
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
	if err := checkGrants(ctx, tx, fields, before, user); err != nil {
		return err
	}
	if len(fields) > 0 {
		return fields.Problem()
	}
	return nil
}

// store writes an account with what it may do, and returns the mails that are due.
func (s *Users) store(ctx context.Context, tx bun.Tx, before, user *models.User, hash string) (due []int64, err error) {
	action, password := models.HistoryChanged, user.Password
	switch {
	case hash != "":
		user.Password = hash // in the history; setPassword does the rest for an account that was there
	case user.NoPassword && hasPassword(password), user.NoPassword && before == nil:
		user.Password = "!"
	}
	if user.IsActive {
		user.DisabledAt = time.Time{}
	} else if before == nil || before.IsActive {
		user.DisabledAt = s.Now()
	}
	if before == nil {
		action = models.HistoryAdded
		_, err = tx.NewInsert().Model(user).Exec(ctx)
	} else {
		_, err = tx.NewUpdate().Model(user).WherePK().Column("username", "email", "password", "first_name", "last_name",
			"is_active", "is_staff", "is_superuser", "disabled_at").Exec(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("store account: %w", err)
	}
	if err := storeGrants(ctx, tx, user); err != nil {
		return nil, err
	}
	changes, err := userChanges(ctx, tx, before, user)
	if err != nil || len(changes) == 0 {
		return nil, err
	}
	if err := recordUsers(ctx, tx, s.Now(), action, changes, *user); err != nil || before == nil {
		return nil, err
	}
	if hash != "" {
		return s.Accounts.setPassword(ctx, tx, user, hash)
	}
	return nil, endLoginsAfter(ctx, tx, s.Now(), before, user)
}

// endedBy names the logins that a change of an account takes the ground from: all of
// them where it may not be used as before, those of the back office where it lost a rank. Its
// logins by the API open what its rights are.
func endedBy(before, after *models.User) string {
	switch {
	case before == nil:
		return ""
	case before.Password != after.Password || before.IsActive && !after.IsActive:
		return allEnded
	case before.IsStaff && !after.IsStaff || before.IsSuperuser && !after.IsSuperuser:
		return staffEnded
	}
	return ""
}

func endLoginsAfter(ctx context.Context, tx bun.Tx, now time.Time, before, after *models.User) error {
	switch endedBy(before, after) {
	case allEnded:
		return endLogins(ctx, tx, now, []int64{after.ID})
	case staffEnded:
		_, err := endSessions(ctx, tx, now, "user_id = ? AND channel = ?", after.ID, models.ChannelBackoffice)
		return err
	}
	return nil
}
