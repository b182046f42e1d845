package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

// walk follows a link from page to page and returns the ids met.
func walk(t *testing.T, d *testSite, query, next string, between func(step int)) []string {
	t.Helper()
	var ids []string
	p := d.list(query)
	for step := 0; ; step++ {
		met := p.ids()
		if next == "Newer" {
			slices.Reverse(met)
		}
		ids = append(ids, met...)
		link := next
		if !p.has(link) { // which lists that are not sorted by date call so
			link = map[string]string{"Older": "Next", "Newer": "Previous"}[next]
		}
		if !p.has(link) {
			return ids
		}
		if step > 20 {
			t.Fatalf("%s: no end after %d pages", query, step)
		}
		between(step)
		p = d.get(p.link(link))
	}
}

func TestPagingVisitsEveryRowOnce(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(230, func(i int, m *models.ContactMessage) {
		m.Name = fmt.Sprintf("Name %d", i/90) // equal sort values across pages
		m.CreatedAt = noon.Add(-time.Duration(i/70) * time.Hour)
		m.Status = []models.ContactStatus{models.ContactSent, models.ContactFailed, models.ContactPending}[i%3]
		m.IsSpam = i%5 == 0
		if i%2 == 0 {
			m.SentAt = m.CreatedAt.Add(123456 * time.Microsecond)
		}
	})...)
	for _, filter := range []string{"", "is_spam=all&", "q=name&", "is_spam=all&q=na&", "sent_at=none&"} {
		want := map[string]int{"": 184, "is_spam=all&": 230, "q=name&": 184, "is_spam=all&q=na&": 230, "sent_at=none&": 92}[filter]
		for _, order := range []string{"-created_at", "created_at", "name", "-name", "sent_at", "-sent_at", "status", "-status", "email",
			"status,-sent_at", "-sent_at,name", "name,-sent_at,status", "-status,created_at", "sent_at,-created_at"} {
			query := filter + "o=" + order
			older := walk(t, d, query, "Older", func(int) {})
			if distinct := slices.Compact(slices.Sorted(slices.Values(older))); len(older) != want || len(distinct) != want {
				t.Errorf("%s: met %d rows, %d of them distinct, want %d", query, len(older), len(distinct), want)
			}
			newer := walk(t, d, query+"&page=last", "Newer", func(int) {})
			slices.Reverse(newer)
			// The first page is a full one, so its end may have been met already.
			if fresh := newer[max(0, len(newer)-len(older)):]; !slices.Equal(slices.Compact(slices.Sorted(slices.Values(newer))), slices.Sorted(slices.Values(older))) {
				t.Errorf("%s: back from the end met %d rows, not the same as on the way there (%v)", query, len(newer), fresh[:3])
			}
		}
	}
}

func TestPagingMeetsOldRowsOnceWhileNewOnesArrive(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"-created_at", "-name", "sent_at"} {
		d := newSite(t, many(160, nil)...)
		ids := walk(t, d, "o="+order, "Older", func(step int) {
			d.add(many(7, func(i int, m *models.ContactMessage) {
				m.Name, m.CreatedAt, m.SentAt = "Zoe", noon.Add(time.Duration(step)*time.Hour), noon
			})...)
		})
		seen := map[string]int{}
		for _, id := range ids {
			seen[id]++
		}
		for id := 1; id <= 160; id++ {
			if n := seen[fmt.Sprint(id)]; n != 1 {
				t.Errorf("%s: row %d was met %d times", order, id, n)
			}
		}
	}
}

func TestRangeOfRowsIsShown(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(120, nil)...)
	p := d.list("")
	for _, want := range []string{"1–50 of 120", "51–100 of 120", "101–120 of 120"} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the page lacks %q", want)
		}
		if p.has("Older") {
			p = d.get(p.link("Older"))
		}
	}
	if p = d.list("page=last"); !strings.Contains(p.body, "101–120 of 120") {
		t.Error("the last page does not say where it is")
	}
}
