package handlers_test

import (
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
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
