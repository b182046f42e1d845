package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// wantFaults is that errors names these fields and no other.
func wantFaults(t *testing.T, answer handlerstest.Answer, fields string) {
	t.Helper()
	faults, _ := answer.JSON()["errors"].(map[string]any)
	if named := strings.Join(slices.Sorted(maps.Keys(faults)), " "); answer.Status != http.StatusBadRequest || named != fields {
		t.Errorf("%d names %q, want %q: %s", answer.Status, named, fields, answer.Body)
	}
}

// Wrong types hide neither each other nor what else is wrong.
func TestEveryFaultOfABodyIsToldAtOnce(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	s := c.scene("Whole")
	path := projectPath(s.project.ID)
	for _, in := range []struct{ method, path, body, fields string }{
		{"POST", "/api/contact", `{"name":42,"email":["x"],"message":{}}`, "email message name"},
		{"POST", "/api/contact", `{"name":42,"email":"nope"}`, "email message name"},
		{"POST", "/api/waitlists/", `{"email":"nope","first_name":1,"last_name":` + long(101) + `,"company":true,"utm_source":[]}`, "company email first_name last_name utm_source"},
		{"POST", "/api/projects/", `{"name":"","status":7,"progress":101,"tasks":{"total":"x"},"data_sources":[{"name":5,"type":6},"x",{}],"ai_integration":{"enabled":1,"models":[2]}}`,
			"ai_integration.enabled ai_integration.models.0 data_sources.0.name data_sources.0.type data_sources.1 data_sources.1.name data_sources.2.name name progress status tasks.total"},
		{"PATCH", path, `{"progress":"80","team_size":-1,"reports":[{"name":"A","order":1.5},{"frequency":` + long(101) + `}]}`,
			"progress reports.0.order reports.1.frequency reports.1.name team_size"},
		{"POST", projectPath(s.project.ID, "data-sources"), `{"type":7,"order":"first"}`, "name order type"},
		{"PATCH", path, `{"progress":80.0,"team_size":1.5}`, "team_size"},
		{"POST", projectPath(s.project.ID, "members"), `{"user":true,"role":"boss"}`, "role user"},
		{"POST", "/api/auth/signup", `{"username":5,"email":"nope","password":"123","first_name":[]}`, "email first_name password username"},
		{"POST", "/api/auth/reset-password", `{"uid":1,"token":{},"new_password":"short"}`, "new_password token uid"},
		{"POST", "/api/token/pair", `{"username":1}`, "password username"},
		{"PATCH", "/api/me", `{"first_name":1,"last_name":` + long(151) + `}`, "first_name last_name"},
		{"POST", "/api/me/password", `{"current_password":7,"new_password":"12345678"}`, "current_password new_password"},
		{"POST", "/api/me/email", `{"email":"nope","current_password":[]}`, "current_password email"},
		{"PUT", projectPath(s.project.ID, "ai-integration"), `{"enabled":"yes","features":[1,"x",null]}`, "enabled features.0 features.2"},
	} {
		answer := c.Do(in.method, in.path, in.body, "Content-Type", "application/json", "Authorization", "Bearer "+c.tokens["owner"])
		wantFaults(t, answer, in.fields)
		wantNoInternals(t, answer)
	}
	for kind, words := range map[string]string{"{}": "an object", "[]": "a list", "1": "a number", "true": "true or false"} {
		answer := c.PostJSON("/api/contact", contact(kind, anns, hello))
		if want := "Enter a valid value, not " + words + "."; fmt.Sprint(answer.JSON()["errors"].(map[string]any)["name"]) != "["+want+"]" {
			t.Errorf("%s: %s", kind, answer.Body)
		}
	}
	if entries := c.history(s.project.ID); len(entries) > 0 {
		t.Errorf("recorded %+v", entries)
	}
}

// What a client sends along to a route without a body is not looked at.
func TestRoutesWithoutABodyTakeWhateverContentType(t *testing.T) {
	t.Parallel()
	c := startProjects(t, "GOOGLE_CLIENT_ID=id", "GOOGLE_CLIENT_SECRET=secret")
	for _, with := range []struct{ kind, body string }{{"", ""}, {"application/json", ""}, {"application/json", "{"}, {"text/plain", "x"}, {"multipart/form-data", "x"}, {"", "x"}} {
		path := projectPath(c.scene("Gone").project.ID)
		for _, try := range []struct {
			method, path string
			status       int
		}{
			{"POST", "/api/me/social/google", 200}, {"POST", "/api/me/social/github", 404}, {"GET", path, 200}, {"GET", "/api/me", 200},
			{"DELETE", path, 204},
		} {
			headers := []string{"Authorization", "Bearer " + token(t, c.users["owner"].ID, time.Minute)}
			if with.kind != "" {
				headers = append(headers, "Content-Type", with.kind)
			}
			if answer := c.Do(try.method, try.path, with.body, headers...); answer.Status != try.status {
				t.Errorf("%s %s with %q %q: %d %s", try.method, try.path, with.kind, with.body, answer.Status, answer.Body)
			}
		}
	}
}
