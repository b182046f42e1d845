package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"digitalpath/models"
)

// members are a project's as the API lists them: name role, the mightiest first.
func (c *cast) members(person string, project int64) string {
	c.t.Helper()
	var list []struct {
		User struct {
			ID              int64
			Username, Email string
		}
		Role string
	}
	body := c.must(200, person, "GET", projectPath(project, "members"), "").Body
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		c.t.Fatal(err)
	}
	var all []string
	for _, m := range list {
		if m.User.ID != c.users[m.User.Username].ID || m.User.Email != m.User.Username+"@example.com" {
			c.t.Errorf("a member is %+v", m)
		}
		all = append(all, m.User.Username+" "+m.Role)
	}
	return strings.Join(all, ", ")
}

func (c *cast) wantMembers(project int64, want string) {
	c.t.Helper()
	if got := c.members("root", project); got != want {
		c.t.Errorf("members are %s, want %s", got, want)
	}
}

func TestStaffAddAndOwnerManagesMembers(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	id := c.scene("Shared").project.ID
	all := projectPath(id, "members")
	c.wantMembers(id, "owner owner, editor editor, viewer viewer")

	added := c.must(201, "staff", "POST", all, fmt.Sprintf(`{"user":%d,"role":"editor"}`, c.users["stranger"].ID)).JSON()
	if added["role"] != "editor" || added["user"].(map[string]any)["username"] != "stranger" {
		t.Errorf("added %v", added)
	}
	c.wantChanges(id, models.HistoryChanged, "members.stranger:  → Editor")
	c.must(200, "stranger", "PATCH", projectPath(id), `{"progress":7}`)
	c.must(201, "staff", "POST", all, `{"user":"CLERK"}`)
	c.must(201, "staff", "POST", all, `{"user":" Alumna@Example.com ","role":"viewer"}`)
	c.wantMembers(id, "owner owner, editor editor, stranger editor, viewer viewer, clerk viewer, alumna viewer")

	c.must(200, "owner", "PUT", memberPath("stranger")(c, &scene{project: models.Project{ID: id}}), `{"role":"viewer"}`)
	c.wantChanges(id, models.HistoryChanged, "members.stranger: Editor → Viewer")
	c.must(403, "stranger", "PATCH", projectPath(id), `{"progress":8}`)
	c.must(200, "staff", "PATCH", projectPath(id, "members", c.users["stranger"].ID), `{"role":"viewer"}`)
	if entries := c.history(id); entries[len(entries)-1].Username != "owner" || entries[0].Username != "staff" {
		t.Errorf("what changed nothing is recorded: %+v", entries[len(entries)-1])
	}
	c.must(204, "staff", "DELETE", projectPath(id, "members", c.users["stranger"].ID), "")
	c.wantChanges(id, models.HistoryChanged, "members.stranger: Viewer → ")
	c.must(404, "stranger", "GET", projectPath(id), "")
	c.must(404, "owner", "GET", projectPath(id, "members", c.users["stranger"].ID), "")
}

// A project has one owner: a new one takes the place of the old one.
func TestOwnershipPassesOnAndNeverGetsLost(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	id := c.scene("Shared").project.ID
	owner, editor := projectPath(id, "members", c.users["owner"].ID), projectPath(id, "members", c.users["editor"].ID)
	for _, person := range []string{"owner", "staff"} {
		if code := c.must(409, person, "DELETE", owner, "").JSON()["code"]; code != "last_owner" {
			t.Errorf("the code is %v", code)
		}
		if code := c.must(409, person, "PATCH", owner, `{"role":"viewer"}`).JSON()["code"]; code != "last_owner" {
			t.Errorf("the code is %v", code)
		}
	}
	c.must(200, "owner", "PATCH", editor, `{"role":"owner"}`)
	c.wantMembers(id, "editor owner, owner editor, viewer viewer")
	c.wantChanges(id, models.HistoryChanged, "members.owner: Owner → Editor", "members.editor: Editor → Owner")
	c.must(403, "owner", "DELETE", projectPath(id), "")
	c.must(403, "owner", "PATCH", editor, `{"role":"viewer"}`)
	c.must(201, "staff", "POST", projectPath(id, "members"), `{"user":"clerk","role":"owner"}`)
	c.wantMembers(id, "clerk owner, owner editor, editor editor, viewer viewer")
	twin := &models.ProjectMember{ProjectID: id, UserID: c.users["stranger"].ID, Role: models.RoleOwner}
	if _, err := c.DB.NewInsert().Model(twin).Exec(context.Background()); !models.IsUniqueViolation(err) {
		t.Errorf("the database takes a second owner: %v", err)
	}
}

func TestMembersThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	id := c.scene("Shared").project.ID
	idle := &models.User{Username: "idle", Email: "idle@example.com"}
	c.insert(idle)
	before := c.members("root", id)
	for body, want := range map[string]string{
		`{}`: "400 user", `{"user":null}`: "400 user", `{"user":""}`: "400 user", `{"user":"nobody"}`: "400 user", `{"user":999999}`: "400 user",
		`{"user":"idle"}`: "400 user", fmt.Sprintf(`{"user":%d}`, idle.ID): "400 user", `{"user":1.5}`: "400 user", `{"user":{}}`: "400 user", `{"user":-1}`: "400 user",
		`{"user":"clerk","role":"boss"}`: "400 role", `{"user":"clerk","role":""}`: "400 role", `{"user":"clerk","role":1}`: "400 role",
		`{"user":"viewer","role":"editor"}`: "409 ", `{"user":"owner"}`: "409 ", `[]`: "400 ",
	} {
		status, field, _ := strings.Cut(want, " ")
		answer := c.as("staff", "POST", projectPath(id, "members"), body)
		faults, _ := answer.JSON()["errors"].(map[string]any)
		if fmt.Sprint(answer.Status) != status || field != "" && faults[field] == nil {
			t.Errorf("%s: got %d %s, want %s", body, answer.Status, answer.Body, want)
		}
	}
	for _, body := range []string{`{}`, `{"role":"boss"}`, `{"role":null}`, `{"role":[]}`, `x`} {
		c.must(400, "owner", "PATCH", projectPath(id, "members", c.users["viewer"].ID), body)
	}
	c.must(404, "owner", "PATCH", projectPath(id, "members", c.users["stranger"].ID), `{"role":"viewer"}`)
	if after := c.members("root", id); after != before || len(c.history(id)) > 0 {
		t.Errorf("members are %s, recorded %+v", after, c.history(id))
	}
}

// Nobody learns by a project who has an account, nor the address of another member.
func TestMembersTellNothingOfOtherPeople(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	id := c.scene("Shared").project.ID
	all := projectPath(id, "members")
	first := c.must(403, "owner", "POST", all, `{"user":"stranger"}`)
	for _, user := range []string{fmt.Sprint(c.users["stranger"].ID), "999999", `"stranger@example.com"`, `"nobody"`, `"editor"`, `"owner"`, `""`} {
		for _, role := range []string{"viewer", "owner", "boss"} {
			wantAnswer(t, c.as("owner", "POST", all, `{"user":`+user+`,"role":"`+role+`"}`), 403, strings.TrimSpace(first.Body))
		}
	}
	seen := func(person string) string {
		var list []struct {
			User struct{ Username, Email string }
		}
		if err := json.Unmarshal([]byte(c.must(200, person, "GET", all, "").Body), &list); err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, m := range list {
			told = append(told, m.User.Username+" "+m.User.Email)
		}
		return strings.Join(told, ", ")
	}
	for person, want := range map[string]string{
		"owner": "owner owner@example.com, editor , viewer ", "viewer": "owner , editor , viewer viewer@example.com",
		"staff": "owner owner@example.com, editor editor@example.com, viewer viewer@example.com", "looker": "owner owner@example.com, editor editor@example.com, viewer viewer@example.com",
	} {
		if got := seen(person); got != want {
			t.Errorf("%s sees %q, want %q", person, got, want)
		}
	}
	if answer := c.must(200, "owner", "GET", projectPath(id, "members", c.users["viewer"].ID), ""); strings.Contains(answer.Body, "@") {
		t.Errorf("the owner sees %s", answer.Body)
	}
	if answer := c.must(200, "owner", "PATCH", projectPath(id, "members", c.users["viewer"].ID), `{"role":"editor"}`); strings.Contains(answer.Body, "@") {
		t.Errorf("the owner sees %s", answer.Body)
	}
}

func TestAnyMemberMayLeaveButTheOwner(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	id := c.scene("Shared").project.ID
	for _, person := range []string{"editor", "viewer"} {
		c.must(204, person, "DELETE", projectPath(id, "members", c.users[person].ID), "")
		c.must(404, person, "GET", projectPath(id), "")
	}
	c.wantChanges(id, models.HistoryChanged, "members.viewer: Viewer → ")
	if code := c.must(409, "owner", "DELETE", projectPath(id, "members", c.users["owner"].ID), "").JSON()["code"]; code != "last_owner" {
		t.Errorf("the code is %v", code)
	}
	c.wantMembers(id, "owner owner")
}

func TestProjectIsUpdatedWithItsChildrenAndMembersWhereverTheyChange(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	id := c.scene("Shared").project.ID
	form := fmt.Sprintf("/admin/projects/%d/", id)
	post := func(pairs ...string) {
		t.Helper()
		page := staff.Get(form)
		values := page.Form("#form")
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		if page = staff.Post(page, form, values); page.Has("[aria-invalid=true]") {
			t.Fatalf("refused: %s", page.Text())
		}
	}
	for _, step := range []struct {
		what  string
		moves bool
		do    func()
	}{
		{"a member by the API", true, func() { c.must(201, "staff", "POST", projectPath(id, "members"), `{"user":"stranger"}`) }},
		{"an AI integration by the API", true, func() { c.must(200, "owner", "PUT", projectPath(id, "ai-integration"), `{"enabled":true}`) }},
		{"nothing by the API", false, func() { c.must(200, "owner", "PATCH", projectPath(id), `{}`) }},
		{"a data source by the form", true, func() { post("data_sources.0.name", "Sea") }},
		{"a member by the form", true, func() { post("members.1.role", "viewer") }},
		{"nothing by the form", false, func() { post() }},
	} {
		before := c.get("owner", projectPath(id))["updated_at"].(string)
		step.do()
		if after := c.get("owner", projectPath(id))["updated_at"].(string); (after > before) != step.moves {
			t.Errorf("%s: updated at %s, then at %s", step.what, before, after)
		}
	}
}
