package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/services/ratelimit"
)

type resetBody struct {
	UID         string `json:"uid" minLength:"1" doc:"Of the link." example:"MQ"`
	Token       string `json:"token" minLength:"1" doc:"Of the link." example:"sv3k2p.Q0ZJcVdCbVh5VnVkR0p3bWtYb3BNdjBxU2hRQ2E1N0I"`
	NewPassword string `json:"new_password" format:"password" minLength:"8" example:"correct horse battery" doc:"At least 8 characters, not only digits, not a common one, not like your other data."`
}

func (b *resetBody) check() error {
	faults := problem.Fields{}
	accounts.CheckPassword(faults, "new_password", b.NewPassword, new(models.User))
	return faults.Err()
}

func (a *API) registerPassword(humaAPI huma.API) {
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "forgot-password", Method: http.MethodPost, Path: "/api/auth/forgot-password", Summary: "Ask for a password reset link", Tags: accountTags,
		Description: "The answer, and its time, are the same whether or not there is an account. One that waits for verification gets that mail instead.",
		Errors:      []int{http.StatusTooManyRequests},
	}, emailBody{Email: "john@example.com"}), a.forgotPassword)
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "reset-password", Method: http.MethodPost, Path: "/api/auth/reset-password", Summary: "Choose a new password by a link", Tags: accountTags,
		Description: "With what the link in the mail carries: {FRONTEND_URL}/reset-password?uid=&token=. It works once, for 24 hours, until the next login. " +
			"Every login of the account ends. A weak password leaves the link good.",
		Metadata: own(codes{http.StatusBadRequest: {"invalid_link", "invalid", "malformed"}}),
	}, resetBody{UID: "MQ", Token: "sv3k2p.Q0ZJcVdCbVh5VnVkR0p3bWtYb3BNdjBxU2hRQ2E1N0I", NewPassword: "correct horse battery"}), a.resetPassword)
}

func (a *API) forgotPassword(ctx context.Context, in *request[emailBody]) (*doneOutput, error) {
	body := in.Sent
	if err := a.Limiter.Allow(ctx, ratelimit.Reset, in.IP, models.NormalizeEmail(body.Email)); err != nil {
		return nil, err
	}
	if err := a.Accounts.ForgotPassword(ctx, body.Email, accounts.MailPasswordReset); err != nil {
		return nil, err
	}
	return done("If an account exists with this email, you will receive a password reset link shortly."), nil
}

func (a *API) resetPassword(ctx context.Context, in *request[resetBody]) (*doneOutput, error) {
	body := in.Sent
	if _, err := a.Accounts.ResetPassword(ctx, accounts.ResetInput{UID: body.UID, Token: body.Token, NewPassword: body.NewPassword}); err != nil {
		return nil, err
	}
	return done("Password has been reset successfully. You can now log in with your new password."), nil
}
