package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
	"digitalpath/services/waitlist"
)

// waitlistPeople are asked of every route.
var waitlistPeople = []string{"anonymous", "owner", "stranger", "staff", "looker", "clerk", "alumna", "root"}

// ownersJSON is waitlistJSON with the verified address of owner.
var ownersJSON = strings.Replace(waitlistJSON, "Ann@Example.com", "Owner@Example.com", 1)

// waitlistRoutes are the routes of one entry, which is owner's, and what each person
// gets; who is not named gets the route's own success.
var waitlistRoutes = []struct {
	method, below, body string
	status              int
	gone                bool // the entry is deleted then
	others              access
}{
	{"GET", "", "", 200, false, access{"anonymous": 401, "stranger": 404, "clerk": 404, "alumna": 404}},
	{"PUT", "", `{"company":"Changed"}`, 200, false, access{"anonymous": 401, "stranger": 404, "clerk": 404, "alumna": 404, "looker": 403}},
	{"PATCH", "", `{"company":"Changed"}`, 200, false, access{"anonymous": 401, "stranger": 404, "clerk": 404, "alumna": 404, "looker": 403}},
	{"DELETE", "", "", 204, true, access{"anonymous": 401, "stranger": 404, "clerk": 404, "alumna": 404, "looker": 403}},
	{"DELETE", "delete/", "", 200, true, access{"anonymous": 401, "stranger": 404, "clerk": 404, "alumna": 404, "looker": 403}},
}

func TestWaitlistRoutesAnswerEachPersonAsTheyShould(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	for _, route := range waitlistRoutes {
		for _, person := range waitlistPeople {
			for _, slash := range []string{"/", ""} {
				c.wantAccess(route.method, route.below, route.body, route.status, route.gone, route.others, person, slash)
			}
		}
	}
}

// wantAccess asks one route as one person, of a fresh entry of owner's.
func (c *cast) wantAccess(method, below, body string, status int, gone bool, others access, person, slash string) {
	c.t.Helper()
	joined := c.must(http.StatusCreated, "owner", http.MethodPost, "/api/waitlists/", ownersJSON).JSON()
	id := int64(joined["id"].(float64))
	path := strings.TrimSuffix(fmt.Sprintf("/api/waitlists/%d/%s", id, below), "/") + slash
	want, refused := others[person]
	if !refused {
		want = status
	}
	answer := c.must(want, person, method, path, body)
	entries := c.waitlisted()
	switch {
	case refused:
		if len(entries) != 1 || entries[0].Company != "Lee & Co" {
			c.t.Errorf("%s %s %s changed the list: %+v", person, method, path, entries)
		}
	case gone && (len(entries) != 0 || c.enqueued(waitlist.MailWelcome) != 0):
		c.t.Errorf("%s %s %s left %+v", person, method, path, entries)
	case status == http.StatusOK && (answer.JSON()["id"] != float64(id) || answer.JSON()["email"] != "owner@example.com"):
		c.t.Errorf("%s %s %s answered %s", person, method, path, answer.Body)
	}
	history := c.waitlistHistory(id)
	if changed := !refused && method != http.MethodGet; changed != (len(history) == 2) {
		c.t.Errorf("%s %s %s: history %+v", person, method, path, history)
	} else if changed && (history[1].Username != person || history[1].Channel != models.ChannelAPI) {
		c.t.Errorf("%s %s %s: history does not say who: %+v", person, method, path, history[1])
	}
	if len(entries) == 1 {
		c.must(http.StatusNoContent, "root", http.MethodDelete, fmt.Sprintf("/api/waitlists/%d/", id), "")
	}
}

// entries reads a list without pages.
func (c *cast) entries(person, path string) (all []map[string]any) {
	c.t.Helper()
	answer := c.must(http.StatusOK, person, http.MethodGet, path, "")
	if err := json.Unmarshal([]byte(answer.Body), &all); err != nil || all == nil {
		c.t.Fatalf("not an array: %s", answer.Body)
	}
	return all
}

// crowd stores people who wait, the first in line first.
func (c *cast) crowd(n int) {
	c.t.Helper()
	start := time.Now().UTC().Add(-time.Hour).Truncate(time.Microsecond)
	rows := make([]models.WaitlistEntry, n)
	for i := range rows {
		at := start.Add(time.Duration(i) * time.Millisecond)
		rows[i] = models.WaitlistEntry{Email: fmt.Sprintf("p%05d@crowd.example", i), CreatedAt: at, UpdatedAt: at}
	}
	for batch := range slices.Chunk(rows, 1000) {
		c.insert(&batch)
	}
}

