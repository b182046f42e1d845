package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// In a rolling deploy the new release migrates while this one still runs: every table
// may get columns that this program has never heard of.
func TestProgramRunsOnASchemaThatIsOneMigrationAhead(t *testing.T) {
	t.Parallel()
	a := startAccounts(t)
	a.CreateSuperuser()
	staff := a.Login()
	var names []string
	submit := func(from, to int) {
		for i := from; i < to; i++ {
			names = append(names, fmt.Sprintf("Visitor %d", i))
			a.MustSubmit(names[i])
		}
	}
	submit(0, 20)
	var migrating sync.WaitGroup
	migrating.Go(func() { addColumns(t, a.DB) })
	submit(20, 60)
	migrating.Wait()
	submit(60, 80)
	a.CheckInvariants(30*time.Second, 0, names...)

	a.verified("ann")
	pair := a.logIn("ann", goodPassword)
	wantOK(t, "refresh", a.post("/api/token/refresh", fields{"refresh": pair.refresh}))
	project := a.post("/api/projects/", fields{"name": "Ahead", "data_sources": []fields{{"name": "Claims"}}}, pair.access)
	if project.Status != http.StatusCreated {
		t.Errorf("a project: %d %s", project.Status, project.Body)
	}
	wantOK(t, "a change of it", a.send(http.MethodPatch, fmt.Sprintf("/api/projects/%v/", project.JSON()["id"]), fields{"progress": 5}, pair.access))
	joined := a.post("/api/waitlists/", fields{"email": "bob@example.com"})
	if joined.Status != http.StatusCreated {
		t.Errorf("a join: %d %s", joined.Status, joined.Body)
	}
	list := staff.Get("/admin/contact-messages/")
	first, last := fmt.Sprint(a.Message(names[0]).ID), fmt.Sprint(a.Message(names[79]).ID)
	for _, act := range []struct{ action, id string }{{"resend", first}, {"spam", first}, {"not-spam", first}, {"delete", last}} {
		page := staff.Post(list, "/admin/contact-messages/", url.Values{"action": {act.action}, "id": {act.id}, "confirm": {"yes"}})
		if page.Status >= http.StatusBadRequest {
			t.Errorf("%s: %d %s", act.action, page.Status, page.Text())
		}
	}
	handlerstest.Eventually(t, 30*time.Second, "all mail is sent", func() bool {
		unsent, err := a.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("state <> ?", models.MailSent).
			Where("state <> ?", models.MailCancelled).Count(context.Background())
		return err == nil && unsent == 0
	})
	if left := a.count((*models.ContactMessage)(nil)); left != 79 {
		t.Errorf("%d messages are left, want 79", left)
	}
}

// addColumns is what the next release's migration does to every table.
func addColumns(t *testing.T, db *bun.DB) {
	ctx := context.Background()
	tables := "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
	if !models.IsPostgres(db) {
		tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_search%'"
	}
	var all []string
	if err := db.NewRaw(tables).Scan(ctx, &all); err != nil {
		t.Error(err)
		return
	}
	if !slices.Contains(all, "outbox_messages") || len(all) < 15 {
		t.Errorf("tables: %v", all)
	}
	for _, table := range all {
		if _, err := db.NewRaw("ALTER TABLE ? ADD COLUMN of_the_next_release text NOT NULL DEFAULT 'new'", bun.Ident(table)).Exec(ctx); err != nil {
			t.Errorf("%s: %v", table, err)
		}
	}
}
