package accounts

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// storeGrants makes the groups and permissions of an account those that it holds.
func storeGrants(ctx context.Context, tx bun.Tx, user *models.User) error {
	var groups []models.UserGroup
	for _, id := range user.Groups {
		groups = append(groups, models.UserGroup{UserID: user.ID, GroupID: id})
	}
	var permissions []models.UserPermission
	for _, permission := range user.Permissions {
		permissions = append(permissions, models.UserPermission{UserID: user.ID, Permission: permission})
	}
	if err := replaceLinks(ctx, tx, "user_id", user.ID, groups); err != nil {
		return err
	}
	return replaceLinks(ctx, tx, "user_id", user.ID, permissions)
}

// replaceLinks makes rows all that a table has of an owner.
func replaceLinks[T any](ctx context.Context, tx bun.Tx, owner string, id int64, rows []T) error {
	if _, err := tx.NewDelete().Model((*T)(nil)).Where("? = ?", bun.Ident(owner), id).Exec(ctx); err != nil {
		return fmt.Errorf("take rights: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("grant rights: %w", err)
	}
	return nil
}

// userChanges lists what differs between two states of an account, as people read
// it; of a password only that it was set. before is nil for a new account.
func userChanges(ctx context.Context, db bun.IDB, before, after *models.User) ([]models.FieldChange, error) {
	old := before
	if old == nil {
		old = new(models.User)
	}
	names, err := groupNames(ctx, db)
	if err != nil {
		return nil, err
	}
	var changes []models.FieldChange
	note := func(field, from, to string) {
		if from != to {
			changes = append(changes, models.FieldChange{Field: field, From: from, To: to})
		}
	}
	note("username", old.Username, after.Username)
	note("email", old.Email, after.Email)
	note("first_name", old.FirstName, after.FirstName)
	note("last_name", old.LastName, after.LastName)
	for _, flag := range []struct {
		name     string
		from, to bool
	}{{"is_active", old.IsActive, after.IsActive}, {"is_staff", old.IsStaff, after.IsStaff}, {"is_superuser", old.IsSuperuser, after.IsSuperuser}} {
		note(flag.name, strconv.FormatBool(flag.from), strconv.FormatBool(flag.to))
	}
	switch {
	case old.Password != after.Password && hasPassword(after.Password):
		note("password", "", "set")
	case old.Password != after.Password:
		note("password", "", "none")
	}
	note("groups", namesOf(names, old.Groups), namesOf(names, after.Groups))
	note("permissions", sorted(old.Permissions), sorted(after.Permissions))
	return changes, nil
}

func groupNames(ctx context.Context, db bun.IDB) (map[int64]string, error) {
	var groups []models.Group
	if err := db.NewSelect().Model(&groups).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	names := map[int64]string{}
	for _, group := range groups {
		names[group.ID] = group.Name
	}
	return names, nil
}

func namesOf(names map[int64]string, ids []int64) string {
	var all []string
	for _, id := range ids {
		all = append(all, names[id])
	}
	return sorted(all)
}

func sorted(texts []string) string {
	return strings.Join(slices.Sorted(slices.Values(texts)), ", ")
}

// recordUsers writes the same change of accounts into the history of each.
func recordUsers(ctx context.Context, tx bun.Tx, at time.Time, action models.HistoryAction, changes []models.FieldChange, users ...models.User) error {
	entries := make([]models.HistoryEntry, len(users))
	for i, user := range users {
		entries[i] = models.HistoryEntry{At: at, Model: models.UsersSlug, ObjectID: user.ID, ObjectLabel: user.Username, Action: action, Changes: changes}
	}
	return models.Record(ctx, tx, entries...)
}

// recordOwn notes what somebody did with their own account. Who is not signed in has
// proved to be its owner by a key or a provider.
func recordOwn(ctx context.Context, tx bun.IDB, at time.Time, user *models.User, action models.HistoryAction, summary string, changes ...models.FieldChange) error {
	actor := models.ActorOf(ctx)
	if actor.User == nil {
		actor.User = user
	}
	return models.Record(models.WithActor(ctx, actor), tx, models.HistoryEntry{
		At: at, Model: models.UsersSlug, ObjectID: user.ID, ObjectLabel: user.Username, Action: action, Summary: summary, Changes: changes,
	})
}
