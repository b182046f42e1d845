package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/services/accounts"
	"digitalpath/services/ratelimit"
	"digitalpath/views/i18n"
)

// accountTags groups what people do before they are signed in.
var accountTags = []string{"Accounts"}

type signupBody struct {
	Username  string `json:"username" minLength:"1" maxLength:"150" example:"johndoe" doc:"Letters, digits and @ . + - _. Taken regardless of case. One that looks like an e-mail address must be your own."`
	Email     string `json:"email" format:"idn-email" maxLength:"254" example:"john@example.com"`
	Password  string `json:"password" format:"password" minLength:"8" example:"correct horse battery" doc:"At least 8 characters, not only digits, not a common one, not like your other data."`
	FirstName string `json:"first_name,omitempty" maxLength:"150" example:"John"`
	LastName  string `json:"last_name,omitempty" maxLength:"150" example:"Doe"`
}

func (b *signupBody) input() accounts.SignupInput {
	return accounts.SignupInput{Username: b.Username, Email: b.Email, Password: b.Password, FirstName: b.FirstName, LastName: b.LastName}
}

func (b *signupBody) check() error { return b.input().Check() }

type signupInput struct {
	request[signupBody]
	Language string `header:"Accept-Language" doc:"Chooses the language of mails to the user: English or Spanish." example:"es"`
}

type signupOutput struct {
	Body struct {
		Success bool   `json:"success" enum:"true"`
		Message string `json:"message" example:"User created successfully. Please check your email to verify your account."`
		User    struct {
			Username        string `json:"username" example:"johndoe"`
			Email           string `json:"email" example:"john@example.com"`
			IsAuthenticated bool   `json:"is_authenticated" enum:"false" doc:"Always false: the address is to be verified first."`
			FirstName       string `json:"first_name" example:"John"`
			LastName        string `json:"last_name" example:"Doe"`
		} `json:"user"`
	}
}

// doneOutput says that something was done.
type doneOutput struct {
	Body struct {
		Success bool   `json:"success" enum:"true"`
		Message string `json:"message" doc:"The same sentence, whatever became of it." example:"Email verified successfully. You can now log in."`
	}
}

func done(message string) *doneOutput {
	out := new(doneOutput)
	out.Body.Success, out.Body.Message = true, message
	return out
}

func (a *API) registerSignup(humaAPI huma.API) {
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "signup", Method: http.MethodPost, Path: "/api/auth/signup", Summary: "Sign up", Tags: accountTags,
		Description: "The account can be used once its address is verified by the link of the mail. " +
			"Where the address has an account already the answer is the same, and the mail says so.",
		Errors:   []int{http.StatusConflict, http.StatusTooManyRequests},
		Metadata: own(codes{http.StatusConflict: {"username_taken"}}),
	}, signupBody{Username: "johndoe", Email: "john@example.com", Password: "correct horse battery", FirstName: "John", LastName: "Doe"}), a.signUp)
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "verify-email", Method: http.MethodPost, Path: "/api/auth/verify-email", Summary: "Verify an e-mail address", Tags: accountTags,
		Description: "With the key of the link in the mail: {FRONTEND_URL}/verify-email?key=. It works for 3 days, and again for the account that it verified. Of several sign-ups with one address, the key that is used decides.",
		Metadata:    own(codes{http.StatusBadRequest: {"invalid_key", "invalid", "malformed"}}),
	}, keyBody{Key: "v.1.sv3k2p.Q0ZJcVdCbVh5VnVkR0p3bWtYb3BNdjBxU2hRQ2E1N0I"}), a.verifyEmail)
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "resend-verification", Method: http.MethodPost, Path: "/api/auth/resend-verification", Summary: "Send the verification mail again", Tags: accountTags,
		Description: "The answer is the same whether or not an account waits for its address to be verified.",
		Errors:      []int{http.StatusTooManyRequests},
	}, emailBody{Email: "john@example.com"}), a.resendVerification)
}

func (a *API) signUp(ctx context.Context, in *signupInput) (*signupOutput, error) {
	if err := a.Limiter.Allow(ctx, ratelimit.SignUp, in.IP, models.NormalizeEmail(in.Sent.Email)); err != nil {
		return nil, err
	}
	wanted := in.Sent.input()
	wanted.Language = i18n.Match(in.Language)
	user, err := a.Accounts.SignUp(ctx, wanted)
	if err != nil {
		return nil, err
	}
	out := new(signupOutput)
	out.Body.Success, out.Body.Message = true, "User created successfully. Please check your email to verify your account."
	out.Body.User.Username, out.Body.User.Email = user.Username, models.DisplayEmail(user.Email)
	out.Body.User.FirstName, out.Body.User.LastName = user.FirstName, user.LastName
	return out, nil
}

type keyBody struct {
	Key string `json:"key" minLength:"1" doc:"The key of the link." example:"v.1.sv3k2p.Q0ZJcVdCbVh5VnVkR0p3bWtYb3BNdjBxU2hRQ2E1N0I"`
}

func (a *API) verifyEmail(ctx context.Context, in *request[keyBody]) (*doneOutput, error) {
	if err := a.Accounts.VerifyEmail(ctx, in.Sent.Key); err != nil {
		return nil, err
	}
	return done("Email verified successfully. You can now log in."), nil
}

type emailBody struct {
	Email string `json:"email" format:"idn-email" maxLength:"254" example:"john@example.com"`
}

func (a *API) resendVerification(ctx context.Context, in *request[emailBody]) (*doneOutput, error) {
	if err := a.Accounts.ResendVerification(ctx, in.IP, in.Sent.Email); err != nil {
		return nil, err
	}
	return done("If an account with this email waits for verification, you will receive the link again shortly."), nil
}
