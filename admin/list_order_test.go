package admin_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

// byTwo are the ids of messages by status upwards and by time of sending downwards, of
// which null is the largest.
func byTwo(rows []models.ContactMessage) []string {
	slices.SortFunc(rows, func(a, b models.ContactMessage) int {
		if a.SentAt.IsZero() != b.SentAt.IsZero() && a.Status == b.Status {
			return map[bool]int{true: -1, false: 1}[a.SentAt.IsZero()]
		}
		return cmp.Or(cmp.Compare(a.Status, b.Status), b.SentAt.Compare(a.SentAt), cmp.Compare(b.ID, a.ID))
	})
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = fmt.Sprint(row.ID)
	}
	return ids
}

func TestListsSortBySeveralColumnsWithNulls(t *testing.T) {
	t.Parallel()
	rows := many(130, func(i int, m *models.ContactMessage) {
		m.Status = []models.ContactStatus{models.ContactSent, models.ContactFailed, models.ContactPending}[i%3]
		if i%4 > 0 {
			m.SentAt = noon.Add(time.Duration(i%7) * time.Hour)
		}
	})
	d := newSite(t, rows...)
	var stored []models.ContactMessage
	if err := d.db.NewSelect().Model(&stored).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := byTwo(stored)
	if got := walk(t, d, "o=status,-sent_at", "Older", func(int) {}); !slices.Equal(got, want) {
		t.Errorf("forwards: %v\nwant %v", got, want)
	}
	got := walk(t, d, "o=status,-sent_at&page=last", "Newer", func(int) {})
	slices.Reverse(got)
	if !slices.Equal(got[len(got)-len(want):], want) {
		t.Errorf("backwards: %v\nwant %v", got, want)
	}
}

func TestAClickSortsByAColumnFirstAndKeepsTheOthers(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Bob", Email: "a@example.com"}, models.ContactMessage{Name: "Ada", Email: "a@example.com"}, models.ContactMessage{Name: "Cy", Email: "b@example.com"})
	p := d.get(d.list("").link("Name"))
	p = d.get(p.link("Email"))
	if got := strings.Join(p.names(), " "); got != "Ada Bob Cy" {
		t.Errorf("by address, then name: %s", got)
	}
	if heads := strings.Join(strings.Fields(p.Find("th").Text()), " "); !strings.Contains(heads, "Email sorted by it as number 1 1") || !strings.Contains(heads, "Name sorted by it as number 2 2") || p.Find("th[aria-sort]").Length() != 1 {
		t.Errorf("the heads say %q", heads)
	}
	p = d.get(p.Find("th:contains(Email) a").First().AttrOr("href", ""))
	if got := strings.Join(p.names(), " "); got != "Cy Ada Bob" {
		t.Errorf("the other way: %s", got)
	}
	p = d.get(p.Find("a[aria-label='Do not sort by Email']").AttrOr("href", ""))
	if got := strings.Join(p.names(), " "); got != "Ada Bob Cy" || p.Find("th[aria-sort=ascending]").Length() != 1 {
		t.Errorf("by name alone: %s", got)
	}
}

// What no index holds is sorted while rows are few, and refused in words beyond.
func TestLongListsAreNotSortedWithoutAnIndex(t *testing.T) {
	t.Parallel()
	d := newSite(t)
	statement := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 10000)
		INSERT INTO contact_messages (name, email, message, status, is_spam, ip_address, created_at, updated_at)
		SELECT 'Name ' || (i % 7), 'p' || i || '@example.com', 'x', CASE WHEN i % 100 = 0 THEN 'failed' ELSE 'sent' END, FALSE, '', ?, ? FROM n`
	if _, err := d.db.ExecContext(t.Context(), strings.ReplaceAll(statement, "?", "'2026-11-20 10:00:00+00:00'")); err != nil {
		t.Fatal(err)
	}
	const refusal = "More than 10,000 rows are sorted by one column that has an index"
	if p := d.list("o=name,-email"); !strings.Contains(p.body, refusal+", here by Name.") || p.names()[0] != "Name 0" || p.Find("th[aria-sort=ascending]:contains(Name)").Length() != 1 {
		t.Errorf("10,001 rows by two columns: %s", p.names()[0])
	}
	older := d.get(d.list("o=name,-email").link("Next"))
	if len(older.ids()) != 50 || !strings.Contains(older.body, "51–100 of") {
		t.Error("the list that is sorted otherwise has no second page")
	}
	if p := d.list("o=updated_at"); !strings.Contains(p.body, refusal+", here by Received.") {
		t.Error("10,001 rows are sorted by a column that has no index")
	}
	if p := d.list("o=name,-email&status=failed"); strings.Contains(p.body, refusal) || p.names()[0] != "Name 0" {
		t.Errorf("100 rows are not sorted by two columns: %v", p.names())
	}
	if p := d.list("o=-status,-created_at"); strings.Contains(p.body, refusal) {
		t.Error("the order of an index is refused")
	}
}

func TestASpanOfATimeIsListedByThatTime(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(60, func(i int, m *models.ContactMessage) {
		m.Status, m.SentAt = models.ContactSent, noon.Add(-time.Duration(i)*time.Minute) // who wrote first was answered last
	})...)
	for query, want := range map[string]string{
		"sent_at=today": "1", "sent_at__lte=2099-01-01": "1", "sent_at=today&status=sent": "1", "sent_at=today&o=-created_at": "60", "sent_at=any": "60", "created_at=today&sent_at=today": "60",
	} {
		if got := d.list(query).ids(); got[0] != want {
			t.Errorf("%s begins with %s, want %s", query, got[0], want)
		}
	}
	p := d.list("sent_at=today")
	if head := strings.TrimSpace(p.Find("th[aria-sort=descending]").Text()); !strings.HasPrefix(head, "Sent") {
		t.Errorf("the list says that it is sorted by %q", head)
	}
	if got := d.get(p.link("Received")).ids(); got[0] != "60" {
		t.Errorf("sorted by another time it begins with %s", got[0])
	}
	all := walk(t, d, "sent_at=today", "Older", func(int) {})
	if !slices.IsSortedFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) || len(all) != 60 {
		t.Errorf("page after page: %v", all)
	}
	if csv := d.get("/admin/contact-messages/export/?sent_at=today&format=csv&column=name").body; !strings.HasPrefix(strings.TrimPrefix(csv, "\ufeff"), "name\nPerson 000\nPerson 001\n") {
		t.Errorf("the file begins with %.60q", csv)
	}
}
