package i18n

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"
)

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
