package api

import (
	"bytes"
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
)

type pairBody struct {
	Username string `json:"username" minLength:"1" example:"johndoe" doc:"The username or the e-mail address, in either case."`
	Password string `json:"password" minLength:"1" format:"password" example:"correct horse battery"`
}

func (b *pairBody) check() error {
	return required(map[string]string{"username": b.Username, "password": b.Password})
}

type pairInput struct {
	request[pairBody]
	UserAgent string `header:"User-Agent" hidden:"true"`
}

type pairOutput struct {
	Body struct {
		Refresh  string `json:"refresh" doc:"Gives new access tokens. JWT, HS256." example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
		Access   string `json:"access" doc:"For Authorization: Bearer. JWT, HS256." example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
		Username string `json:"username" example:"johndoe"`
	}
}

type refreshBody struct {
	RefreshToken string `json:"refresh_token"`
	Refresh      string `json:"refresh"`
}

// Schema asks for one of the two names.
func (refreshBody) Schema(huma.Registry) *huma.Schema {
	name := func(name string) *huma.Schema {
		length := 1
		return &huma.Schema{Type: huma.TypeObject, Required: []string{name}, Properties: map[string]*huma.Schema{
			name: {Type: huma.TypeString, MinLength: &length, Description: "The refresh token, under this name or the other.", Examples: []any{exampleToken}},
		}}
	}
	return &huma.Schema{AnyOf: []*huma.Schema{name("refresh_token"), name("refresh")}}
}

type refreshInput struct {
	request[refreshBody]
	Query     string `query:"refresh_token" deprecated:"true" doc:"With DJANGO_COMPAT=1 only: the token of a request whose body holds none."`
	UserAgent string `header:"User-Agent" hidden:"true"`
}

// Resolve leaves a body that is empty to refresh: the token may be in the URL.
func (r *refreshInput) Resolve(ctx huma.Context) []error {
	if r.Query != "" && len(bytes.TrimSpace(r.RawBody)) == 0 {
		r.IP = models.ActorOf(ctx.Context()).IP
		return nil
	}
	return r.request.Resolve(ctx)
}

type accessOutput struct {
	Body struct {
		Access  string `json:"access" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
		Refresh string `json:"refresh,omitempty" doc:"Only where refresh tokens rotate: it replaces the one sent." example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
	}
}

type tokenBody struct {
	Token string `json:"token" minLength:"1" doc:"An access or a refresh token." example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
}

type logoutBody struct {
	Refresh string `json:"refresh" minLength:"1" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
}

type emptyOutput struct {
	Body struct{}
}

// badToken are the codes of an operation that takes a token in its body.
var badToken = codes{http.StatusUnauthorized: {"token_not_valid", "token_expired"}}

// exampleToken is the start of every token.
const exampleToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..." // #nosec G101 -- an example

func (a *API) registerTokens(humaAPI huma.API) {
	tags := []string{"Tokens"}
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "token-pair", Method: http.MethodPost, Path: "/api/token/pair", Summary: "Log in", Tags: tags,
		Description: "401 is invalid_credentials, after the same time for every account and none; or email_not_verified, for who knows the password.",
		Errors:      []int{http.StatusUnauthorized, http.StatusTooManyRequests},
		Metadata:    own(codes{http.StatusUnauthorized: {"invalid_credentials", "email_not_verified"}}),
	}, pairBody{Username: "johndoe", Password: "correct horse battery"}), a.logIn)
	refresh := describe(humaAPI, huma.Operation{
		OperationID: "token-refresh", Method: http.MethodPost, Path: "/api/token/refresh", Summary: "Get a new access token", Tags: tags,
		Description: "Where refresh tokens rotate, the one sent dies: for JWT_REFRESH_GRACE (30 s) it answers with the same successor, after that sending it again ends the login.",
		Errors:      []int{http.StatusUnauthorized}, Metadata: own(badToken),
	}, refreshBody{RefreshToken: exampleToken})
	huma.Register(humaAPI, refresh, a.refresh)
	refresh.RequestBody.Required = !a.Compat // huma has set it; the token may be in the query
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "token-verify", Method: http.MethodPost, Path: "/api/token/verify", Summary: "Ask whether a token is good", Tags: tags,
		Description: "An access token or a refresh token, that nobody has ended.",
		Errors:      []int{http.StatusUnauthorized}, Metadata: own(badToken),
	}, tokenBody{Token: exampleToken}), a.verifyToken)
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "token-blacklist", Method: http.MethodPost, Path: "/api/token/blacklist", Summary: "Log out", Tags: tags,
		Description: "The login ends, with its access tokens.",
		Errors:      []int{http.StatusUnauthorized}, Metadata: own(badToken),
	}, logoutBody{Refresh: exampleToken}), a.logOut)
}

func (a *API) logIn(ctx context.Context, in *pairInput) (*pairOutput, error) {
	body := in.Sent
	if err := body.check(); err != nil {
		return nil, err
	}
	pair, err := a.Tokens.LogIn(ctx, accounts.LoginInput{Login: body.Username, Password: body.Password, IPAddress: in.IP, UserAgent: in.UserAgent})
	if err != nil {
		return nil, err
	}
	out := new(pairOutput)
	out.Body.Refresh, out.Body.Access, out.Body.Username = pair.Refresh, pair.Access, pair.Username
	return out, nil
}

// required refuses fields that were left out.
func required(values map[string]string) error {
	fields := problem.Fields{}
	for name, value := range values {
		if value == "" {
			fields.Add(name, "This field is required.")
		}
	}
	return fields.Err()
}

func (a *API) refresh(ctx context.Context, in *refreshInput) (*accessOutput, error) {
	fromURL := ""
	if a.Compat {
		fromURL = in.Query
	}
	token := cmp.Or(in.Sent.RefreshToken, in.Sent.Refresh, fromURL)
	if err := required(map[string]string{"refresh_token": token}); err != nil {
		return nil, err
	}
	pair, err := a.Tokens.Refresh(ctx, token, accounts.LoginInput{IPAddress: in.IP, UserAgent: in.UserAgent})
	if err != nil {
		return nil, err
	}
	out := new(accessOutput)
	out.Body.Access, out.Body.Refresh = pair.Access, pair.Refresh
	return out, nil
}

func (a *API) verifyToken(ctx context.Context, in *request[tokenBody]) (*emptyOutput, error) {
	if err := required(map[string]string{"token": in.Sent.Token}); err != nil {
		return nil, err
	}
	return new(emptyOutput), a.Tokens.Verify(ctx, in.Sent.Token)
}

func (a *API) logOut(ctx context.Context, in *request[logoutBody]) (*emptyOutput, error) {
	if err := required(map[string]string{"refresh": in.Sent.Refresh}); err != nil {
		return nil, err
	}
	return new(emptyOutput), a.Tokens.LogOut(ctx, in.Sent.Refresh)
}
