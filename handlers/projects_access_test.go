package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"digitalpath/models"
)

// access says what each person gets of a kind of route; 0 is the route's own success.
type access map[string]int

var (
	reading = access{
		"stranger": 404, "clerk": 404, "alumna": 404, "anonymous": 401, "expired": 401,
	}
	changing = access{
		"viewer": 403, "looker": 403,
		"stranger": 404, "clerk": 404, "alumna": 404, "anonymous": 401, "expired": 401,
	}
	owning = access{
		"editor": 403, "viewer": 403, "looker": 403,
		"stranger": 404, "clerk": 404, "alumna": 404, "anonymous": 401, "expired": 401,
	}
	adding = access{ // members: who could would learn who has an account
		"owner": 403, "editor": 403, "viewer": 403, "looker": 403,
		"stranger": 404, "clerk": 404, "alumna": 404, "anonymous": 401, "expired": 401,
	}
	leaving = access{ // viewer
		"editor": 403, "looker": 403,
		"stranger": 404, "clerk": 404, "alumna": 404, "anonymous": 401, "expired": 401,
	}
)

// projectRoutes are the routes of one project. Paths are below it.
var projectRoutes = []struct {
	method string
	path   func(c *cast, s *scene) string
	body   string
	access access
	status int
}{
	{"GET", below(), "", reading, 200},
	{"PUT", below(), `{"progress":80}`, changing, 200},
	{"PATCH", below(), `{"progress":80}`, changing, 200},
	{"DELETE", below(), "", owning, 204},
	{"GET", below("data-sources"), "", reading, 200},
	{"POST", below("data-sources"), `{"name":"New"}`, changing, 201},
	{"GET", item("data-sources"), "", reading, 200},
	{"PUT", item("data-sources"), `{"name":"Other"}`, changing, 200},
	{"PATCH", item("data-sources"), `{"name":"Other"}`, changing, 200},
	{"DELETE", item("data-sources"), "", changing, 204},
	{"GET", below("reports"), "", reading, 200},
	{"POST", below("reports"), `{"name":"New"}`, changing, 201},
	{"GET", item("reports"), "", reading, 200},
	{"PUT", item("reports"), `{"name":"Other"}`, changing, 200},
	{"PATCH", item("reports"), `{"name":"Other"}`, changing, 200},
	{"DELETE", item("reports"), "", changing, 204},
	{"GET", below("analytics"), "", reading, 200},
	{"POST", below("analytics"), `{"name":"New"}`, changing, 201},
	{"GET", item("analytics"), "", reading, 200},
	{"PUT", item("analytics"), `{"name":"Other"}`, changing, 200},
	{"PATCH", item("analytics"), `{"name":"Other"}`, changing, 200},
	{"DELETE", item("analytics"), "", changing, 204},
	{"GET", below("ai-integration"), "", reading, 200},
	{"PUT", below("ai-integration"), `{"enabled":true}`, changing, 200},
	{"PATCH", below("ai-integration"), `{"enabled":true}`, changing, 200},
	{"DELETE", below("ai-integration"), "", changing, 204},
	{"GET", below("members"), "", reading, 200},
	{"POST", below("members"), `{"user":"clerk","role":"editor"}`, adding, 201},
	{"GET", memberPath("viewer"), "", reading, 200},
	{"PUT", memberPath("viewer"), `{"role":"editor"}`, owning, 200},
	{"PATCH", memberPath("viewer"), `{"role":"editor"}`, owning, 200},
	{"DELETE", memberPath("viewer"), "", leaving, 204},
}

func below(steps ...any) func(*cast, *scene) string {
	return func(_ *cast, s *scene) string { return projectPath(s.project.ID, steps...) }
}

func item(list string) func(*cast, *scene) string {
	return func(_ *cast, s *scene) string {
		id := map[string]int64{"data-sources": s.source.ID, "reports": s.report.ID, "analytics": s.analytic.ID}[list]
		return projectPath(s.project.ID, list, id)
	}
}

func memberPath(name string) func(*cast, *scene) string {
	return func(c *cast, s *scene) string { return projectPath(s.project.ID, "members", c.users[name].ID) }
}

// Each route × each person. What is refused changes nothing; what is done is recorded
// once, with who did it.
func TestProjectRoutesAreForWhomTheyAreFor(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	for i, route := range projectRoutes {
		for _, person := range people {
			s := c.scene(fmt.Sprintf("%d as %s", i, person))
			path := route.path(c, s)
			want := route.access[person]
			if want == 0 {
				want = route.status
			}
			answer := c.as(person, route.method, path, route.body)
			if answer.Status != want {
				t.Errorf("%s %s as %s: got %d, want %d: %s", route.method, path, person, answer.Status, want, answer.Body)
				continue
			}
			entries := c.history(s.project.ID)
			if want >= 400 || route.method == http.MethodGet {
				if len(entries) > 0 {
					t.Errorf("%s %s as %s: %d, and yet recorded %+v", route.method, path, person, want, entries)
				}
				continue
			}
			if len(entries) != 1 || entries[0].Username != person || entries[0].UserID != c.users[person].ID {
				t.Errorf("%s %s as %s: recorded %+v", route.method, path, person, entries)
			}
		}
	}
}

