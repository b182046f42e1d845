package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"digitalpath/models"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	d := newSite(t,
		models.ContactMessage{Name: "today", CreatedAt: noon.Add(-time.Hour), SentAt: noon},
		models.ContactMessage{Name: "week", CreatedAt: noon.Add(-6 * day)},
		models.ContactMessage{Name: "month", CreatedAt: noon.Add(-20 * day), Status: models.ContactFailed},
		models.ContactMessage{Name: "year", CreatedAt: noon.Add(-200 * day), SentAt: noon.Add(-200 * day)},
		models.ContactMessage{Name: "old", CreatedAt: noon.Add(-500 * day), Status: models.ContactPending},
		models.ContactMessage{Name: "junk", CreatedAt: noon, IsSpam: true},
	)
	for _, c := range []struct{ name, query, want string }{
		{"spam is left out", "", "today week month year old"},
		{"spam alone", "is_spam=1", "junk"},
		{"spam and all else", "is_spam=all", "junk today week month year old"},
		{"the default spelt out", "is_spam=0", "today week month year old"},
		{"a status", "status=failed", "month"},
		{"a status among spam", "status=sent&is_spam=1", "junk"},
		{"today", "created_at=today", "today"},
		{"past 7 days", "created_at=7days", "today week"},
		{"this month", "created_at=month", "today week month"},
		{"this year", "created_at=year", "today week month year"},
		{"no date", "sent_at=none", "week month old"},
		{"any date", "sent_at=any", "today year"},
		{"dates and status", "created_at=year&sent_at=none&status=failed", "month"},
		{"a year", "created_at__year=2025", "old"},
		{"a month", "created_at__year=2026&created_at__month=11", "today week month"},
		{"a day", "created_at__year=2026&created_at__month=11&created_at__day=17", "week"},
		{"a day that does not exist counts as its month", "created_at__year=2026&created_at__month=11&created_at__day=31", "today week month"},
		{"search and a filter", "q=th&created_at=year", "month"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := d.list(c.query)
			if got := strings.Join(p.names(), " "); got != c.want {
				t.Errorf("%s shows %q, want %q", c.query, got, c.want)
			}
			if want := fmt.Sprint(len(p.names())); p.total() != want {
				t.Errorf("total %s, want %s", p.total(), want)
			}
		})
	}
}

func TestChoicesAreCountedUnderSearchAndTheOtherFilters(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(40, func(i int, m *models.ContactMessage) {
		m.Status = []models.ContactStatus{models.ContactSent, models.ContactFailed}[i%2]
		m.IsSpam = i%10 == 1
		if i < 20 {
			m.Message = "About an invoice"
		}
		if i%4 == 0 {
			m.SentAt = noon
		}
	})...)
	for query, want := range map[string][]string{
		"":                                 {"All 36", "Sent 20", "Failed 16", "Pending 0", "Today 36", "Today 10", "No date 26", "Yes 4"},
		"status=failed":                    {"All 36", "Sent 20", "Failed 16", "Today 16", "Today 0", "Has date 0", "No date 16"},
		"q=invoice":                        {"All 18", "Sent 10", "Failed 8", "Today 18", "Today 5"},
		"q=invoice&status=failed":          {"All 18", "Sent 10", "Failed 8", "Today 8", "Has date 0"},
		"sent_at=any":                      {"All 10", "Sent 10", "Failed 0", "Has date 10", "No date 26"},
		"is_spam=1":                        {"All 4", "Sent 0", "Failed 4"},
		"is_spam=all":                      {"All 40", "Sent 20", "Failed 20", "Yes 4", "No 36"},
		"created_at__year=2026&q=in voice": {"All 18"},
		"created_at__year=2020":            {"All 0", "Failed 0"},
	} {
		p := d.list(strings.ReplaceAll(query, " ", "+"))
		for _, words := range want {
			if !p.has(words) {
				t.Errorf("%s: no choice %q in %q", query, words, strings.Join(strings.Fields(p.Find("#list").Text()), " "))
			}
		}
	}
	if p := d.list(""); p.Find("nav[aria-label=Filter] a:contains(Failed) .text-danger").Length() != 1 {
		t.Error("failed messages raise no alarm")
	}
}

