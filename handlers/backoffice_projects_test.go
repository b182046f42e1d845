package handlers_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"digitalpath/handlers/handlerstest"
)

// preview is what the client preview of a project shows for a user: the JSON, and
// the note that there is none.
func preview(t *testing.T, staff *handlerstest.Staff, path string) (answer, note string) {
	t.Helper()
	page := staff.Step(path)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page.Body))
	if err != nil || page.Status != http.StatusOK {
		t.Fatalf("%s: %d (%v)", path, page.Status, err)
	}
	return doc.Find("main pre").Text(), doc.Find("main [role=status]").Text()
}

// The preview sets the answer out in lines; apart from that it is the API's, byte by
// byte.
func TestPreviewShowsWhatTheAPIAnswersTheChosenUser(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	s := c.scene(`Claims <b>"&amp;" Ärzte & Söhne` + "\u2028")
	shown, refused := 0, 0
	for _, person := range people[:9] {
		api := c.as(person, http.MethodGet, projectPath(s.project.ID), "")
		for _, login := range []string{person, strings.ToUpper(person) + "@EXAMPLE.COM"} {
			answer, note := preview(t, staff, "/admin"+strings.TrimPrefix(projectPath(s.project.ID, "preview"), "/api")+"?user="+login)
			if api.Status == http.StatusNotFound {
				refused++
				if answer != "" || !strings.Contains(note, person) || !strings.Contains(note, "404") {
					t.Errorf("%s gets nothing, but the preview shows %q and says %q", login, answer, note)
				}
				continue
			}
			shown++
			var compact bytes.Buffer
			if err := json.Compact(&compact, []byte(answer)); err != nil {
				t.Fatalf("%s: %v in %q", login, err, answer)
			}
			if got, want := compact.String(), strings.TrimSpace(api.Body); api.Status != http.StatusOK || got != want || note != "" {
				t.Errorf("%s: the preview shows (%q)\n%s\nthe API answers %d\n%s", login, note, got, api.Status, want)
			}
		}
	}
	if shown != 12 || refused != 6 {
		t.Errorf("shown %d times, refused %d times", shown, refused)
	}
	page := staff.Get("/admin" + strings.TrimPrefix(projectPath(s.project.ID, "preview"), "/api") + "?user=" + handlerstest.Username)
	seen := page.Part("article", "")
	if !strings.Contains(seen.Text(), s.project.Name) || !seen.Has("[data-status]") || !page.Has("details#answer:not([open]) pre") || !page.Has("nav[aria-label=Members] a[href*='user=']") {
		t.Errorf("what the client sees: %s", page.Text())
	}
	if page := staff.Get("/admin/projects/1/preview/?user=nobody"); !page.Has("[aria-invalid=true]") || page.Has("main pre") {
		t.Errorf("nobody: %s", page.Text())
	}
}

// Somebody who may change projects and not view users can still type a member.
func TestMembersAreTypedWithoutTheRightToViewUsers(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	clerk := newClerk(t, app, boss, "projects.view", "projects.add", "projects.change")
	const lookup = "/admin/users/autocomplete/?q=a"
	if !clerk.Get("/admin/projects/add/").Has("[hx-get='/admin/users/autocomplete/']") {
		t.Fatal("the form does not look members up")
	}
	if offered := clerk.Get(lookup); offered.Status != http.StatusOK || offered.Has("option") || strings.TrimSpace(offered.Text()) != "" {
		t.Errorf("without users.view: %d %q", offered.Status, offered.Text())
	}
	grant(t, boss, "projects.view", "users.view")
	if offered := clerk.Get(lookup); offered.Status != http.StatusOK || !offered.Has("option[value=ada]") {
		t.Errorf("with users.view: %d %q", offered.Status, offered.Text())
	}
	if page := app.Browser().Step(lookup); page.Status == http.StatusOK {
		t.Errorf("signed out: %s", page.Body)
	}
}

func TestHistoryNamesModelsAsTheMenuDoes(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	s := c.scene("Claims")
	c.must(http.StatusOK, "owner", http.MethodPatch, projectPath(s.project.ID), `{"progress":80}`)
	row := staff.Get("/admin/history/?model=projects").Row("Claims")
	if text := row.Text(); !strings.Contains(text, "Projects") || strings.Contains(text, "projects") {
		t.Errorf("the list says %q", text)
	}
	detail := staff.Get(row.Attribute("a", "href"))
	if !detail.Has(`[data-field=model]:matches(^\s*Projects)`) {
		t.Errorf("the page says %q", detail.Text())
	}
}
