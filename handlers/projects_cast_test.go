package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

const projectsSecret = "the-secret-of-the-tests-of-projects"

// cast is the program with the people of the projects' tests.
type cast struct {
	*handlerstest.App

	t      *testing.T
	users  map[string]*models.User
	tokens map[string]string
}

// The people: who has which part in the project of a scenario. "clerk" is staff
// without rights, "alumna" has rights and is staff no more.
var people = []string{"owner", "editor", "viewer", "stranger", "staff", "looker", "clerk", "alumna", "root", "anonymous", "expired"}

func startProjects(t *testing.T, env ...string) *cast {
	t.Helper()
	c := &cast{
		App: handlerstest.Start(t, append(env, "DJANGO_SECRET_KEY="+projectsSecret, "RATE_LIMIT_API=off")...),
		t:   t, users: map[string]*models.User{}, tokens: map[string]string{"anonymous": "", "expired": ""},
	}
	for _, name := range people[:9] {
		c.newClerk(name)
	}
	c.tokens["expired"] = token(t, c.users["owner"].ID, -time.Minute)
	c.grant("staff", models.Verbs...)
	c.grant("alumna", models.Verbs...)
	c.grant("looker", models.View)
	return c
}

// newClerk makes an account, of staff where the name says so.
func (c *cast) newClerk(name string) {
	c.t.Helper()
	staff := name == "staff" || name == "looker" || name == "clerk" || name == "root"
	user := &models.User{
		Username: name, Email: name + "@example.com", IsActive: true, IsStaff: staff, IsSuperuser: name == "root",
		DateJoined: time.Now().UTC(), EmailVerifiedAt: time.Now().UTC(),
	}
	c.insert(user)
	c.users[name], c.tokens[name] = user, token(c.t, user.ID, time.Hour)
}

func (c *cast) grant(name string, verbs ...models.Verb) {
	c.t.Helper()
	for _, verb := range verbs {
		c.insert(&models.UserPermission{UserID: c.users[name].ID, Permission: models.PermissionOf("projects", verb)})
	}
}

func (c *cast) insert(row any) {
	c.t.Helper()
	if _, err := c.DB.NewInsert().Model(row).Exec(context.Background()); err != nil {
		c.t.Fatalf("insert %T: %v", row, err)
	}
}

// token is an access token as the Django program issued them.
func token(t *testing.T, user int64, life time.Duration) string {
	t.Helper()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"token_type": "access", "user_id": user, "jti": fmt.Sprintf("%032d", user),
		"iat": time.Now().Add(-time.Hour).Unix(), "exp": time.Now().Add(life).Unix(),
	}).SignedString([]byte(projectsSecret))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// scene is a stored project with one row of everything, and the cast in their parts.
type scene struct {
	project     models.Project
	source      models.DataSource
	report      models.Report
	analytic    models.Analytic
	integration models.AIIntegration
}

func (c *cast) scene(name string) *scene {
	c.t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	s := &scene{project: *models.NewProject()}
	s.project.Name, s.project.CreatedAt, s.project.UpdatedAt = name, now, now
	c.insert(&s.project)
	item := func(name string) models.ProjectItem {
		return models.ProjectItem{ProjectID: s.project.ID, Name: name, Order: 1}
	}
	s.source, s.report, s.analytic = models.DataSource{ProjectItem: item("Claims")}, models.Report{ProjectItem: item("Board")}, models.Analytic{ProjectItem: item("Churn")}
	s.integration = models.AIIntegration{ProjectID: s.project.ID, Features: []string{"Search"}, Models: []string{}}
	c.insert(&s.source)
	c.insert(&s.report)
	c.insert(&s.analytic)
	c.insert(&s.integration)
	for _, role := range models.ProjectRole("").Choices() {
		c.insert(&models.ProjectMember{ProjectID: s.project.ID, UserID: c.users[role.Value].ID, Role: models.ProjectRole(role.Value)})
	}
	return s
}

// as sends a request with a person's token.
func (c *cast) as(person, method, path, body string) handlerstest.Answer {
	c.t.Helper()
	var headers []string
	if body != "" {
		headers = append(headers, "Content-Type", "application/json")
	}
	if token := c.tokens[person]; token != "" {
		headers = append(headers, "Authorization", "Bearer "+token)
	}
	return c.Do(method, path, body, headers...)
}

// must is as with the status that the answer has to have.
func (c *cast) must(status int, person, method, path, body string) handlerstest.Answer {
	c.t.Helper()
	answer := c.as(person, method, path, body)
	if answer.Status != status {
		c.t.Fatalf("%s: %s %s %s: got %d, want %d: %s", person, method, path, body, answer.Status, status, answer.Body)
	}
	return answer
}

func (c *cast) get(person, path string) map[string]any {
	c.t.Helper()
	return c.must(http.StatusOK, person, http.MethodGet, path, "").JSON()
}

// history reads what is recorded of a project, oldest first.
func (c *cast) history(project int64) []models.HistoryEntry {
	c.t.Helper()
	var entries []models.HistoryEntry
	if err := c.DB.NewSelect().Model(&entries).Where("model = ?", "projects").Where("object_id = ?", project).Order("id").Scan(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	return entries
}

// wantChanges holds the newest entry of a project's history against what should be
// there, each change as "field: from → to".
func (c *cast) wantChanges(project int64, action models.HistoryAction, want ...string) {
	c.t.Helper()
	entries := c.history(project)
	if len(entries) == 0 {
		c.t.Fatalf("nothing is recorded of project %d", project)
	}
	entry := entries[len(entries)-1]
	var got []string
	for _, change := range entry.Changes {
		got = append(got, change.Field+": "+change.From+" → "+change.To)
	}
	if entry.Action != action || fmt.Sprint(got) != fmt.Sprint(want) {
		c.t.Errorf("history says %s\n%q\nwant %s\n%q", entry.Action, got, action, want)
	}
	if entry.Channel != models.ChannelAPI || entry.IPAddress != "127.0.0.1" || entry.Username == "" || entry.At.IsZero() {
		c.t.Errorf("history does not say who, when and from where: %+v", entry)
	}
}

func projectPath(id int64, below ...any) string {
	path := fmt.Sprintf("/api/projects/%d/", id)
	for _, step := range below {
		path += fmt.Sprint(step) + "/"
	}
	return path
}
