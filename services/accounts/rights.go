package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/records"
)

// Nobody lifts themselves above their rights: who is no superuser grants and takes
// only what they have themselves, and leaves accounts alone that may do more.

// mayManage is problem.Forbidden where user may do what the actor may not: who sets
// the password of an account has its rights.
func mayManage(ctx context.Context, db bun.IDB, user *models.User) error {
	actor := models.ActorOf(ctx)
	if actor.Rights.All {
		return nil
	}
	rights, err := models.RightsOf(ctx, db, user)
	if err != nil {
		return fmt.Errorf("read rights: %w", err)
	}
	if rights.All || exceeds(actor.Rights, rights.Granted) {
		return problem.New(problem.Forbidden, "forbidden", "%s may do more than you. Ask a superuser.", user.Username)
	}
	return nil
}

func lockedOut() *problem.Problem {
	return problem.New(problem.Forbidden, "forbidden", "You cannot lock yourself out.")
}

func exceeds(rights models.Rights, permissions []string) bool {
	return slices.ContainsFunc(permissions, func(p string) bool { return !rights.Covers(p) })
}

// checkGrants notes where the change from before to after gives or takes rights that
// the actor does not have. before is nil for a new account.
func checkGrants(ctx context.Context, db bun.IDB, fields problem.Fields, before, after *models.User) error {
	actor := models.ActorOf(ctx)
	if before == nil {
		before = new(models.User)
	}
	if actor.User != nil && actor.User.ID == after.ID && after.ID != 0 {
		if !after.IsActive || !after.IsStaff || before.IsSuperuser && !after.IsSuperuser {
			return lockedOut()
		}
	}
	if actor.Rights.All {
		return nil
	}
	if before.IsSuperuser != after.IsSuperuser {
		fields.Add("is_superuser", "Only a superuser can change this.")
	}
	if exceeds(actor.Rights, changed(before.Permissions, after.Permissions)) {
		fields.Add("permissions", "You can grant and take only what you may do yourself.")
	}
	granted, err := permissionsOf(ctx, db, changed(before.Groups, after.Groups))
	if err != nil {
		return err
	}
	if exceeds(actor.Rights, granted) {
		fields.Add("groups", "You can grant and take only what you may do yourself.")
	}
	return nil
}

// changed are the elements that one of two lists lacks.
func changed[T comparable](before, after []T) []T {
	var all []T
	for _, pair := range [][2][]T{{before, after}, {after, before}} {
		for _, element := range pair[0] {
			if !slices.Contains(pair[1], element) {
				all = append(all, element)
			}
		}
	}
	return all
}

// permissionsOf are what some groups grant together.
func permissionsOf(ctx context.Context, db bun.IDB, groups []int64) ([]string, error) {
	var granted []string
	if len(groups) == 0 {
		return nil, nil
	}
	if err := db.NewSelect().Model((*models.GroupPermission)(nil)).Column("permission").
		Where("group_id IN (?)", bun.List(groups)).OrderExpr("permission").Scan(ctx, &granted); err != nil {
		return nil, fmt.Errorf("read permissions of groups: %w", err)
	}
	return slices.Compact(granted), nil
}

// Rights reads what an account may do.
func (s *Users) Rights(ctx context.Context, user *models.User) (models.Rights, error) {
	rights, err := models.RightsOf(ctx, s.DB, user)
	if err != nil {
		return rights, fmt.Errorf("read rights: %w", err)
	}
	return rights, nil
}

// Staff lists the usernames of members of staff, at most limit.
func (s *Users) Staff(ctx context.Context, limit int64) ([]string, error) {
	var names []string
	if err := s.DB.NewSelect().Model((*models.User)(nil)).Column("username").Where("is_staff").
		OrderExpr("username").Limit(limit).Scan(ctx, &names); err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	return names, nil
}

