package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
)

type codeBody struct {
	Code string `json:"code" minLength:"1" doc:"The one-time code of the redirect to the frontend." example:"4RXBKQ7M2ZTVLD3H6WYNCEJ5PA"`
}

type exchangeInput struct {
	request[codeBody]
	UserAgent string `header:"User-Agent" hidden:"true"`
}

type exchangeOutput struct {
	Body struct {
		Refresh  string `json:"refresh" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
		Access   string `json:"access" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
		Username string `json:"username" example:"johndoe"`
	}
}

type providerInput struct {
	Provider string `path:"provider" enum:"google,github" example:"google" doc:"Who knows the identity."`
}

type connectOutput struct {
	Body struct {
		URL string `json:"url" format:"uri" example:"https://api.example.com/accounts/google/login/?connect=4RXBKQ7M2ZTVLD3H6WYNCEJ5PA" doc:"Send the browser there within a minute. It comes back to the frontend with ?connect= or ?error=."`
	}
}

type confirmInput struct {
	request[codeBody]
	Provider string `path:"provider" enum:"google,github" example:"google" doc:"Who knows the identity."`
}

type linkedOutput struct {
	Body struct {
		Providers []string `json:"providers" enum:"google,github" example:"[\"google\"]" doc:"What the user can log in with, besides a password."`
	}
}

// offeredProvider is one that people can log in with.
type offeredProvider struct {
	Provider string `json:"provider" enum:"google,github" example:"google"`
	URL      string `json:"url" format:"uri" example:"https://api.example.com/accounts/google/login/" doc:"Where its button leads."`
}

type offeredOutput struct {
	Body struct {
		Providers []offeredProvider `json:"providers" doc:"In the order of their buttons."`
	}
}

func (a *API) registerSocial(humaAPI huma.API) {
	tags := []string{"Social login"}
	huma.Register(humaAPI, huma.Operation{
		OperationID: "social-providers", Method: http.MethodGet, Path: "/api/auth/providers", Tags: tags,
		Summary: "Which buttons to show", Description: "Those providers of social login that have credentials here; none is an empty list.",
		Errors: []int{http.StatusBadRequest},
	}, func(ctx context.Context, _ *struct{}) (*offeredOutput, error) {
		out := new(offeredOutput)
		out.Body.Providers = make([]offeredProvider, len(a.Offered))
		for i, provider := range a.Offered {
			out.Body.Providers[i] = offeredProvider{string(provider), BackendURL(ctx) + "/accounts/" + string(provider) + "/login/"}
		}
		return out, nil
	})
	example := codeBody{Code: "4RXBKQ7M2ZTVLD3H6WYNCEJ5PA"}
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "social-exchange", Method: http.MethodPost, Path: "/api/auth/social/exchange", Tags: tags,
		Summary: "Swap the code of a social login for tokens",
		Description: "The code comes in the redirect to {FRONTEND_URL}/auth/callback?code=. It works once, within 60 seconds. " +
			"Failures come as ?error=: denied, no_verified_email, provider_error, state_mismatch, disabled, account_conflict.",
		Metadata: own(codes{http.StatusBadRequest: {"invalid_code", "invalid", "malformed"}}),
	}, example), a.exchangeCode)
	huma.Register(humaAPI, a.protected(huma.Operation{
		OperationID: "social-connect", Method: http.MethodPost, Path: "/api/me/social/{provider}", Tags: tags,
		Summary: "Set out to link an identity to your account", Errors: []int{http.StatusNotFound},
		Description: "404 where the provider is not offered.",
	}), a.connectIdentity)
	huma.Register(humaAPI, a.protected(describe(humaAPI, huma.Operation{
		OperationID: "social-confirm", Method: http.MethodPost, Path: "/api/me/social/{provider}/confirm", Tags: tags,
		Summary: "Link the identity that came back", Description: "Only who set out for it can confirm it, within 60 seconds.",
		Errors:   []int{http.StatusForbidden, http.StatusNotFound},
		Metadata: own(codes{http.StatusBadRequest: {"invalid_code", "invalid", "malformed"}, http.StatusForbidden: {"state_mismatch", "account_conflict"}}),
	}, example)), a.confirmIdentity)
	huma.Register(humaAPI, a.protected(huma.Operation{
		OperationID: "social-unlink", Method: http.MethodDelete, Path: "/api/me/social/{provider}", Tags: tags,
		Summary: "Unlink an identity", Description: "Never the last way in: 409 `last_login_method`.",
		Errors: []int{http.StatusNotFound, http.StatusConflict}, Metadata: own(codes{http.StatusConflict: {"last_login_method"}}),
	}), a.unlinkIdentity)
}

func (a *API) exchangeCode(ctx context.Context, in *exchangeInput) (*exchangeOutput, error) {
	pair, err := a.Social.Exchange(ctx, in.Sent.Code, accounts.LoginInput{IPAddress: in.IP, UserAgent: in.UserAgent})
	if err != nil {
		return nil, err
	}
	out := new(exchangeOutput)
	out.Body.Refresh, out.Body.Access, out.Body.Username = pair.Refresh, pair.Access, pair.Username
	return out, nil
}

func (a *API) connectIdentity(ctx context.Context, in *providerInput) (*connectOutput, error) {
	if !slices.Contains(a.Offered, models.SocialProvider(in.Provider)) {
		return nil, problem.ErrNotFound()
	}
	code, err := a.Social.IssueConnectCode(ctx, models.ActorOf(ctx).UserID())
	if err != nil {
		return nil, err
	}
	out := new(connectOutput)
	out.Body.URL = BackendURL(ctx) + "/accounts/" + in.Provider + "/login/?connect=" + code
	return out, nil
}

func (a *API) confirmIdentity(ctx context.Context, in *confirmInput) (*linkedOutput, error) {
	if err := a.Social.Confirm(ctx, models.ActorOf(ctx).UserID(), models.SocialProvider(in.Provider), in.Sent.Code); err != nil {
		return nil, err
	}
	return a.linked(ctx)
}

func (a *API) unlinkIdentity(ctx context.Context, in *providerInput) (*linkedOutput, error) {
	if err := a.Social.Unlink(ctx, models.ActorOf(ctx).UserID(), models.SocialProvider(in.Provider)); err != nil {
		return nil, err
	}
	return a.linked(ctx)
}

func (a *API) linked(ctx context.Context) (*linkedOutput, error) {
	out := new(linkedOutput)
	var err error
	out.Body.Providers, err = a.providersOf(ctx, models.ActorOf(ctx).User)
	return out, err
}

// providersOf names what a user can log in with, besides a password.
func (a *API) providersOf(ctx context.Context, user *models.User) ([]string, error) {
	accounts, err := a.Social.Linked(ctx, user.ID)
	names := make([]string, len(accounts))
	for i, account := range accounts {
		names[i] = string(account.Provider)
	}
	return names, err
}
