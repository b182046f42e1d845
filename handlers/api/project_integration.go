package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
)

type integrationOutput struct {
	Body aiIntegration
}

func (a *API) registerIntegration(humaAPI huma.API) {
	operation := func(method, summary, description string) huma.Operation {
		return a.projectOperation("ai-integration-"+strings.ToLower(method), method, "/api/projects/{id}/ai-integration/", summary, description)
	}
	schema := partial[aiIntegration](humaAPI.OpenAPI().Components.Schemas)
	example := map[string]any{"enabled": true, "features": []string{"Document summaries"}, "models": []string{"Churn forecast"}}
	huma.Register(humaAPI, operation(http.MethodGet, "Read the AI integration", "404 where the project has none."), a.readIntegration)
	huma.Register(humaAPI, withBody(operation(http.MethodPut, "Set the AI integration", "Created, or replaced as a whole."), schema, example), a.putIntegration)
	huma.Register(humaAPI, withBody(operation(http.MethodPatch, "Change the AI integration", "What is absent stays as it is."), schema, example), a.patchIntegration)
	huma.Register(humaAPI, operation(http.MethodDelete, "Delete the AI integration", "404 where the project has none."), a.deleteIntegration)
}

func (a *API) readIntegration(ctx context.Context, in *projectPath) (*integrationOutput, error) {
	project, err := a.Projects.Get(ctx, in.ID.value)
	if err == nil && project.AIIntegration == nil {
		err = problem.ErrNotFound()
	}
	if err != nil {
		return nil, err
	}
	return &integrationOutput{aiIntegration(*detailOf(project).AIIntegration)}, nil
}

func (a *API) putIntegration(ctx context.Context, in *bodyPath) (*integrationOutput, error) {
	return a.changeIntegration(ctx, in, func(p *models.Project) error {
		p.AIIntegration = new(models.AIIntegration)
		return nil
	})
}

func (a *API) patchIntegration(ctx context.Context, in *bodyPath) (*integrationOutput, error) {
	return a.changeIntegration(ctx, in, integrated)
}

// integrated is problem.NotFound for a project without an AI integration.
func integrated(p *models.Project) error {
	if p.AIIntegration == nil {
		return problem.ErrNotFound()
	}
	return nil
}

func (a *API) changeIntegration(ctx context.Context, in *bodyPath, prepare func(*models.Project) error) (*integrationOutput, error) {
	project, err := a.Projects.Rows().Change(ctx, in.ID.value, func(p *models.Project) error {
		if err := prepare(p); err != nil {
			return err
		}
		return decodeInto(in.RawBody, integrationBodyOf(p.AIIntegration))
	})
	if err != nil {
		return nil, err
	}
	return &integrationOutput{aiIntegration(*detailOf(project).AIIntegration)}, nil
}

func (a *API) deleteIntegration(ctx context.Context, in *projectPath) (*struct{}, error) {
	_, err := a.Projects.Rows().Change(ctx, in.ID.value, func(p *models.Project) error {
		err := integrated(p)
		p.AIIntegration = nil
		return err
	})
	return nil, err
}
