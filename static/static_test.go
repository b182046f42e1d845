package static

import (
	"strings"
	"testing"
)

func TestAssetsHaveHashedURLs(t *testing.T) {
	for name, kind := range map[string]string{
		"css/app.css":                             "text/css; charset=utf-8",
		"js/admin.js":                             "text/javascript; charset=utf-8",
		"js/htmx.min.js":                          "text/javascript; charset=utf-8",
		"swagger/init.js":                         "text/javascript; charset=utf-8",
		"fonts/inter-latin-wght-normal.woff2":     "font/woff2",
		"icons/favicon.svg":                       "image/svg+xml",
		"fonts/inter-latin-ext-wght-normal.woff2": "font/woff2",
	} {
		asset, ok := Lookup(URL(name))
		if !ok || asset.Type != kind || len(asset.Body) == 0 {
			t.Errorf("%s: found %v, type %q, %d bytes", name, ok, asset.Type, len(asset.Body))
		}
	}
}

func TestNoPathLeavesTheAssets(t *testing.T) {
	prefix := strings.TrimSuffix(URL("css/app.css"), "css/app.css")
	for _, path := range []string{"", "/static/", prefix, prefix + "css", prefix + "../static.go",
		prefix + "css/..%2fapp.css", prefix + "css/../css/app.css", "/static/000000000000/css/app.css"} {
		if _, ok := Lookup(path); ok {
			t.Errorf("%q is served", path)
		}
	}
}

func TestStylesNameFontsRelatively(t *testing.T) {
	asset, _ := Lookup(URL("css/app.css"))
	if !strings.Contains(string(asset.Body), "../fonts/inter-latin-wght-normal.woff2") {
		t.Error("app.css doesn't name its font under the hashed prefix")
	}
}

func TestScriptStaysSmall(t *testing.T) {
	asset, _ := Lookup(URL("js/admin.js"))
	if lines := strings.Count(string(asset.Body), "\n"); lines >= 150 {
		t.Errorf("admin.js has %d lines", lines)
	}
}
