package handlers_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func long(length int) string { return quoted(strings.Repeat("ñ", length)) }

// Each fault is told by name, for a new project and for a stored one.
func TestBadProjectIsRefusedWithItsFieldNamed(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	path := projectPath(c.scene("Whole").project.ID)
	before := c.get("owner", path)
	for _, in := range []struct{ body, field string }{
		{`{"name":""}`, "name"}, {`{"name":" \t"}`, "name"}, {`{"name":` + long(256) + `}`, "name"}, {`{"name":5}`, "name"},
		{`{"name":"A","status":"done"}`, "status"}, {`{"name":"A","status":""}`, "status"}, {`{"name":"A","status":1}`, "status"},
		{`{"name":"A","progress":-1}`, "progress"}, {`{"name":"A","progress":101}`, "progress"}, {`{"name":"A","progress":"80"}`, "progress"},
		{`{"name":"A","progress":1.5}`, "progress"}, {`{"name":"A","progress":99999999999999999999}`, "progress"},
		{`{"name":"A","team_size":-1}`, "team_size"}, {`{"name":"A","team_size":2147483648}`, "team_size"},
		{`{"name":"A","tasks_total":-1}`, "tasks_total"}, {`{"name":"A","tasks_completed":4294967296}`, "tasks_completed"},
		{`{"name":"A","tasks":{"total":-1}}`, "tasks_total"}, {`{"name":"A","tasks":{"completed":"3"}}`, "tasks.completed"}, {`{"name":"A","tasks":7}`, "tasks"},
		{`{"name":"A","due_date":` + long(51) + `}`, "due_date"}, {`{"name":"A","budget":` + long(51) + `}`, "budget"},
		{`{"name":"A","implementation_time":` + long(51) + `}`, "implementation_time"}, {`{"name":"A","last_update":` + long(51) + `}`, "last_update"},
		{`{"name":"A","client_company":` + long(256) + `}`, "client_company"}, {`{"name":"A","client_responsible":` + long(101) + `}`, "client_responsible"},
		{`{"name":"A","digitalpath_responsible":` + long(101) + `}`, "digitalpath_responsible"}, {`{"name":"A","description":{}}`, "description"},
		{`{"name":"A","data_sources":{}}`, "data_sources"}, {`{"name":"A","data_sources":["x"]}`, "data_sources.0"}, {`{"name":"A","data_sources":[null]}`, "data_sources.0"},
		{`{"name":"A","data_sources":[{"name":"B"},{"type":"SQL"}]}`, "data_sources.1.name"}, {`{"name":"A","data_sources":[{"name":"B","order":"first"}]}`, "data_sources.0.order"},
		{`{"name":"A","data_sources":[{"name":"B","order":2147483648}]}`, "data_sources.0.order"}, {`{"name":"A","data_sources":[{"id":"7","name":"B"}]}`, "data_sources.0.id"},
		{`{"name":"A","reports":[{"name":"B","frequency":` + long(101) + `}]}`, "reports.0.frequency"}, {`{"name":"A","analytics":[{"name":` + long(256) + `}]}`, "analytics.0.name"},
		{`{"name":"A","ai_integration":[]}`, "ai_integration"}, {`{"name":"A","ai_integration":{"enabled":"yes"}}`, "ai_integration.enabled"},
		{`{"name":"A","ai_integration":{"features":"x"}}`, "ai_integration.features"}, {`{"name":"A","ai_integration":{"models":["x",{}]}}`, "ai_integration.models.1"},
		{`{"name":"A\u0000"}`, ""}, {`{"name":"A","reports":[{"name":"\u0000"}]}`, ""}, {"{\"name\":\"\xff\"}", ""}, {`{"name":`, ""}, {`[]`, ""},
	} {
		for _, route := range [][2]string{{"POST", "/api/projects/"}, {"PUT", path}, {"PATCH", path}} {
			answer := c.must(400, "owner", route[0], route[1], in.body)
			faults, _ := answer.JSON()["errors"].(map[string]any)
			if in.field != "" && faults[in.field] == nil || in.field == "" && answer.JSON()["code"] != "malformed" {
				t.Errorf("%s %s does not name %q: %s", route[0], in.body, in.field, answer.Body)
			}
			wantNoInternals(t, answer)
		}
	}
	c.must(400, "owner", "POST", "/api/projects/", `{"description":"nameless"}`)
	if after := c.get("owner", path); !reflect.DeepEqual(after, before) || c.get("owner", "/api/projects/?page=1")["count"] != 1.0 {
		t.Errorf("something was stored: %v", after)
	}
}