func (c *cast) waitlistHistory(id int64) []models.HistoryEntry {
	c.t.Helper()
	var entries []models.HistoryEntry
	if err := c.DB.NewSelect().Model(&entries).Where("model = ?", models.WaitlistSlug).Where("object_id = ?", id).
		Order("id").Scan(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	return entries
}

func TestSignedInJoinShowsTheEntryAndKnowsItAgain(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.must(http.StatusCreated, "anonymous", http.MethodPost, "/api/waitlists/", `{"email":"first@example.com"}`)
	entry := c.must(http.StatusCreated, "owner", http.MethodPost, "/api/waitlists/", ownersJSON).JSON()
	for name, want := range map[string]any{
		"email": "owner@example.com", "first_name": "Ann", "notified": false, "position": 2.0, "invited_at": nil, "user": float64(c.users["owner"].ID),
	} {
		if entry[name] != want {
			t.Errorf("%s is %v, want %v", name, entry[name], want)
		}
	}
	if entry["created_at"] == nil || entry["timestamp"] != entry["created_at"] || entry["updated"] != entry["updated_at"] {
		t.Errorf("the times: %v", entry)
	}
	again := c.must(http.StatusOK, "owner", http.MethodPost, "/api/waitlists", strings.ToLower(ownersJSON)).JSON()
	if again["id"] != entry["id"] || again["first_name"] != "Ann" {
		t.Errorf("joining again answered %v", again)
	}
	// Somebody else's address tells a signed-in person no more than an anonymous one.
	anonymous := strings.Replace(waitlistAnswer, "Ann@Example.com", "Owner@Example.com", 1)
	wantAnswer(t, c.as("stranger", http.MethodPost, "/api/waitlists/", ownersJSON), http.StatusCreated, anonymous)
	wantAnswer(t, c.Do(http.MethodPost, "/api/waitlists/", ownersJSON, append(jsonType, "Authorization", "Bearer nonsense")...), http.StatusCreated, anonymous)
	if len(c.waitlisted()) != 2 {
		t.Errorf("%d entries", len(c.waitlisted()))
	}
}

// An entry belongs to whoever verifies its address, whoever joined with it.
func TestNobodyOwnsTheWaitlistEntryOfAnothersAddress(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	wantAnswer(t, c.as("stranger", http.MethodPost, "/api/waitlists/", ownersJSON), http.StatusCreated, strings.Replace(waitlistAnswer, "Ann@Example.com", "Owner@Example.com", 1))
	stored := c.waitlisted()[0]
	if stored.UserID != 0 || len(c.entries("stranger", "/api/waitlists/")) != 0 {
		t.Errorf("stored %+v, stranger sees %v", stored, c.entries("stranger", "/api/waitlists/"))
	}
	path := fmt.Sprintf("/api/waitlists/%d/", stored.ID)
	c.must(http.StatusNotFound, "stranger", http.MethodDelete, path, "")
	// Whoever it was given to before that was so.
	if _, err := c.DB.NewUpdate().Model(&stored).Set("user_id = ?", c.users["stranger"].ID).WherePK().Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		mine := c.must(http.StatusOK, "owner", http.MethodPost, "/api/waitlists/", ownersJSON).JSON()
		if mine["id"] != float64(stored.ID) || mine["user"] != float64(c.users["owner"].ID) {
			t.Errorf("joined as %v", mine)
		}
	}
	c.must(http.StatusNotFound, "stranger", http.MethodGet, path, "")
	if told := c.waitlistHistory(stored.ID); len(told) != 1 || told[0].Username != "owner" || told[0].Summary != "Joined again by the owner of the address" {
		t.Errorf("the history is %+v", told)
	}
	if c.enqueued(waitlist.MailWelcome) != 1 {
		t.Errorf("%d welcomes", c.enqueued(waitlist.MailWelcome))
	}
	c.must(http.StatusNoContent, "owner", http.MethodDelete, path, "")
}

func TestTimeOfAJoinDoesNotTellWhoIsOnTheWaitlist(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	for i := range 5 {
		body := fmt.Sprintf(`{"email":"p%d@example.com"}`, i)
		for _, what := range []string{"a fresh", "a known"} {
			started := time.Now()
			c.must(http.StatusCreated, "anonymous", http.MethodPost, "/api/waitlists/", body)
			if took := time.Since(started); took < 150*time.Millisecond {
				t.Errorf("%s address is answered after %v", what, took)
			}
		}
	}
}

