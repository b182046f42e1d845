package handlers_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/static"
)

func TestScriptsAndStylesGoOutPackedToWhoCanUnpack(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, name := range []string{"swagger/swagger-ui-bundle.js", "css/app.css"} {
		asset, _ := static.Lookup(static.URL(name))
		packed := app.Get(static.URL(name), "Accept-Encoding", "br, gzip")
		reader, err := gzip.NewReader(strings.NewReader(packed.Body))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if body, err := io.ReadAll(reader); err != nil || string(body) != string(asset.Body) {
			t.Errorf("%s unpacks to something else: %v", name, err)
		}
		if 3*len(packed.Body) > len(asset.Body) || packed.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %d of %d bytes, Vary: %q", name, len(packed.Body), len(asset.Body), packed.Header.Get("Vary"))
		}
		for _, encoding := range []string{"identity", "gzip;q=0"} {
			if plain := app.Get(static.URL(name), "Accept-Encoding", encoding); plain.Body != string(asset.Body) || plain.Header.Get("Content-Encoding") != "" {
				t.Errorf("%s is packed for who accepts %s", name, encoding)
			}
		}
	}
}
