package api

import (
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"digitalpath/models"
	"digitalpath/problem"
)

// projectBody is what a client may set of a project. Decoding writes through its
// pointers, so that what a body leaves out, or sends as null, stays as it is.
type projectBody struct {
	Name                   *string        `json:"name,omitempty" minLength:"1" maxLength:"255" example:"Health Fund Analytics Platform"`
	Status                 *projectStatus `json:"status,omitempty"`
	Description            *string        `json:"description,omitempty" example:"Claims, appointments and forecasts in one place."`
	Progress               *int           `json:"progress,omitempty" minimum:"0" maximum:"100" doc:"Per cent. 0 for a new project." example:"75"`
	DueDate                *string        `json:"due_date,omitempty" maxLength:"50" example:"2025-06-30"`
	TeamSize               *int           `json:"team_size,omitempty" minimum:"0" maximum:"2147483647" doc:"1 for a new project." example:"4"`
	DigitalpathResponsible *string        `json:"digitalpath_responsible,omitempty" maxLength:"100" example:"Ana García"`
	ClientResponsible      *string        `json:"client_responsible,omitempty" maxLength:"100" example:"John Smith"`
	ClientCompany          *string        `json:"client_company,omitempty" maxLength:"255" example:"Health Fund Australia"`
	Tasks                  *sentTasks     `json:"tasks,omitempty" doc:"The same numbers as tasks_total and tasks_completed."`
	TasksTotal             *int           `json:"tasks_total,omitempty" minimum:"0" maximum:"2147483647" example:"10"`
	TasksCompleted         *int           `json:"tasks_completed,omitempty" minimum:"0" maximum:"2147483647" example:"3"`
	Budget                 *string        `json:"budget,omitempty" maxLength:"50" example:"AUD 240k"`
	ImplementationTime     *string        `json:"implementation_time,omitempty" maxLength:"50" example:"6 months"`
	LastUpdate             *string        `json:"last_update,omitempty" maxLength:"50" example:"2 days ago"`
	FullScope              *string        `json:"full_scope,omitempty" example:"Ingestion, dashboards, two forecasts."`

	DataSources   items[models.DataSource, *models.DataSource] `json:"data_sources,omitempty"`
	Reports       items[models.Report, *models.Report]         `json:"reports,omitempty"`
	Analytics     items[models.Analytic, *models.Analytic]     `json:"analytics,omitempty"`
	AIIntegration integration                                  `json:"ai_integration,omitempty"`
}

// decodeProject changes p as a body says. What is of a wrong type stays as it is, and is
// named.
func decodeProject(body []byte, p *models.Project) error {
	stored := taskCounts{p.TasksTotal, p.TasksCompleted}
	tasks, d := sentTasks(stored), decoding{"", problem.Fields{}}
	if err := d.object(body, &projectBody{
		Name: &p.Name, Status: (*projectStatus)(&p.Status), Description: &p.Description, Progress: &p.Progress, DueDate: &p.DueDate,
		TeamSize: &p.TeamSize, DigitalpathResponsible: &p.DigitalpathResponsible, ClientResponsible: &p.ClientResponsible,
		ClientCompany: &p.ClientCompany, Tasks: &tasks, TasksTotal: &p.TasksTotal, TasksCompleted: &p.TasksCompleted,
		Budget: &p.Budget, ImplementationTime: &p.ImplementationTime, LastUpdate: &p.LastUpdate, FullScope: &p.FullScope,
		DataSources:   items[models.DataSource, *models.DataSource]{d.inside("data_sources"), &p.DataSources},
		Reports:       items[models.Report, *models.Report]{d.inside("reports"), &p.Reports},
		Analytics:     items[models.Analytic, *models.Analytic]{d.inside("analytics"), &p.Analytics},
		AIIntegration: integration{d.inside("ai_integration"), &p.AIIntegration},
	}); err != nil {
		return err
	}
	// Where a client sends an answer back with one of the two spellings changed, that
	// one is meant.
	if tasks.Total != stored.Total {
		p.TasksTotal = tasks.Total
	}
	if tasks.Completed != stored.Completed {
		p.TasksCompleted = tasks.Completed
	}
	return d.faults.Err()
}

// items decodes a JSON list into one of a project's lists.
type items[T any, P models.ItemOf[T]] struct {
	decoding decoding
	list     *[]T
}

// UnmarshalJSON makes the list that of the JSON. What an item with the id of a stored
// one leaves out stays as it is.
func (i *items[T, P]) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var raw []jsontext.Value
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	stored := map[int64]T{}
	for _, item := range *i.list {
		stored[P(&item).Item().ID] = item
	}
	list := make([]T, len(raw))
	for n, item := range raw {
		var key struct {
			ID int64 `json:"id"`
		}
		_ = json.Unmarshal(item, &key) // an id of a wrong type is named below
		list[n] = stored[key.ID]
		if err := i.decoding.inside(strconv.Itoa(n)).read(item, &list[n]); err != nil {
			return err
		}
	}
	*i.list = list
	return nil
}

// Schema is how OpenAPI shows it: an item has the id of a stored one, or is new.
func (items[T, P]) Schema(schemas huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{AnyOf: []*huma.Schema{partial[T](schemas, "id"), newItem[T](schemas)}}}
}

// newItem is the schema of an item that is to be stored.
func newItem[T any](schemas huma.Registry) *huma.Schema {
	return without(partial[T](schemas, "name"), "id")
}

// newProject is the schema of a project that is to be stored, with new items.
func newProject(schemas huma.Registry) *huma.Schema {
	taken := partial[projectBody](schemas, "name")
	for name, item := range map[string]*huma.Schema{
		"data_sources": newItem[models.DataSource](schemas), "reports": newItem[models.Report](schemas), "analytics": newItem[models.Analytic](schemas),
	} {
		taken.Properties[name] = orNull(&huma.Schema{Type: huma.TypeArray, Items: item})
	}
	return named(schemas, "NewProject", taken)
}

// partial is the schema of a T in a body, of which parts may be left out.
func partial[T any](schemas huma.Registry, required ...string) *huma.Schema {
	whole := *huma.SchemaFromType(schemas, reflect.TypeFor[T]())
	whole.Required = required
	return accepted(&whole)
}

// integration decodes a JSON object into a project's AI integration.
type integration struct {
	decoding decoding
	of       **models.AIIntegration
}

// UnmarshalJSON changes or adds the integration; null takes it away.
func (i *integration) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*i.of = nil
		return nil
	}
	if *i.of == nil {
		*i.of = new(models.AIIntegration)
	}
	return i.decoding.read(text, integrationBodyOf(*i.of))
}

// Schema is how OpenAPI shows it.
func (integration) Schema(schemas huma.Registry) *huma.Schema {
	return orNull(partial[aiIntegration](schemas))
}

// integrationBody is what a client may set of an AI integration, as projectBody is.
type integrationBody struct {
	Enabled  *bool     `json:"enabled"`
	Features *[]string `json:"features"`
	Models   *[]string `json:"models"`
}

func integrationBodyOf(i *models.AIIntegration) *integrationBody {
	return &integrationBody{&i.Enabled, &i.Features, &i.Models}
}
