package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
)

type newProjectInput struct {
	RawBody []byte `contentType:"application/json"`
}

type projectPath struct {
	ID number `path:"id" doc:"Of the project." example:"1"`
}

// bodyPath is a path with a JSON body, which the operation decodes itself.
type bodyPath struct {
	ID      number `path:"id" doc:"Of the project." example:"1"`
	RawBody []byte `contentType:"application/json"`
}

// ProjectWrite is the path of a project that is to be changed or deleted. It is exported
// for huma, which looks into such embedded structs only.
type ProjectWrite struct {
	ID      number `path:"id" doc:"Of the project." example:"1"`
	IfMatch string `header:"If-Match" doc:"The ETag of the project as you know it: where it was changed meanwhile, nothing is done. Without it the last one wins."`
}

type projectChangeInput struct {
	ProjectWrite
	RawBody []byte `contentType:"application/json"`
}

type projectOutput struct {
	ETag string `header:"ETag" doc:"Changes with the project. Send it as If-Match with a change, as If-None-Match to be told whether anything is new." example:"\"uJk2pZ8nT0qvW3yB5dXc7aEf\""`
	Body projectDetail
}

// registerProjects adds every route of a project. The fixed path comes before the
// one with an id.
func (a *API) registerProjects(humaAPI huma.API) {
	schemaOf[StaleFailure](humaAPI)
	a.registerProjectList(humaAPI)
	huma.Register(humaAPI, a.projectOperation("project-summary", http.MethodGet, "/api/projects/summary/", "Count your projects",
		"Counts by status over the projects that you may see."), a.projectSummary)
	huma.Register(humaAPI, withBody(a.projectOperation("project-create", http.MethodPost, "/api/projects/", "Create a project",
		"Only the name is required. Data sources, reports, analytics and the AI integration may come with it; all is stored, or nothing. You become its owner."),
		newProject(humaAPI.OpenAPI().Components.Schemas), map[string]any{
			"name": "New Project", "status": "planning", "description": "Claims, appointments and forecasts in one place.", "client_company": "Health Fund Australia",
			"data_sources": []any{map[string]any{"name": "Claims warehouse", "type": "PostgreSQL"}},
		}), a.createProject)
	huma.Register(humaAPI, a.projectOperation("project-read", http.MethodGet, "/api/projects/{id}/", "Read a project",
		"The project with everything that belongs to it."), a.readProject)
	changed := named(humaAPI.OpenAPI().Components.Schemas, "ProjectChange", partial[projectBody](humaAPI.OpenAPI().Components.Schemas))
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		huma.Register(humaAPI, withBody(a.projectOperation("project-"+strings.ToLower(method), method, "/api/projects/{id}/", "Change a project",
			"What is absent or null stays as it is, with PUT as with PATCH. A list that is sent replaces the stored one: items with an id are changed, items without one are new, and the others go.", http.StatusPreconditionFailed),
			changed, map[string]any{"progress": 80, "status": "active"}), a.changeProject)
	}
	huma.Register(humaAPI, a.projectOperation("project-delete", http.MethodDelete, "/api/projects/{id}/", "Delete a project",
		"With everything that belongs to it. For its owner, and staff with that right.", http.StatusPreconditionFailed), a.deleteProject)
	registerItems(a, humaAPI, "data-sources", "Claims warehouse", func(p *models.Project) *[]models.DataSource { return &p.DataSources })
	registerItems(a, humaAPI, "reports", "Board report", func(p *models.Project) *[]models.Report { return &p.Reports })
	registerItems(a, humaAPI, "analytics", "Readmission risk", func(p *models.Project) *[]models.Analytic { return &p.Analytics })
	a.registerIntegration(humaAPI)
	a.registerMembers(humaAPI)
}

// projectOperation is what the operations of projects have in common.
func (a *API) projectOperation(id, method, path, summary, description string, errors ...int) huma.Operation {
	op := huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, Description: description, Tags: []string{"Projects"},
		// Parameters are checked by what reads them, so that errors are ours.
		SkipValidateParams: true,
		Errors:             append(errors, http.StatusServiceUnavailable),
	}
	if strings.Contains(path, "{id}") {
		op.Errors = append(op.Errors, http.StatusForbidden, http.StatusNotFound)
	}
	switch method {
	case http.MethodPost:
		op.DefaultStatus = http.StatusCreated
	case http.MethodDelete:
		op.DefaultStatus = http.StatusNoContent
	}
	return a.protected(op)
}

func (a *API) createProject(ctx context.Context, in *newProjectInput) (*projectOutput, error) {
	project, err := a.Projects.Rows().Add(ctx, func(p *models.Project) error { return decodeProject(in.RawBody, p) })
	if err != nil {
		return nil, err
	}
	return taggedProject(project)
}

func (a *API) readProject(ctx context.Context, in *projectPath) (*projectOutput, error) {
	project, err := a.Projects.Get(ctx, in.ID.value)
	if err != nil {
		return nil, err
	}
	return taggedProject(project)
}

// PreviewProject is the body that says what a project is, set out for people to read.
func PreviewProject(project *models.Project) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // as the API's answers are written
	encoder.SetIndent("", "  ")
	err := encoder.Encode(detailOf(project))
	return strings.TrimSuffix(text.String(), "\n"), err
}

func (a *API) changeProject(ctx context.Context, in *projectChangeInput) (*projectOutput, error) {
	project, err := a.matching(in.IfMatch).Change(ctx, in.ID.value, func(p *models.Project) error { return decodeProject(in.RawBody, p) })
	if err != nil {
		return nil, err
	}
	return taggedProject(project)
}

func (a *API) deleteProject(ctx context.Context, in *ProjectWrite) (*struct{}, error) {
	deleted, err := a.matching(in.IfMatch).Delete(ctx, []int64{in.ID.value})
	if err == nil && deleted == 0 {
		err = problem.ErrNotFound()
	}
	return nil, err
}

type summaryOutput struct {
	Body struct {
		Total           int `json:"total" example:"10"`
		Active          int `json:"active" example:"6"`
		Completed       int `json:"completed" example:"2"`
		OnHold          int `json:"on_hold" example:"1"`
		Planning        int `json:"planning" example:"1"`
		AverageProgress int `json:"average_progress" example:"68" doc:"Per cent, rounded half to even; 0 without projects."`
	}
}

func (a *API) projectSummary(ctx context.Context, _ *struct{}) (*summaryOutput, error) {
	summary, err := a.Projects.Summary(ctx)
	if err != nil {
		return nil, err
	}
	out := new(summaryOutput)
	out.Body.Total, out.Body.Active, out.Body.Completed = summary.Total, summary.Active, summary.Completed
	out.Body.OnHold, out.Body.Planning, out.Body.AverageProgress = summary.OnHold, summary.Planning, summary.AverageProgress
	return out, nil
}
