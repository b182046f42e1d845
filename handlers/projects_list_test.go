package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

// portfolio stores projects that the list's tests look for; all are the owner's.
func portfolio(t *testing.T) *cast {
	t.Helper()
	c := startProjects(t)
	for i, p := range []models.Project{
		{Name: "Claims 100%", Description: "Health_fund \\ data", ClientCompany: "Acme", Status: models.ProjectActive, Progress: 10, DueDate: "b"},
		{Name: "claims anew", Description: "Ärztehaus für alle", ClientCompany: "Acme", Status: models.ProjectOnHold, Progress: 90, DueDate: "a"},
		{Name: "Stores", Description: "100 per day", ClientCompany: "Globex \"North\"", Status: models.ProjectActive, Progress: 50, DueDate: "c"},
		{Name: "Zoo", Description: "", ClientCompany: "", Status: models.ProjectCompleted, Progress: 100, DueDate: ""},
	} {
		p.CreatedAt = time.Date(2026, 1, 1+i, 12, 0, 0, 0, time.UTC)
		p.UpdatedAt = p.CreatedAt
		c.insert(&p)
		c.insert(&models.ProjectMember{ProjectID: p.ID, UserID: c.users["owner"].ID, Role: models.RoleOwner})
	}
	return c
}

func TestListFiltersSearchesAndOrders(t *testing.T) {
	t.Parallel()
	c := portfolio(t)
	for query, want := range map[string]string{
		"":                                "Zoo, Stores, claims anew, Claims 100%",
		"status=active":                   "Stores, Claims 100%",
		"status=active&status=on_hold":    "Stores, claims anew, Claims 100%",
		"status=&search=&client_company=": "Zoo, Stores, claims anew, Claims 100%",
		"client_company=Acme":             "claims anew, Claims 100%",
		"client_company=Acm":              "",
		`client_company=Globex "North"`:   "Stores",
		"search=CLAIMS":                   "claims anew, Claims 100%",
		"search=claims acme anew":         "claims anew",
		"search=globex":                   "Stores",
		`search="North"`:                  "Stores",
		"search=100":                      "Stores, Claims 100%",
		"search=100%":                     "Claims 100%",
		"search=%":                        "Claims 100%",
		"search=_":                        "Claims 100%",
		"search=h_f":                      "Claims 100%",
		"search=Health_fund":              "Claims 100%",
		"search=C%s":                      "",
		"search=C_aims":                   "",
		`search=\`:                        "Claims 100%",
		`search=' OR 1=1 --`:              "",
		"search=zoo*":                     "",
		"search=Ärztehaus":                "claims anew",
		"search=arztehaus für":            "claims anew",
		"search=ÄR":                       "claims anew",
		"search=oo":                       "Zoo",
		"search=stores&status=completed":  "",
		"created_after=2026-01-03":        "Zoo, Stores",
		"created_before=2026-01-02":       "claims anew, Claims 100%",
		"created_after=2026-01-02T12:00:00Z&created_before=2026-01-03T12:00:00Z": "Stores, claims anew",
		"created_after=2026-01-02T12:00:01Z":                                     "Zoo, Stores",
		"ordering=progress":                                                      "Claims 100%, Stores, claims anew, Zoo",
		"ordering=-progress":                                                     "Zoo, claims anew, Stores, Claims 100%",
		"ordering=client_company,-progress":                                      "Zoo, claims anew, Claims 100%, Stores",
		"ordering=due_date":                                                      "Zoo, claims anew, Claims 100%, Stores",
		"ordering=created_at":                                                    "Claims 100%, claims anew, Stores, Zoo",
		"ordering=-updated_at":                                                   "Zoo, Stores, claims anew, Claims 100%",
		"ordering=-name&status=active":                                           "Stores, Claims 100%",
		"ordering=status&client_company=Acme":                                    "Claims 100%, claims anew",
		"nonsense=1":                                                             "Zoo, Stores, claims anew, Claims 100%",
	} {
		got := names(t, c.must(200, "owner", "GET", "/api/projects/?"+escaped(query), "").Body)
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got %q, want %q", query, strings.Join(got, ", "), want)
		}
	}
}

// escaped makes a query of what a person would write.
func escaped(query string) string {
	var all []string
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		all = append(all, name+"="+url.QueryEscape(value))
	}
	return strings.Join(all, "&")
}

