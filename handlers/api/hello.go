package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type helloOutput struct {
	Body struct {
		Message string `json:"message" example:"Hello World"`
	}
}

func registerHello(humaAPI huma.API) {
	huma.Register(humaAPI, huma.Operation{
		OperationID: "hello", Method: http.MethodGet, Path: "/api/hello", Summary: "Say hello", Tags: []string{"Service"},
		Description: "Whether the API is there. The probes of operators are /healthz and /readyz.",
		Errors:      []int{http.StatusBadRequest, http.StatusServiceUnavailable},
	}, func(context.Context, *struct{}) (*helloOutput, error) {
		out := new(helloOutput)
		out.Body.Message = "Hello World"
		return out, nil
	})
}
