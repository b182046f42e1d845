package handlers_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"digitalpath/handlers/handlerstest"
	"digitalpath/static"
)

func TestScriptsAndStylesGoOutPackedToWhoCanUnpack(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, path := range []string{static.URL("swagger/swagger-ui-bundle.js"), static.URL("css/app.css"), "/api/openapi.json"} {
		plain := app.Get(path, "Accept-Encoding", "identity")
		for accepted, sent := range map[string]string{"gzip, deflate, br": "br", "gzip;q=1.0, br;q=0": "gzip", "gzip;q=0": "", "": ""} {
			answer := app.Get(path, "Accept-Encoding", accepted)
			if answer.Header.Get("Content-Encoding") != sent || !strings.Contains(answer.Header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s goes out in %q to who accepts %q, Vary: %q", path, answer.Header.Get("Content-Encoding"), accepted, answer.Header.Get("Vary"))
			}
			if unpacked, err := unpack(sent, answer.Body); err != nil || unpacked != plain.Body {
				t.Errorf("%s unpacks to something else: %v", path, err)
			}
			if sent != "" && 3*len(answer.Body) > len(plain.Body) {
				t.Errorf("%s in %s: %d of %d bytes", path, sent, len(answer.Body), len(plain.Body))
			}
		}
	}
}

// Pages hold tokens beside what was searched for, whose length must not tell of them.
func TestPagesAndAnswersWithSecretsAreNotPacked(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, path := range []string{"/admin/login/?next=/admin/", "/api/hello", "/api/docs"} {
		if sent := app.Get(path, "Accept-Encoding", "br, gzip").Header.Get("Content-Encoding"); sent != "" {
			t.Errorf("%s goes out in %s", path, sent)
		}
	}
}

func unpack(encoding, body string) (string, error) {
	var reader io.Reader = strings.NewReader(body)
	switch encoding {
	case "br":
		reader = brotli.NewReader(reader)
	case "gzip":
		var err error
		if reader, err = gzip.NewReader(reader); err != nil {
			return "", err
		}
	}
	unpacked, err := io.ReadAll(reader)
	return string(unpacked), err
}
