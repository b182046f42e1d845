package models

import "github.com/uptrace/bun"

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
