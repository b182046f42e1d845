package handlers_test

import (
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
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
