package handlers_test

import (
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// form makes the multipart form of one field.
func form(t *testing.T, name, value string) (body, contentType string) {
	t.Helper()
	return formOf(t, map[string]string{name: value})
}

func formOf(t *testing.T, fields map[string]string) (body, contentType string) {
	t.Helper()
	var text strings.Builder
	w := multipart.NewWriter(&text)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
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
	if refused := staff.Get("/admin/users/?q=%00"); refused.Status != http.StatusBadRequest || !refused.Has("main a[href='/admin/']") || refused.Has("a[href='/admin/login/']") {
		t.Errorf("who is logged in is led to %s", refused.Text())
	}
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
	answer := app.PostJSON("/api/contact", documentedContact, "Idempotency-Key", "\xff")
	if messages, _ := stored(t, app); answer.Status != http.StatusBadRequest || messages != 0 {
		t.Errorf("a key: %d, %d messages are stored", answer.Status, messages)
	}
	body := `{"username":"` + handlerstest.Username + `","password":"` + handlerstest.Password + `"}`
	if answer := app.PostJSON("/api/token/pair", body, "User-Agent", "Bro\xffwser"); answer.Status != http.StatusOK {
		t.Errorf("a login by an odd browser: %d %s", answer.Status, answer.Body)
	}
}

// Whatever cannot be read as a request is refused before there is a route.
func TestUnreadableRequestsAnswerTheEnvelope(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	const post = "POST /api/contact HTTP/1.1\r\nContent-Type: application/json\r\n"
	for name, request := range map[string]string{
		"two Content-Lengths":           post + "Host: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"an odd Content-Length":         post + "Host: x\r\nContent-Length: two\r\n\r\n{}",
		"an unknown Transfer-Encoding":  post + "Host: x\r\nTransfer-Encoding: gzip\r\n\r\n{}",
		"a malformed chunk":             post + "Host: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
		"no Host":                       post + "Content-Length: 2\r\n\r\n{}",
		"two Hosts":                     post + "Host: x\r\nHost: y\r\nContent-Length: 2\r\n\r\n{}",
		"a header without a colon":      post + "Host: x\r\nnonsense\r\n\r\n",
		"a control character":           "GET /api/hello?x=\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
		"a page, as little as the rest": "GET /admin/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"no HTTP at all":                "hello\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			answer := app.Raw(request)
			if answer.Status != http.StatusBadRequest || answer.Header.Get("X-Request-Id") == "" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Fatalf("%d %v", answer.Status, answer.Header)
			}
			wantEnvelope(t, answer, "malformed")
		})
	}
	answer := app.Do(http.MethodPost, "/api/contact", "--x\r\nmalformed", "Content-Type", "multipart/form-data; boundary=x")
	if answer.Status != http.StatusUnsupportedMediaType {
		t.Errorf("a malformed form: %d", answer.Status)
	}
	wantEnvelope(t, answer, "unsupported_media_type")
	if messages, _ := stored(t, app); messages != 0 {
		t.Errorf("%d messages are stored", messages)
	}
}

func TestUnknownMethodsAnswerTheEnvelope(t *testing.T) {
	t.Parallel()
	app := production(t)
	for _, method := range []string{"PROPFIND", "OTHER", "get", "FOO-BAR"} {
		answer := app.Raw(method + " /api/hello HTTP/1.1\r\nHost: api.example.com\r\n\r\n")
		if answer.Status != http.StatusMethodNotAllowed || !strings.Contains(answer.Header.Get("Allow"), "GET") {
			t.Errorf("%s: %d, Allow %q", method, answer.Status, answer.Header.Get("Allow"))
			continue
		}
		if answer.Header.Get("X-Request-Id") == "" || answer.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %v", method, answer.Header)
		}
		wantEnvelope(t, answer, "method_not_allowed")
	}
	if answer := app.Do("PROPFIND", "/api/nothing", "", atHome...); answer.Status != http.StatusNotFound {
		t.Errorf("where there is nothing: %d", answer.Status)
	}
	if metrics := app.Get("/metrics").Body; strings.Contains(metrics, "PROPFIND") || !strings.Contains(metrics, `method="OTHER"`) {
		t.Errorf("the metrics:\n%s", metrics)
	}
}

