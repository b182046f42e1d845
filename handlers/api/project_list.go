package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/services/projects"
)

type projectListInput struct {
	Paging
	Status        []string `query:"status,explode" enum:"planning,active,on_hold,completed" doc:"May be repeated."`
	ClientCompany string   `query:"client_company" doc:"The whole name." example:"Health Fund Australia"`
	Search        string   `query:"search" doc:"Every word must be in the name, the description or the client's company." example:"claims"`
	CreatedAfter  string   `query:"created_after" doc:"A date, or a time of RFC 3339; that one included." example:"2026-01-15"`
	CreatedBefore string   `query:"created_before" doc:"A date, or a time of RFC 3339; that one included." example:"2026-01-15"`
	Ordering      []string `query:"ordering" enum:"name,-name,status,-status,progress,-progress,client_company,-client_company,due_date,-due_date,created_at,-created_at,updated_at,-updated_at" doc:"Descending with a minus in front. Several by comma."`
}

func (a *API) registerProjectList(humaAPI huma.API) {
	list := a.projectOperation("project-list", http.MethodGet, "/api/projects/", "List your projects",
		"The projects that you may see, newest first: a bare array of at most 1,000, or a page where pages are asked for.")
	list.Errors = append(list.Errors, http.StatusBadRequest, http.StatusNotFound)
	list.Responses = listResponses[ProjectRow](humaAPI)
	huma.Register(humaAPI, list, a.listProjects)
}

func (a *API) listProjects(ctx context.Context, in *projectListInput) (*listOutput, error) {
	filter, err := in.filter()
	if err != nil {
		return nil, err
	}
	list, err := a.Projects.List(ctx, filter)
	if err != nil {
		return nil, err
	}
	rows := make([]ProjectRow, len(list.Rows))
	for i := range list.Rows {
		rows[i] = rowOf(&list.Rows[i])
	}
	if in.asked() {
		return &listOutput{Body: pageOf(&in.Paging, rows, filter.Page, filter.PageSize, list.Count)}, nil
	}
	out := &listOutput{Body: rows}
	if list.More {
		out.Link = in.behind(len(rows), pageCap)
	}
	return out, nil
}

// filter reads the query; an empty value asks for nothing.
func (in *projectListInput) filter() (filter projects.Filter, err error) {
	for _, status := range in.here.Query()["status"] {
		if status != "" {
			filter.Statuses = append(filter.Statuses, models.ProjectStatus(status))
		}
	}
	filter.ClientCompany, filter.Search, filter.Ordering = in.ClientCompany, in.Search, strings.Join(in.Ordering, ",")
	if filter.CreatedAfter, err = optionalTime("created_after", in.CreatedAfter); err != nil {
		return filter, err
	}
	if filter.CreatedBefore, err = optionalTime("created_before", in.CreatedBefore); err != nil {
		return filter, err
	}
	if len(in.CreatedBefore) == len(time.DateOnly) {
		filter.CreatedBefore = filter.CreatedBefore.Add(24*time.Hour - time.Microsecond)
	}
	if in.asked() {
		filter.Page, filter.PageSize, err = readPage(in.Page, in.PageSize)
	}
	return filter, err
}