func TestOwnEntriesAreThoseOfTheAccountAndOfItsVerifiedAddress(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.must(http.StatusCreated, "anonymous", http.MethodPost, "/api/waitlists/", `{"email":"Owner@Example.com"}`)
	c.must(http.StatusCreated, "owner", http.MethodPost, "/api/waitlists/", waitlistJSON)
	c.must(http.StatusCreated, "anonymous", http.MethodPost, "/api/waitlists/", `{"email":"other@example.com","company":"100% _sure_"}`)
	for _, step := range []struct {
		person, query string
		want          string // addresses in order
	}{
		{"owner", "", "owner@example.com"},
		{"stranger", "", ""},
		{"clerk", "", ""},
		{"staff", "", "other@example.com ann@example.com owner@example.com"},
		{"looker", "?ordering=email", "ann@example.com other@example.com owner@example.com"},
		{"staff", "?search=LEE", "ann@example.com"},
		{"staff", "?search=L%C3%89%C3%88", "ann@example.com"},
		{"staff", "?search=0%25+_", "other@example.com"},
		{"staff", "?search=%25%25", ""},
		{"staff", "?invited=true", ""},
		{"staff", "?created_before=2020-01-01", ""},
		{"staff", "?created_after=2020-01-01&ordering=created_at", "owner@example.com ann@example.com other@example.com"},
	} {
		var got []string
		for _, entry := range c.entries(step.person, "/api/waitlists"+step.query) {
			got = append(got, entry["email"].(string))
		}
		if strings.Join(got, " ") != step.want {
			t.Errorf("%s %s: got %v, want %s", step.person, step.query, got, step.want)
		}
	}
	c.must(http.StatusUnauthorized, "anonymous", http.MethodGet, "/api/waitlists/", "")
	for _, bad := range []string{"ordering=password", "notified=maybe", "notified=1", "created_after=yesterday", "page_size=0"} {
		c.must(http.StatusBadRequest, "staff", http.MethodGet, "/api/waitlists/?"+bad, "")
	}
	for _, missing := range []string{"?page=0", "?page=99", "?page=x", "0/", "99999999999999999999/", "x/"} {
		c.must(http.StatusNotFound, "staff", http.MethodGet, "/api/waitlists/"+missing, "")
	}
	page := c.get("staff", "/api/waitlists/?page=2&page_size=2")
	if page["count"] != 3.0 || page["next"] != nil || page["previous"] != theirSite+"/api/waitlists/?page=1&page_size=2" || len(page["results"].([]any)) != 1 {
		t.Errorf("the second page is %v", page)
	}
}

func TestListWithoutPagesEndsAtAThousandAndSaysSo(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.crowd(1001)
	answer := c.must(http.StatusOK, "staff", http.MethodGet, "/api/waitlists/", "")
	if link := answer.Header.Get("Link"); !strings.Contains(link, "page=11&page_size=100") || strings.Count(answer.Body, `"email"`) != 1000 {
		t.Errorf("%d entries, Link %q", strings.Count(answer.Body, `"email"`), link)
	}
}

func TestOnlyStaffMovesAnEntryToAnotherAddress(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	path := fmt.Sprintf("/api/waitlists/%v/", c.must(http.StatusCreated, "owner", http.MethodPost, "/api/waitlists/", ownersJSON).JSON()["id"])
	c.must(http.StatusCreated, "anonymous", http.MethodPost, "/api/waitlists/", `{"email":"taken@example.com"}`)
	for _, step := range []struct {
		person, body string
		status       int
	}{
		{"owner", `{"email":"victim@example.com"}`, 400},
		{"owner", `{"email":"ann@example.com","last_name":"Kay"}`, 400},
		{"owner", `{"email":"OWNER@example.com","last_name":"Kay"}`, 200},
		{"staff", `{"email":"taken@EXAMPLE.com"}`, 409},
		{"staff", `{"email":"new@example.com"}`, 200},
		{"staff", `{"email":"nonsense"}`, 400},
		{"owner", `{"notified":true,"invited_at":"2020-01-01T00:00:00Z","user":1,"id":99,"is_spam":true}`, 200},
	} {
		c.must(step.status, step.person, http.MethodPatch, path, step.body)
	}
	entry := c.waitlisted()[0]
	if entry.Email != "new@example.com" || entry.LastName != "Kay" || !entry.InvitedAt.IsZero() || entry.UserID != c.users["owner"].ID || entry.IsSpam {
		t.Errorf("stored %+v", entry)
	}
	history := c.waitlistHistory(entry.ID)
	if last := history[len(history)-1]; len(history) != 3 || last.Changes[0] != (models.FieldChange{Field: "email", From: "owner@example.com", To: "new@example.com"}) {
		t.Errorf("history %+v", history)
	}
}