// What stands in a query gets into logs, histories and links that others make.
func TestFormsAreReadFromTheBodyAlone(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	query := "?" + url.Values{"username": {handlerstest.Username}, "password": {handlerstest.Password}, "theme": {"dark"}, "next": {"/admin/queue/"}}.Encode()
	browser := app.Browser()
	form := browser.Get("/admin/login/")
	if page := browser.Post(form, "/admin/login/"+query, url.Values{}); !page.Has("[name=password]") {
		t.Errorf("a login by the query: %d", page.Status)
	}
	if page := browser.Post(form, "/admin/preferences/"+query, url.Values{"next": {"/admin/login/"}}); page.Attribute("html", "data-theme") == "dark" || !page.Has("[name=password]") {
		t.Errorf("a preference by the query: %d", page.Status)
	}
	token := form.Attribute("[name=csrf_token]", "value")
	answer := app.Do(http.MethodPost, "/admin/preferences/?theme=dark&csrf_token="+token, "lang=es", "Cookie", browser.CookieHeader(),
		"Content-Type", "application/x-www-form-urlencoded", "Origin", app.URL)
	if answer.Status != http.StatusForbidden {
		t.Errorf("a token by the query: %d", answer.Status)
	}
	body, kind := formOf(t, map[string]string{"csrf_token": token, "theme": "dark", "next": "/admin/login/"})
	if answer := app.Do(http.MethodPost, "/admin/preferences/", body, "Cookie", browser.CookieHeader(), "Content-Type", kind, "Origin", app.URL); answer.Status != http.StatusSeeOther {
		t.Errorf("a multipart form: %d", answer.Status)
	}
	if staff := app.Login(); !staff.Get("/admin/").Has("#sidebar") {
		t.Error("no login by the body")
	}
}

func TestOnlyKnownPreferencesAreKept(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	browser := app.Browser()
	form := browser.Get("/admin/login/")
	for _, c := range []struct{ lang, theme, wantLang, wantTheme string }{
		{"es", "dark", "es", "dark"},
		{strings.Repeat("x", 5000), strings.Repeat("x", 5000), "es", "dark"},
		{"fr", "pink", "es", "dark"},
		{"en", "", "en", "dark"},
	} {
		page := browser.Post(form, "/admin/preferences/", url.Values{"lang": {c.lang}, "theme": {c.theme}, "next": {"/admin/login/"}})
		if lang, theme := page.Attribute("html", "lang"), page.Attribute("html", "data-theme"); page.Status != http.StatusOK || lang != c.wantLang || theme != c.wantTheme {
			t.Errorf("%.10s and %.10s: %d, %s and %s", c.lang, c.theme, page.Status, lang, theme)
		}
	}
}

func TestSetUpNamesEverythingThatIsWrongAtOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	handlerstest.Eventually(t, 10*time.Second, "the link is printed", func() bool { return setupLink.MatchString(app.Log()) })
	_, path, _ := strings.Cut(setupLink.FindString(app.Log()), "/admin/")
	path = "/admin/" + path
	browser := app.Browser()
	page := browser.Post(browser.Get(path), path, url.Values{"username": {""}, "email": {"ada"}, "password": {handlerstest.Password}, "password_again": {"another"}})
	for _, sentence := range []string{"This field is required.", "Enter a valid e-mail address.", "The two passwords are not the same."} {
		if page.Status != http.StatusBadRequest || !strings.Contains(page.Text(), sentence) {
			t.Errorf("%d, without %q: %s", page.Status, sentence, page.Text())
		}
	}
	good := url.Values{"username": {"ada"}, "email": {"ada@example.com"}, "password": {handlerstest.Password}, "password_again": {"another"}}
	if page = browser.Post(page, path, good); page.Status != http.StatusBadRequest || !strings.Contains(page.Text(), "The two passwords are not the same.") {
		t.Errorf("two passwords: %d %s", page.Status, page.Text())
	}
	if users, err := app.DB.NewSelect().Model((*models.User)(nil)).Count(t.Context()); err != nil || users != 0 {
		t.Errorf("there are %d users (%v)", users, err)
	}
	good.Set("password_again", handlerstest.Password)
	if page = browser.Post(page, path, good); page.Status != http.StatusOK || !page.Has("#sidebar") {
		t.Errorf("set up: %d %s", page.Status, page.Text())
	}
	var told []models.HistoryEntry
	if err := app.DB.NewSelect().Model(&told).Where("model = ?", models.UsersSlug).Scan(t.Context()); err != nil ||
		len(told) != 1 || told[0].Summary != "Made a superuser" || told[0].Username != "ada" || told[0].Channel != models.ChannelBackoffice || told[0].IPAddress != "127.0.0.1" {
		t.Errorf("the history tells %+v (%v)", told, err)
	}
}
