package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/projects"
)

// itemRoute is one of a project's lists as a resource of its own. Its operations
// read and change the project, so that access, validity and history are the
// project's.
type itemRoute[T any, P models.ItemOf[T]] struct {
	name     string // in JSON
	of       func(*models.Project) *[]T
	projects *projects.Service
}

// ItemPath is the path of one row of a project's list. It is exported for huma, which
// looks into such embedded structs only.
type ItemPath struct {
	ID   number `path:"id" doc:"Of the project." example:"1"`
	Item number `path:"item" doc:"Of the item." example:"5"`
}

type itemBodyPath struct {
	ItemPath
	RawBody []byte `contentType:"application/json"`
}

type itemOutput[T any] struct{ Body T }

type itemsOutput[T any] struct {
	Body []T `nullable:"false"`
}

// registerItems adds the routes of the list that a project's path names, such as
// data-sources.
func registerItems[T any, P models.ItemOf[T]](a *API, humaAPI huma.API, path, example string, of func(*models.Project) *[]T) {
	route := itemRoute[T, P]{strings.ReplaceAll(path, "-", "_"), of, a.Projects}
	all := "/api/projects/{id}/" + path + "/"
	one := all + "{item}/"
	slug := strings.TrimSuffix(path, "s")
	noun := strings.ReplaceAll(slug, "-", " ")
	descriptions := map[string]string{
		"list": "All of them, by their order.", "create": "It comes where its order says.", "read": "One of the list.",
		"put": "What is absent or null stays as it is.", "patch": "What is absent or null stays as it is.", "delete": "The others stay.",
	}
	operation := func(id, method, path, summary string) huma.Operation {
		return a.projectOperation(slug+"-"+id, method, path, summary, descriptions[id])
	}
	schemas, body := humaAPI.OpenAPI().Components.Schemas, map[string]any{"name": example, "order": 1}
	huma.Register(humaAPI, operation("list", http.MethodGet, all, "List the "+noun+"s of a project"), route.list)
	huma.Register(humaAPI, withBody(operation("create", http.MethodPost, all, "Add a "+noun+" to a project"), newItem[T](schemas), body), route.create)
	huma.Register(humaAPI, operation("read", http.MethodGet, one, "Read a "+noun), route.read)
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		huma.Register(humaAPI, withBody(operation(strings.ToLower(method), method, one, "Change a "+noun), without(partial[T](schemas), "id"), body), route.change)
	}
	huma.Register(humaAPI, operation("delete", http.MethodDelete, one, "Delete a "+noun), route.remove)
}

func (r itemRoute[T, P]) list(ctx context.Context, in *projectPath) (*itemsOutput[T], error) {
	project, err := r.projects.Get(ctx, in.ID.value)
	if err != nil {
		return nil, err
	}
	return &itemsOutput[T]{orEmpty(*r.of(project))}, nil
}

func (r itemRoute[T, P]) read(ctx context.Context, in *ItemPath) (*itemOutput[T], error) {
	project, err := r.projects.Get(ctx, in.ID.value)
	if err != nil {
		return nil, err
	}
	return r.answer(project, in.Item.value)
}

func (r itemRoute[T, P]) create(ctx context.Context, in *bodyPath) (*itemOutput[T], error) {
	place := 0
	project, err := r.projects.Rows().Change(ctx, in.ID.value, func(p *models.Project) error {
		list := r.of(p)
		place = len(*list)
		*list = append(*list, *new(T))
		return r.decode(in.RawBody, p, place, 0)
	})
	if err != nil {
		return nil, r.own(err, place)
	}
	newest := slices.MaxFunc(*r.of(project), func(a, b T) int { return cmp.Compare(P(&a).Item().ID, P(&b).Item().ID) })
	return &itemOutput[T]{newest}, nil
}

func (r itemRoute[T, P]) change(ctx context.Context, in *itemBodyPath) (*itemOutput[T], error) {
	place := 0
	project, err := r.projects.Rows().Change(ctx, in.ID.value, func(p *models.Project) (err error) {
		if place, err = r.place(p, in.Item.value); err != nil {
			return err
		}
		return r.decode(in.RawBody, p, place, in.Item.value)
	})
	if err != nil {
		return nil, r.own(err, place)
	}
	return r.answer(project, in.Item.value)
}

func (r itemRoute[T, P]) remove(ctx context.Context, in *ItemPath) (*struct{}, error) {
	_, err := r.projects.Rows().Change(ctx, in.ID.value, func(p *models.Project) error {
		place, err := r.place(p, in.Item.value)
		if err == nil {
			*r.of(p) = slices.Delete(*r.of(p), place, place+1)
		}
		return err
	})
	return nil, err
}

// decode changes the item at a place, which keeps its id, as a body says. Its faults are
// named as its project's.
func (r itemRoute[T, P]) decode(body []byte, p *models.Project, place int, id int64) error {
	item, d := P(&(*r.of(p))[place]), decoding{faults: problem.Fields{}}.inside(r.name).inside(strconv.Itoa(place))
	err := d.object(body, item)
	item.Item().ID = id
	if err != nil {
		return err
	}
	return d.faults.Err()
}

// place is where in a project's list the item of an id stands.
func (r itemRoute[T, P]) place(p *models.Project, id int64) (int, error) {
	place := slices.IndexFunc(*r.of(p), func(item T) bool { return P(&item).Item().ID == id })
	if place < 0 {
		return 0, problem.ErrNotFound()
	}
	return place, nil
}

func (r itemRoute[T, P]) answer(p *models.Project, id int64) (*itemOutput[T], error) {
	place, err := r.place(p, id)
	if err != nil {
		return nil, err
	}
	return &itemOutput[T]{(*r.of(p))[place]}, nil
}

// own names the fields at fault as the item's own rather than as its project's.
func (r itemRoute[T, P]) own(err error, place int) error {
	faults, ok := problem.As(err)
	if !ok || len(faults.Fields) == 0 {
		return err
	}
	fields := problem.Fields{}
	for name, texts := range faults.Fields {
		fields[strings.TrimPrefix(name, fmt.Sprintf("%s.%d.", r.name, place))] = texts
	}
	return fields.Problem()
}

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
