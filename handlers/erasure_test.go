package handlers_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// person is somebody whom every table may name, as "Ann@Example.com" too.
const person = "ann@example.com"

// everyRow calls visit with each row of each table, as text.
func everyRow(t *testing.T, db *bun.DB, visit func(table, row string)) {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\_search%' ESCAPE '\'`
	if models.IsPostgres(db) {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	var tables []string
	if err := db.NewRaw(query).Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	if len(tables) < 25 {
		t.Fatalf("only the tables %q", tables)
	}
	for _, table := range tables {
		rows, err := db.NewSelect().Table(table).Rows(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			visit(table, rowText(t, rows))
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func rowText(t *testing.T, rows *sql.Rows) string {
	t.Helper()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new([]byte)
	}
	if err := rows.Scan(values...); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i, value := range values {
		fmt.Fprintf(&text, "%s=%s ", columns[i], *value.(*[]byte))
	}
	return text.String()
}

// naming are the tables with rows that name an address, in any case and escaped.
func naming(t *testing.T, db *bun.DB, address string) map[string]int {
	t.Helper()
	tables := map[string]int{}
	everyRow(t, db, func(table, row string) {
		row = strings.ToLower(row)
		if strings.Contains(row, address) || strings.Contains(row, url.QueryEscape(address)) {
			tables[table]++
		}
	})
	return tables
}

// leaveTraces lets ann do, and others do with her, whatever leaves her address.
func (a *accountsApp) leaveTraces(boss *handlerstest.Staff) {
	a.t.Helper()
	exec := func(query string, args ...any) {
		a.t.Helper()
		if _, err := a.DB.NewRaw(query, args...).Exec(a.t.Context()); err != nil {
			a.t.Fatal(err)
		}
	}
	a.verified("other") // who stays
	ann, other := a.user("ann").ID, a.user("other").ID
	a.logIn("ann", goodPassword)
	a.post("/api/auth/signup", fields{"username": "ann2", "email": person, "password": goodPassword})
	for email, name := range map[string]string{person: "Ann Lee", "Ann@Example.com": "Ann Lee", "joann@example.com": "Jo"} {
		for range 2 {
			a.post("/api/contact", fields{"name": name, "email": email, "message": "Write to\n" + email + "."})
		}
		a.post("/api/waitlists/", fields{"email": email, "first_name": "Ann"})
	}
	a.post("/api/contact", fields{"name": "Bob", "email": "bob@example.com", "message": "Ann@Example.com and ann@example.com, ann@example.com\nxann@example.com"})
	var first int64
	if err := a.DB.NewRaw("SELECT min(id) FROM contact_messages WHERE lower(email) = ?", person).Scan(a.t.Context(), &first); err != nil {
		a.t.Fatal(err)
	}
	deleteByForm(boss, "/admin/contact-messages/"+itoa(first)+"/")
	boss.Post(boss.Get("/admin/users/"), "/admin/users/", url.Values{"action": {"log-out"}, "id": {itoa(ann)}, "confirm": {"yes"}})
	now := a.user("ann").DateJoined
	exec("INSERT INTO email_changes (user_id, old_email, new_email, created_at) VALUES (?, ?, 'other@example.com', ?)", other, person, now)
	exec("UPDATE outbox_messages SET error_message = ?, recipient = ? WHERE id = (SELECT max(id) FROM outbox_messages)", "550 <"+person+"> unknown", person)
	exec("INSERT INTO social_accounts (user_id, provider, subject, email, created_at, last_login) VALUES (?, 'google', '1', ?, ?, ?)", ann, person, now, now)
	exec("INSERT INTO django_links (user_id, email) VALUES (?, ?)", ann, person)
	exec("INSERT INTO one_time_codes (code_hash, purpose, user_id, email, expires_at) VALUES ('x', 'connect', ?, ?, ?)", other, person, now)
	entry := models.HistoryEntry{
		At: now, Model: models.ProjectsSlug, ObjectID: 1, ObjectLabel: "For " + person, Action: models.HistoryChanged,
		Changes: []models.FieldChange{{Field: "notes", From: "call\nann@example.com", To: "none"}}, Version: []byte(`{"Notes": "ann@example.com"}`),
	}
	actor := a.user("ann")
	if err := models.Record(models.WithActor(a.t.Context(), models.Actor{User: &actor, IP: "192.0.2.7"}), a.DB, entry); err != nil {
		a.t.Fatal(err)
	}
	job := &models.Job{
		Kind: "export", Model: models.ContactSlug, Query: "q=to+ann%40example.com", State: models.JobDone, Username: "ann", Signature: "x",
		LeaseUntil: now, CreatedAt: now, UpdatedAt: now,
	}
	if _, err := a.DB.NewInsert().Model(job).Exec(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
	exec("INSERT INTO job_failures (job_id, row_id, label, reason) VALUES (?, 1, ?, 'no')", job.ID, person)
	exec("INSERT INTO job_files (job_id, number, content) VALUES (?, 0, ?)", job.ID, []byte("email\n"+person))
	job.ID, job.Kind, job.Model = 0, "import", models.ProjectsSlug // whose file is not about people
	if _, err := a.DB.NewInsert().Model(job).Exec(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
	exec("INSERT INTO job_files (job_id, number, content) VALUES (?, 0, ?)", job.ID, []byte("name,notes\nx,"+person))
	exec("INSERT INTO job_uploads (model, user_id, content, created_at) VALUES (?, ?, ?, ?)", models.WaitlistSlug, other, []byte("email\n"+person), now)
	member := models.HistoryEntry{At: now, Model: models.ProjectsSlug, ObjectID: 1, Action: models.HistoryChanged, Changes: []models.FieldChange{{Field: "members.ann", To: "Owner"}}}
	if err := models.Record(a.t.Context(), a.DB, member); err != nil {
		a.t.Fatal(err)
	}
}

func TestErasedPersonIsInNoTable(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.leaveTraces(boss)
	if before := naming(t, a.DB, person); len(before) < 13 {
		t.Fatalf("the traces are in %v alone", before)
	}
	path := "/admin/users/" + itoa(a.user("ann").ID) + "/"
	if page := boss.Get(path); !page.Has("a[href='" + path + "erase/']") {
		t.Fatal("the page of an account does not lead to the erasure")
	}
	page := boss.Get(path + "erase/")
	for _, want := range []string{"Erase ann@example.com?", "Contact messages: 3", "Waitlist: 1", "Users: 1", "Trash: 1", "Sessions: 1", "Mails:"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("%q is not in %s", want, page.Text())
		}
	}
	if len(naming(t, a.DB, person)) < 13 {
		t.Fatal("to ask erases")
	}
	page = boss.Post(page, path+"erase/", url.Values{"address": {person}})
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), "The person is erased.") {
		t.Fatalf("erasing: %d %s", page.Status, page.Text())
	}
	left := map[string]int{}
	everyRow(t, a.DB, func(table, row string) {
		row = strings.NewReplacer("joann@example.com", "", "xann@example.com", "").Replace(strings.ToLower(row))
		if strings.Contains(row, person) || strings.Contains(row, "ann%40example.com") || strings.Contains(row, "192.0.2.7") ||
			table == "history_entries" && (strings.Contains(row, "username=ann ") || strings.Contains(row, "members.ann")) {
			left[table]++
			t.Errorf("%s still has %s", table, row)
		}
	})
	if len(a.trashOf(models.ContactSlug)) != 0 || rowsOf(t, a.App, (*models.ContactMessage)(nil)) != 3 || rowsOf(t, a.App, (*models.WaitlistEntry)(nil)) != 1 {
		t.Error("others' rows are gone, or the person's are not")
	}
	var told []models.HistoryEntry
	if err := a.DB.NewSelect().Model(&told).Where("summary = 'Erased'").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(told) != 6 || told[0].Username != handlerstest.Username || told[0].Action != models.HistoryDeleted || !strings.HasPrefix(told[0].ObjectLabel, "#") {
		t.Errorf("the history tells of it %+v", told)
	}
	if page := boss.Get("/admin/contact-messages/?q=" + person); strings.Contains(page.Text(), "Ann Lee") {
		t.Error("the search still finds the person")
	}
}

func (a *accountsApp) trashOf(model string) []models.TrashedRow { return trashed(a.t, a.App, model) }

func TestToEraseAPersonTakesTheRightOnAllThatHoldsPeople(t *testing.T) {
	t.Parallel()
	a, _ := startBackoffice(t)
	a.MustSubmit("Ada")
	a.set("ann", "is_staff = ?", true)
	staff := a.Browser()
	staff.Post(staff.Get("/admin/login/"), "/admin/login/", url.Values{"username": {"ann"}, "password": {goodPassword}})
	const path = "/admin/contact-messages/1/erase/"
	for i, slug := range []string{"", models.ContactSlug, models.UsersSlug} {
		if slug != "" {
			for _, verb := range models.Verbs {
				if _, err := a.DB.NewInsert().Model(&models.UserPermission{UserID: a.user("ann").ID, Permission: models.PermissionOf(slug, verb)}).Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		page := staff.Get("/admin/")
		if asked, done := staff.Get(path), staff.Post(page, path, url.Values{"address": {"visitor@example.com"}}); asked.Status != http.StatusForbidden || done.Status != http.StatusForbidden {
			t.Errorf("with %d rights: %d, %d", i, asked.Status, done.Status)
		}
	}
	boss := a.Login()
	for address, status := range map[string]int{"": 409, "another@example.com": 409} {
		if page := boss.Post(boss.Get(path), path, url.Values{"address": {address}}); page.Status != status {
			t.Errorf("asked about %q: %d", address, page.Status)
		}
	}
	self := "/admin/users/" + itoa(a.user(handlerstest.Username).ID) + "/erase/"
	if page := boss.Post(boss.Get(self), self, url.Values{"address": {"ada@digitalpath.test"}}); page.Status != http.StatusForbidden {
		t.Errorf("erasing oneself: %d", page.Status)
	}
	if rowsOf(t, a.App, (*models.ContactMessage)(nil)) != 1 {
		t.Error("somebody was erased")
	}
}
