package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/models"
)

// The example bodies of the Django program's documentation, to the letter.
const (
	documentedProject = `{
  "name": "New Project",
  "status": "planning",
  "description": "...",
  "client_company": "..."
}`
	documentedUpdate = `{
  "progress": 80,
  "status": "active"
}`
)

func TestSeedsExampleBodiesWorkVerbatim(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	created := c.must(201, "clerk", "POST", "/api/projects/", documentedProject).JSON()
	id := int64(created["id"].(float64))
	want := map[string]any{
		"name": "New Project", "status": "planning", "description": "...", "client_company": "...", "progress": 0.0, "team_size": 1.0,
		"tasks": map[string]any{"total": 0.0, "completed": 0.0}, "tasks_total": 0.0, "tasks_completed": 0.0, "due_date": "", "budget": "",
		"digitalpath_responsible": "", "client_responsible": "", "implementation_time": "", "last_update": "", "full_scope": "",
		"data_sources": []any{}, "reports": []any{}, "analytics": []any{}, "ai_integration": nil,
	}
	for name, value := range want {
		if !reflect.DeepEqual(created[name], value) {
			t.Errorf("%s is %v, want %v", name, created[name], value)
		}
	}
	c.wantChanges(id, models.HistoryAdded, "name:  → New Project", "status:  → Planning", "description:  → ...", "team_size:  → 1",
		"client_company:  → ...", "members.clerk:  → Owner")

	updated := c.must(200, "clerk", "PUT", projectPath(id), documentedUpdate).JSON()
	want["progress"], want["status"] = 80.0, "active"
	for name, value := range want {
		if !reflect.DeepEqual(updated[name], value) {
			t.Errorf("after PUT %s is %v, want %v", name, updated[name], value)
		}
	}
	c.wantChanges(id, models.HistoryChanged, "status: Planning → Active", "progress: 0 → 80")
	for _, name := range []string{"created_at", "updated_at"} {
		if at, err := time.Parse(time.RFC3339, updated[name].(string)); err != nil || !strings.HasSuffix(updated[name].(string), "Z") || time.Since(at) > time.Minute {
			t.Errorf("%s is %v, which is no time of now in UTC: %v", name, updated[name], err)
		}
	}
	if updated["updated_at"].(string) <= updated["created_at"].(string) {
		t.Errorf("updated_at %v did not move on from %v", updated["updated_at"], created["created_at"])
	}

	c.must(204, "clerk", "DELETE", projectPath(id), "")
	c.must(404, "clerk", "GET", projectPath(id), "")
	c.wantChanges(id, models.HistoryDeleted, "name: New Project → ", "status: Active → ", "description: ... → ", "progress: 80 → ",
		"team_size: 1 → ", "client_company: ... → ", "members.clerk: Owner → ")
}

const nestedProject = `{"name":" Care ","tasks":{"total":10,"completed":3},"data_sources":[
	{"name":"Second","type":"CSV","description":"b","order":2},{"name":"First","type":"SQL","order":1}],
	"reports":[{"name":"Board","frequency":"Monthly"}],"analytics":[{"name":"Risk","type":"Forecast"}],
	"ai_integration":{"enabled":true,"features":["Search","Summaries"],"models":["Trees"]}}`

// itemsOf are a list's names, with what tells them apart.
func itemsOf(detail map[string]any, list string, fields ...string) string {
	var all []string
	for _, item := range detail[list].([]any) {
		for _, field := range fields {
			all = append(all, fmt.Sprint(item.(map[string]any)[field]))
		}
	}
	return strings.Join(all, " ")
}

func TestProjectIsCreatedWithAllThatBelongsToIt(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	created := c.must(201, "owner", "POST", "/api/projects", nestedProject).JSON()
	id := int64(created["id"].(float64))
	for _, detail := range []map[string]any{created, c.get("owner", projectPath(id))} {
		if got := itemsOf(detail, "data_sources", "name", "type", "order"); got != "First SQL 1 Second CSV 2" {
			t.Errorf("data sources are %s", got)
		}
		if got := itemsOf(detail, "reports", "name", "frequency", "order") + " " + itemsOf(detail, "analytics", "name", "type"); got != "Board Monthly 0 Risk Forecast" {
			t.Errorf("reports and analytics are %s", got)
		}
		if got := fmt.Sprint(detail["name"], detail["tasks"], detail["tasks_total"], detail["tasks_completed"], detail["ai_integration"]); got !=
			"Caremap[completed:3 total:10] 10 3 map[enabled:true features:[Search Summaries] models:[Trees]]" {
			t.Errorf("the project is %s", got)
		}
	}
	// An answer is a body too: as it came it changes nothing, and copies the project.
	echo, err := json.Marshal(created)
	if err != nil {
		t.Fatal(err)
	}
	again := c.must(200, "owner", "PUT", projectPath(id), string(echo)).JSON()
	if !reflect.DeepEqual(again, created) || len(c.history(id)) != 1 {
		t.Errorf("the answer sent back changed\n%v to\n%v", created, again)
	}
	twin := c.must(201, "owner", "POST", "/api/projects/", string(echo)).JSON()
	if itemsOf(twin, "data_sources", "name") != "First Second" || itemsOf(twin, "reports", "id") == itemsOf(created, "reports", "id") || twin["id"] == created["id"] {
		t.Errorf("the copy is %v", twin)
	}
}

