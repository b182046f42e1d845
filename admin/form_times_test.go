package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/views/i18n"
)

// in makes a site whose reader is in a zone.
func (d *testSite) in(name string) {
	d.t.Helper()
	zone, ok := models.TimeZone(name)
	if !ok {
		d.t.Fatal(name)
	}
	d.app = fiber.New(fiber.Config{Immutable: true, ErrorHandler: refuse})
	d.site.Routes(d.app.Group("/admin", d.signIn, func(c *fiber.Ctx) error {
		c.SetUserContext(i18n.InZone(c.UserContext(), zone))
		return c.Next()
	}))
}

func TestTimesAreTypedInTheZoneOfWhoTypesThem(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	here := samplesURL + "1/"
	for _, test := range []struct{ zone, typed, stored string }{
		{"Europe/Madrid", "2026-11-30T10:15", "2026-11-30T09:15:00Z"},
		{"Europe/Madrid", "2026-07-30 10:15", "2026-07-30T08:15:00Z"},
		{"America/New_York", "2026-07-30T10:15:30.5", "2026-07-30T14:15:30.5Z"},
		{"Asia/Kolkata", "2026-01-01T01:00", "2025-12-31T19:30:00Z"},
		{"Pacific/Apia", "2026-01-01T01:00", "2025-12-31T12:00:00Z"},
		{"Europe/Madrid", "2026-11-30T10:15:00Z", "2026-11-30T10:15:00Z"}, // as exports have it
		{"Europe/Madrid", "2026-03-29T01:59", "2026-03-29T00:59:00Z"},
		{"Europe/Madrid", "2026-03-29T03:00", "2026-03-29T01:00:00Z"},
		{"Europe/Madrid", "2026-10-25T02:30", "2026-10-25T00:30:00Z"}, // the first of two
		{"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"},
	} {
		d.in(test.zone)
		if p := d.post(here, typed(d.get(here), "made_at", test.typed)); p.status != http.StatusSeeOther {
			t.Errorf("%s %s: %d %s", test.zone, test.typed, p.status, p.Find("[role=alert]").Text())
			continue
		}
		if got := d.sample(1).MadeAt.UTC().Format(time.RFC3339Nano); got != test.stored {
			t.Errorf("%s %s is stored as %s, want %s", test.zone, test.typed, got, test.stored)
		}
		p := d.get(here)
		if shown := strings.Replace(test.typed, " ", "T", 1); p.value("made_at") != shown && !strings.HasSuffix(test.typed, "Z") {
			t.Errorf("%s %s comes back as %s", test.zone, shown, p.value("made_at"))
		}
		if help := p.Find("[id='made_at-help']").Text(); !strings.Contains(help, "Time zone: "+test.zone) {
			t.Errorf("beside the control stands %q", help)
		}
	}
}

// The clocks of Madrid show half past two twice on that day; the form cannot say which.
func TestFormLeavesTheSecondOfTwoTimesThatLookAlike(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	d.in("Europe/Madrid")
	here, second := samplesURL+"1/", time.Date(2026, 10, 25, 1, 30, 0, 123456000, time.UTC)
	if _, err := d.db.NewUpdate().Model((*sample)(nil)).Set("made_at = ?", second).Where("id = 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	form := typed(d.get(here), "name", "Renamed")
	if form.Get("made_at") != "2026-10-25T02:30:00.123" {
		t.Errorf("the form shows %s", form.Get("made_at"))
	}
	if p := d.post(here, form); p.status != http.StatusSeeOther {
		t.Fatal(p.status)
	}
	if got := d.sample(1); got.Name != "Renamed" || !got.MadeAt.Equal(second) {
		t.Errorf("stored %s %s", got.Name, got.MadeAt)
	}
}

func TestTimeThatClocksSkipIsRefusedAndComesBackAsItWasTyped(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	d.in("Europe/Madrid")
	here := samplesURL + "1/"
	p := d.post(here, typed(d.get(here), "made_at", "2026-03-29T02:30", "seen_at", "2026-11-30T10:15"))
	if p.status != http.StatusBadRequest || !strings.Contains(p.Find("[role=alert]").Text(), "The clocks of Europe/Madrid skip this time.") {
		t.Errorf("%d: %s", p.status, p.Find("[role=alert]").Text())
	}
	if p.value("made_at") != "2026-03-29T02:30" || p.value("seen_at") != "2026-11-30T10:15" {
		t.Errorf("comes back as %s and %s", p.value("made_at"), p.value("seen_at"))
	}
}
