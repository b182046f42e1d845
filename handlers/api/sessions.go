package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
)

type session struct {
	ID         int64          `json:"id" example:"12"`
	Channel    models.Channel `json:"channel" enum:"api,backoffice" doc:"Where it is a login to."`
	IPAddress  string         `json:"ip_address" example:"203.0.113.7" doc:"Where it came from."`
	UserAgent  string         `json:"user_agent" example:"Mozilla/5.0"`
	CreatedAt  time.Time      `json:"created_at"`
	LastSeenAt time.Time      `json:"last_seen_at" doc:"Within five minutes."`
	ExpiresAt  time.Time      `json:"expires_at"`
	Current    bool           `json:"current" doc:"Whether this request came by it."`
}

type sessionsOutput struct{ Body []session }

type sessionOutput struct{ Body session }

type sessionPath struct {
	ID number `path:"id" doc:"Of the login." example:"12"`
}

func (a *API) registerSessions(humaAPI huma.API) {
	operation := func(id, method, path, summary, description string, errors ...int) huma.Operation {
		return a.protected(huma.Operation{
			OperationID: id, Method: method, Path: path, Summary: summary, Description: description, Tags: meTags, SkipValidateParams: true,
			Errors: append(errors, http.StatusInternalServerError, http.StatusServiceUnavailable),
		})
	}
	const all, one = "/api/me/sessions", "/api/me/sessions/{id}"
	huma.Register(humaAPI, operation("sessions", http.MethodGet, all, "List your logins", "The newest first."), a.listSessions)
	huma.Register(humaAPI, operation("session", http.MethodGet, one, "Look at a login", "One of the list.", http.StatusNotFound), a.readSession)
	huma.Register(humaAPI, operation("sessions-end", http.MethodDelete, all, "Log out everywhere",
		"Ends every login, this one too, and every token issued before."), func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		return nil, a.Tokens.LogOutEverywhere(ctx, []int64{models.ActorOf(ctx).UserID()})
	})
	huma.Register(humaAPI, operation("session-end", http.MethodDelete, one, "End a login",
		"Its tokens are good no more.", http.StatusNotFound), func(ctx context.Context, in *sessionPath) (*struct{}, error) {
		return nil, a.Accounts.EndSession(ctx, models.ActorOf(ctx).UserID(), in.ID.value)
	})
}

func (a *API) listSessions(ctx context.Context, _ *struct{}) (*sessionsOutput, error) {
	rows, err := a.Accounts.Sessions(ctx, models.ActorOf(ctx).UserID())
	if err != nil {
		return nil, err
	}
	out := &sessionsOutput{Body: make([]session, len(rows))}
	for i, row := range rows {
		out.Body[i] = session{
			ID: row.ID, Channel: row.Channel, IPAddress: row.IPAddress, UserAgent: row.UserAgent,
			CreatedAt: row.CreatedAt.UTC(), LastSeenAt: row.LastSeenAt.UTC(), ExpiresAt: row.ExpiresAt.UTC(), Current: row.ID == sessionOf(ctx),
		}
	}
	return out, nil
}

func (a *API) readSession(ctx context.Context, in *sessionPath) (*sessionOutput, error) {
	all, err := a.listSessions(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, one := range all.Body {
		if one.ID == in.ID.value {
			return &sessionOutput{one}, nil
		}
	}
	return nil, problem.ErrNotFound()
}
