package handlers_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// inbox stores messages that nobody has mailed.
func inbox(t *testing.T, app *handlerstest.App, count int) {
	t.Helper()
	for left := count; left > 0; left -= 1000 {
		fill(t, app, min(left, 1000), "Visitor", models.ContactSent)
	}
}

// actOnAll lets staff act on every row of a list, and answers yes where it asks. It
// returns the page that comes then.
func actOnAll(staff *handlerstest.Staff, list, action string) *handlerstest.Page {
	question := staff.Post(staff.Get(list), list, url.Values{"action": {action}, "all": {"1"}})
	return staff.Post(question, list, url.Values{"action": {action}, "all": {"1"}, "confirm": {"yes"}, "up_to": {question.Attribute("[name=up_to]", "value")}})
}

// lastJob is the job that was started last.
func lastJob(t *testing.T, app *handlerstest.App) *models.Job {
	t.Helper()
	job := new(models.Job)
	if err := app.DB.NewSelect().Model(job).OrderExpr("id DESC").Limit(1).Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	return job
}

// ended waits for the end of the last job.
func ended(t *testing.T, app *handlerstest.App, within time.Duration) *models.Job {
	t.Helper()
	handlerstest.Eventually(t, within, "the job ends", func() bool { return !lastJob(t, app).State.Open() })
	return lastJob(t, app)
}

