package accounts

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/records"
)

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
