package handlers_test

import (
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// form makes the multipart form of one field.
func form(t *testing.T, name, value string) (body, contentType string) {
	t.Helper()
	var text strings.Builder
	w := multipart.NewWriter(&text)
	if err := w.WriteField(name, value); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return text.String(), w.FormDataContentType()
}

// A compressed body of 64 KB can unpack to 64 MB, in the memory of a program that
// does not know yet who sends it.
func TestCompressedBodiesAreNeverUnpacked(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "DJANGO_COMPAT=1")
	const field = 64 << 20
	bomb, kind := form(t, "username", strings.Repeat("0", field))
	bomb = gzipped(bomb)
	before := app.ResidentMB()
	for _, path := range []string{"/admin/login/", "/waitlist/unsubscribe", "/accounts/google/login", "/api/token/refresh", "/api/hello", "/nothing", "/healthz"} {
		for _, method := range []string{"POST", "DELETE", "GET"} {
			for _, encoding := range []string{"gzip", "identity, gzip"} {
				answer := app.Do(method, path, bomb, "Content-Type", kind, "Content-Encoding", encoding)
				if answer.Status != http.StatusUnsupportedMediaType || answer.Header.Get("X-Request-Id") == "" {
					t.Errorf("%s %s of %s: %d", method, path, encoding, answer.Status)
				} else if !strings.Contains(answer.Header.Get("Content-Type"), "html") {
					wantEnvelope(t, answer, "unsupported_media_type")
				}
			}
		}
	}
	if grown := app.ResidentMB() - before; grown > field>>21 {
		t.Errorf("the program has grown by %d MB", grown)
	}
}

func TestWhatIsNoTextIsRefusedInQueries(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, bad := range []string{"%00", "a%00b", "%ff", "%c3%28", "%ed%a0%80"} {
		for _, path := range []string{"/api/hello?x=" + bad, "/api/hello?" + bad + "=1", "/api/waitlists/?email=" + bad, "/api/waitlists/?search=" + bad, "/api/projects/?status=" + bad} {
			answer := app.Get(path)
			if answer.Status != http.StatusBadRequest {
				t.Errorf("%s: %d", path, answer.Status)
				continue
			}
			wantEnvelope(t, answer, "malformed")
		}
		for _, path := range []string{"/admin/login/?next=/" + bad, "/waitlist/unsubscribe?address=" + bad} {
			if answer := app.Get(path); answer.Status != http.StatusBadRequest || !strings.Contains(answer.Body, "<h1") || !strings.Contains(answer.Body, "not valid text") {
				t.Errorf("%s: %d %s", path, answer.Status, answer.Body)
			}
		}
	}
	if answer := app.Get("/api/hello?name=%C3%B1%F0%9F%98%80&rate=100%"); answer.Status != http.StatusOK {
		t.Errorf("text is refused: %d", answer.Status)
	}
}

func TestWhatIsNoTextIsRefusedInFormsAndSavesNothing(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	add, login := staff.Get("/admin/users/add/"), app.Browser()
	for _, bad := range []string{"a\x00b", "\x00", "\xff"} {
		answer := staff.Post(add, "/admin/users/add/", url.Values{"username": {"grace"}, "email": {"grace@example.com"}, "first_name": {bad}, "is_active": {"true"}})
		if answer.Status != http.StatusBadRequest || !strings.Contains(answer.Text(), "not valid text") {
			t.Errorf("a user called %q: %d", bad, answer.Status)
		}
		if answer := login.Post(login.Get("/admin/login/"), "/admin/login/", url.Values{"username": {bad}, "password": {bad}}); answer.Status != http.StatusBadRequest {
			t.Errorf("a login of %q: %d", bad, answer.Status)
		}
		body, kind := form(t, "text", bad)
		if answer := app.Do(http.MethodPost, "/admin/waitlist/import/", body, "Content-Type", kind); answer.Status != http.StatusBadRequest {
			t.Errorf("a list of %q: %d", bad, answer.Status)
		}
	}
	if answer := app.Do(http.MethodPost, "/admin/login/", "--x\r\nmalformed", "Content-Type", "multipart/form-data; boundary=x"); answer.Status != http.StatusBadRequest {
		t.Errorf("a malformed form: %d", answer.Status)
	}
	if users, err := app.DB.NewSelect().Model((*models.User)(nil)).Count(t.Context()); err != nil || users != 1 {
		t.Errorf("there are %d users (%v)", users, err)
	}
}

func TestHeadersThatAreNoTextDoNoHarm(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	answer := app.PostJSON("/api/contact", seedJSON, "Idempotency-Key", "\xff")
	if messages, _ := stored(t, app); answer.Status != http.StatusBadRequest || messages != 0 {
		t.Errorf("a key: %d, %d messages are stored", answer.Status, messages)
	}
	body := `{"username":"` + handlerstest.Username + `","password":"` + handlerstest.Password + `"}`
	if answer := app.PostJSON("/api/token/pair", body, "User-Agent", "Bro\xffwser"); answer.Status != http.StatusOK {
		t.Errorf("a login by an odd browser: %d %s", answer.Status, answer.Body)
	}
}
