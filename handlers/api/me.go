package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
)

// meTags groups what is about the signed-in user.
var meTags = []string{"Me"}

type me struct {
	ID              int64     `json:"id" example:"7"`
	Username        string    `json:"username" example:"johndoe"`
	IsAuthenticated bool      `json:"is_authenticated" enum:"true" doc:"Always true."`
	Email           string    `json:"email" example:"john@example.com"`
	FirstName       string    `json:"first_name" example:"John"`
	LastName        string    `json:"last_name" example:"Doe"`
	IsStaff         bool      `json:"is_staff" doc:"May enter the back office."`
	DateJoined      time.Time `json:"date_joined"`
	Providers       []string  `json:"providers" enum:"google,github" example:"[\"google\"]" doc:"What you can log in with, besides a password."`
}

type meOutput struct{ Body me }

func (a *API) meOf(ctx context.Context, user *models.User) (*meOutput, error) {
	providers, err := a.providersOf(ctx, user)
	return &meOutput{me{
		ID: user.ID, Username: user.Username, IsAuthenticated: true, Email: models.DisplayEmail(user.Email),
		FirstName: user.FirstName, LastName: user.LastName, IsStaff: user.IsStaff, DateJoined: user.DateJoined.UTC(), Providers: providers,
	}}, err
}

type namesBody struct {
	FirstName *string `json:"first_name,omitempty" maxLength:"150" example:"John"`
	LastName  *string `json:"last_name,omitempty" maxLength:"150" example:"Doe"`
}

func (b *namesBody) check() error {
	names := &models.User{Username: "somebody", Email: "somebody@example.com"}
	for name, sent := range map[*string]*string{&names.FirstName: b.FirstName, &names.LastName: b.LastName} {
		if sent != nil {
			*name = *sent
		}
	}
	return models.Validate(names)
}

type passwordBody struct {
	CurrentPassword string `json:"current_password" minLength:"1" format:"password" example:"correct horse battery"`
	NewPassword     string `json:"new_password" format:"password" minLength:"8" example:"staple horse correct" doc:"At least 8 characters, not only digits, not a common one, not like your other data."`
}

func (b *passwordBody) check() error {
	faults := problem.Fields{}
	if b.CurrentPassword == "" {
		faults.Add("current_password", "This field is required.")
	}
	accounts.CheckPassword(faults, "new_password", b.NewPassword, new(models.User))
	return faults.Err()
}

type passwordInput struct {
	request[passwordBody]
	UserAgent string `header:"User-Agent" hidden:"true"`
}

type passwordOutput struct {
	Body struct {
		Success bool   `json:"success" enum:"true"`
		Message string `json:"message" example:"Password changed successfully."`
		Refresh string `json:"refresh" doc:"Of a new login: the one that asked ended with all others." example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
		Access  string `json:"access" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."`
	}
}

type newEmailBody struct {
	Email           string `json:"email" format:"idn-email" maxLength:"254" doc:"The new address." example:"john@example.org"`
	CurrentPassword string `json:"current_password" minLength:"1" format:"password" example:"correct horse battery"`
}

func (b *newEmailBody) check() error {
	faults := problem.Fields{}
	if !models.IsEmail(models.NormalizeEmail(b.Email)) {
		faults.Add("email", "Enter a valid e-mail address.")
	}
	if b.CurrentPassword == "" {
		faults.Add("current_password", "This field is required.")
	}
	return faults.Err()
}

func (a *API) registerMe(humaAPI huma.API) {
	huma.Register(humaAPI, a.protected(huma.Operation{
		OperationID: "me", Method: http.MethodGet, Path: "/api/me", Summary: "Who you are", Tags: meTags,
		Description: "The account that the token is of.",
		Errors:      []int{http.StatusInternalServerError, http.StatusServiceUnavailable},
	}), func(ctx context.Context, _ *struct{}) (*meOutput, error) {
		return a.meOf(ctx, models.ActorOf(ctx).User)
	})
	first, last := "John", "Doe"
	huma.Register(humaAPI, a.protected(describe(humaAPI, huma.Operation{
		OperationID: "me-change", Method: http.MethodPatch, Path: "/api/me", Summary: "Change your names", Tags: meTags,
		Description: "What is left out, or null, stays as it is.",
	}, namesBody{FirstName: &first, LastName: &last})), a.changeNames)
	huma.Register(humaAPI, a.protected(describe(humaAPI, huma.Operation{
		OperationID: "me-password", Method: http.MethodPost, Path: "/api/me/password", Summary: "Change your password", Tags: meTags,
		Description: "Ends every login and every token issued before, and tells you by mail. The answer is a new login.",
		Errors:      []int{http.StatusConflict},
	}, passwordBody{CurrentPassword: "correct horse battery", NewPassword: "staple horse correct"})), a.changePassword)
	huma.Register(humaAPI, a.protected(describe(humaAPI, huma.Operation{
		OperationID: "me-email", Method: http.MethodPost, Path: "/api/me/email", Summary: "Change your e-mail address", Tags: meTags,
		Description: "The new address gets a mail with a key for /api/auth/verify-email, which works for 3 days. Until then the old address stays; then it is told.",
	}, newEmailBody{Email: "john@example.org", CurrentPassword: "correct horse battery"})), a.changeEmail)
}

func (a *API) changeNames(ctx context.Context, in *request[namesBody]) (*meOutput, error) {
	user := models.ActorOf(ctx).User
	if err := a.Accounts.ChangeOwn(ctx, user, accounts.Own{FirstName: in.Sent.FirstName, LastName: in.Sent.LastName}); err != nil {
		return nil, err
	}
	return a.meOf(ctx, user)
}

func (a *API) changePassword(ctx context.Context, in *passwordInput) (*passwordOutput, error) {
	body := in.Sent
	proof := accounts.LoginInput{Password: body.CurrentPassword, IPAddress: in.IP, UserAgent: in.UserAgent}
	pair, err := a.Accounts.ChangePassword(ctx, models.ActorOf(ctx).User, proof, body.NewPassword)
	if err != nil {
		return nil, err
	}
	out := new(passwordOutput)
	out.Body.Success, out.Body.Message = true, "Password changed successfully."
	out.Body.Refresh, out.Body.Access = pair.Refresh, pair.Access
	return out, nil
}

func (a *API) changeEmail(ctx context.Context, in *request[newEmailBody]) (*doneOutput, error) {
	body := in.Sent
	err := a.Accounts.ChangeEmail(ctx, models.ActorOf(ctx).User, accounts.EmailChangeInput{
		Email: body.Email, Proof: accounts.LoginInput{Password: body.CurrentPassword, IPAddress: in.IP},
	})
	if err != nil {
		return nil, err
	}
	return done("Please check your new address: the change takes effect with the link that we sent there."), nil
}
