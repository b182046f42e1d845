package handlers_test

import (
	"bytes"
	"errors"
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

// upload sends the import's form, as a browser does; the file may be nil.
func (c *cast) upload(staff *handlerstest.Staff, file []byte, fields map[string]string) handlerstest.Answer {
	c.t.Helper()
	var body strings.Builder
	w := multipart.NewWriter(&body)
	token := staff.Get("/admin/waitlist/import/").Attribute("[name=csrf_token]", "value")
	err := w.WriteField("csrf_token", token)
	for name, value := range fields {
		err = errors.Join(err, w.WriteField(name, value))
	}
	part, partErr := w.CreateFormFile("file", "list.csv")
	if err = errors.Join(err, partErr); err != nil {
		c.t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		c.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.Do(http.MethodPost, "/admin/waitlist/import/", body.String(),
		"Content-Type", w.FormDataContentType(), "Cookie", staff.CookieHeader(), "Origin", c.URL)
}

// Between preview and import the file travels through the browser, which sends UTF-8
// alone.
func TestFileOfExcelKeepsItsAccentsBehindThePreview(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	preview := c.upload(c.Login(), []byte("email;first_name\njose@example.com;Jos\xe9\n"), nil) // Windows-1252
	_, sentBack, _ := strings.Cut(preview.Body, `<textarea name="text" hidden>`)
	if preview.Status != http.StatusOK || !strings.HasPrefix(sentBack, "\nemail;first_name\njose@example.com;José\n") {
		t.Errorf("the preview gives back %d %.100q", preview.Status, sentBack)
	}
}

// A file grows on its way: accents take more bytes in UTF-8, and browsers send every
// line end as two.
func TestFileThatHasAPreviewIsNotTooLargeAfterwards(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	staff := c.Login()
	if accents := c.upload(staff, append([]byte("email,message\n"), bytes.Repeat([]byte("\xe9"), 2_000_000)...), nil); accents.Status != http.StatusBadRequest || !strings.Contains(accents.Body, "larger than 3 MB") {
		t.Errorf("a file that does not fit as UTF-8: %d", accents.Status)
	}
	file := append([]byte("email,message\nann@example.com,\""), bytes.Repeat([]byte("\n"), 1_400_000)...)
	file = append(file, "\"\nbob@example.com,two\n"...)
	if preview := c.upload(staff, file, nil); preview.Status != http.StatusOK || !strings.Contains(preview.Body, "bob@example.com") {
		t.Fatalf("a file of many lines: %d", preview.Status)
	}
	sent := strings.ReplaceAll(string(file), "\n", "\r\n")
	done := c.upload(staff, nil, map[string]string{"text": sent, "confirm": "yes"})
	ended(t, c.App, time.Minute)
	if entries := c.waitlisted(); done.Status != http.StatusSeeOther || len(entries) != 2 {
		t.Errorf("%d: %d of 2 rows are taken in", done.Status, len(entries))
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
	if back != models.CSVMark+"email,first_name,company,reason\nnonsense,'=Bad,,email: Enter a valid e-mail address.\n" {
		t.Errorf("handed back: %q", back)
	}
	corrected := strings.Replace(back, "nonsense", "sense@file.example", 1)
	staff.Post(form, "/admin/waitlist/import/", url.Values{"text": {corrected}, "confirm": {"yes"}})
	if entries = c.waitlisted(); len(entries) != 2601 || entries[2600].FirstName != "=Bad" {
		t.Errorf("corrected: %d entries", len(entries))
	}
}
