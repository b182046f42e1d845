package handlers_test

import (
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// counted compares what is kept of a table with its rows.
func counted(t *testing.T, c *cast, table, rows string) {
	t.Helper()
	var kept, want []struct {
		Part  string
		Count int
	}
	if err := c.DB.NewSelect().TableExpr("row_counts").ColumnExpr("part, CAST(sum(number) AS bigint) AS count").Where("subject = ?", table).
		GroupExpr("part").Having("sum(number) <> 0").OrderExpr("part").Scan(t.Context(), &kept); err != nil {
		t.Fatal(err)
	}
	if err := c.DB.NewRaw(rows).Scan(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(kept, want) {
		t.Errorf("%s: kept are %v of %v", table, kept, want)
	}
}

func TestKeptCountsAreExactWhateverHappensAtOnce(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := range 5 {
				made := c.as("root", "POST", "/api/projects/", fmt.Sprintf(`{"name":"P%d","progress":%d}`, client, 10*i))
				path := fmt.Sprintf("/api/projects/%v/", made.JSON()["id"])
				c.as("root", "PATCH", path, `{"status":"active","progress":50}`)
				if i%2 == 0 {
					c.as("root", "DELETE", path, "")
				}
				if accepted, err := c.Submit(fmt.Sprintf("Visitor %d-%d", client, i)); !accepted {
					t.Errorf("a message is refused: %v", err)
				}
				c.PostJSON("/api/waitlists/", fmt.Sprintf(`{"email":"w%d-%d@example.com"}`, client, i))
			}
		})
	}
	clients.Wait()
	ids := url.Values{"action": {"spam"}, "confirm": {"yes"}, "id": {"1", "2", "3"}}
	staff.Post(staff.Get("/admin/contact-messages/"), "/admin/contact-messages/", ids)
	deleteByForm(staff, "/admin/contact-messages/4/")
	staff.Post(staff.Get("/admin/waitlist/"), "/admin/waitlist/", url.Values{"action": {"invite"}, "confirm": {"yes"}, "id": {"1", "2"}})
	deleteByForm(staff, "/admin/waitlist/3/")

	handlerstest.Eventually(t, 30*time.Second, "all mail is sent", func() bool {
		waiting, err := c.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("next_attempt_at IS NOT NULL").Count(t.Context())
		return err == nil && waiting == 0
	})

	counted(t, c, "projects", "SELECT status AS part, count(*) AS count FROM projects GROUP BY 1 ORDER BY 1")
	counted(t, c, "contact_messages", "SELECT 'received' AS part, count(*) AS count FROM contact_messages WHERE NOT is_spam")
	counted(t, c, "waitlist_entries", `WITH people AS (SELECT * FROM waitlist_entries WHERE NOT is_spam)
		SELECT CASE WHEN invited_at IS NULL THEN '-' ELSE 'i' END || CASE WHEN unsubscribed_at IS NULL THEN '-' ELSE 'u' END ||
			CASE WHEN notified THEN 'n' ELSE '-' END AS part, count(*) AS count FROM people GROUP BY 1
		UNION ALL SELECT 'joined', count(*) FROM people
		UNION ALL SELECT 'waiting', count(*) FROM people WHERE invited_at IS NULL AND unsubscribed_at IS NULL ORDER BY 1`)
	if page := c.get("root", "/api/projects/?page=1&status=active"); page["count"] != 16.0 {
		t.Errorf("the page counts %v projects of 16", page["count"])
	}
	summary := c.get("root", "/api/projects/summary/")
	if summary["total"] != 16.0 || summary["active"] != 16.0 || summary["average_progress"] != 50.0 {
		t.Errorf("the summary says %v", summary)
	}
	list := c.get("root", "/api/waitlists/?page=1&invited=true&ordering=created_at")
	if list["count"] != 2.0 {
		t.Errorf("the waitlist counts %v who are invited, of 2", list["count"])
	}
	line := c.get("root", "/api/waitlists/?page=1&invited=false&ordering=-created_at")["results"].([]any)
	for i, entry := range line {
		if place := entry.(map[string]any)["position"]; place != float64(len(line)-i) {
			t.Errorf("number %d of the line is at %v", len(line)-i, place)
		}
	}
}