func TestListRefusesWhatItCannotMean(t *testing.T) {
	t.Parallel()
	c := portfolio(t)
	for query, want := range map[string]string{
		"status=done": "400 status", "status=active&status=x": "400 status", "ordering=password": "400 ordering", "ordering=name;": "400 ordering",
		"ordering=-": "400 ordering", "ordering=name,,status": "400 ordering", "ordering=project.name": "400 ordering",
		"created_after=yesterday": "400 created_after", "created_before=2026-13-01": "400 created_before",
		"search=%00": "400 ", "search=%ff": "400 ", "client_company=a%00b": "400 ", "status=%00": "400 ",
		"page=0": "404 ", "page=-1": "404 ", "page=x": "404 ", "page=2": "404 ", "page=99999999999999999999": "404 ", "page=9223372036854775807": "404 ", "page=1.0": "404 ",
		"page_size=0": "400 page_size", "page_size=-5": "400 page_size", "page_size=x": "400 page_size",
		"page=1&page_size=101": "200 ", "page_size=99999999999999999999": "400 page_size",
	} {
		answer := c.as("owner", "GET", "/api/projects/?"+query, "")
		status, field, _ := strings.Cut(want, " ")
		if fmt.Sprint(answer.Status) != status {
			t.Errorf("%s: got %d, want %s: %s", query, answer.Status, want, answer.Body)
			continue
		}
		if faults, _ := answer.JSON()["errors"].(map[string]any); field != "" && faults[field] == nil {
			t.Errorf("%s: errors does not name %s: %s", query, field, answer.Body)
		}
		wantNoInternals(t, answer)
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	c := portfolio(t)
	var seen []string
	next := "/api/projects/?page_size=3&ordering=name"
	for pages := 0; next != ""; pages++ {
		page := c.get("owner", next)
		if page["count"] != 4.0 || pages > 1 {
			t.Fatalf("page %d counts %v", pages, page["count"])
		}
		text, err := json.Marshal(page["results"])
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, names(t, string(text))...)
		if back, there := page["previous"].(string); there != (pages == 1) || there && c.get("owner", back)["previous"] != nil {
			t.Errorf("page %d: previous is %v", pages, page["previous"])
		}
		next, _ = page["next"].(string)
		if next != "" && !strings.Contains(next, "ordering=name") {
			t.Errorf("the link forgets the query: %s", next)
		}
	}
	slices.Sort(seen)
	if fmt.Sprint(seen) != "[Claims 100% Stores Zoo claims anew]" {
		t.Errorf("the pages show %v", seen)
	}
	if empty := c.get("stranger", "/api/projects/?page=1"); empty["count"] != 0.0 || len(empty["results"].([]any)) != 0 {
		t.Errorf("the first page of nothing is %v", empty)
	}
	if body := c.must(200, "stranger", "GET", "/api/projects/", "").Body; strings.TrimSpace(body) != "[]" {
		t.Errorf("the list of nothing is %s", body)
	}
}

// Links to other pages are whole URLs of the address that clients know.
func TestLinksToPagesLeadToTheBackendURL(t *testing.T) {
	t.Parallel()
	for _, try := range []struct{ env, host, base string }{
		{"BACKEND_URL=https://api.example.com/", "localhost", "https://api.example.com"},
		{"BACKEND_URL=", "localhost:8123", "http://localhost:8123"},
	} {
		c := startProjects(t, try.env)
		c.scene("One")
		c.scene("Two")
		for path, want := range map[string]string{
			"/api/projects?page_size=1&page=1&x=%22%C3%A9": "/api/projects?page=2&page_size=1&x=%22%C3%A9",
			"/api/projects/?page_size=1":                   "/api/projects/?page=2&page_size=1",
		} {
			answer := c.Get(path, "Host", try.host, "Authorization", "Bearer "+c.tokens["staff"])
			if next := answer.JSON()["next"]; next != try.base+want {
				t.Errorf("next is %v, want %s", next, try.base+want)
			}
		}
		answer := c.Get("/api/projects/?page_size=1&page=2&ordering=-name", "Host", try.host, "Authorization", "Bearer "+c.tokens["staff"])
		if previous := answer.JSON()["previous"]; previous != try.base+"/api/projects/?ordering=-name&page=1&page_size=1" {
			t.Errorf("previous is %v", previous)
		}
	}
}

// A bare list ends at 1,000 and says where it goes on; a page ends at 100.
func TestBareListIsCappedAndSaysSo(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	many := func(from, to int) {
		var rows []models.Project
		for i := from; i < to; i++ {
			rows = append(rows, models.Project{Name: fmt.Sprintf("P%04d", i), Status: models.ProjectActive, CreatedAt: time.Now().UTC(), UpdatedAt: time.Now().UTC()})
		}
		c.insert(&rows)
	}
	many(0, 1000)
	if answer := c.must(200, "staff", "GET", "/api/projects/", ""); len(names(t, answer.Body)) != 1000 || answer.Header.Get("Link") != "" {
		t.Errorf("%d rows, Link %q", len(names(t, answer.Body)), answer.Header.Get("Link"))
	}
	many(1000, 1001)
	answer := c.must(200, "staff", "GET", "/api/projects/?ordering=name", "")
	link, _, found := strings.Cut(strings.TrimPrefix(answer.Header.Get("Link"), "<"), `>; rel="next"`)
	if rows := names(t, answer.Body); !found || len(rows) != 1000 || rows[999] != "P0999" {
		t.Fatalf("%d rows, Link %q", len(rows), answer.Header.Get("Link"))
	}
	rest := c.get("staff", link)
	if results := rest["results"].([]any); len(results) != 1 || results[0].(map[string]any)["name"] != "P1000" || rest["count"] != 1001.0 {
		t.Errorf("the link leads to %v", rest)
	}
	if page := c.get("staff", "/api/projects/?page=1&page_size=5000"); len(page["results"].([]any)) != 100 {
		t.Errorf("a page holds %d rows", len(page["results"].([]any)))
	}
}

// The average is rounded half to even, as Django rounded it.
func TestSummaryCountsByStatus(t *testing.T) {
	t.Parallel()
	c := portfolio(t)
	summary := c.get("owner", "/api/projects/summary/")
	if got := fmt.Sprint(summary); got != "map[active:2 average_progress:62 completed:1 on_hold:1 planning:0 total:4]" {
		t.Errorf("the summary is %s", got)
	}
	if got := fmt.Sprint(c.get("stranger", "/api/projects/summary")); got != "map[active:0 average_progress:0 completed:0 on_hold:0 planning:0 total:0]" {
		t.Errorf("the summary of nothing is %s", got)
	}
}