func TestWhatABodyLeavesOutStays(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	for _, method := range []string{"PUT", "PATCH"} {
		id := int64(c.must(201, "owner", "POST", "/api/projects/", nestedProject).JSON()["id"].(float64))
		for body, change := range map[string]string{
			`{}`: "", `{"name":null,"tasks":null,"reports":null,"status":null}`: "",
			`{"id":999,"created_at":"2001-01-01T00:00:00Z","updated_at":"x","owner":3,"project_id":1,"role":"owner"}`: "",
			`{"budget":"EUR 1"}`:                          "budget",
			`{"tasks":{"completed":4}}`:                   "tasks tasks_completed",
			`{"tasks_total":12}`:                          "tasks tasks_total",
			`{"ai_integration":{"enabled":false}}`:        "ai_integration",
			`{"analytics":[]}`:                            "analytics",
			`{"reports":[{"name":"Daily"}],"progress":5}`: "progress reports",
			`{"ai_integration":null}`:                     "ai_integration",
		} {
			before := c.get("owner", projectPath(id))
			after := c.must(200, "owner", method, projectPath(id), body).JSON()
			if stored := c.get("owner", projectPath(id)); !reflect.DeepEqual(stored, after) {
				t.Errorf("%s %s answers\n%v but stores\n%v", method, body, after, stored)
			}
			for name := range before {
				differs := !reflect.DeepEqual(before[name], after[name])
				wanted := strings.Contains(" "+change+" ", " "+name+" ") || name == "updated_at" && change != ""
				if differs && !wanted {
					t.Errorf("%s %s changed %s from %v to %v", method, body, name, before[name], after[name])
				}
			}
		}
	}
}

