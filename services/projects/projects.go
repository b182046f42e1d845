package projects

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
	"digitalpath/problem"
)

// Service is the story of the clients' projects. Every function asks access.go
// what the actor of ctx may do: what they may not see is
// problem.NotFound, what they may see but not do is problem.Forbidden.
type Service struct {
	DB        *bun.DB
	Now       func() time.Time
	OpenToAll bool // DJANGO_COMPAT: everybody who is signed in sees all projects
}

// Get reads a project with everything that belongs to it, in one query.
func (s *Service) Get(ctx context.Context, id int64) (*models.Project, error) {
	projects, err := s.load(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	if len(projects) == 0 {
		return nil, problem.ErrNotFound()
	}
	return projects[0], nil
}

// Create stores the project that edit makes of the defaults; the actor becomes its
// owner. Rows of its lists are new, whatever their ids say. Fields that edit finds
// fault with are told together with those that are wrong by the project's rules.
func (s *Service) Create(ctx context.Context, edit func(*models.Project) error) (*models.Project, error) {
	project := models.NewProject()
	err := edit(project)
	forgetIDs(project.DataSources)
	forgetIDs(project.Reports)
	forgetIDs(project.Analytics)
	if err != nil {
		return nil, problem.Join(err, checkProject(s.DB, new(models.Project), project))
	}
	actor := models.ActorOf(ctx)
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		changes, err := s.save(ctx, tx, nil, project)
		if err != nil {
			return err
		}
		if actor.User != nil {
			owner := &models.ProjectMember{ProjectID: project.ID, UserID: actor.User.ID, User: actor.User, Role: models.RoleOwner}
			if _, err := tx.NewInsert().Model(owner).Exec(ctx); err != nil {
				return fmt.Errorf("make the creator owner: %w", err)
			}
			changes = append(changes, roleChange(owner, "", models.RoleOwner))
		}
		return s.record(ctx, tx, project, models.HistoryAdded, changes)
	})
	if err != nil {
		return nil, err
	}
	return project, nil
}

// Update stores what edit makes of the project as it is now: fields, lists and AI
// integration. Two updates at once follow each other. Faults are told as by Create.
func (s *Service) Update(ctx context.Context, id int64, edit func(*models.Project) error) (*models.Project, error) {
	var project *models.Project
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.lockOne(ctx, tx, id)
		if err != nil {
			return err
		}
		project = copyOf(before)
		if err := edit(project); err != nil {
			return problem.Join(err, checkProject(tx, before, project))
		}
		changes, err := s.save(ctx, tx, before, project)
		if err != nil || len(changes) == 0 {
			return err
		}
		return s.record(ctx, tx, project, models.HistoryChanged, changes)
	})
	if err != nil {
		return nil, err
	}
	return project, nil
}

// Delete removes projects with everything that belongs to them and returns how many
// of them were there.
func (s *Service) Delete(ctx context.Context, ids []int64) (int, error) {
	deleted := 0
	err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		projects, err := s.lock(ctx, tx, models.Delete, ids...)
		if err != nil || len(projects) == 0 {
			return err
		}
		deleted = len(projects)
		if _, err := tx.NewDelete().Model(&projects).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("delete projects: %w", err)
		}
		for _, project := range projects {
			if err := s.record(ctx, tx, project, models.HistoryDeleted, projectChanges(tx, project, nil)); err != nil {
				return err
			}
		}
		return nil
	})
	return deleted, err
}

// lock reads those of the projects that may be seen, for a transaction that changes
// them. It is problem.Forbidden where one may not be changed in this way.
func (s *Service) lock(ctx context.Context, tx bun.Tx, verb models.Verb, ids ...int64) ([]*models.Project, error) {
	if err := lockProjects(ctx, tx, ids); err != nil {
		return nil, err
	}
	projects, err := s.load(ctx, tx, ids...)
	for _, project := range projects {
		if !s.access(ctx).may(verb, project.Role) {
			return nil, problem.New(problem.Forbidden, "forbidden", "You may see this project, but not do that with it.")
		}
	}
	return projects, err
}

// lockProjects makes other changes of these projects wait. It is a statement of its
// own: what is read behind it is then read as the change waited for left it.
func lockProjects(ctx context.Context, tx bun.Tx, ids []int64) error {
	if !models.IsPostgres(tx) {
		return nil // SQLite has one writer at a time
	}
	_, err := tx.NewSelect().Model((*models.Project)(nil)).Column("id").Where("id IN (?)", bun.List(ids)).
		OrderExpr("id").For("UPDATE").Exec(ctx)
	if err != nil {
		return fmt.Errorf("lock projects: %w", err)
	}
	return nil
}

// load reads those of the projects that may be seen, whole, in one query.
func (s *Service) load(ctx context.Context, db bun.IDB, ids ...int64) ([]*models.Project, error) {
	var projects []*models.Project
	query := db.NewSelect().Model(&projects).Relation("AIIntegration").
		ColumnExpr("?TableColumns").ColumnExpr("mine.role AS role").
		ColumnExpr("? AS data_sources", listColumn(db, "data_sources", "type")).
		ColumnExpr("? AS reports", listColumn(db, "reports", "frequency")).
		ColumnExpr("? AS analytics", listColumn(db, "analytics", "type")).
		Where("project.id IN (?)", bun.List(ids)).OrderExpr("project.id")
	if err := s.access(ctx).visible(query).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read projects: %w", err)
	}
	return projects, nil
}

// listColumn is one of a project's lists as JSON, in its order. own is the column
// that only its table has.
func listColumn(db bun.IDB, table, own string) schema.QueryWithArgs {
	array, object := "json_group_array", "json_object"
	if models.IsPostgres(db) {
		array, object = "json_agg", "json_build_object"
	}
	return bun.SafeQuery(`coalesce((SELECT ?(?('id', i.id, 'name', i.name, ?, i.?, 'description', i.description, 'order', i."order")
		ORDER BY i."order", i.id) FROM ? AS i WHERE i.project_id = project.id), '[]')`,
		bun.Safe(array), bun.Safe(object), own, bun.Ident(own), bun.Ident(table))
}

// copyOf is a project that can be changed without changing p.
func copyOf(p *models.Project) *models.Project {
	c := *p
	c.DataSources, c.Reports, c.Analytics = slices.Clone(p.DataSources), slices.Clone(p.Reports), slices.Clone(p.Analytics)
	if p.AIIntegration != nil {
		integration := *p.AIIntegration
		integration.Features, integration.Models = slices.Clone(integration.Features), slices.Clone(integration.Models)
		c.AIIntegration = &integration
	}
	return &c
}
