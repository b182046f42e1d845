package models

import (
	"time"

	"github.com/uptrace/bun"

	"digitalpath/problem"
)

// ProjectsSlug names projects in URLs, permissions and history.
const ProjectsSlug = "projects"

// ProjectStatus says where a project stands.
type ProjectStatus string

const (
	ProjectPlanning  ProjectStatus = "planning"
	ProjectActive    ProjectStatus = "active"
	ProjectOnHold    ProjectStatus = "on_hold"
	ProjectCompleted ProjectStatus = "completed"
)

// Choices are the statuses in the order that a project goes through them.
func (ProjectStatus) Choices() []Choice {
	return []Choice{
		{Value: string(ProjectPlanning), Label: "Planning", Tone: ToneNeutral},
		{Value: string(ProjectActive), Label: "Active", Tone: TonePositive},
		{Value: string(ProjectOnHold), Label: "On hold", Tone: ToneWarning},
		{Value: string(ProjectCompleted), Label: "Completed", Tone: TonePositive},
	}
}

// Project is one client's project. Dates and amounts that people word freely ("end
// of Q3", "AUD 240k") are text, as they were in the Django program.
type Project struct {
	bun.BaseModel `bun:"table:projects,alias:project"`

	ID                     int64         `bun:"id,pk,autoincrement"`
	Name                   string        `bun:"name,type:varchar(255)" validate:"required,visible,max=255"`
	Status                 ProjectStatus `bun:"status,type:varchar(20)" validate:"choice"`
	Description            string        `bun:"description,type:text"`
	Progress               int           `bun:"progress,type:integer" validate:"min=0,max=100"` // per cent
	DueDate                string        `bun:"due_date,type:varchar(50)" validate:"max=50"`
	TeamSize               int           `bun:"team_size,type:integer" validate:"min=0,max=2147483647"`
	DigitalpathResponsible string        `bun:"digitalpath_responsible,type:varchar(100)" validate:"max=100"`
	ClientResponsible      string        `bun:"client_responsible,type:varchar(100)" validate:"max=100"`
	ClientCompany          string        `bun:"client_company,type:varchar(255)" validate:"max=255"`
	TasksTotal             int           `bun:"tasks_total,type:integer" validate:"min=0,max=2147483647"`
	TasksCompleted         int           `bun:"tasks_completed,type:integer" validate:"min=0,max=2147483647"`
	Budget                 string        `bun:"budget,type:varchar(50)" validate:"max=50"`
	ImplementationTime     string        `bun:"implementation_time,type:varchar(50)" validate:"max=50"`
	LastUpdate             string        `bun:"last_update,type:varchar(50)" validate:"max=50"`
	FullScope              string        `bun:"full_scope,type:text"`
	CreatedAt              time.Time     `bun:"created_at,type:timestamptz"`
	UpdatedAt              time.Time     `bun:"updated_at,type:timestamptz"`

	// What belongs to it comes with the project in one query (services/projects/projects.go),
	// each list by order, and is saved with it.
	DataSources   []DataSource   `bun:"data_sources,type:json,scanonly" validate:"-"`
	Reports       []Report       `bun:"reports,type:json,scanonly" validate:"-"`
	Analytics     []Analytic     `bun:"analytics,type:json,scanonly" validate:"-"`
	AIIntegration *AIIntegration `bun:"rel:has-one,join:id=project_id"` // nil: none

	Members []ProjectMember `bun:"-" validate:"-"` // as the form of the back office holds them

	Role    ProjectRole `bun:"role,scanonly"`             // of who asked; empty: no member
	Matches int         `bun:"matches,scanonly"`          // how many rows a query for one page found on all pages
	Version string      `bun:"version,scanonly" json:"-"` // in a list: changes with everything that the list shows of it
}

// NewProject is a project with the defaults of docs/contract.md section 5.
func NewProject() *Project { return &Project{Status: ProjectPlanning, TeamSize: 1} }

