package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func TestImportCountsAsNewWhatNobodyElseJoinedMeanwhile(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	staff := c.Login()
	i := bring(t, staff, "waitlist", []byte("email,first_name,company\nann@example.com,Ann,\nbob@example.com,Bob,Acme\ncy@example.com,Cy,\n"))
	i.preview()
	tx, err := c.DB.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() // no more to do after the commit
	now := time.Now().UTC()
	for _, email := range []string{"bob@example.com", "cy@example.com"} {
		entry := &models.WaitlistEntry{Email: email, FirstName: "Joined", Language: "en", CreatedAt: now, UpdatedAt: now}
		if _, err := tx.NewInsert().Model(entry).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	answer := make(chan *handlerstest.Page, 1)
	go func() {
		answer <- staff.Post(i.page, i.path+"start/", i.form)
	}()
	if models.IsPostgres(c.DB) { // a file has one writer at a time: there the import has not begun
		handlerstest.Eventually(t, 20*time.Second, "the import waits for the join", func() bool {
			waits, err := c.DB.NewSelect().TableExpr("pg_stat_activity").Where("datname = current_database()").
				Where("wait_event_type = 'Lock'").Where("query LIKE '%waitlist_entries%'").Exists(t.Context())
			return err == nil && waits
		})
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	<-answer
	ended(t, c.App, time.Minute)
	page := staff.Get("/admin/jobs/1/")
	if counts(page) != "1 1 1 0" {
		t.Errorf("the import counts %s", counts(page))
	}
	if page.Status != http.StatusOK {
		t.Errorf("got %d", page.Status)
	}
	entries := map[string]models.WaitlistEntry{}
	for _, entry := range c.waitlisted() {
		entries[entry.Email] = entry
	}
	if bob := entries["bob@example.com"]; len(entries) != 3 || bob.FirstName != "Joined" || bob.Company != "Acme" {
		t.Errorf("%d entries: %+v", len(entries), bob)
	}
	if history := c.waitlistHistory(entries["bob@example.com"].ID); len(history) != 1 || history[0].Action != models.HistoryChanged {
		t.Errorf("history %+v", history)
	}
}