// Impersonate is the actor that the API would see in the account that login names.
func (s *Users) Impersonate(ctx context.Context, login string) (models.Actor, error) {
	user, err := models.UserByLogin(ctx, s.DB, login)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !user.Enabled() {
		return models.Actor{}, problem.Field("user", "Nobody with an active account is called that.")
	}
	if err != nil {
		return models.Actor{}, fmt.Errorf("find user: %w", err)
	}
	rights, err := s.Rights(ctx, user)
	return models.Actor{User: user, Rights: rights, Channel: models.ChannelAPI}, err
}

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

// Groups keeps what sets of people may do.
type Groups struct {
	*records.Keeper[models.Group]
}

// NewGroups keeps the groups of a database.
func NewGroups(db *bun.DB, now func() time.Time) *Groups {
	return &Groups{&records.Keeper[models.Group]{DB: db, Now: now, Hooks: records.Hooks[models.Group]{
		Check: checkGroup, May: mayHandleGroup,
		Children: []records.Children[models.Group]{records.Links[models.Group, string]{
			Name: "permissions", Table: "group_permissions", Key: "group_id", Column: "permission",
			Values: func(g *models.Group) *[]string { return &g.Permissions },
		}},
	}}}
}

func checkGroup(ctx context.Context, tx bun.Tx, before, group *models.Group, faults problem.Fields) error {
	if before == nil {
		before = new(models.Group)
	}
	if exceeds(models.ActorOf(ctx).Rights, changed(before.Permissions, group.Permissions)) {
		faults.Add("permissions", "You can grant and take only what you may do yourself.")
	}
	taken, err := tx.NewSelect().Model((*models.Group)(nil)).Where("name = ?", group.Name).Where("id <> ?", group.ID).Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for group: %w", err)
	}
	if taken {
		faults.Add("name", "Another group is called that.")
	}
	return nil
}

// mayHandleGroup leaves it to others to delete what grants more than one has oneself.
func mayHandleGroup(ctx context.Context, _ bun.Tx, verb models.Verb, group *models.Group) error {
	if verb == models.Delete && exceeds(models.ActorOf(ctx).Rights, group.Permissions) {
		return problem.New(problem.Forbidden, "forbidden", "%s may do more than you. Ask a superuser.", group.Name)
	}
	return nil
}

// shownMembers is how many of a group's members its list names.
const shownMembers = 5

// AddMembers fills in who is in groups: how many, which is kept, and the first who have
// accounts. It costs the same however many there are.
func (s *Groups) AddMembers(ctx context.Context, groups []*models.Group) error {
	of, ids := map[int64]*models.Group{}, make([]int64, len(groups))
	for i, group := range groups {
		of[group.ID], ids[i] = group, group.ID
	}
	var found []struct {
		ID          int64
		MemberCount int
		Names       string
	}
	first := s.DB.NewSelect().TableExpr("user_groups").Join("JOIN users ON users.id = user_groups.user_id").Column("users.username").
		Where("user_groups.group_id = groups.id").OrderExpr("user_groups.user_id").Limit(shownMembers)
	kept := s.DB.NewSelect().TableExpr("row_counts").ColumnExpr("CAST(coalesce(sum(number), 0) AS bigint)").
		Where("subject = 'user_groups'").Where("part = CAST(groups.id AS text)")
	err := s.DB.NewSelect().TableExpr("groups").Column("groups.id").ColumnExpr("(?) AS member_count", kept).
		ColumnExpr("(SELECT coalesce(string_agg(username, ' '), '') FROM (?) AS first) AS names", first).Where("groups.id IN (?)", bun.List(ids)).Scan(ctx, &found)
	if err != nil {
		return fmt.Errorf("read members of groups: %w", err)
	}
	for _, f := range found {
		of[f.ID].MemberCount, of[f.ID].Members = f.MemberCount, slices.Sorted(strings.FieldsSeq(f.Names))
	}
	return nil
}

// Choices are all groups, by name.
func (s *Groups) Choices(ctx context.Context) ([]models.Choice, error) {
	var groups []models.Group
	if err := s.DB.NewSelect().Model(&groups).OrderExpr("name").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	choices := make([]models.Choice, len(groups))
	for i, group := range groups {
		choices[i] = models.Choice{Value: strconv.FormatInt(group.ID, 10), Label: group.Name}
	}
	return choices, nil
}