// spamOnce counts the messages that are spam, and holds against it the entries of history
// that tell of it: one each.
func spamOnce(t *testing.T, app *handlerstest.App, want int) {
	t.Helper()
	spam, err := app.DB.NewSelect().Model((*models.ContactMessage)(nil)).Where("is_spam").Count(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var told, rows int
	err = app.DB.NewSelect().Model((*models.HistoryEntry)(nil)).ColumnExpr("count(*), count(DISTINCT object_id)").
		Where("summary = ?", "Mark as spam").Scan(context.Background(), &told, &rows)
	if err != nil || int(spam) != want || told != want || rows != want {
		t.Errorf("%d are spam, %d entries of history about %d rows, want %d (%v)", spam, told, rows, want, err)
	}
}

func TestActionOnAllSurvivesKilledWorkers(t *testing.T) {
	t.Parallel()
	rows, kills := handlerstest.Load(6_000, 100_000), handlerstest.Load(1, 5)
	app := handlerstest.Prepare(t, "PORT="+handlerstest.FreePort(t))
	app.CreateSuperuser()
	inbox(t, app, rows)
	worker := app.ServeWithSender()
	staff := app.Login()
	page := actOnAll(staff, "/admin/contact-messages/", "spam")
	if !page.Has("#job") {
		t.Fatalf("%d: %s", page.Status, page.Text())
	}
	for kill := range kills {
		goal := (kill*rows + rand.IntN(rows/2)) / kills
		handlerstest.Eventually(t, 2*time.Minute, "the job goes on", func() bool { return lastJob(t, app).Seen > goal })
		worker.Kill()
		worker = app.NewSender()
	}
	job := ended(t, app, 3*time.Minute)
	if job.State != models.JobDone || job.Total != rows || job.Seen != rows || job.Done != rows || job.Failed != 0 {
		t.Errorf("the job ended as %+v", job)
	}
	spamOnce(t, app, rows)
}

func TestPageOfAJobTellsWhatBecameOfEveryRow(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	clerk := newClerk(t, app, boss, "users.view", "users.change")
	boss.Post(boss.Get("/admin/users/add/"), "/admin/users/add/", url.Values{
		"username": {"other"}, "email": {"other@digitalpath.test"}, "new_password": {clerkPassword}, "is_active": {"true"}, "is_staff": {"true"},
	})
	other := enter(t, app, "other", clerkPassword)
	people := make([]models.User, 620)
	for i := range people {
		name := fmt.Sprintf("person%03d", i)
		people[i] = models.User{Username: name, Email: name + "@example.com", IsSuperuser: i == 99, DateJoined: time.Now().UTC()}
	}
	if _, err := app.DB.NewInsert().Model(&people).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	actOnAll(clerk, "/admin/users/", "activate")
	job := ended(t, app, time.Minute)
	address := fmt.Sprintf("/admin/jobs/%d/", job.ID)
	page := clerk.Get(address)
	if job.State != models.JobDone || job.Done != 619 || job.Failed != 2 || !page.Has("[data-status=done]") { // ada and the other superuser refuse
		t.Errorf("%+v\n%s", job, page.Text())
	}
	if row := page.Row("person099"); !strings.Contains(row.Text(), "person099 may do more than you.") || !strings.Contains(page.Text(), "623 of 623 rows") {
		t.Errorf("the page does not tell of who was left out:\n%s", page.Text())
	}
	csv := clerk.Step(address + "failures/")
	if !strings.Contains(csv.Header.Get("Content-Type"), "csv") || strings.Count(csv.Body, "\n") != 3 || !strings.HasPrefix(csv.Body, sheets.CSVMark+"id,Row,") || !strings.Contains(csv.Body, ",person099,person099 may do more") {
		t.Errorf("the file of what was not done: %v\n%s", csv.Header, csv.Body)
	}
	if list := clerk.Get("/admin/jobs/"); !list.Has("a[href='" + address + "']") {
		t.Errorf("one's own list lacks it:\n%s", list.Text())
	}
	for _, path := range []string{address, address + "failures/"} {
		if page := other.Get(path); page.Status != http.StatusNotFound {
			t.Errorf("%s is open to a colleague: %d", path, page.Status)
		}
	}
	if page := other.Post(other.Get("/admin/jobs/"), address+"cancel/", url.Values{}); page.Status != http.StatusNotFound || other.Get("/admin/jobs/").Has("a[href='"+address+"']") {
		t.Errorf("a colleague's list or cancel: %d", page.Status)
	}
	if page := boss.Get(address); page.Status != http.StatusOK {
		t.Errorf("a superuser does not see it: %d", page.Status)
	}
}

func TestStoppedJobDoesNoMoreAndSaysWhatItDid(t *testing.T) {
	t.Parallel()
	handlerstest.NeedsServers(t) // a web process without workers
	app := handlerstest.Prepare(t, "WORKERS_IN_PROCESS=0")
	app.CreateSuperuser()
	inbox(t, app, 700)
	app.Serve()
	staff := app.Login()
	page := actOnAll(staff, "/admin/contact-messages/", "spam")
	if again := actOnAll(staff, "/admin/contact-messages/", "spam"); !again.Has("#job") || lastJob(t, app).ID != 1 {
		t.Errorf("the same asked for twice is two jobs (%d)", again.Status)
	}
	if !page.Has("#job[hx-get]") || !page.Has("[data-status=queued]") {
		t.Errorf("it does not show that it waits:\n%s", page.Text())
	}
	page = staff.Post(page, "/admin/jobs/1/cancel/", url.Values{})
	if !page.Has("[data-status=cancelled]") || page.Has("form[action$='cancel/']") || page.Has("#job[hx-get]") {
		t.Errorf("after the stop:\n%s", page.Text())
	}
	app.Worker()
	staff.Post(staff.Get("/admin/contact-messages/"), "/admin/contact-messages/", url.Values{"action": {"resend"}, "all": {"1"}, "confirm": {"yes"}})
	if job := ended(t, app, time.Minute); job.Action != "resend" || job.State != models.JobDone {
		t.Errorf("the next job ended as %+v", job)
	}
	spamOnce(t, app, 0)
}

func TestSendingAllAgainMailsEachOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	inbox(t, app, 600)
	staff := app.Login()
	list := "/admin/contact-messages/"
	question := staff.Post(staff.Get(list), list, url.Values{"action": {"resend"}, "all": {"1"}})
	if !strings.Contains(question.Text(), "Nobody is mailed.") || !strings.Contains(question.Text(), "Also the 600 that were sent") {
		t.Errorf("asked: %s", question.Text())
	}
	staff.Post(question, list, url.Values{"action": {"resend"}, "all": {"1"}, "confirm": {"yes"}, "also_sent": {"yes"}})
	if job := ended(t, app, time.Minute); job.Done != 600 {
		t.Errorf("the job ended as %+v", job)
	}
	handlerstest.Eventually(t, 15*time.Second, "every mail is there, long before a sweeper would look for lost ones", func() bool { return len(app.Mails.Accepted()) >= 600 })
	var messages, objects int
	if err := app.DB.NewSelect().Model((*models.OutboxMessage)(nil)).ColumnExpr("count(*), count(DISTINCT object_id)").Scan(context.Background(), &messages, &objects); err != nil {
		t.Fatal(err)
	}
	if messages != 600 || objects != 600 || len(app.Mails.Accepted()) != 600 {
		t.Errorf("%d messages about %d, %d mails", messages, objects, len(app.Mails.Accepted()))
	}
}