// What is at the edge of what is allowed is stored as it was sent.
func TestProjectAtItsLimitsIsStored(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	for field, value := range map[string]string{
		"name": long(255), "client_company": long(255), "client_responsible": long(100), "digitalpath_responsible": long(100),
		"due_date": long(50), "budget": long(50), "implementation_time": long(50), "last_update": long(50), "description": long(20_000), "full_scope": long(20_000),
		"progress": "100", "team_size": "2147483647", "tasks_completed": "2147483647", "status": `"on_hold"`,
	} {
		body := fmt.Sprintf(`{"name":"Edge",%q:%s}`, field, value)
		detail := c.must(201, "owner", "POST", "/api/projects/", body).JSON()
		if got := fmt.Sprint(detail[field]); got != strings.Trim(value, `"`) && got != "2.147483647e+09" {
			t.Errorf("%s is %.60s", field, got)
		}
	}
	hostile := `{"name":"<script>alert(1)</script>","description":"'; DROP TABLE projects; -- ? {\"a\":1}","ai_integration":{"features":["a, b","\"q\"","?"]},"data_sources":[{"name":"it's \\ \"quoted\"","type":"?0"}]}`
	detail := c.must(201, "owner", "POST", "/api/projects/", hostile).JSON()
	again := c.get("owner", projectPath(int64(detail["id"].(float64))))
	if !reflect.DeepEqual(again, detail) || again["name"] != "<script>alert(1)</script>" || itemsOf(again, "data_sources", "name", "type") != `it's \ "quoted" ?0` {
		t.Errorf("stored as %v", again)
	}
}

func TestIDsThatNothingCanHaveAreNotFound(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	s := c.scene("Whole")
	for _, id := range []string{"0", "-1", "x", "1.0", "1e3", "+1", "007", "99999999999999999999", "9223372036854775807", "%00", "1%27", "%20", "null"} {
		for _, route := range projectRoutes {
			path := strings.Replace(route.path(c, s), fmt.Sprintf("/%d/", s.project.ID), "/"+id+"/", 1)
			c.must(404, "root", route.method, path, route.body)
		}
		for _, list := range []string{"data-sources", "reports", "analytics", "members"} {
			for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
				body := ""
				if method[0] == 'P' {
					body = `{"name":"Other","role":"viewer"}`
				}
				c.must(404, "root", method, projectPath(s.project.ID, list, id), body)
			}
		}
	}
	if entries := c.history(s.project.ID); len(entries) > 0 {
		t.Errorf("recorded %+v", entries)
	}
}

// Every route answers with and without its trailing slash, without a redirect.
func TestProjectRoutesAnswerWithAndWithoutSlash(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	for _, route := range projectRoutes {
		for _, end := range []string{"", "/"} {
			path := strings.TrimSuffix(route.path(c, c.scene("Slash")), "/") + end
			c.must(route.status, "root", route.method, path, route.body)
		}
	}
	c.must(201, "root", "POST", "/api/projects", `{"name":"A"}`)
	c.must(200, "root", "GET", "/api/projects", "")
	answer := c.must(http.StatusMethodNotAllowed, "root", "DELETE", "/api/projects/", "")
	if allow := answer.Header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("Allow is %q", allow)
	}
	for _, body := range []string{`{"name":"A"}`} {
		refused := c.Do("POST", "/api/projects/", body, "Authorization", "Bearer "+c.tokens["owner"], "Content-Type", "text/plain")
		if refused.Status != http.StatusUnsupportedMediaType {
			t.Errorf("text is answered with %d", refused.Status)
		}
	}
}

