package handlers_test

import (
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// Between preview and import the file travels through the browser, which sends UTF-8
// alone.
func TestFileOfExcelKeepsItsAccentsBehindThePreview(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	staff := c.Login()
	var body strings.Builder
	w := multipart.NewWriter(&body)
	token := staff.Get("/admin/waitlist/import/").Attribute("[name=csrf_token]", "value")
	if err := w.WriteField("csrf_token", token); err != nil {
		t.Fatal(err)
	}
	file, err := w.CreateFormFile("file", "list.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("email;first_name\njose@example.com;Jos\xe9\n")); err != nil { // Windows-1252
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	preview := c.Do(http.MethodPost, "/admin/waitlist/import/", body.String(),
		"Content-Type", w.FormDataContentType(), "Cookie", staff.CookieHeader(), "Origin", c.URL)
	_, sentBack, _ := strings.Cut(preview.Body, `<textarea name="text" hidden>`)
	if preview.Status != http.StatusOK || !strings.HasPrefix(sentBack, "\nemail;first_name\njose@example.com;José\n") {
		t.Errorf("the preview gives back %d %.100q", preview.Status, sentBack)
	}
}

func TestLongImportTakesEveryGoodRowInAndHandsTheOthersBack(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.PostJSON("/api/waitlists/", `{"email":"p00007@file.example","first_name":"Stored"}`)
	c.settled()
	var file strings.Builder
	file.WriteString("email;first_name;company\n")
	for i := range 2600 {
		fmt.Fprintf(&file, "p%05d@file.example;Name %d;\"Lee; Sons\"\n", i, i)
	}
	file.WriteString("nonsense;=Bad;\nP00001@file.example;;Said before\n")
	staff := c.Login()
	form := staff.Get("/admin/waitlist/import/")
	for range 2 { // again changes nothing
		page := staff.Post(form, "/admin/waitlist/import/", url.Values{"text": {file.String()}, "confirm": {"yes"}})
		if !page.Has("#job") {
			t.Fatalf("%d: %s", page.Status, page.Text())
		}
		ended(t, c.App, time.Minute)
	}
	var first models.Job
	if err := c.DB.NewSelect().Model(&first).Where("id = 1").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if first.State != models.JobDone || first.Total != 2602 || first.Seen != 2602 || first.Done != 2600 || first.Failed != 1 {
		t.Errorf("the job ended as %+v", first)
	}
	entries := c.waitlisted()
	if len(entries) != 2600 || entries[0].FirstName != "Stored" || entries[0].Company != "Lee; Sons" || entries[2].FirstName != "Name 1" {
		t.Errorf("%d entries: %+v", len(entries), entries[:3])
	}
	if history := c.waitlistHistory(entries[0].ID); len(history) != 1 || history[0].Summary != "Imported" || history[0].Username != handlerstest.Username {
		t.Errorf("history %+v", history)
	}
	if mails := c.settled(); len(mails) != 2 { // the one who joined, and staff
		t.Errorf("the import mailed somebody: %d people got mail", len(mails))
	}
	back := staff.Step("/admin/jobs/1/failures/").Body
	if back != "email,first_name,company,reason\nnonsense,'=Bad,,email: Enter a valid e-mail address.\n" {
		t.Errorf("handed back: %q", back)
	}
	corrected := strings.Replace(back, "nonsense", "sense@file.example", 1)
	staff.Post(form, "/admin/waitlist/import/", url.Values{"text": {corrected}, "confirm": {"yes"}})
	if entries = c.waitlisted(); len(entries) != 2601 || entries[2600].FirstName != "=Bad" {
		t.Errorf("corrected: %d entries", len(entries))
	}
}