// stoppedJobs stores a job that failed, with rows that refused, and one that nobody works at.
func stoppedJobs(t *testing.T, app *handlerstest.App) {
	t.Helper()
	at := time.Now().UTC().Add(-time.Minute)
	all := []models.Job{{
		State: models.JobFailed, Problem: "It was begun again 8 times and never got further.", Total: 60_000, Seen: 12_500, Done: 11_000, Failed: 22, FinishedAt: at,
	}, {
		State: models.JobRunning, Total: 60_000, Seen: 12_500, Done: 12_000, LeaseUntil: at.Add(time.Hour),
	}}
	for i := range all {
		job := &all[i]
		job.Kind, job.Model, job.Action, job.UserID, job.Username = "action", "contact-messages", "spam", 1, handlerstest.Username
		job.Signature, job.CreatedAt, job.StartedAt, job.UpdatedAt = fmt.Sprint(i), at, at, at.Add(20*time.Second)
	}
	failures := []models.JobFailure{{JobID: 1, RowID: 7, Label: "Ada Lovelace", Reason: "You may see this project, but not do that with it."}, {JobID: 1, RowID: 9, Reason: "Something went wrong on our side."}}
	for _, rows := range []any{&all, &failures} {
		if _, err := app.DB.NewInsert().Model(rows).Exec(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLongExportIsMadeInTheBackgroundAndKeptForADay(t *testing.T) {
	t.Parallel()
	c := &cast{t: t, App: handlerstest.Start(t)}
	c.CreateSuperuser()
	c.crowd(10_300)
	// The list is sorted by a column most of whose values are alike, from one batch to the next.
	if _, err := c.DB.NewUpdate().Model((*models.WaitlistEntry)(nil)).Set("company = 'Acme'").Where("id % 2 = 0").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	boss := c.Login()
	clerk := newClerk(t, c.App, boss, "waitlist.view")
	list := "/admin/waitlist/export/?o=company&created_at__year=" + c.waitlisted()[0].CreatedAt.Format("2006")
	question := clerk.Get(list)
	if !strings.Contains(question.Text(), "Export all 10,300 rows?") {
		t.Fatalf("%d: %s", question.Status, question.Text())
	}
	c.PostJSON("/api/waitlists/", `{"email":"late@example.com"}`)
	clerk.Post(question, "/admin/waitlist/export/", url.Values{
		"created_at__year": {question.Attribute("[name=created_at__year]", "value")}, "o": {question.Attribute("[name=o]", "value")},
	})
	job := ended(t, c.App, time.Minute)
	page := clerk.Get("/admin/jobs/1/")
	link := page.Attribute("a[href$='/file/']", "href")
	if job.State != models.JobDone || job.Done != job.Total || link == "" {
		t.Fatalf("%+v\n%s", job, page.Text())
	}
	file := clerk.Step(link)
	lines := strings.Split(file.Body, "\n")
	if file.Status != http.StatusOK {
		t.Fatalf("the file: %d %v", file.Status, file.Header)
	}
	if len(lines) != job.Total+2 || !strings.HasPrefix(lines[0], sheets.CSVMark+"id,email,") || strings.Count(file.Body, sheets.CSVMark) != 1 || !strings.Contains(file.Header.Get("Content-Disposition"), "waitlist-") {
		t.Errorf("the file has %d lines: %q ... %v", len(lines), lines[:2], file.Header)
	}
	for line, email := range map[int]string{1: "p00000@", 2: "p00002@", 5150: "p10298@", 5151: "late@", 5152: "p00001@", 10_301: "p10299@"} {
		if !strings.Contains(lines[line], ","+email) {
			t.Errorf("line %d is %q, want %s", line, lines[line], email)
		}
	}
	if page := clerk.Post(page, "/admin/waitlist/export/", url.Values{"created_at": {"soon"}}); page.Status != http.StatusBadRequest {
		t.Errorf("a filter that is none: %d", page.Status)
	}
	columns := clerk.Get("/admin/waitlist/export/columns/?o=company")
	form := columns.Form("main form")
	form["column"], form["format"] = []string{"email", "created_at", "is_spam"}, []string{"xlsx"}
	clerk.Post(columns, "/admin/waitlist/export/", form)
	if job := ended(t, c.App, time.Minute); job.State != models.JobDone {
		t.Fatalf("%+v", job)
	}
	header, rows := workbook(t, clerk.Step("/admin/jobs/2/file/").Body)
	if !slices.Equal(header, []string{"E-mail", "Joined", "Spam"}) || len(rows) != 10_301 || rows[5149]["E-mail"] != "p10298@crowd.example" || rows[0]["Spam"] != "FALSE" || !strings.HasPrefix(rows[0]["Joined"], "20") {
		t.Errorf("the workbook has %d rows: %q %q", len(rows), header, rows[:1])
	}
	grant(t, boss, "projects.view")
	if answer := clerk.Step(link); answer.Status != http.StatusForbidden {
		t.Errorf("who may see the list no more gets the file: %d", answer.Status)
	}
	if _, err := c.DB.NewUpdate().Model(job).Set("finished_at = ?", time.Now().Add(-25*time.Hour).UTC()).WherePK().Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page := boss.Get("/admin/jobs/1/"); page.Has("a[href$='/file/']") {
		t.Error("a file is offered after its day")
	}
}

func TestDeletingVeryManyRowsPutsEachIntoTheTrash(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	inbox(t, app, 1100)
	staff := app.Login()
	question := staff.Post(staff.Get("/admin/contact-messages/"), "/admin/contact-messages/", url.Values{"action": {"delete"}, "all": {"1"}})
	if !strings.Contains(question.Text(), "1,100 rows will go into the trash") {
		t.Fatalf("asked: %s", question.Text())
	}
	actOnAll(staff, "/admin/contact-messages/", "delete")
	if job := ended(t, app, time.Minute); job.State != models.JobDone || job.Done != 1100 || job.Failed != 0 {
		t.Errorf("the job ended as %+v", job)
	}
	left, err := app.DB.NewSelect().Model((*models.ContactMessage)(nil)).Count(t.Context())
	trashed, err2 := app.DB.NewSelect().Model((*models.TrashedRow)(nil)).Count(t.Context())
	if err != nil || err2 != nil || left != 0 || trashed != 1100 {
		t.Errorf("%d rows left, %d in the trash (%v, %v)", left, trashed, err, err2)
	}
}
