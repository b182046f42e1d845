package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

// received sets when a contact message came.
func (a *accountsApp) received(name string, at time.Time) {
	a.t.Helper()
	if _, err := a.DB.NewUpdate().Model((*models.ContactMessage)(nil)).Set("created_at = ?", at).Set("status = ?", models.ContactSent).
		Where("name = ?", name).Exec(context.Background()); err != nil {
		a.t.Fatal(err)
	}
}

func TestDaysAreThoseOfTheZone(t *testing.T) {
	t.Parallel()
	a := startAccounts(t, "TIME_ZONE=Europe/Madrid")
	a.CreateSuperuser()
	boss := a.Login()
	a.MustSubmit("Late")
	a.received("Late", time.Date(2026, 1, 31, 23, 30, 0, 0, time.UTC))
	january, february := "/admin/contact-messages/?created_at__year=2026&created_at__month=1", "/admin/contact-messages/?created_at__year=2026&created_at__month=2"
	row := fmt.Sprintf("/admin/contact-messages/%d/", a.Message("Late").ID)
	finds := func(list string, want bool) {
		t.Helper()
		if page := boss.Get(list); page.Has("a[href^='"+row+"']") != want {
			t.Errorf("%s finds it: %v, want %v", list, !want, want)
		}
	}
	finds(january, false)
	finds(february, true)
	if page := boss.Get(row); !strings.Contains(page.Text(), "2026-02-01 00:30:00 CET") || page.Attribute("html", "data-zone") != "Europe/Madrid" {
		t.Errorf("the message says %s", page.Text())
	}
	shared := boss.Get(february).Attribute("a[href*='created_at__month=2']", "href")
	form := boss.Get("/admin/profile/")
	if answer := boss.Post(form, "/admin/profile/", url.Values{"time_zone": {"Madrid"}}); answer.Status != http.StatusBadRequest || !strings.Contains(answer.Text(), "There is no time zone of that name.") {
		t.Errorf("a zone that is none: %d %s", answer.Status, answer.Text())
	}
	finds(january, false)
	boss.Post(form, "/admin/profile/", url.Values{"time_zone": {"America/New_York"}})
	finds(january, true)
	finds(february, false)
	finds(shared, true) // a link means the days of who gave it away
	if page := boss.Get(row); !strings.Contains(page.Text(), "2026-01-31 18:30:00 EST") {
		t.Errorf("the message says %s", page.Text())
	}
	var entry models.HistoryEntry
	if err := a.DB.NewSelect().Model(&entry).Where("model = ?", "users").Where("action = ?", models.HistoryChanged).OrderExpr("id DESC").Limit(1).Scan(t.Context()); err != nil ||
		len(entry.Changes) != 1 || entry.Changes[0] != (models.FieldChange{Field: "time_zone", From: "", To: "America/New_York"}) {
		t.Errorf("history %+v: %v", entry.Changes, err)
	}
	boss.Post(form, "/admin/profile/", url.Values{"time_zone": {""}})
	finds(february, true)
}

func TestTodayAndChartsCountDaysOfTheZone(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Asia/Kolkata") // half an hour beside the others
	if err != nil {
		t.Fatal(err)
	}
	a := startAccounts(t, "TIME_ZONE="+zone.String())
	a.CreateSuperuser()
	boss := a.Login()
	for _, name := range []string{"First", "Last"} {
		a.MustSubmit(name)
	}
	midnight := models.StartOfDay(time.Now().In(zone))
	a.received("First", midnight)
	a.received("Last", midnight.Add(-time.Minute))
	if text := boss.Get("/admin/contact-messages/?created_at=today").Part("table", "").Text(); !strings.Contains(text, "First") || strings.Contains(text, "Last") {
		t.Errorf("today is %s", text)
	}
	page := boss.Get("/admin/")
	for _, day := range []time.Time{midnight, midnight.AddDate(0, 0, -1)} {
		bar := fmt.Sprintf("[data-chart] a[aria-label='%s: 1 (Sent 1, Waiting 0, Failed 0)']", day.Format("2 Jan"))
		if link := page.Attribute(bar, "href"); !strings.Contains(link, "created_at__gte="+day.Format(time.DateOnly)) || len(boss.Get(link).Links("tbody a")) != 1 {
			t.Errorf("the bar %s leads to %q:\n%s", bar, link, page.Text())
		}
	}
	if _, err := a.DB.NewInsert().Model(&models.WaitlistEntry{Email: "late@example.com", CreatedAt: midnight.Add(-time.Minute), UpdatedAt: midnight}).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if growth := boss.Get("/admin/waitlist/growth/").Text(); !strings.Contains(growth, midnight.AddDate(0, 0, -1).Format("2 Jan")+": 1 joined") {
		t.Errorf("the growth is %s", growth)
	}
}
