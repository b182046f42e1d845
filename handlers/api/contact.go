package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/services/contact"
)

type contactBody struct {
	Name    string   `json:"name" maxLength:"200" doc:"Who writes."`
	Email   string   `json:"email" format:"email" maxLength:"254" doc:"Where the answer goes."`
	Message string   `json:"message" maxLength:"10000" doc:"What they want to say."`
	Website string   `json:"website,omitempty" doc:"Leave empty. Hidden from people in the form: who fills it in is a robot."`
	_       struct{} `additionalProperties:"true"`
}

type contactInput struct {
	request[contactBody]
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"Repeating a request under the same key stores nothing twice, for 24 hours."`
}

type contactOutput struct {
	Body struct {
		Success bool   `json:"success"`
		Message string `json:"message" example:"Thank you for your message! We'll get back to you within 24 hours."`
	}
}

func (a *API) registerContact(humaAPI huma.API) {
	huma.Register(humaAPI, describe(humaAPI, huma.Operation{
		OperationID: "contact", Method: http.MethodPost, Path: "/api/contact", Summary: "Send a contact message", Tags: []string{"Contact"},
		Description: "The message is stored, and its mail to staff promised, before the answer; neither the mail server nor Redis can make it fail.",
		Errors:      []int{http.StatusConflict, http.StatusTooManyRequests},
	}, contactBody{
		Name: "John Doe", Email: "john@example.com", Message: "I'm interested in your services...",
	}), func(ctx context.Context, in *contactInput) (*contactOutput, error) {
		if err := a.contact(ctx, in); err != nil {
			return nil, a.Present(ctx, "/api/contact", err)
		}
		out := new(contactOutput)
		out.Body.Success = true
		out.Body.Message = "Thank you for your message! We'll get back to you within 24 hours."
		return out, nil
	})
}

func (a *API) contact(ctx context.Context, in *contactInput) error {
	if err := a.Limit(ctx, "contact", in.IP, ""); err != nil {
		return err
	}
	body, err := decode[contactBody](in.RawBody)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(in.RawBody)
	message := contact.Input{
		Name: body.Name, Email: body.Email, Message: body.Message, Website: body.Website, IPAddress: in.IP,
		Idempotency: models.Idempotency{Key: in.IdempotencyKey, RequestHash: hex.EncodeToString(hash[:])},
	}
	if err := message.Check(); err != nil {
		return err // somebody who mistypes does not use up what their address may send
	}
	repeats, err := a.Contact.Repeats(ctx, message)
	if err != nil {
		return err
	}
	if !repeats { // nor does who sends the same again
		if err := a.Limit(ctx, "contact", "", models.NormalizeEmail(body.Email)); err != nil {
			return err
		}
	}
	return a.Contact.Submit(ctx, message)
}
