package projects

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/records"
)

// Service is the story of the clients' projects. Every function asks access.go
// what the actor of ctx may do: what they may not see is
// problem.NotFound, what they may see but not do is problem.Forbidden.
type Service struct {
	DB        *bun.DB
	Now       func() time.Time
	OpenToAll bool // DJANGO_COMPAT: everybody who is signed in sees all projects
}

// Needing is the condition for projects that need somebody: they are due before a day
// and not completed, or completed and not done.
const (
	Needing = "(" + late + " OR " + undone + ")"
	late    = "project.due_date >= '1900' AND project.due_date < ? AND project.due_date LIKE '____-__-__' AND project.status <> 'completed'"
	undone  = "project.status = 'completed' AND project.progress < 100"
)

// Contradictory are the first projects that need somebody. Of each kind an index holds
// the first.
func (s *Service) Contradictory(ctx context.Context, limit int64) (found []models.Project, err error) {
	first := func(condition string, args ...any) *bun.SelectQuery {
		return s.DB.NewSelect().Model((*models.Project)(nil)).Column("id", "name", "status", "progress", "due_date").
			Where(condition, args...).OrderExpr("project.due_date, project.id").Limit(limit)
	}
	err = s.DB.NewSelect().Model(&found).Column("id", "name", "status", "progress", "due_date").
		ModelTableExpr("(SELECT * FROM (?) AS late UNION ALL SELECT * FROM (?) AS undone) AS project", first(late, s.Now().Format(time.DateOnly)), first(undone)).
		OrderExpr("project.due_date, project.id").Limit(limit).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("find late projects: %w", err)
	}
	return found, nil
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

// Rows keeps projects with everything that belongs to them. A new one that names no
// owner is the actor's.
func (s *Service) Rows() *records.Keeper[models.Project] {
	return &records.Keeper[models.Project]{DB: s.DB, Now: s.Now, Hooks: records.Hooks[models.Project]{
		New: models.NewProject, Read: s.readWhole, May: s.may, Check: checkMembers,
		Children: []records.Children[models.Project]{
			records.List[models.Project, models.DataSource]{
				Name: "data_sources", Key: "project_id", Order: "order", Rows: func(p *models.Project) *[]models.DataSource { return &p.DataSources },
			},
			records.List[models.Project, models.Report]{
				Name: "reports", Key: "project_id", Order: "order", Rows: func(p *models.Project) *[]models.Report { return &p.Reports },
			},
			records.List[models.Project, models.Analytic]{
				Name: "analytics", Key: "project_id", Order: "order", Rows: func(p *models.Project) *[]models.Analytic { return &p.Analytics },
			},
			records.Single[models.Project, models.AIIntegration]{
				Name: "ai_integration", Key: "project_id", Row: func(p *models.Project) **models.AIIntegration { return &p.AIIntegration },
			},
			records.List[models.Project, models.ProjectMember]{
				Name: "members", Key: "project_id", Rows: func(p *models.Project) *[]models.ProjectMember { return &p.Members },
				Of:    func(m *models.ProjectMember) string { return m.User.Username },
				Shown: func(m *models.ProjectMember) string { return models.ChoiceOf(m.Role, string(m.Role)).Label },
			},
		},
	}}
}

// may is problem.Forbidden for what the actor may see but not do that with.
func (s *Service) may(ctx context.Context, _ bun.Tx, verb models.Verb, project *models.Project) error {
	if !s.access(ctx).may(verb, project.Role) {
		return problem.New(problem.Forbidden, "forbidden", "You may see this project, but not do that with it.")
	}
	return nil
}

// readWhole is load with the members.
func (s *Service) readWhole(ctx context.Context, db bun.IDB, ids []int64) ([]*models.Project, error) {
	projects, err := s.load(ctx, db, ids...)
	if err != nil {
		return nil, err
	}
	members, err := membersOf(ctx, db, ids...)
	if err != nil {
		return nil, err
	}
	for _, project := range projects {
		for _, member := range members {
			if member.ProjectID == project.ID {
				project.Members = append(project.Members, member)
			}
		}
	}
	return projects, nil
}

// load reads those of the projects that may be seen, whole, in one query.
func (s *Service) load(ctx context.Context, db bun.IDB, ids ...int64) ([]*models.Project, error) {
	var projects []*models.Project
	query := db.NewSelect().Model(&projects).Relation("AIIntegration").
		ColumnExpr("?TableColumns").ColumnExpr("mine.role AS role").
		ColumnExpr("? AS data_sources", listColumn(db, "data_sources", "type")).
		ColumnExpr("? AS reports", listColumn(db, "reports", "frequency")).
		ColumnExpr("? AS analytics", listColumn(db, "analytics", "type")).
		OrderExpr("project.id")
	args := new(models.Args)
	s.access(ctx).visible(query, args)
	if err := query.Where("project.id IN (?)", args.Among(ids)).Scan(args.In(ctx)); err != nil {
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
