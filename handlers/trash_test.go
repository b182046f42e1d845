package handlers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// trashed reads what is in the trash of a model, the newest first.
func trashed(t *testing.T, app *handlerstest.App, model string) []models.TrashedRow {
	t.Helper()
	var rows []models.TrashedRow
	if err := app.DB.NewSelect().Model(&rows).Where("model = ?", model).OrderExpr("id DESC").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return rows
}

// rowsOf counts the rows of a model.
func rowsOf(t *testing.T, app *handlerstest.App, model any) int64 {
	t.Helper()
	n, err := app.DB.NewSelect().Model(model).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int64(n)
}

// deleteByForm deletes a row by the back office and returns the page that follows.
func deleteByForm(staff *handlerstest.Staff, path string) *handlerstest.Page {
	page := staff.Get(path + "delete/")
	return staff.Post(page, path+"delete/", url.Values{"confirm": {"yes"}})
}

func TestProjectDeletedByTheAPIComesBackFromTheTrashAsItWas(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	id := c.scene("Claims").project.ID
	before, members := c.get("owner", projectPath(id)), c.members("root", id)
	c.must(204, "owner", "DELETE", projectPath(id), "")
	c.must(404, "owner", "GET", projectPath(id), "")
	if n := rowsOf(t, c.App, (*models.DataSource)(nil)) + rowsOf(t, c.App, (*models.ProjectMember)(nil)); n != 0 {
		t.Errorf("%d rows of the project are left", n)
	}
	rows := trashed(t, c.App, models.ProjectsSlug)
	if len(rows) != 1 || rows[0].ObjectLabel != "Claims" || rows[0].Username != "owner" || rows[0].ObjectID != id {
		t.Fatalf("the trash holds %+v", rows)
	}
	page := staff.Get("/admin/projects/trash/")
	if !page.Part("li", "Claims").Has("[name=id]") || !strings.Contains(page.Part("li", "Claims").Text(), "owner") {
		t.Fatalf("the trash shows %s", page.Text())
	}
	page = staff.Post(page, "/admin/projects/trash/", url.Values{"action": {"restore"}, "id": {itoa(rows[0].ID)}})
	if !strings.Contains(page.Text(), "1 restored.") {
		t.Errorf("restoring says %s", page.Text())
	}
	after := c.get("owner", projectPath(id))
	if c.members("root", id) != members || !reflect.DeepEqual(after, before) {
		t.Errorf("came back as %v, was %v", after, before)
	}
	if entries := c.history(id); entries[len(entries)-1].Summary != "Restored" || len(trashed(t, c.App, models.ProjectsSlug)) != 0 {
		t.Errorf("recorded %+v", entries)
	}
}

func TestUndoAfterADeletionRestoresAllOfIt(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	one, two := c.scene("One").project.ID, c.scene("Two").project.ID
	c.must(204, "root", "DELETE", projectPath(c.scene("Apart").project.ID), "")
	list := staff.Get("/admin/projects/")
	page := staff.Post(list, "/admin/projects/", url.Values{"action": {"delete"}, "confirm": {"yes"}, "id": {itoa(one), itoa(two)}})
	undo := page.Attribute("[role=status] form", "action")
	if !strings.Contains(page.Text(), "2 deleted.") || undo == "" || rowsOf(t, c.App, (*models.Project)(nil)) != 0 {
		t.Fatalf("deleting says %s, Undo posts to %q", page.Text(), undo)
	}
	page = staff.Post(page, undo, url.Values{})
	if !strings.Contains(page.Text(), "2 restored.") || rowsOf(t, c.App, (*models.Project)(nil)) != 2 || len(trashed(t, c.App, models.ProjectsSlug)) != 1 {
		t.Errorf("Undo says %s; %d projects are there", page.Text(), rowsOf(t, c.App, (*models.Project)(nil)))
	}
	if page = staff.Post(page, undo, url.Values{}); !strings.Contains(page.Text(), "0 undone.") {
		t.Errorf("a second Undo says %s", page.Text())
	}
}

