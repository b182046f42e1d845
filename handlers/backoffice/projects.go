package backoffice

import (
	"time"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/projects"
)

// projectsModel declares the clients' projects. What belongs to one is saved with it.
func (b *Backoffice) projectsModel() *admin.Model[models.Project] {
	return &admin.Model[models.Project]{
		Slug: models.ProjectsSlug, Name: "Project", Plural: "Projects", Group: "Work", Icon: "folder",
		List:    []string{"name", "status", "progress", "budget", "due_date", "created_at"},
		Bars:    []string{"progress"},
		Filters: []string{"status", "created_at"},
		Search:  []string{"name", "description", "client_company"},
		Dates:   "created_at",
		Needs:   func(now time.Time) (string, []any) { return projects.Needing, []any{now.Format(time.DateOnly)} },
		Fieldsets: []admin.Fieldset{
			{Title: "Basic information", Fields: []string{"name", "status", "due_date", "progress", "description"}},
			{Title: "Project details", Fields: []string{"budget", "implementation_time", "last_update", "full_scope", "created_at", "updated_at"}},
			{Title: "Team", Fields: []string{"digitalpath_responsible", "client_responsible", "client_company", "team_size"}, Aside: true},
			{Title: "Tasks", Fields: []string{"tasks_total", "tasks_completed"}, Aside: true},
		},
		ReadOnly: []string{"created_at", "updated_at"},
		Labels: map[string]string{
			"digitalpath_responsible": "DigitalPath responsible", "tasks_total": "Total", "tasks_completed": "Completed", "created_at": "Created", "updated_at": "Updated",
		},
		Inputs: map[string]admin.Input{"progress": {Help: "Per cent, from 0 to 100."}},
		Inlines: []admin.Inline{
			admin.Tabular[models.DataSource]{Name: "data_sources", Title: "Data sources", Fields: []string{"name", "type", "description"}, Order: "order"},
			admin.Tabular[models.Report]{Name: "reports", Title: "Reports", Fields: []string{"name", "frequency", "description"}, Order: "order"},
			admin.Tabular[models.Analytic]{Name: "analytics", Title: "Analytics", Fields: []string{"name", "type", "description"}, Order: "order"},
			admin.Stacked[models.AIIntegration]{Name: "ai_integration", Title: "AI integration", Fields: []string{"enabled", "features", "models"},
				Inputs: map[string]admin.Input{"features": {Help: "One per line."}, "models": {Help: "One per line."}}},
			admin.Tabular[models.ProjectMember]{Name: "members", Title: "Members", Fields: []string{"user_id", "role"},
				Labels: map[string]string{"user_id": "User"}, Inputs: map[string]admin.Input{"user_id": {Ref: models.UsersSlug}}},
		},
		Excerpt: "client_company", Hint: "Add the first project, or let a client create it by the API.",
		New: models.NewProject, Import: &admin.Import[models.Project]{Key: "name"}, Rows: b.Projects.Rows(), SaveAsNew: true,
		Warnings: contradiction,
		RowLinks: []admin.Link{{Label: "Client preview", URL: "preview/", Get: b.PreviewProject}},
	}
}

// contradiction is shown where the tasks are.
func contradiction(p *models.Project) problem.Fields {
	if text := p.Contradiction(); text.Format != "" {
		return problem.Fields{"tasks_total": {text}}
	}
	return nil
}