func TestChoicesKeepTheRestOfTheURL(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(5, nil)...)
	p := d.list("q=person&created_at=year&is_spam=all&o=name&page=1")
	want := "/admin/contact-messages/?created_at=year&is_spam=all&o=name&q=person&status=sent&tz=UTC"
	if got := p.link("Sent 5"); got != want {
		t.Errorf("the choice leads to %s, want %s", got, want)
	}
	if got := p.link("Clear all"); got != "/admin/contact-messages/" {
		t.Errorf("Clear all leads to %s", got)
	}
	if d.list("o=name").has("Clear all") || d.list("is_spam=0").has("Clear all") {
		t.Error("a list that is not narrowed offers to clear")
	}
	hidden := p.Find("input[form=search]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("name", "") })
	if !slices.Equal(hidden, []string{"created_at", "is_spam", "o", "tz"}) {
		t.Errorf("the search carries %v", hidden)
	}
}

func TestColumnsSortBothWays(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Bob"}, models.ContactMessage{Name: "Ada"}, models.ContactMessage{Name: "Cy"})
	p := d.list("")
	if p.Find("th[aria-sort=descending]").Text() == "" || !strings.Contains(p.Find("th[aria-sort]").Text(), "Received") {
		t.Error("the default order is not shown")
	}
	p = d.get(p.link("Name"))
	if got := strings.Join(p.names(), " "); got != "Ada Bob Cy" || p.Find("th[aria-sort=ascending]").Length() != 1 {
		t.Errorf("by name: %s", got)
	}
	if got := strings.Join(d.get(p.link("Name")).names(), " "); got != "Cy Bob Ada" {
		t.Errorf("by name again: %s", got)
	}
	if p.has("Message") {
		t.Error("a long text can be sorted by")
	}
}

func TestDatesLeadDownAndUp(t *testing.T) {
	t.Parallel()
	d := newSite(t,
		models.ContactMessage{Name: "a", CreatedAt: time.Date(2024, 12, 31, 23, 59, 0, 0, time.UTC)},
		models.ContactMessage{Name: "b", CreatedAt: time.Date(2026, 2, 3, 4, 5, 0, 0, time.UTC)},
		models.ContactMessage{Name: "c", CreatedAt: time.Date(2026, 11, 23, 4, 5, 0, 0, time.UTC)},
		models.ContactMessage{Name: "spam", CreatedAt: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), IsSpam: true},
	)
	dates := func(p *page) string {
		return strings.Join(strings.Fields(p.Find("nav[aria-label=Received]").Find("a").Text()), " ")
	}
	p := d.list("")
	if got := p.Find("nav[aria-label=Received] a").Length(); got != 3 {
		t.Fatalf("years: %s", dates(p))
	}
	p = d.get(p.link("2026"))
	if got := strings.Join(p.names(), " "); got != "c b" {
		t.Errorf("2026: %s", got)
	}
	p = d.get(p.link("February"))
	if got := strings.Join(p.names(), " "); got != "b" {
		t.Errorf("February: %s", got)
	}
	p = d.get(p.link("3 Feb"))
	if got := strings.Join(p.names(), " "); got != "b" {
		t.Errorf("the third: %s", got)
	}
	if got := d.get(p.link("2026")).names(); len(got) != 2 {
		t.Errorf("up to the year: %v", got)
	}
	if got := d.get(p.link("All dates")).names(); len(got) != 3 {
		t.Errorf("up to all: %v", got)
	}
	empty := newSite(t)
	if p := empty.list("created_at__year=2026"); p.Find("nav[aria-label=Received]").Length() != 0 {
		t.Error("an empty table offers dates")
	}
}

func TestEmptyListsSayWhatNext(t *testing.T) {
	t.Parallel()
	d := newSite(t)
	if p := d.list(""); !strings.Contains(p.body, "There is nothing here yet.") || !strings.Contains(p.body, "Messages from the form appear here.") {
		t.Error("the empty list does not say what it waits for")
	}
	d.add(models.ContactMessage{})
	if p := d.list("q=nobody"); !strings.Contains(p.body, "Nothing matches.") || p.link("Clear all filters") != "/admin/contact-messages/" {
		t.Error("the empty search does not offer a way back")
	}
}
