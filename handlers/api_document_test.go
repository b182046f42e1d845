package handlers_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// document is the part of the OpenAPI document that these tests read.
type document struct {
	Paths map[string]map[string]struct {
		Summary     string
		Security    []map[string][]string
		RequestBody *struct {
			Content map[string]struct {
				Schema  map[string]any
				Example any
			}
		}
		Responses map[string]struct {
			Content map[string]struct{ Schema map[string]any }
		}
	}
}

func TestDocumentDescribesEveryBodyAndEveryError(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	var doc document
	if err := json.Unmarshal([]byte(a.Get("/api/openapi.json").Body), &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.Summary == "" {
				t.Errorf("%s %s has no summary", method, path)
			}
			if op.RequestBody != nil {
				body := op.RequestBody.Content["application/json"]
				if body.Schema["$ref"] == nil && body.Schema["properties"] == nil && body.Schema["type"] != "object" || body.Example == nil {
					t.Errorf("%s %s: the body is %v, for example %v", method, path, body.Schema, body.Example)
				}
			}
			for status, answer := range op.Responses {
				if status >= "400" && answer.Content["application/json"].Schema["$ref"] != "#/components/schemas/Failure" {
					t.Errorf("%s %s: %s is %v", method, path, status, answer.Content)
				}
			}
		}
	}
	for _, route := range []struct{ method, path, needs string }{
		{"get", "/api/me", "bearer"}, {"post", "/api/me/password", "bearer"}, {"delete", "/api/me/sessions/{id}", "bearer"}, {"post", "/api/token/pair", ""},
	} {
		op, ok := doc.Paths[route.path][route.method]
		protected := slices.ContainsFunc(op.Security, func(scheme map[string][]string) bool { return scheme["bearer"] != nil })
		if _, unauthorized := op.Responses["401"]; !ok || !unauthorized || protected != (route.needs != "") {
			t.Errorf("%s %s: protected %v, 401 %v", route.method, route.path, protected, unauthorized)
		}
	}
}
