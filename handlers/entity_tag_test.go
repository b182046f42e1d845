package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// signed asks as somebody, with headers.
func (c *cast) signed(who, method, path, body string, headers ...string) handlerstest.Answer {
	c.t.Helper()
	return c.Do(method, path, body, append(headers, "Authorization", "Bearer "+c.tokens[who], "Content-Type", "application/json")...)
}

// What a client has read is not sent again until it is something else.
func TestReadsThatStillStandAreNotSentAgain(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	project := projectPath(int64(c.must(201, "owner", "POST", "/api/projects/", `{"name":"First","reports":[{"name":"Board report"}]}`).JSON()["id"].(float64)))
	for _, path := range []string{
		"/api/projects/", "/api/projects/?status=planning&page=1", "/api/projects/summary/", project, project + "reports/", project + "members/",
		"/api/me", "/api/me/sessions", "/api/waitlists/",
	} {
		first := c.signed("owner", "GET", path, "")
		tag := first.Header.Get("ETag")
		if first.Status != http.StatusOK || tag == "" || first.Header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(first.Header.Get("Vary"), "Authorization") {
			t.Errorf("%s: %d %v", path, first.Status, first.Header)
		}
		for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			if again := c.signed("owner", "GET", path, "", "If-None-Match", known); again.Status != http.StatusNotModified || again.Body != "" {
				t.Errorf("%s with %s: %d %q", path, known, again.Status, again.Body)
			}
		}
		if other := c.signed("owner", "GET", path, "", "If-None-Match", `"other"`); other.Status != http.StatusOK || other.Body != first.Body {
			t.Errorf("%s with another tag: %d %s", path, other.Status, other.Body)
		}
		if refused := c.Get(path, "If-None-Match", tag); refused.Status != http.StatusUnauthorized || refused.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s without a token: %d %v", path, refused.Status, refused.Header)
		}
	}
}

func TestListIsSentAgainAfterEveryChangeOfWhatItShows(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.must(201, "owner", "POST", "/api/projects/", `{"name":"First"}`)
	id := int64(c.must(201, "owner", "POST", "/api/projects/", `{"name":"Second"}`).JSON()["id"].(float64))
	lists := map[string]string{}
	asks := []string{"owner", "stranger", "looker", "owner page"}
	read := func(ask, known string) handlerstest.Answer {
		who, page, _ := strings.Cut(ask, " ")
		return c.signed(who, "GET", map[string]string{"": "/api/projects/", "page": "/api/projects/?page_size=1"}[page], "", "If-None-Match", known)
	}
	for _, ask := range asks {
		lists[ask] = read(ask, "").Header.Get("ETag")
		for other, tag := range lists {
			if again := read(ask, tag); (again.Status == http.StatusNotModified) != (ask == other) {
				t.Errorf("the list of %s is known by the tag of %s: %d", ask, other, again.Status)
			}
		}
	}
	for _, change := range []struct {
		what string
		do   func()
		new  []string
	}{
		{"nothing", func() {}, nil},
		{"a name", func() { c.must(200, "owner", "PATCH", projectPath(id), `{"name":"Zweites"}`) }, []string{"owner", "looker", "owner page"}},
		{"a member", func() {
			c.insert(&models.ProjectMember{ProjectID: id, UserID: c.users["stranger"].ID, Role: models.RoleViewer})
		}, []string{"stranger"}},
		{"one of the next page", func() { c.must(201, "owner", "POST", "/api/projects/", `{"name":"Third"}`) }, []string{"owner", "looker", "owner page"}},
		{"one less", func() { c.must(204, "owner", "DELETE", projectPath(id), "") }, []string{"owner", "stranger", "looker", "owner page"}},
	} {
		change.do()
		var fresh []string
		for _, ask := range asks {
			if answer := read(ask, lists[ask]); answer.Status == http.StatusOK {
				fresh, lists[ask] = append(fresh, ask), answer.Header.Get("ETag")
			}
		}
		if fmt.Sprint(fresh) != fmt.Sprint(change.new) {
			t.Errorf("%s: new to %v, want %v", change.what, fresh, change.new)
		}
	}
}

// Of two who change what both have read, the second learns what the first has stored.
func TestChangeOfWhatWasChangedMeanwhileIsRefused(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	created := c.must(201, "owner", "POST", "/api/projects/", `{"name":"First","data_sources":[{"name":"Claims"}]}`)
	id := int64(created.JSON()["id"].(float64))
	tag := c.signed("owner", "GET", projectPath(id), "").Header.Get("ETag")
	if created.Header.Get("ETag") != tag {
		t.Errorf("created with %s, read with %s", created.Header.Get("ETag"), tag)
	}
	changed := c.signed("owner", "PATCH", projectPath(id), `{"progress":10}`, "If-Match", tag)
	if changed.Status != http.StatusOK || changed.Header.Get("ETag") == tag || changed.Header.Get("ETag") != c.signed("owner", "GET", projectPath(id), "").Header.Get("ETag") {
		t.Fatalf("%d %v", changed.Status, changed.Header)
	}
	for _, method := range []string{"PATCH", "PUT", "DELETE"} {
		stale := c.signed("owner", method, projectPath(id), `{"progress":20}`, "If-Match", tag)
		current, _ := stale.JSON()["current"].(map[string]any)
		if stale.Status != http.StatusPreconditionFailed || stale.JSON()["code"] != "precondition_failed" || current["progress"] != 10.0 || current["name"] != "First" {
			t.Errorf("%s: %d %s", method, stale.Status, stale.Body)
		}
		if weak := c.signed("owner", method, projectPath(id), `{"progress":20}`, "If-Match", "W/"+changed.Header.Get("ETag")); weak.Status != http.StatusPreconditionFailed {
			t.Errorf("%s with a weak tag: %d", method, weak.Status)
		}
		if hidden := c.signed("stranger", method, projectPath(id), `{}`, "If-Match", tag); hidden.Status != http.StatusNotFound {
			t.Errorf("%s by a stranger: %d %s", method, hidden.Status, hidden.Body)
		}
	}
	c.wantChanges(id, models.HistoryChanged, "progress: 0 → 10")
	for _, fits := range []string{`"other", ` + changed.Header.Get("ETag"), "*", ""} {
		again := c.signed("owner", "PATCH", projectPath(id), `{"progress":10}`, "If-Match", fits)
		if again.Status != http.StatusOK {
			t.Errorf("If-Match %q: %d %s", fits, again.Status, again.Body)
		}
	}
	if gone := c.signed("owner", "DELETE", projectPath(id), "", "If-Match", changed.Header.Get("ETag")); gone.Status != http.StatusNoContent {
		t.Errorf("%d %s", gone.Status, gone.Body)
	}
}
