package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/projects"
)

type projectListInput struct {
	Paging
	Authorization string   `header:"Authorization" hidden:"true"`
	IfNoneMatch   string   `header:"If-None-Match" hidden:"true"`
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
	list.Middlewares = nil // listProjects finds out by itself who asks
	list.Responses = listResponses[ProjectRow](humaAPI)
	huma.Register(humaAPI, list, a.listProjects)
}

// listProjects finds out who asks, and whether the list that they have still stands, in
// one round trip to the database.
func (a *API) listProjects(ctx context.Context, in *projectListInput) (*listOutput, error) {
	filter, invalid := in.filter()
	known := projects.Version{All: strings.Contains(in.IfNoneMatch, allProjects)}
	var version func(int64, *models.Args) *bun.SelectQuery
	if in.IfNoneMatch != "" && invalid == nil {
		version = func(user int64, args *models.Args) (query *bun.SelectQuery) {
			query, invalid = a.Projects.VersionOf(args, filter, user, known.All)
			return query
		}
	}
	ctx, text, err := a.signIn(ctx, in.Authorization, version)
	if err = cmp.Or(err, invalid); err != nil {
		return nil, err
	}
	known.Text = text
	if tag := a.listTag(ctx, in, known); version != nil && known.All == a.Projects.SeesAll(ctx) && names(in.IfNoneMatch, tag) {
		return &listOutput{ETag: tag}, nil
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
		return &listOutput{ETag: a.listTag(ctx, in, list.Version), Body: pageOf(&in.Paging, rows, filter.Page, filter.PageSize, list.Count)}, nil
	}
	out := &listOutput{ETag: a.listTag(ctx, in, list.Version), Body: rows}
	if list.More {
		out.Link = in.behind(len(rows), pageCap)
	}
	return out, nil
}

// allProjects is how the tag of a list of all projects begins.
const allProjects = `"all-`

// listTag is the tag of a list: of what was asked, by whom, and of what there is. A newer
// program may show it otherwise.
func (a *API) listTag(ctx context.Context, in *projectListInput, version projects.Version) string {
	tag := tagOf(fmt.Appendln(nil, a.Version, in.base, in.here.String(), models.ActorOf(ctx).UserID(), version))
	if version.All {
		return allProjects + strings.TrimPrefix(tag, `"`)
	}
	return tag
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
