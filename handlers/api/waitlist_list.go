package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/problem"
	"digitalpath/services/waitlist"
)

// waitlistCap is how many entries a list without pages holds at most.
const waitlistCap = 1000

type waitlistListInput struct {
	Paging
	Search        string `query:"search" doc:"Every word must be in the address, a name or the company." example:"claims"`
	Notified      string `query:"notified" enum:"true,false" doc:"Whether the newest mail was delivered."`
	Invited       string `query:"invited" enum:"true,false" doc:"Whether they were invited."`
	CreatedAfter  string `query:"created_after" doc:"A date, or a time of RFC 3339." example:"2026-01-15"`
	CreatedBefore string `query:"created_before" doc:"A date, or a time of RFC 3339." example:"2026-01-15"`
	Ordering      string `query:"ordering" enum:"created_at,-created_at,updated_at,-updated_at,invited_at,-invited_at,email,-email,first_name,-first_name,last_name,-last_name,company,-company" doc:"Descending with a minus in front. Default: -created_at."`
}

func (a *API) registerWaitlistList(humaAPI huma.API) {
	list := huma.Operation{
		OperationID: "waitlist-list", Method: http.MethodGet, Path: "/api/waitlists/", Summary: "List entries", Tags: []string{"Waitlist"},
		Description: "Your own entries; staff get all. A bare array, newest first, unless pages are asked for.",
		Errors:      []int{http.StatusBadRequest, http.StatusNotFound, http.StatusInternalServerError, http.StatusServiceUnavailable},
		Responses:   listResponses[waitlistEntry](humaAPI),
	}
	list.SkipValidateParams = true // they are checked by what reads them, so that errors are ours
	huma.Register(humaAPI, a.protected(list), a.listWaitlist)
}

func (a *API) listWaitlist(ctx context.Context, in *waitlistListInput) (*listOutput, error) {
	query, err := in.read()
	if err != nil {
		return nil, err
	}
	page, size := 1, waitlistCap
	if in.asked() {
		if page, size, err = readPage(in.Page, in.PageSize); err != nil {
			return nil, err
		}
	}
	query.Limit, query.Offset = size, (page-1)*size
	entries, total, err := a.Waitlist.List(ctx, query)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 && page > 1 {
		return nil, problem.ErrNotFound()
	}
	shown, err := a.showWaitlist(ctx, entries)
	if err != nil {
		return nil, err
	}
	if in.asked() {
		return &listOutput{Body: pageOf(&in.Paging, shown, page, size, total)}, nil
	}
	out := &listOutput{Body: shown}
	if total > waitlistCap {
		out.Link = in.behind(waitlistCap, pageCap)
	}
	return out, nil
}

func (in *waitlistListInput) read() (query waitlist.Query, err error) {
	query = waitlist.Query{Search: in.Search, Ordering: in.Ordering}
	if query.Notified, err = optionalBool("notified", in.Notified); err != nil {
		return query, err
	}
	if query.Invited, err = optionalBool("invited", in.Invited); err != nil {
		return query, err
	}
	if query.CreatedAfter, err = optionalTime("created_after", in.CreatedAfter); err != nil {
		return query, err
	}
	query.CreatedBefore, err = optionalTime("created_before", in.CreatedBefore)
	return query, err
}
