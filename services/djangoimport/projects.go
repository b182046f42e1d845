package djangoimport

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"digitalpath/models"
)

var projectStatuses = []models.ProjectStatus{models.ProjectPlanning, models.ProjectActive, models.ProjectOnHold, models.ProjectCompleted}

// importProjects brings projects over with what belongs to them. The Django program had
// no migrations for them, so that their tables may be missing, or lack columns.
func (r *run) importProjects(ctx context.Context) error {
	known := map[int64]bool{}
	err := copying[models.Project]{
		table: "projects_project", needed: []string{"id", "name"},
		make: func(from *row) made[models.Project] {
			project := r.project(from)
			known[project.ID] = true
			return made[models.Project]{row: project}
		},
		find: byID("projects", func(p *models.Project) int64 { return p.ID }, func(have, want *models.Project) bool {
			return have.CreatedAt.Equal(want.CreatedAt) || have.Name == want.Name
		}),
	}.run(ctx, r)
	if err != nil {
		return err
	}
	if err := importItems(ctx, r, known, "projects_datasource", "data_sources", func(from *row, item models.ProjectItem) models.DataSource {
		return models.DataSource{ProjectItem: item, Type: from.text("type", 100)}
	}); err != nil {
		return err
	}
	if err := importItems(ctx, r, known, "projects_report", "reports", func(from *row, item models.ProjectItem) models.Report {
		return models.Report{ProjectItem: item, Frequency: from.text("frequency", 100)}
	}); err != nil {
		return err
	}
	if err := importItems(ctx, r, known, "projects_analytic", "analytics", func(from *row, item models.ProjectItem) models.Analytic {
		return models.Analytic{ProjectItem: item, Type: from.text("type", 100)}
	}); err != nil {
		return err
	}
	return r.importAIIntegrations(ctx, known)
}

func (r *run) project(from *row) models.Project {
	project := models.Project{
		ID: from.id("id"), Name: from.text("name", 255), Status: models.ProjectStatus(from.text("status", 20)), Description: from.text("description", 0),
		Progress: from.number("progress", 0, 100), DueDate: from.text("due_date", 50), TeamSize: 1,
		DigitalpathResponsible: from.text("digitalpath_responsible", 100), ClientResponsible: from.text("client_responsible", 100),
		ClientCompany: from.text("client_company", 255), TasksTotal: from.count("tasks_total"), TasksCompleted: from.count("tasks_completed"),
		Budget: from.text("budget", 50), ImplementationTime: from.text("implementation_time", 50), LastUpdate: from.text("last_update", 50),
		FullScope: from.text("full_scope", 0), CreatedAt: from.timeOr(r.at, "created_at"),
	}
	project.UpdatedAt = from.timeOr(project.CreatedAt, "updated_at", "created_at")
	if from.value("team_size") != nil {
		project.TeamSize = from.count("team_size")
	}
	if project.Name == "" {
		project.Name = fmt.Sprintf("Project %d", project.ID)
		from.note("name: empty, so it is its number")
	}
	if !slices.Contains(projectStatuses, project.Status) {
		from.note("status: %q is unknown, so it is %s", project.Status, models.ProjectPlanning)
		project.Status = models.ProjectPlanning
	}
	return project
}

const noProject = "its project does not exist"

// importItems brings over one of the three lists of projects.
func importItems[T any, P models.ItemOf[T]](ctx context.Context, r *run, known map[int64]bool, table, target string, fill func(*row, models.ProjectItem) T) error {
	return copying[T]{
		table: table, needed: []string{"id", "project_id", "name"},
		make: func(from *row) made[T] {
			item := models.ProjectItem{
				ID: from.id("id"), ProjectID: from.id("project_id"), Name: from.text("name", 255), Description: from.text("description", 0),
				Order: from.number("order", math.MinInt32, math.MaxInt32),
			}
			if !known[item.ProjectID] {
				return leave[T](noProject)
			}
			return made[T]{row: fill(from, item)}
		},
		find: byID(target, func(row *T) int64 { return P(row).Item().ID }, func(have, want *T) bool {
			return P(have).Item().ProjectID == P(want).Item().ProjectID
		}),
	}.run(ctx, r)
}

func (r *run) importAIIntegrations(ctx context.Context, known map[int64]bool) error {
	return copying[models.AIIntegration]{
		table: "projects_aiintegration", needed: []string{"id", "project_id"},
		make: func(from *row) made[models.AIIntegration] {
			ai := models.AIIntegration{
				ID: from.id("id"), ProjectID: from.id("project_id"), Enabled: from.bool("enabled"), Features: from.list("features"), Models: from.list("models"),
			}
			if !known[ai.ProjectID] {
				return leave[models.AIIntegration](noProject)
			}
			return made[models.AIIntegration]{row: ai}
		},
		find: byID("ai_integrations", func(a *models.AIIntegration) int64 { return a.ID }, func(have, want *models.AIIntegration) bool {
			return have.ProjectID == want.ProjectID
		}),
	}.run(ctx, r)
}

// list is a list of texts that was any JSON: what is no text is written as JSON.
func (r *row) list(column string) []string {
	var elements []any
	if !r.json(column, &elements) {
		var single any
		if !r.json(column, &single) || single == nil {
			return []string{}
		}
		elements = []any{single}
		r.note("%s: no list, so it is a list of one", column)
	}
	texts := make([]string, len(elements))
	for i, element := range elements {
		text, ok := element.(string)
		if !ok {
			encoded, err := json.Marshal(element)
			if err != nil {
				encoded = []byte(fmt.Sprint(element))
			}
			text = string(encoded)
			r.note("%s: an element is no text, so it is written as JSON", column)
		}
		texts[i] = text
	}
	return texts
}