func TestToDeleteForGoodIsARightOfItsOwn(t *testing.T) {
	t.Parallel()
	a, _ := startBackoffice(t)
	a.set("ann", "is_staff = ?", true)
	ann := a.user("ann")
	grant := func(verb models.Verb) {
		if _, err := a.DB.NewInsert().Model(&models.UserPermission{UserID: ann.ID, Permission: models.PermissionOf(models.ContactSlug, verb)}).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	grant(models.View)
	a.MustSubmit("Ada Secret")
	staff := a.Browser()
	staff.Post(staff.Get("/admin/login/"), "/admin/login/", url.Values{"username": {"ann"}, "password": {goodPassword}})
	if page := staff.Get("/admin/contact-messages/trash/"); page.Status != http.StatusForbidden {
		t.Fatalf("the trash without the right to delete: %d", page.Status)
	}
	grant(models.Delete)
	deleteByForm(staff, "/admin/contact-messages/1/")
	row := trashed(t, a.App, models.ContactSlug)[0]
	purge := func() url.Values { return url.Values{"action": {"purge"}, "id": {itoa(row.ID)}, "confirm": {"yes"}} }
	page := staff.Get("/admin/contact-messages/trash/")
	if page.Has("[value=purge]") {
		t.Error("the button is offered without the right")
	}
	if page = staff.Post(page, "/admin/contact-messages/trash/", purge()); page.Status != http.StatusForbidden || len(trashed(t, a.App, models.ContactSlug)) != 1 {
		t.Fatalf("purging without the right: %d", page.Status)
	}
	grant(models.Purge)
	page = staff.Get("/admin/contact-messages/trash/")
	page = staff.Post(page, "/admin/contact-messages/trash/", url.Values{"action": {"purge"}, "id": {itoa(row.ID)}})
	if !strings.Contains(page.Text(), "Ada Secret") || len(trashed(t, a.App, models.ContactSlug)) != 1 {
		t.Fatalf("nothing was asked: %s", page.Text())
	}
	page = staff.Post(page, "/admin/contact-messages/trash/", purge())
	if !strings.Contains(page.Text(), "1 deleted for good.") || len(trashed(t, a.App, models.ContactSlug)) != 0 {
		t.Errorf("purging says %s", page.Text())
	}
	if page = staff.Get("/admin/contact-messages/1/history/"); strings.Contains(page.Text(), "Secret") || !strings.Contains(page.Text(), "Deleted for good") {
		t.Errorf("the history still tells %s", page.Text())
	}
}

func TestDeletedContactMessageComesBackWithItsMailAndAttempts(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	app.CheckInvariants(20*time.Second, 0, "Ada")
	staff := app.Login()
	before := staff.Get("/admin/contact-messages/1/").Part("main", "Ada").Text()
	page := deleteByForm(staff, "/admin/contact-messages/1/")
	for _, model := range []any{(*models.ContactMessage)(nil), (*models.OutboxMessage)(nil), (*models.MailAttempt)(nil)} {
		if n := rowsOf(t, app, model); n != 0 {
			t.Errorf("%d %T are left", n, model)
		}
	}
	staff.Post(page, page.Attribute("[role=status] form", "action"), url.Values{})
	if after := staff.Get("/admin/contact-messages/1/").Part("main", "Ada").Text(); after != before {
		t.Errorf("came back as\n%s\nwas\n%s", after, before)
	}
	app.CheckInvariants(5*time.Second, 0, "Ada") // no second mail
}

func TestRestoredWaitlistEntryKeepsToAnUnsubscriptionOfMeanwhile(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	page := staff.Get("/admin/waitlist/add/")
	staff.Post(page, "/admin/waitlist/add/", url.Values{"email": {"eve@example.com"}})
	page = deleteByForm(staff, "/admin/waitlist/1/")
	undo := page.Attribute("[role=status] form", "action")
	hash := sha256.Sum256([]byte("eve@example.com"))
	optout := &models.WaitlistOptout{AddressHash: hex.EncodeToString(hash[:]), CreatedAt: time.Now().UTC()}
	if _, err := app.DB.NewInsert().Model(optout).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	staff.Post(page, undo, url.Values{})
	entry := new(models.WaitlistEntry)
	if err := app.DB.NewSelect().Model(entry).Where("email = 'eve@example.com'").Scan(t.Context()); err != nil || entry.UnsubscribedAt.IsZero() {
		t.Errorf("came back as %+v (%v)", entry, err)
	}
}

func TestHistoryTellsChangesInTheWordsOfTheFormAndRestoresAVersion(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	id := c.scene("Claims").project.ID
	c.must(200, "owner", "PATCH", projectPath(id), `{"status":"active","budget":"AUD 1"}`)
	before := c.get("owner", projectPath(id))
	c.must(200, "owner", "PATCH", projectPath(id), `{"status":"on_hold","budget":"EUR 2","data_sources":[{"name":"Lake","type":"SQL"}]}`)
	path := "/admin/projects/" + itoa(id) + "/"
	history := staff.Get(path + "history/")
	for _, words := range []string{"Status Active → On hold, budget, data sources", "Data sources, Claims: Name", "Data sources, Lake: Type"} {
		if !strings.Contains(history.Text(), words) {
			t.Errorf("the history does not say %q: %s", words, history.Text())
		}
	}
	if list := staff.Get("/admin/history/"); !strings.Contains(list.Row("On hold").Text(), "Status Active → On hold, budget") {
		t.Errorf("the list says %s", list.Text())
	}
	version := history.Attribute("li:last-child a[href*=version]", "href")
	form := staff.Get(version)
	if form.Attribute("[name=budget]", "value") != "AUD 1" || !strings.Contains(form.Text(), "Nothing is changed until you save it.") {
		t.Fatalf("%s shows %s", version, form.Text())
	}
	if now := c.get("owner", projectPath(id)); now["budget"] != "EUR 2" {
		t.Errorf("looking at it changed the budget to %v", now["budget"])
	}
	staff.Post(form, path, form.Form("#form"))
	after := c.get("owner", projectPath(id))
	if after["status"] != before["status"] || after["budget"] != before["budget"] || itemsOf(after, "data_sources", "name", "type") != itemsOf(before, "data_sources", "name", "type") {
		t.Errorf("restored %v, want %v", after, before)
	}
	if other := staff.Get("/admin/projects/" + itoa(c.scene("Other").project.ID) + "/" + version[strings.Index(version, "?"):]); other.Status != http.StatusNotFound {
		t.Errorf("a version of another project: %d", other.Status)
	}
}

func TestWhatOneActDidToSeveralRowsIsToldTogether(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	one, two := c.scene("One").project.ID, c.scene("Two").project.ID
	staff.Post(staff.Get("/admin/projects/"), "/admin/projects/", url.Values{"action": {"delete"}, "confirm": {"yes"}, "id": {itoa(one), itoa(two)}})
	entry := staff.Get("/admin/history/").Row("2 deleted.").Attribute("a", "href")
	if page := staff.Get(entry); !strings.Contains(page.Text(), "Done to 2 rows at once") || !strings.Contains(page.Part("section", "Done to").Text(), "One") {
		t.Errorf("%s says %s; history %s", entry, page.Text(), staff.Get("/admin/history/").Text())
	}
	page := staff.Get("/admin/projects/trash/")
	all := page.Attribute("button[formaction]", "formaction")
	if page = staff.Post(page, all, url.Values{}); !strings.Contains(page.Text(), "2 restored.") || rowsOf(t, c.App, (*models.Project)(nil)) != 2 {
		t.Errorf("%s says %s", all, page.Text())
	}
}

func TestDeletedAccountComesBackLoggedOutWithWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	open := a.logIn("ann", goodPassword)
	ann := a.user("ann")
	project := models.NewProject()
	project.Name, project.CreatedAt, project.UpdatedAt = "Claims", time.Now().UTC(), time.Now().UTC()
	if _, err := a.DB.NewInsert().Model(project).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, row := range []any{
		&models.ProjectMember{ProjectID: project.ID, UserID: ann.ID, Role: models.RoleOwner},
		&models.UserPermission{UserID: ann.ID, Permission: "projects.view"},
	} {
		if _, err := a.DB.NewInsert().Model(row).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	page := deleteByForm(boss, "/admin/users/"+itoa(ann.ID)+"/")
	if rowsOf(t, a.App, (*models.ProjectMember)(nil)) != 0 || len(trashed(t, a.App, models.UsersSlug)) != 1 {
		t.Fatalf("deleting says %s", page.Text())
	}
	boss.Post(page, page.Attribute("[role=status] form", "action"), url.Values{})
	back := a.user("ann")
	if back.ID != ann.ID || back.Password != ann.Password || rowsOf(t, a.App, (*models.ProjectMember)(nil)) != 1 || rowsOf(t, a.App, (*models.UserPermission)(nil)) != 1 {
		t.Errorf("came back as %+v, was %+v", back, ann)
	}
	a.wantDead("of before the deletion", open)
	a.logIn("ann", goodPassword)
}
