package handlerstest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// document is what the program says of its API, and the schemas in it.
type document struct {
	Paths map[string]map[string]struct {
		Responses map[string]documentedAnswer
	}
	Components struct{ Responses map[string]documentedAnswer }

	mu       sync.Mutex // of what follows
	compiler *jsonschema.Compiler
}

type documentedAnswer struct {
	Ref     string `json:"$ref"`
	Headers map[string]struct{ Required bool }
	Content map[string]any
}

// documents are those that were read already, by their text.
var documents sync.Map

// documented reads the document from the program; nil where it does not answer, as where
// it takes requests for another host only.
func (a *App) documented() *document {
	reader := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := reader.Get(a.URL + "/api/openapi.json")
	if err != nil {
		return nil
	}
	defer func() { _ = response.Body.Close() }() // read to its end below
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	if known, ok := documents.Load(string(text)); ok {
		return known.(*document)
	}
	doc := &document{compiler: jsonschema.NewCompiler()}
	doc.compiler.AssertFormat()
	whole, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err == nil {
		err = doc.compiler.AddResource("openapi.json", whole)
	}
	if err == nil {
		err = json.Unmarshal(text, doc)
	}
	if err != nil {
		a.t.Errorf("the OpenAPI document: %v", err)
		return nil
	}
	documents.Store(string(text), doc)
	return doc
}

// wantDocumented holds an answer of the API against the document: it can't lie.
func (a *App) wantDocumented(request *http.Request, answer Answer) {
	a.t.Helper()
	path := strings.TrimSuffix(request.URL.Path, "/")
	if !strings.HasPrefix(path, "/api/") || path == "/api/docs" || path == "/api/openapi.json" || !slices.Contains(documentedMethods, request.Method) {
		return
	}
	said := a.document.Load()
	if said == nil {
		if said = a.documented(); said == nil {
			return
		}
		a.document.Store(said)
	}
	if err := said.check(request.Method, path, answer); err != nil {
		a.t.Errorf("%s %s: the OpenAPI document does not say %d %s: %v", request.Method, path, answer.Status, answer.Body, err)
	}
}

var documentedMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// refusals are the statuses of what no operation came to see.
var refusals = []int{400, 413, 415, 431, 500, 503}

func (d *document) check(method, path string, answer Answer) error {
	place, said, ok := d.find(method, path, strconv.Itoa(answer.Status))
	switch {
	case !ok && answer.Status < 400:
		return fmt.Errorf("there is no such operation, or status")
	case !ok: // no operation: the envelope all the same
		place, said = "#/components/responses/Failed", d.Components.Responses["Failed"]
		if _, operation, known := d.find(method, path, "default"); known && !slices.Contains(refusals, answer.Status) {
			return fmt.Errorf("the operation has no such status, %v", operation)
		}
	}
	for name, header := range said.Headers {
		if header.Required && answer.Header.Get(name) == "" {
			return fmt.Errorf("the header %s lacks", name)
		}
	}
	if len(said.Content) == 0 {
		if answer.Body != "" {
			return fmt.Errorf("there is no body")
		}
		return nil
	}
	kind := answer.Header.Get("Content-Type")
	if kind != "application/json" || said.Content[kind] == nil {
		return fmt.Errorf("the type is %q", kind)
	}
	d.mu.Lock()
	schema, err := d.compiler.Compile("openapi.json" + place + "/content/application~1json/schema")
	d.mu.Unlock()
	if err != nil {
		return err
	}
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(answer.Body))
	if err != nil {
		return err
	}
	return schema.Validate(body)
}

// find is what the document says of a status, and where; a path without parameters goes
// before one with them.
func (d *document) find(method, path, status string) (place string, said documentedAnswer, ok bool) {
	steps := strings.Split(path, "/")
	template := ""
	for candidate := range d.Paths {
		parts := strings.Split(candidate, "/")
		fits := slices.EqualFunc(parts, steps, func(part, step string) bool { return part == step || strings.HasPrefix(part, "{") })
		if fits && (template == "" || candidate == path) {
			template = candidate
		}
	}
	operation, ok := d.Paths[template][strings.ToLower(method)]
	if !ok {
		return "", said, false
	}
	said, ok = operation.Responses[status]
	place = "#/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(template) + "/" + strings.ToLower(method) + "/responses/" + status
	if said.Ref != "" {
		place, said = said.Ref, d.Components.Responses[said.Ref[strings.LastIndexByte(said.Ref, '/')+1:]]
	}
	return place, said, ok
}
