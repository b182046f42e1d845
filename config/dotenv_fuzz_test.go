package config

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A .env file is read or refused as a whole, and no warning tells a value of it.
func FuzzDotenv(f *testing.F) {
	for _, text := range []string{
		"", "DJANGO_DEBUG=1\n", "\ufeffexport PORT = '80' # web\r\n", "DJANGO_SECRET_KEY=a#b # c", "EMAIL_HOST_PASSWORD='it''s' #", "X=\"\\n\\\"\"\nnot a setting\n=\n#\n", "\xff\xfeD\x00",
	} {
		f.Add([]byte(text))
	}
	path := filepath.Join(f.TempDir(), ".env")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		values, warnings, err := readDotenv(path)
		if readable := utf8.Valid(text) && bytes.IndexByte(text, 0) < 0; (err == nil) != readable {
			t.Fatalf("%q: %v", text, err)
		}
		again, _, _ := readDotenv(path)
		if !maps.Equal(values, again) {
			t.Errorf("%q is read as %v, then as %v", text, values, again)
		}
		for name, value := range values {
			if strings.Contains(value, "\n") {
				t.Errorf("%q is of several lines: %q", name, value)
			}
			const long = 40 // no word of ours in a warning is
			if len(value) >= long && slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, value) && !strings.Contains(name, value) }) {
				t.Errorf("a warning tells the value of %q: %q", name, warnings)
			}
		}
	})
}