// Contradiction says in a sentence where progress and tasks don't go together; its
// Format is empty where they do. It is pointed out, never refused.
func (p *Project) Contradiction() problem.Text {
	total, completed := p.TasksTotal, p.TasksCompleted
	switch {
	case completed > total:
		return problem.Text{Format: "%d tasks are completed, but there are only %d.", Args: []any{completed, total}}
	case total > 0 && (p.Progress == 100) != (completed == total), completed > 0 && p.Progress == 0:
		return problem.Text{Format: "Progress is %d %%, but %d of %d tasks are completed.", Args: []any{p.Progress, completed, total}}
	}
	return problem.Text{}
}

// ProjectRole is what a member may do with a project; services/projects/access.go
// says what that is.
type ProjectRole string

const (
	RoleOwner  ProjectRole = "owner"
	RoleEditor ProjectRole = "editor"
	RoleViewer ProjectRole = "viewer"
)

// Choices are the roles, the mightiest first.
func (ProjectRole) Choices() []Choice {
	return []Choice{
		{Value: string(RoleOwner), Label: "Owner", Tone: TonePositive},
		{Value: string(RoleEditor), Label: "Editor", Tone: ToneNeutral},
		{Value: string(RoleViewer), Label: "Viewer", Tone: ToneNeutral},
	}
}

// ProjectMember is a user's part in a project. A project has at most one owner.
type ProjectMember struct {
	bun.BaseModel `bun:"table:project_members,alias:project_member"`

	ID        int64       `bun:"id,pk,autoincrement"`
	ProjectID int64       `bun:"project_id"`
	UserID    int64       `bun:"user_id" validate:"required"`
	Role      ProjectRole `bun:"role,type:varchar(20)" validate:"choice"`
	User      *User       `bun:"rel:belongs-to,join:user_id=id" validate:"-" json:"-"`
}

// ProjectItem is what the rows of a project's three lists have in common. Its JSON
// names, and those of the rows, are both the API's and those by which a project's
// query brings the rows along.
type ProjectItem struct {
	ID          int64  `bun:"id,pk,autoincrement" json:"id" example:"5"`
	ProjectID   int64  `bun:"project_id" json:"-"`
	Name        string `bun:"name,type:varchar(255)" validate:"required,visible,max=255" json:"name" minLength:"1" maxLength:"255" example:"Claims"`
	Description string `bun:"description,type:text" json:"description" example:"Since 2019, by the night."`
	Order       int    `bun:"order,type:integer" validate:"min=-2147483648,max=2147483647" json:"order" minimum:"-2147483648" maximum:"2147483647" doc:"Place in the list, smallest first." example:"1"`
}

// Item is the common part of a row that embeds it.
func (i *ProjectItem) Item() *ProjectItem { return i }

// ItemOf is a pointer to a row of one of a project's lists.
type ItemOf[T any] interface {
	*T
	Item() *ProjectItem
}

// DataSource is where a project's data comes from.
type DataSource struct {
	bun.BaseModel `bun:"table:data_sources,alias:data_source" json:"-"`
	ProjectItem
	Type string `bun:"type,type:varchar(100)" validate:"max=100" json:"type" maxLength:"100" example:"PostgreSQL"`
}

// Report is what a project tells its client regularly.
type Report struct {
	bun.BaseModel `bun:"table:reports,alias:report" json:"-"`
	ProjectItem
	Frequency string `bun:"frequency,type:varchar(100)" validate:"max=100" json:"frequency" maxLength:"100" example:"Weekly"`
}

// Analytic is an analysis or a metric of a project.
type Analytic struct {
	bun.BaseModel `bun:"table:analytics,alias:analytic" json:"-"`
	ProjectItem
	Type string `bun:"type,type:varchar(100)" validate:"max=100" json:"type" maxLength:"100" example:"Forecast"`
}

// AIIntegration is what a project does with AI; a project has at most one.
type AIIntegration struct {
	bun.BaseModel `bun:"table:ai_integrations,alias:ai_integration"`

	ID        int64    `bun:"id,pk,autoincrement"`
	ProjectID int64    `bun:"project_id"`
	Enabled   bool     `bun:"enabled"`
	Features  []string `bun:"features,type:jsonb"`
	Models    []string `bun:"models,type:jsonb"`
}
