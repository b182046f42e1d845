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
)

// Groups is the story of what sets of people may do.
type Groups struct {
	DB  *bun.DB
	Now func() time.Time
}

// Load reads a group with its permissions.
func (s *Groups) Load(ctx context.Context, id int64) (*models.Group, error) {
	return loadGroup(ctx, s.DB, id)
}

func loadGroup(ctx context.Context, db bun.IDB, id int64) (*models.Group, error) {
	group := &models.Group{ID: id}
	query := db.NewSelect().Model(group).WherePK()
	if _, inside := db.(bun.Tx); inside {
		models.ForUpdate(query)
	}
	err := query.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read group: %w", err)
	}
	group.Permissions, err = permissionsOf(ctx, db, []int64{id})
	return group, err
}

// Save stores what edit makes of a group, or of a new one where id is 0.
func (s *Groups) Save(ctx context.Context, id int64, edit func(*models.Group) error) (*models.Group, error) {
	var group *models.Group
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		before, err := new(models.Group), error(nil)
		if id != 0 {
			if before, err = loadGroup(ctx, tx, id); err != nil {
				return err
			}
		}
		edited := *before
		group = &edited
		if err := edit(group); err != nil {
			return err
		}
		group.Name = strings.TrimSpace(group.Name)
		if err := s.check(ctx, tx, before, group); err != nil {
			return err
		}
		return s.store(ctx, tx, before, group)
	})
	return group, err
}

func (s *Groups) check(ctx context.Context, tx bun.Tx, before, group *models.Group) error {
	if err := models.Validate(group); err != nil {
		return err
	}
	if exceeds(models.ActorOf(ctx).Rights, changed(before.Permissions, group.Permissions)) {
		return problem.Field("permissions", "You can grant and take only what you may do yourself.")
	}
	taken, err := tx.NewSelect().Model((*models.Group)(nil)).Where("name = ?", group.Name).Where("id <> ?", group.ID).Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for group: %w", err)
	}
	if taken {
		return problem.Field("name", "Another group is called that.")
	}
	return nil
}

func (s *Groups) store(ctx context.Context, tx bun.Tx, before, group *models.Group) (err error) {
	action := models.HistoryChanged
	if before.ID == 0 {
		action = models.HistoryAdded
		_, err = tx.NewInsert().Model(group).Exec(ctx)
	} else {
		_, err = tx.NewUpdate().Model(group).WherePK().Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("store group: %w", err)
	}
	var permissions []models.GroupPermission
	for _, permission := range group.Permissions {
		permissions = append(permissions, models.GroupPermission{GroupID: group.ID, Permission: permission})
	}
	if err := replaceLinks(ctx, tx, "group_id", group.ID, permissions); err != nil {
		return err
	}
	changes := groupChanges(before, group)
	if len(changes) == 0 {
		return nil
	}
	return s.record(ctx, tx, group, action, changes)
}

func groupChanges(before, after *models.Group) []models.FieldChange {
	all := []models.FieldChange{
		{Field: "name", From: before.Name, To: after.Name},
		{Field: "permissions", From: sorted(before.Permissions), To: sorted(after.Permissions)},
	}
	return slices.DeleteFunc(all, func(c models.FieldChange) bool { return c.From == c.To })
}

func (s *Groups) record(ctx context.Context, tx bun.Tx, group *models.Group, action models.HistoryAction, changes []models.FieldChange) error {
	return models.Record(ctx, tx, models.HistoryEntry{
		At: s.Now(), Model: models.GroupsSlug, ObjectID: group.ID, ObjectLabel: group.Name, Action: action, Changes: changes,
	})
}

// Delete removes groups; their members lose what the groups granted.
func (s *Groups) Delete(ctx context.Context, ids []int64) (int, error) {
	deleted := 0
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		for _, id := range ids {
			group, err := loadGroup(ctx, tx, id)
			if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			if exceeds(models.ActorOf(ctx).Rights, group.Permissions) {
				return problem.New(problem.Forbidden, "forbidden", "%s may do more than you. Ask a superuser.", group.Name)
			}
			if _, err := tx.NewDelete().Model(group).WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("delete group: %w", err)
			}
			if err := s.record(ctx, tx, group, models.HistoryDeleted, groupChanges(group, new(models.Group))); err != nil {
				return err
			}
			deleted++
		}
		return nil
	})
	return deleted, err
}

// Members counts who is in any of some groups.
func (s *Groups) Members(ctx context.Context, ids []int64) (int, error) {
	n, err := s.DB.NewSelect().Model((*models.UserGroup)(nil)).Where("group_id IN (?)", bun.List(ids)).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count members of groups: %w", err)
	}
	return int(n), nil
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
