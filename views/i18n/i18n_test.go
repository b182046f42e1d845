package i18n

import (
	"context"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// call finds the literal key among the arguments of i18n.T, also where the context is the
// result of a call; a key in a variable is not found and may be anything.
var call = regexp.MustCompile(`i18n\.T\([^"()]*(?:\([^"()]*\))?[^"()]*("(?:[^"\\]|\\.)*")`)

func TestEveryKeyIsTranslated(t *testing.T) {
	root := os.DirFS("../..")
	found := 0
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "var") {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, ".templ") || strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_templ.go") {
			found += checkKeys(t, root, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 50 {
		t.Errorf("only %d keys found: does the pattern still fit the sources?", found)
	}
}

func checkKeys(t *testing.T, root fs.FS, name string) int {
	source, err := fs.ReadFile(root, name)
	if err != nil {
		t.Fatal(err)
	}
	calls := call.FindAllSubmatch(source, -1)
	for _, match := range calls {
		key, err := strconv.Unquote(string(match[1]))
		if err != nil {
			t.Errorf("%s: %s: %v", name, match[1], err)
			continue
		}
		if _, plural := plurals[key]; spanish[key] == "" && !plural {
			t.Errorf("%s: %q has no Spanish", name, key)
		}
	}
	return len(calls)
}

var verb = regexp.MustCompile(`%[a-z]`)

func TestTranslationsKeepTheirVerbs(t *testing.T) {
	for key, text := range spanish {
		if want, got := verb.FindAllString(key, -1), verb.FindAllString(text, -1); strings.Join(want, "") != strings.Join(got, "") {
			t.Errorf("%q has %v, its Spanish %v", key, want, got)
		}
	}
}

func TestNumbersAndPlurals(t *testing.T) {
	english, spanish := context.Background(), With(context.Background(), "es")
	for _, c := range []struct{ got, want string }{
		{Number(english, 1284), "1,284"},
		{Number(spanish, 1284), "1.284"},
		{T(spanish, "%d–%d of %s", 1, 50, Number(spanish, 1284)), "1–50 de 1.284"},
		{T(english, "%d selected", 1), "1 selected"},
		{T(spanish, "%d selected", 1), "1 fila seleccionada"},
		{T(spanish, "%d selected", 2000), "2.000 filas seleccionadas"},
		{T(spanish, "A label nobody translated"), "A label nobody translated"},
		{Lang(english), "en"},
		{Lang(spanish), "es"},
		{Lang(With(spanish, "fr")), "en"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "nonsense;;q": "en", "fr": "en", "es": "es", "es-MX,es;q=0.9,en;q=0.8": "es",
		"de-DE, es;q=0.5": "es", "en-GB,es;q=0.5": "en",
	} {
		if got := Match(header); got != want {
			t.Errorf("Match(%q) = %q, want %q", header, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	english, spanish := context.Background(), With(context.Background(), "es")
	for _, c := range []struct {
		from             time.Duration
		english, spanish string
	}{
		{0, "just now", "ahora mismo"},
		{-59 * time.Second, "just now", "ahora mismo"},
		{-2 * time.Minute, "2 min ago", "hace 2 min"},
		{-time.Hour, "1 h ago", "hace 1 h"},
		{-15 * time.Hour, "15 h ago", "hace 15 h"},
		{-17 * time.Hour, "Yesterday", "Ayer"},
		{-40 * time.Hour, "Yesterday", "Ayer"},
		{-48 * time.Hour, "21 Nov", "21 nov"},
		{-365 * 24 * time.Hour, "23 Nov 2025", "23 nov 2025"},
		{42 * time.Second, "in 42 s", "en 42 s"},
		{5 * time.Minute, "in 5 min", "en 5 min"},
		{3 * time.Hour, "in 3 h", "en 3 h"},
		{24 * time.Hour, "Tomorrow", "Mañana"},
		{72 * time.Hour, "26 Nov", "26 nov"},
	} {
		if got := Ago(english, now, now.Add(c.from)); got != c.english {
			t.Errorf("%v: got %q, want %q", c.from, got, c.english)
		}
		if got := Ago(spanish, now, now.Add(c.from)); got != c.spanish {
			t.Errorf("%v: got %q, want %q", c.from, got, c.spanish)
		}
	}
}

// found finds what the doctor says on a page; its checklists are the command line's.
var found = regexp.MustCompile(`\b(?:ok|warn|failed)\(("(?:[^"\\]|\\.)*")|\{name: "\w+", what: ("[^"]+")`)

func TestEveryFindingIsTranslated(t *testing.T) {
	count := 0
	for _, name := range []string{"doctor", "database", "queue", "mail", "frontend", "machine"} {
		source, err := os.ReadFile("../../services/doctor/" + name + ".go")
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range found.FindAllStringSubmatch(string(source), -1) {
			count++
			key, err := strconv.Unquote(match[1] + match[2])
			if err != nil {
				t.Fatal(err)
			}
			// A test mail and a token are not the page's.
			if spanish[key] == "" && key != "%s" && !strings.HasPrefix(key, "A test mail") {
				t.Errorf("%s.go: %q has no Spanish", name, key)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d findings are found: does the pattern still fit the sources?", count)
	}
}
