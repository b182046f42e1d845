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
