package handlers_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
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

func TestHeadAnswersAsGetWithoutABody(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, path := range []string{"/api/hello", "/api/openapi.json", "/api/docs", "/api/projects/", "/api/me", "/api/nothing", "/api/contact", "/healthz", "/admin/login/"} {
		get, head := app.Get(path), app.Do(http.MethodHead, path, "")
		if head.Status != get.Status || head.Body != "" {
			t.Errorf("%s: %d and %d, %q", path, get.Status, head.Status, head.Body)
		}
		for _, header := range []string{"Content-Type", "Allow", "WWW-Authenticate"} {
			if head.Header.Get(header) != get.Header.Get(header) {
				t.Errorf("%s: %s is %q and %q", path, header, get.Header.Get(header), head.Header.Get(header))
			}
		}
	}
}

func TestTheDocumentIsServedOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	if answer := app.Get("/api/openapi.json"); answer.Header.Get("Content-Type") != "application/openapi+json" || !strings.HasPrefix(answer.JSON()["openapi"].(string), "3.1") {
		t.Errorf("%v", answer.Header)
	}
	for _, path := range []string{"/api/openapi.yaml", "/api/openapi-3.0.json", "/api/openapi-3.0.yaml"} {
		if answer := app.Get(path); answer.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Status)
		}
	}
}
