package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/waitlist"
)

// waitlistEntry is an entry in full.
type waitlistEntry struct {
	WaitlistPerson
	WaitlistOriginal
	WaitlistState
}

type waitlistOutput struct{ Body waitlistEntry }

type waitlistID struct {
	ID number `path:"id" doc:"Of the entry." example:"1"`
}

type waitlistChange struct {
	Email       *string `json:"email,omitempty" format:"idn-email" maxLength:"254" doc:"Staff may enter any address, others only the verified one of their account." example:"ann@example.com"`
	FirstName   *string `json:"first_name,omitempty" maxLength:"100" example:"Ann"`
	LastName    *string `json:"last_name,omitempty" maxLength:"100" example:"Lee"`
	Company     *string `json:"company,omitempty" maxLength:"200" example:"Lee & Daughters"`
	Description *string `json:"description,omitempty" maxLength:"2000" example:"We look for one view of our clinics."`
}

func (b *waitlistChange) change() waitlist.Change {
	return waitlist.Change{Email: b.Email, FirstName: b.FirstName, LastName: b.LastName, Company: b.Company, Description: b.Description}
}

func (b *waitlistChange) check() error { return b.change().Check() }

type waitlistChangeInput struct {
	request[waitlistChange]
	ID number `path:"id" doc:"Of the entry." example:"1"`
}

// waitlistPath is the URL of one entry.
const waitlistPath = "/api/waitlists/{id}/"

func (a *API) registerWaitlistEntries(humaAPI huma.API) {
	operation := func(id, method, path, summary string, more ...int) huma.Operation {
		return huma.Operation{
			OperationID: "waitlist-" + id, Method: method, Path: path, Summary: summary, Tags: []string{"Waitlist"},
			Description: "Staff reach every entry, others their own; what is not yours to see is 404.",
			// Parameters are checked by what reads them, so that errors are ours.
			SkipValidateParams: true,
			Errors:             append(more, http.StatusNotFound, http.StatusInternalServerError, http.StatusServiceUnavailable),
		}
	}
	a.registerWaitlistList(humaAPI)
	huma.Register(humaAPI, a.protected(operation("read", http.MethodGet, waitlistPath, "Read an entry")),
		func(ctx context.Context, in *waitlistID) (*waitlistOutput, error) {
			return a.waitlistAnswer(ctx, in.ID, a.Waitlist.Find)
		})
	company := "Lee & Daughters"
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		huma.Register(humaAPI, a.protected(describe(humaAPI, operation(
			map[string]string{http.MethodPut: "put", http.MethodPatch: "patch"}[method], method, waitlistPath,
			"Change an entry", http.StatusForbidden, http.StatusConflict,
		), waitlistChange{Company: &company})), a.changeWaitlist)
	}
	remove := operation("delete", http.MethodDelete, waitlistPath, "Leave the waitlist", http.StatusForbidden)
	remove.DefaultStatus = http.StatusNoContent
	huma.Register(humaAPI, a.protected(remove), func(ctx context.Context, in *waitlistID) (*struct{}, error) {
		_, err := a.waitlistAnswer(ctx, in.ID, a.Waitlist.Leave)
		return nil, err
	})
	huma.Register(humaAPI, a.protected(operation("delete-shown", http.MethodDelete, waitlistPath+"delete/",
		"Leave the waitlist and see what was deleted", http.StatusForbidden)),
		func(ctx context.Context, in *waitlistID) (*waitlistOutput, error) {
			return a.waitlistAnswer(ctx, in.ID, a.Waitlist.Leave)
		})
}

func (a *API) changeWaitlist(ctx context.Context, in *waitlistChangeInput) (*waitlistOutput, error) {
	return a.waitlistAnswer(ctx, in.ID, func(ctx context.Context, id int64) (*models.WaitlistEntry, error) {
		return a.Waitlist.Change(ctx, id, in.Sent.change())
	})
}

// waitlistAnswer does something with the entry of a URL's id and shows it.
func (a *API) waitlistAnswer(ctx context.Context, id number,
	do func(context.Context, int64) (*models.WaitlistEntry, error),
) (*waitlistOutput, error) {
	entry, err := do(ctx, id.value)
	if err != nil {
		return nil, err
	}
	shown, err := a.showWaitlist(ctx, []models.WaitlistEntry{*entry})
	if err != nil {
		return nil, err
	}
	return &waitlistOutput{shown[0]}, nil
}

// showWaitlist draws entries as answers, with their places in line.
func (a *API) showWaitlist(ctx context.Context, entries []models.WaitlistEntry) ([]waitlistEntry, error) {
	positions, err := a.Waitlist.Positions(ctx, entries)
	if err != nil {
		return nil, err
	}
	shown := make([]waitlistEntry, len(entries))
	for i, entry := range entries {
		state := WaitlistState{CreatedAt: entry.CreatedAt.UTC(), UpdatedAt: entry.UpdatedAt.UTC(), Notified: entry.Notified}
		if entry.UserID != 0 {
			state.User = &entry.UserID
		}
		if !entry.InvitedAt.IsZero() {
			at := entry.InvitedAt.UTC()
			state.InvitedAt = &at
		}
		if position, ok := positions[entry.ID]; ok {
			state.Position = &position
		}
		shown[i] = waitlistEntry{
			WaitlistPerson{models.DisplayEmail(entry.Email), entry.FirstName, entry.LastName, entry.Company, entry.Description}, *originalOf(&entry), state,
		}
	}
	return shown, nil
}

func originalOf(entry *models.WaitlistEntry) *WaitlistOriginal {
	return &WaitlistOriginal{entry.ID, entry.CreatedAt.UTC(), entry.UpdatedAt.UTC()}
}

// optionalBool reads a filter that may be left out.
func optionalBool(name, value string) (*bool, error) {
	if value == "" {
		return nil, nil
	}
	yes := value == "true"
	if !yes && value != "false" {
		return nil, problem.Field(name, "Enter true or false.")
	}
	return &yes, nil
}

// optionalTime reads a date or a time that may be left out.
func optionalTime(name, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, nil
		}
	}
	return time.Time{}, problem.Field(name, "Enter a date such as 2026-11-23, or a time of RFC 3339.")
}

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