// Of the two spellings of the tasks the one that a client changed is meant.
func TestTasksInBothSpellings(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	id := c.scene("Tasks").project.ID
	for body, want := range map[string]string{
		`{"tasks":{"total":5,"completed":1}}`: "5 1", `{"tasks_total":6,"tasks_completed":2}`: "6 2",
		`{"tasks":{"total":0,"completed":0},"tasks_total":7}`: "7 0", `{"tasks":{"total":8},"tasks_total":0}`: "8 0",
	} {
		c.must(200, "owner", "PATCH", projectPath(id), `{"tasks_total":0,"tasks_completed":0}`)
		detail := c.must(200, "owner", "PATCH", projectPath(id), body).JSON()
		tasks := detail["tasks"].(map[string]any)
		if got := fmt.Sprint(tasks["total"], " ", tasks["completed"]); got != want || got != fmt.Sprint(detail["tasks_total"], " ", detail["tasks_completed"]) {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}

func TestSentListReplacesTheStoredOne(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	id := int64(c.must(201, "owner", "POST", "/api/projects/", nestedProject).JSON()["id"].(float64))
	first := c.get("owner", projectPath(id))["data_sources"].([]any)[0].(map[string]any)
	body := fmt.Sprintf(`{"data_sources":[{"name":"New","order":-1},{"id":%v,"type":"Oracle"}]}`, first["id"])
	detail := c.must(200, "owner", "PATCH", projectPath(id), body).JSON()
	if got := itemsOf(detail, "data_sources", "name", "type", "order"); got != "New  -1 First Oracle 1" {
		t.Errorf("data sources are %s", got)
	}
	if kept := detail["data_sources"].([]any)[1].(map[string]any)["id"]; kept != first["id"] {
		t.Errorf("the item got another id: %v, not %v", kept, first["id"])
	}
	c.wantChanges(id, models.HistoryChanged, "data_sources.First.type: SQL → Oracle", "data_sources.Second.name: Second → ", "data_sources.Second.description: b → ",
		"data_sources.Second.order: 2 → ", "data_sources.Second.type: CSV → ", "data_sources.New.name:  → New", "data_sources.New.order:  → -1")
}

// Nothing of a body with one fault anywhere is stored.
func TestFaultInANestedListStoresNothing(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	s := c.scene("Whole")
	before := c.get("owner", projectPath(s.project.ID))
	for _, fault := range []string{
		`"data_sources":[{"name":"A"},{"name":"  "}]`, `"reports":[{"name":"A","frequency":"` + strings.Repeat("f", 101) + `"}]`,
		`"analytics":[{"name":"A"},7]`, `"ai_integration":{"features":[1]}`,
		fmt.Sprintf(`"reports":[{"id":%d},{"id":%d}]`, s.report.ID, s.report.ID),
	} {
		body := `{"name":"Half","data_sources":[{"name":"New"}],` + fault + `}`
		c.must(400, "owner", "PUT", projectPath(s.project.ID), body)
		c.must(400, "owner", "POST", "/api/projects/", strings.Replace(body, fmt.Sprintf(`{"id":%d},`, s.report.ID), `{},`, 1))
	}
	if after := c.get("owner", projectPath(s.project.ID)); !reflect.DeepEqual(after, before) {
		t.Errorf("changed to %v", after)
	}
	if count, err := c.DB.NewSelect().Model((*models.Project)(nil)).Count(context.Background()); err != nil || count != 1 {
		t.Errorf("%d projects are stored (%v)", count, err)
	}
	if entries := c.history(s.project.ID); len(entries) > 0 {
		t.Errorf("recorded %+v", entries)
	}
}

// When the history can't be written the change is not made either, and the other way
// round: here the database refuses the last statement of each.
func TestChangeAndHistoryStandOrFallTogether(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	s := c.scene("Whole")
	before := c.get("owner", projectPath(s.project.ID))
	ctx := context.Background()
	refuse := "ALTER TABLE history_entries RENAME TO history_gone"
	if _, err := c.DB.ExecContext(ctx, refuse); err != nil {
		t.Fatal(err)
	}
	c.must(500, "owner", "PUT", projectPath(s.project.ID), `{"name":"Half","data_sources":[{"name":"New"}],"ai_integration":null}`)
	c.must(500, "owner", "POST", projectPath(s.project.ID, "reports"), `{"name":"New"}`)
	c.must(500, "staff", "POST", projectPath(s.project.ID, "members"), `{"user":"clerk"}`)
	c.must(500, "owner", "DELETE", projectPath(s.project.ID), "")
	c.must(500, "owner", "POST", "/api/projects/", nestedProject)
	if after := c.get("owner", projectPath(s.project.ID)); !reflect.DeepEqual(after, before) {
		t.Errorf("changed to %v", after)
	}
	for _, model := range []any{(*models.Project)(nil), (*models.DataSource)(nil), (*models.Report)(nil), (*models.AIIntegration)(nil)} {
		if count, err := c.DB.NewSelect().Model(model).Count(ctx); err != nil || count != 1 {
			t.Errorf("%d rows of %T (%v), want 1", count, model, err)
		}
	}
}

func TestDeletedProjectTakesWithItWhatBelongsToIt(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.must(204, "owner", "DELETE", projectPath(c.scene("Gone").project.ID), "")
	for _, model := range []any{
		(*models.Project)(nil), (*models.DataSource)(nil), (*models.Report)(nil), (*models.Analytic)(nil), (*models.AIIntegration)(nil), (*models.ProjectMember)(nil),
	} {
		if count, err := c.DB.NewSelect().Model(model).Count(context.Background()); err != nil || count > 0 {
			t.Errorf("%d rows of %T are left (%v)", count, model, err)
		}
	}
}

// Changes of one project at the same time follow each other; none is lost.
func TestParallelChangesOfOneProjectAllCount(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	id := c.scene("Busy").project.ID
	var writers sync.WaitGroup
	for i := range 20 {
		writers.Go(func() {
			answer := c.as("owner", "POST", projectPath(id, "reports"), fmt.Sprintf(`{"name":"R%d"}`, i))
			if answer.Status != 201 || answer.JSON()["name"] != fmt.Sprintf("R%d", i) {
				t.Errorf("report %d: %d %s", i, answer.Status, answer.Body)
			}
			field := []string{"budget", "due_date", "last_update", "implementation_time"}[i%4]
			if answer := c.as("editor", "PATCH", projectPath(id), fmt.Sprintf(`{%q:"by %d"}`, field, i)); answer.Status != 200 {
				t.Errorf("%s: %d %s", field, answer.Status, answer.Body)
			}
		})
	}
	writers.Wait()
	detail := c.get("owner", projectPath(id))
	if reports := detail["reports"].([]any); len(reports) != 21 {
		t.Errorf("%d reports are left", len(reports))
	}
	for _, field := range []string{"budget", "due_date", "last_update", "implementation_time"} {
		if detail[field] == "" {
			t.Errorf("%s got lost", field)
		}
	}
	if entries := c.history(id); len(entries) != 40 {
		t.Errorf("%d changes are recorded, want 40", len(entries))
	}
}
