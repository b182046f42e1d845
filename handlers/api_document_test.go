package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

// document is the part of the OpenAPI document that these tests read.
type document struct {
	Info    struct{ Version string }
	Servers []any
	Tags    []struct{ Name, Description string }
	Paths   map[string]map[string]struct {
		Summary, Description string
		Tags                 []string
		Security             *[]map[string][]string
		Parameters           []struct{ Name string }
		RequestBody          *struct {
			Content map[string]struct {
				Schema  map[string]any
				Example any
			}
		}
		Responses map[string]struct {
			Ref     string `json:"$ref"`
			Content map[string]struct{ Example any }
			Headers map[string]any
		}
	}
	Components struct {
		Schemas   map[string]map[string]any
		Responses map[string]struct {
			Content map[string]struct{ Schema, Example map[string]any }
			Headers map[string]any
		}
	}
}

func readDocument(t *testing.T, app *handlerstest.App) (doc document) {
	t.Helper()
	if err := json.Unmarshal([]byte(app.Get("/api/openapi.json").Body), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentDescribesEveryBodyAndEveryError(t *testing.T) {
	t.Parallel()
	doc := readDocument(t, handlerstest.Start(t))
	if doc.Info.Version == "" || len(doc.Servers) != 1 || slices.ContainsFunc(doc.Tags, func(tag struct{ Name, Description string }) bool { return tag.Description == "" }) {
		t.Errorf("%+v %v %v", doc.Info, doc.Servers, doc.Tags)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.Summary == "" || op.Description == "" || len(op.Tags) != 1 || op.Security == nil {
				t.Errorf("%s %s: %+v", method, path, op)
			}
			for _, parameter := range op.Parameters {
				if parameter.Name == "User-Agent" || parameter.Name == "Referer" {
					t.Errorf("%s %s asks clients for %s", method, path, parameter.Name)
				}
			}
			if op.RequestBody != nil && op.RequestBody.Content["application/json"].Example == nil {
				t.Errorf("%s %s has no example of its body", method, path)
			}
			for status, answer := range op.Responses {
				said := doc.Components.Responses[strings.TrimPrefix(answer.Ref, "#/components/responses/")]
				switch {
				case status < "400" && (status != "204" && status != "304") != (answer.Content["application/json"].Example != nil):
					t.Errorf("%s %s: %s is %+v", method, path, status, answer)
				case status < "400" && answer.Headers["X-Request-ID"] == nil, status >= "400" && said.Headers["X-Request-ID"] == nil,
					status == "401" && said.Headers["WWW-Authenticate"] == nil, status == "429" && said.Headers["Retry-After"] == nil:
					t.Errorf("%s %s: %s lacks a header", method, path, status)
				case status >= "400" && status != "default" && !strings.Contains(fmt.Sprint(said.Content["application/json"].Schema), "Failure"),
					status >= "400" && said.Content["application/json"].Example["code"] == nil:
					t.Errorf("%s %s: %s is %+v", method, path, status, said)
				}
			}
		}
	}
	for _, route := range []struct{ method, path, needs string }{
		{"get", "/api/me", "bearer"}, {"post", "/api/me/password", "bearer"}, {"delete", "/api/me/sessions/{id}", "bearer"}, {"post", "/api/token/pair", ""},
	} {
		op, ok := doc.Paths[route.path][route.method]
		protected := ok && slices.ContainsFunc(*op.Security, func(scheme map[string][]string) bool { return scheme["bearer"] != nil })
		if _, unauthorized := op.Responses["401"]; !ok || !unauthorized || protected != (route.needs != "") {
			t.Errorf("%s %s: protected %v, 401 %v", route.method, route.path, protected, unauthorized)
		}
	}
}

// A client that is made from the document refuses what the program would refuse.
func TestDocumentRefusesMistakes(t *testing.T) {
	t.Parallel()
	doc := readDocument(t, handlerstest.Start(t))
	schemas := doc.Components.Schemas
	var walk func(where string, value any)
	walk = func(where string, value any) {
		switch value := value.(type) {
		case []any:
			for i, item := range value {
				walk(fmt.Sprint(where, ".", i), item)
			}
		case map[string]any:
			if value["additionalProperties"] == true {
				t.Errorf("%s takes whatever comes", where)
			}
			properties, _ := value["properties"].(map[string]any)
			for name, property := range properties {
				property, _ := property.(map[string]any)
				if property["type"] != nil && property["examples"] == nil && where != "schema.code" {
					t.Errorf("%s.%s has no example: %v", where, name, property)
				}
			}
			for name, inside := range value {
				walk(where+"."+name, inside)
			}
		}
	}
	for name, schema := range schemas {
		walk(name, schema)
	}
	body := func(method, path string) map[string]any {
		schema := doc.Paths[path][method].RequestBody.Content["application/json"].Schema
		if ref, ok := schema["$ref"].(string); ok {
			schema = schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
		}
		walk(method+" "+path, schema)
		return schema
	}
	for _, want := range []struct{ method, path, in, says string }{
		{"post", "/api/projects", "required", "[name]"}, {"put", "/api/projects/{id}", "required", "<nil>"}, {"patch", "/api/projects/{id}", "required", "<nil>"},
		{"post", "/api/projects/{id}/reports", "required", "[name]"}, {"patch", "/api/projects/{id}/reports/{item}", "required", "<nil>"},
		{"post", "/api/contact", "required", "[name email message]"}, {"post", "/api/waitlists", "required", "[email]"},
		{"post", "/api/auth/signup", "required", "[username email password]"}, {"post", "/api/projects/{id}/members", "required", "[user]"},
		{"post", "/api/token/refresh", "anyOf", "required:[refresh]"}, {"post", "/api/token/refresh", "anyOf", "required:[refresh_token]"},
		{"post", "/api/projects", "properties", "enum:[planning active on_hold completed <nil>]"},
		{"patch", "/api/me", "properties", "maxLength:150 type:[string null]"},
	} {
		if got := fmt.Sprint(body(want.method, want.path)[want.in]); !strings.Contains(got, want.says) {
			t.Errorf("%s %s: %s is %s, want %s", want.method, want.path, want.in, got, want.says)
		}
	}
	for path, has := range map[string]bool{"/api/projects": false, "/api/projects/{id}": true} {
		method := map[bool]string{false: "post", true: "put"}[has]
		sources := fmt.Sprint(body(method, path)["properties"].(map[string]any)["data_sources"])
		if strings.Contains(sources, "required:[id]") != has || !strings.Contains(sources, "required:[name]") {
			t.Errorf("%s %s: data_sources is %s", method, path, sources)
		}
	}
	for place, codes := range map[string]string{
		"post /api/token/pair 401": "[invalid_credentials email_not_verified]", "get /api/me 401": "[not_authenticated token_expired token_not_valid]",
		"post /api/contact 409": "[idempotency_conflict]", "post /api/auth/verify-email 400": "[invalid_key invalid malformed]",
	} {
		words := strings.Fields(place)
		answer := doc.Components.Responses[strings.TrimPrefix(doc.Paths[words[1]][words[0]].Responses[words[2]].Ref, "#/components/responses/")]
		if got := fmt.Sprint(answer.Content["application/json"].Schema["allOf"]); !strings.Contains(got, "enum:"+codes) {
			t.Errorf("%s: %s", place, got)
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

// docs/frontend.md says of every code what to do.
func TestGuideKnowsEveryCode(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/frontend.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| [45]").FindAllSubmatch(guide, -1) {
		codes[string(row[1])] = true
	}
	properties, _ := readDocument(t, handlerstest.Start(t)).Components.Schemas["Failure"]["properties"].(map[string]any)
	all, _ := properties["code"].(map[string]any)["enum"].([]any)
	for _, code := range all {
		if !codes[code.(string)] {
			t.Errorf("docs/frontend.md does not say what to do about %s", code)
		}
		delete(codes, code.(string))
	}
	if len(all) == 0 || len(codes) > 0 {
		t.Errorf("docs/frontend.md knows %v, which no answer has", codes)
	}
}