// A project that is somebody else's answers as one that is not there.
func TestForeignProjectLooksLikeNone(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	s := c.scene("Secret")
	none := &scene{}
	none.project.ID, none.source.ID, none.report.ID, none.analytic.ID = 999_999, 9, 9, 9
	for _, route := range projectRoutes {
		foreign := c.as("stranger", route.method, route.path(c, s), route.body)
		missing := c.as("stranger", route.method, route.path(c, none), route.body)
		if foreign.Status != 404 || foreign.Status != missing.Status || foreign.Body != missing.Body {
			t.Errorf("%s %s: %d %s, of one that is not there %d %s", route.method, route.path(c, s), foreign.Status, foreign.Body, missing.Status, missing.Body)
		}
	}
}

// What belongs to a project can't be reached through another one.
func TestItemsOfOtherProjectsCannotBeReached(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	mine, foreign := c.scene("Mine"), c.scene("Foreign")
	if _, err := c.DB.NewDelete().Model((*models.ProjectMember)(nil)).Where("project_id = ?", foreign.project.ID).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	for list, id := range map[string]int64{"data-sources": foreign.source.ID, "reports": foreign.report.ID, "analytics": foreign.analytic.ID} {
		for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			body := ""
			if method[0] == 'P' {
				body = `{"name":"Taken"}`
			}
			c.must(404, "owner", method, projectPath(mine.project.ID, list, id), body)
		}
		name := strings.ReplaceAll(list, "-", "_")
		answer := c.must(400, "owner", "PATCH", projectPath(mine.project.ID), fmt.Sprintf(`{%q:[{"id":%d,"name":"Taken"}]}`, name, id))
		if !strings.Contains(answer.Body, name+".0.id") {
			t.Errorf("the fault is not named: %s", answer.Body)
		}
	}
	detail := c.get("root", projectPath(foreign.project.ID))
	if text := fmt.Sprint(detail); strings.Contains(text, "Taken") || !strings.Contains(text, "Claims") || !strings.Contains(text, "Churn") {
		t.Errorf("the other project was changed: %s", text)
	}
}

// The list, each filter and the summary count what a person may see and nothing else.
func TestListAndSummaryShowWhatIsYoursToSee(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.scene("Alpha")
	c.must(201, "stranger", "POST", "/api/projects/", `{"name":"Beta","status":"active","client_company":"Beta Co","progress":60}`)
	both, alpha, beta := []string{"Beta", "Alpha"}, []string{"Alpha"}, []string{"Beta"}
	for person, want := range map[string][]string{
		"owner": alpha, "editor": alpha, "viewer": alpha, "stranger": beta,
		"staff": both, "looker": both, "root": both, "clerk": nil, "alumna": nil,
	} {
		for query, matches := range map[string][]string{
			"": both, "?search=a": both, "?search=Alpha": alpha, "?search=eta": beta, "?status=active": beta, "?status=planning": alpha,
			"?client_company=Beta%20Co": beta, "?created_after=2020-01-01": both, "?created_before=2020-01-01": nil, "?ordering=-created_at": both,
		} {
			var expected []string
			for _, name := range matches {
				if slices.Contains(want, name) {
					expected = append(expected, name)
				}
			}
			if got := names(c.t, c.must(200, person, "GET", "/api/projects/"+query, "").Body); !slices.Equal(got, expected) {
				t.Errorf("%s sees %v of %q, want %v", person, got, query, expected)
			}
		}
		page := c.get(person, "/api/projects/?page=1")
		if page["count"] != float64(len(want)) {
			t.Errorf("%s: the page counts %v, want %d", person, page["count"], len(want))
		}
		if summary := c.get(person, "/api/projects/summary/"); summary["total"] != float64(len(want)) {
			t.Errorf("%s: the summary counts %v, want %d", person, summary["total"], len(want))
		}
	}
	for _, person := range []string{"anonymous", "expired"} {
		for _, path := range []string{"/api/projects/", "/api/projects/summary/"} {
			c.must(401, person, "GET", path, "")
		}
		c.must(401, person, "POST", "/api/projects/", `{"name":"Gamma"}`)
	}
}

// names are those of a list's rows.
func names(t *testing.T, body string) []string {
	t.Helper()
	var rows []struct{ Name string }
	if err := json.Unmarshal([]byte(body), &rows); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	var all []string
	for _, row := range rows {
		all = append(all, row.Name)
	}
	return all
}

// With DJANGO_COMPAT everybody who is signed in sees all projects, and changes only
// their own, as with the Django program.
func TestCompatShowsAllProjectsAndChangesOnlyYourOwn(t *testing.T) {
	t.Parallel()
	c := startProjects(t, "DJANGO_COMPAT=1")
	for _, route := range projectRoutes {
		s := c.scene("Open")
		path := route.path(c, s)
		want := 403
		if route.method == http.MethodGet && !strings.Contains(path, "members") {
			want = 200
		}
		c.must(want, "stranger", route.method, path, route.body)
		c.must(401, "anonymous", route.method, path, route.body)
	}
	if total := c.get("stranger", "/api/projects/summary/")["total"]; total != float64(len(projectRoutes)) {
		t.Errorf("the summary counts %v of %d projects", total, len(projectRoutes))
	}
}

func TestRightsCountFromTheNextRequest(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	path := projectPath(c.scene("Open").project.ID)
	c.must(404, "clerk", "GET", path, "")
	c.grant("clerk", models.View)
	c.must(200, "clerk", "GET", path, "")
	c.must(403, "clerk", "PATCH", path, `{"progress":1}`)
	c.must(403, "clerk", "DELETE", path, "")
	c.grant("clerk", models.Change)
	c.must(200, "clerk", "PATCH", path, `{"progress":1}`)
	c.must(403, "clerk", "DELETE", path, "")
	c.grant("clerk", models.Delete)
	c.must(204, "clerk", "DELETE", path, "")
}