// The rows of a project's lists as resources of their own.
func TestItemsOfAProject(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	s := c.scene("Whole")
	for list, own := range map[string]string{"data-sources": "type", "reports": "frequency", "analytics": "type"} {
		all := projectPath(s.project.ID, list)
		made := c.must(201, "editor", "POST", all, fmt.Sprintf(`{"id":1,"project_id":77,"name":" New ",%q:"X","order":0}`, own)).JSON()
		one := fmt.Sprintf("%s%v/", all, made["id"])
		if made["name"] != "New" || made[own] != "X" || made["description"] != "" || made["order"] != 0.0 || len(made) != 5 {
			t.Errorf("%s: made %v", list, made)
		}
		c.wantChanges(s.project.ID, "changed", strings.ReplaceAll(list, "-", "_")+".New.name:  → New", strings.ReplaceAll(list, "-", "_")+".New."+own+":  → X")
		if first := names(t, c.must(200, "viewer", "GET", all, "").Body)[0]; first != "New" {
			t.Errorf("%s: the first by order is %s", list, first)
		}
		changed := c.must(200, "editor", "PUT", one, `{"order":5,"id":3}`).JSON()
		if changed["name"] != "New" || changed["order"] != 5.0 || changed["id"] != made["id"] || changed[own] != "X" {
			t.Errorf("%s: changed to %v", list, changed)
		}
		c.wantChanges(s.project.ID, "changed", strings.ReplaceAll(list, "-", "_")+".New.order: 0 → 5")
		if got := c.get("viewer", one); !reflect.DeepEqual(got, changed) {
			t.Errorf("%s: reads %v, not %v", list, got, changed)
		}
		for _, route := range [][2]string{{"POST", all}, {"PATCH", one}} {
			for _, in := range [][2]string{{`{"name":""}`, "name"}, {fmt.Sprintf(`{"name":"A",%q:%s}`, own, long(101)), own}, {`{"name":3}`, "name"}} {
				answer := c.must(400, "editor", route[0], route[1], in[0])
				if faults, _ := answer.JSON()["errors"].(map[string]any); faults[in[1]] == nil {
					t.Errorf("%s %s does not name %s: %s", route[0], in[0], in[1], answer.Body)
				}
			}
		}
		c.must(204, "editor", "DELETE", one, "")
		c.must(404, "editor", "DELETE", one, "")
		c.must(404, "editor", "GET", one, "")
		if left := names(t, c.must(200, "viewer", "GET", all, "").Body); len(left) != 1 {
			t.Errorf("%s: left are %v", list, left)
		}
	}
}

func TestAIIntegrationOfAProject(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	s := c.scene("Whole")
	path := projectPath(s.project.ID, "ai-integration")
	for _, step := range []struct {
		method, body string
		status       int
		want         string
	}{
		{"GET", "", 200, "map[enabled:false features:[Search] models:[]]"},
		{"PATCH", `{"enabled":true}`, 200, "map[enabled:true features:[Search] models:[]]"},
		{"PATCH", `{"models":["Trees"]}`, 200, "map[enabled:true features:[Search] models:[Trees]]"},
		{"PUT", `{"features":["A","B"]}`, 200, "map[enabled:false features:[A B] models:[]]"},
		{"DELETE", "", 204, ""},
		{"GET", "", 404, ""}, {"PATCH", `{"enabled":true}`, 404, ""}, {"DELETE", "", 404, ""},
		{"PUT", `{"enabled":true}`, 200, "map[enabled:true features:[] models:[]]"},
		{"PUT", `{}`, 200, "map[enabled:false features:[] models:[]]"},
	} {
		answer := c.must(step.status, "editor", step.method, path, step.body)
		if step.want != "" && fmt.Sprint(answer.JSON()) != step.want {
			t.Errorf("%s %s: got %s, want %s", step.method, step.body, answer.Body, step.want)
		}
	}
	c.wantChanges(s.project.ID, "changed", "ai_integration.enabled: true → false")
}
