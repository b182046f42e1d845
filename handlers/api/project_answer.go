package api

import (
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
)

// taskCounts and the flat tasks_total, tasks_completed are two spellings of the same
// numbers; both are served and taken.
type taskCounts struct {
	Total     int `json:"total" minimum:"0" maximum:"2147483647" example:"10"`
	Completed int `json:"completed" minimum:"0" maximum:"2147483647" example:"3"`
}

// sentTasks are the counts in a body, which may lack one.
type sentTasks taskCounts

// Schema is how OpenAPI shows it.
func (sentTasks) Schema(schemas huma.Registry) *huma.Schema {
	return orNull(partial[taskCounts](schemas))
}

// projectStatus is the status with its values in OpenAPI.
type projectStatus models.ProjectStatus

// Schema is how OpenAPI shows it.
func (projectStatus) Schema(huma.Registry) *huma.Schema {
	return enumerated(models.ProjectStatus(""))
}

func enumerated(e models.Enumerated) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString}
	for _, choice := range e.Choices() {
		schema.Enum = append(schema.Enum, choice.Value)
	}
	return schema
}

// ProjectRow is a project in the list.
type ProjectRow struct {
	ID            int64         `json:"id" example:"1"`
	Name          string        `json:"name" example:"Health Fund Analytics Platform"`
	Status        projectStatus `json:"status"`
	Description   string        `json:"description" example:"Claims, appointments and forecasts in one place."`
	Progress      int           `json:"progress" minimum:"0" maximum:"100" example:"75"`
	DueDate       string        `json:"due_date" example:"2025-06-30"`
	TeamSize      int           `json:"team_size" example:"4"`
	Tasks         taskCounts    `json:"tasks"`
	ClientCompany string        `json:"client_company" example:"Health Fund Australia"`
	CreatedAt     time.Time     `json:"created_at" example:"2025-01-15T10:30:00Z"`
}

// projectDetail is a project with everything that belongs to it.
type projectDetail struct {
	ProjectRow
	DigitalpathResponsible string              `json:"digitalpath_responsible" example:"Ana García"`
	ClientResponsible      string              `json:"client_responsible" example:"John Smith"`
	TasksTotal             int                 `json:"tasks_total" example:"10"`
	TasksCompleted         int                 `json:"tasks_completed" example:"3"`
	Budget                 string              `json:"budget" example:"AUD 240k"`
	ImplementationTime     string              `json:"implementation_time" example:"6 months"`
	LastUpdate             string              `json:"last_update" example:"2 days ago"`
	FullScope              string              `json:"full_scope" example:"Ingestion, dashboards, two forecasts."`
	DataSources            []models.DataSource `json:"data_sources"`
	Reports                []models.Report     `json:"reports"`
	Analytics              []models.Analytic   `json:"analytics"`
	AIIntegration          *shownIntegration   `json:"ai_integration"`
	UpdatedAt              time.Time           `json:"updated_at"`
}

// aiIntegration is what a project does with AI.
type aiIntegration struct {
	Enabled  bool     `json:"enabled"`
	Features []string `json:"features" example:"[\"Document summaries\"]"`
	Models   []string `json:"models" example:"[\"Churn forecast\"]"`
}

// shownIntegration is the integration in a project, which may have none.
type shownIntegration aiIntegration

// Schema is how OpenAPI shows it.
func (shownIntegration) Schema(schemas huma.Registry) *huma.Schema {
	whole := *schemas.SchemaFromRef(schemas.Schema(reflect.TypeFor[aiIntegration](), true, "").Ref)
	whole.Nullable = true
	return &whole
}

func rowOf(p *models.Project) ProjectRow {
	return ProjectRow{
		ID: p.ID, Name: p.Name, Status: projectStatus(p.Status), Description: p.Description, Progress: p.Progress, DueDate: p.DueDate,
		TeamSize: p.TeamSize, Tasks: taskCounts{p.TasksTotal, p.TasksCompleted}, ClientCompany: p.ClientCompany, CreatedAt: p.CreatedAt.UTC(),
	}
}

func detailOf(p *models.Project) projectDetail {
	detail := projectDetail{
		ProjectRow: rowOf(p), DigitalpathResponsible: p.DigitalpathResponsible, ClientResponsible: p.ClientResponsible,
		TasksTotal: p.TasksTotal, TasksCompleted: p.TasksCompleted, Budget: p.Budget, ImplementationTime: p.ImplementationTime,
		LastUpdate: p.LastUpdate, FullScope: p.FullScope, UpdatedAt: p.UpdatedAt.UTC(),
		DataSources: orEmpty(p.DataSources), Reports: orEmpty(p.Reports), Analytics: orEmpty(p.Analytics),
	}
	if i := p.AIIntegration; i != nil {
		detail.AIIntegration = &shownIntegration{i.Enabled, i.Features, i.Models}
	}
	return detail
}

// orEmpty is a list that JSON shows as [] rather than null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
