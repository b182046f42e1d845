package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/services/contact"
	"digitalpath/services/ratelimit"
)

type contactBody struct {
	Name    string `json:"name" minLength:"1" maxLength:"200" doc:"Who writes." example:"John Doe"`
	Email   string `json:"email" format:"idn-email" maxLength:"254" doc:"Where the answer goes." example:"john@example.com"`
	Message string `json:"message" minLength:"1" maxLength:"10000" doc:"What they want to say." example:"I'm interested in your services..."`
	Website string `json:"website,omitempty" doc:"Leave empty. Hidden from people in the form: who fills it in is a robot." example:""`
}

func (b *contactBody) check() error {
	return contact.Input{Name: b.Name, Email: b.Email, Message: b.Message}.Check()
}

type contactInput struct {
	request[contactBody]
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"Repeating a request under the same key stores nothing twice, for 24 hours." example:"5f0c6a4e-6a3e-4f2e-9d8f-1d1f0f7f7c55"`
}

type contactOutput struct {
	Body struct {
		Success bool   `json:"success" enum:"true"`
		Message string `json:"message" example:"Thank you for your message! We'll get back to you within 24 hours."`
	}
}

func (a *API) registerContact(humaAPI huma.API) {
	huma.Register(humaAPI, a.limited(ratelimit.Contact, describe(humaAPI, huma.Operation{
		OperationID: "contact", Method: http.MethodPost, Path: "/api/contact", Summary: "Send a contact message", Tags: []string{"Contact"},
		Description: "The message, and the mail about it to staff, are stored before the answer; neither the mail server nor Redis can make it fail.",
		Errors:      []int{http.StatusConflict}, Metadata: own(codes{http.StatusConflict: {"idempotency_conflict"}}),
	}, contactBody{
		Name: "John Doe", Email: "john@example.com", Message: "I'm interested in your services...",
	})), a.contact)
}

func (a *API) contact(ctx context.Context, in *contactInput) (*contactOutput, error) {
	hash := sha256.Sum256(in.RawBody)
	err := a.Contact.Submit(ctx, contact.Input{
		Name: in.Sent.Name, Email: in.Sent.Email, Message: in.Sent.Message, Website: in.Sent.Website, IPAddress: in.IP,
		Idempotency: models.Idempotency{Key: in.IdempotencyKey, RequestHash: hex.EncodeToString(hash[:])},
	})
	if err != nil {
		return nil, err
	}
	out := new(contactOutput)
	out.Body.Success = true
	out.Body.Message = "Thank you for your message! We'll get back to you within 24 hours."
	return out, nil
}
