package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// longSite is a site with 10,001 messages, of which 600 say "zebra", after some statements
// on its empty database.
func longSite(t *testing.T, before ...string) *testSite {
	t.Helper()
	db := modelstest.New(t)
	for _, statement := range before {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	d := deskOn(t, db)
	statement := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 10000)
		INSERT INTO contact_messages (name, email, message, status, is_spam, ip_address, created_at, updated_at)
		SELECT 'Name ' || i, 'p' || i || '@example.com', CASE WHEN i <= 600 THEN 'zebra' ELSE 'x' END, 'sent', FALSE, '', '2026-11-20 10:00:00+00:00', '2026-11-20 10:00:00+00:00' FROM n`
	if _, err := d.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAPageOfALongListCountsNoMoreThanItShows(t *testing.T) {
	t.Parallel()
	d := longSite(t)
	for query, want := range map[string]string{"": "Export at least 1,000 rows", "?q=zebra": "Export at least 200 rows", "?id=1&id=2": "Export 2 rows"} {
		if query == "?q=zebra" && !models.IsPostgres(d.db) {
			want = "Export 600 rows" // SQLite reads the hits
		}
		p := d.get("/admin/contact-messages/export/columns/" + query)
		if said := p.Find("h1").Text(); said != want || strings.Contains(p.body, "Beyond 10,000 rows, the file is made in the background") != strings.Contains(want, "least") {
			t.Errorf("%s: %q", query, said)
		}
	}
	d.become("ada", models.Rights{All: true})
	if tabs := d.save("q=zebra", "Zebras").tabs(); tabs != "All 1,000+, [Zebras]" {
		t.Errorf("the tabs are %s", tabs)
	}
}

func TestAnIndexLeadsAListThatIsSortedByTwoColumns(t *testing.T) {
	t.Parallel()
	d := longSite(t)
	if _, err := d.db.ExecContext(t.Context(), "DELETE FROM contact_messages WHERE name = 'Name 5'"); err != nil {
		t.Fatal(err)
	}
	var first, second *page
	lines := modelstest.Plans(t, d.db, func(db *bun.DB) {
		d.site.DB = db
		first = d.list("o=name,-email")
		second = d.get(first.link("Next"))
	})
	by := 0
	for _, line := range lines {
		if strings.Contains(line, "contact_messages_name_idx") {
			by++
		}
	}
	if by < 2 || models.IsPostgres(d.db) && !strings.Contains(strings.Join(lines, "\n"), "Incremental Sort") {
		t.Errorf("all rows are sorted:\n%s", strings.Join(lines, "\n"))
	}
	names := append(first.names(), second.names()...)
	if len(names) != 100 || !slices.IsSorted(names) || names[0] != "Name 1" {
		t.Errorf("two pages are %v", names)
	}
}

func TestAnOrderWithoutAnIndexIsRefusedInALongList(t *testing.T) {
	t.Parallel()
	d := longSite(t, "DROP INDEX contact_messages_email_idx")
	if p := d.list("o=email"); !strings.Contains(p.body, "More than 10,000 rows are sorted by one column that has an index, here by Received.") {
		t.Error("10,001 rows are sorted by a column that has no index")
	}
}

func TestSuggestionsAreTheFirstByName(t *testing.T) {
	t.Parallel()
	o := newFormSiteOfUsers(t, "username")
	for i := range 30 {
		user := &models.User{Username: fmt.Sprintf("user%02d", 29-i), Email: fmt.Sprintf("u%d@example.com", i), IsActive: true, DateJoined: noon}
		if _, err := o.db.NewInsert().Model(user).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	names := o.get("/admin/users/autocomplete/?q=user").Find("option").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("value", "") })
	if len(names) != 10 || !slices.IsSorted(names) || names[0] != "user00" {
		t.Errorf("offered are %v", names)
	}
}

func TestSuggestionsReadNoWholeTable(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(30, func(int, *models.ContactMessage) {})...)
	lines := modelstest.Plans(t, d.db, func(db *bun.DB) {
		d.site.DB = db
		if offered := d.get("/admin/contact-messages/autocomplete/?q=person").Find("option").Length(); offered != 10 {
			t.Errorf("%d are offered", offered)
		}
	})
	for _, line := range lines {
		if line = strings.TrimLeft(line, " ->"); strings.HasPrefix(line, "SCAN contact_message USING") || strings.HasPrefix(line, "Seq Scan") {
			t.Errorf("a whole table is read: %s", line)
		}
	}
}

// What a span leaves lies at the table's end, where PostgreSQL's statistics do not say so.
func TestSpansAndChoicesAreCountedAlongAnIndex(t *testing.T) {
	t.Parallel()
	d := longSite(t)
	for _, statement := range []string{
		"UPDATE contact_messages SET created_at = '2025-11-20 10:00:00+00:00', sent_at = '2025-11-20 10:00:00+00:00' WHERE id <= 9000",
		"UPDATE contact_messages SET sent_at = created_at, status = 'failed' WHERE id > 8000", "ANALYZE",
	} {
		if _, err := d.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	lines := modelstest.PlansWithout(t, d.db, []string{"enable_sort"}, func(db *bun.DB) {
		d.site.DB = db
		for query, want := range map[string]string{
			"sent_at=30days": "1,000+", "created_at__gte=2026-11-01": "1,000+", "created_at__gte=2026-11-01&status=failed": "1,000+",
			"status=failed": "1,000+", "is_spam=all&created_at__gte=2026-11-01": "1,000+", "sent_at=30days&status=sent": "0",
		} {
			if found := d.list(query).Find("#list-total [aria-hidden=true]").Text(); found != want {
				t.Errorf("%s: %q are found", query, found)
			}
		}
	})
	for _, line := range lines {
		if strings.Contains(line, "Seq Scan on contact_messages") {
			t.Errorf("the table is read: %s", line)
		}
	}
}

func TestManyHitsAreCountedInPartAndPagedThroughAll(t *testing.T) {
	t.Parallel()
	d := longSite(t)
	if _, err := d.db.ExecContext(t.Context(), "UPDATE contact_messages SET message = 'zebra', status = CASE WHEN id <= 20 THEN 'failed' ELSE status END WHERE id <= 1200"); err != nil {
		t.Fatal(err)
	}
	if found := d.list("q=zebra").Find("#list-total [aria-hidden=true]").Text(); found != "200+" {
		t.Errorf("%q are found", found)
	}
	if _, err := d.db.ExecContext(t.Context(), "UPDATE contact_messages SET created_at = '2026-11-21 10:00:00+00:00' WHERE id = 7"); err != nil {
		t.Fatal(err)
	}
	if ids := d.list("q=zebra").ids(); ids[0] != "7" || ids[1] != "1200" {
		t.Errorf("the newest are %v", ids[:2])
	}
	if _, err := d.db.ExecContext(t.Context(), "UPDATE contact_messages SET created_at = '2026-11-20 10:00:00+00:00' WHERE id = 7"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"q=zebra&size=200": 1200, "q=zebra&status=failed": 20, "q=zebra&status=failed&size=10": 20} {
		ids := walk(t, d, query, "Older", func(int) {})
		if len(ids) != want || ids[len(ids)-1] != "1" || ids[0] != fmt.Sprint(want) {
			t.Errorf("%s: %d are met, from %s", query, len(ids), ids[0])
		}
	}
}

func TestWhatMoreOldRowsSayThanAreSortedIsFound(t *testing.T) {
	t.Parallel()
	d := longSite(t)
	if _, err := d.db.ExecContext(t.Context(), "UPDATE contact_messages SET message = 'summer'"); err != nil {
		t.Fatal(err)
	}
	d.add(many(1000, func(i int, m *models.ContactMessage) {
		m.CreatedAt = noon.AddDate(0, 0, 1)
		if i%400 == 7 {
			m.Message = "summer"
		}
	})...)
	p := d.list("q=summer")
	if ids := p.ids(); len(ids) != 50 || ids[0] != "10809" || ids[3] != "10001" || p.total() != "200+" {
		t.Errorf("%s are found, from %v", p.total(), ids[:min(4, len(ids))])
	}
	if ids := d.get(p.link("Older")).ids(); len(ids) != 50 || ids[0] != "9954" {
		t.Errorf("the next page begins with %v", ids[:min(1, len(ids))])
	}
}

func TestRowsThatShareAValueGoOnByDate(t *testing.T) {
	t.Parallel()
	d := longSite(t)
	if _, err := d.db.ExecContext(t.Context(), `UPDATE contact_messages SET name = 'Same',
		created_at = CASE WHEN id % 2 = 0 THEN '2026-11-19 10:00:00+00:00' ELSE created_at END`); err != nil {
		t.Fatal(err)
	}
	ids := d.list("o=-name").ids()
	if newest := ids[:2]; !slices.Equal(newest, []string{"10001", "9999"}) {
		t.Errorf("the list begins with %v", newest)
	}
	page := d.list("o=-name&page=101")
	lines := modelstest.Plans(t, d.db, func(db *bun.DB) {
		d.site.DB = db
		ids = d.get(page.link("Next")).ids()
	})
	if ids[0] != "9902" {
		t.Errorf("page 102 begins with %s", ids[0])
	}
	if !slices.ContainsFunc(lines, func(line string) bool {
		return strings.Contains(line, "(name,created_at)<(?,?)") || strings.Contains(line, "(ROW(name, created_at, id)")
	}) {
		t.Errorf("the place is looked for row by row:\n%s", strings.Join(lines, "\n"))
	}
}

// As that of the history's objects, which are named whatever the default filter says.
func TestNamesAreComparedByAnIndexWithoutTheDefaultFilter(t *testing.T) {
	t.Parallel()
	d := longSite(t, "DROP INDEX contact_messages_name_idx", "CREATE INDEX contact_messages_name_idx ON contact_messages (name, created_at, id)")
	lines := modelstest.Plans(t, d.db, func(db *bun.DB) {
		d.site.DB = db
		if offered := d.get("/admin/contact-messages/autocomplete/?q=zebra").Find("option").Length(); offered != 10 {
			t.Errorf("%d are offered", offered)
		}
	})
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "contact_messages_name_idx") }) {
		t.Errorf("names are not compared by their index:\n%s", strings.Join(lines, "\n"))
	}
}

// farSite is a site with 10,001 messages of November that failed and begin with N, behind
// 6,000 older ones that were sent and begin with E.
func farSite(t *testing.T) *testSite {
	t.Helper()
	d := longSite(t)
	statement := `UPDATE contact_messages SET status = 'failed'`
	if _, err := d.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	statement = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
		INSERT INTO contact_messages (name, email, message, status, is_spam, ip_address, created_at, updated_at)
		SELECT 'Early ' || i, 'e' || i || '@example.com', 'x', 'sent', FALSE, '', '2020-11-20 10:00:00+00:00', '2020-11-20 10:00:00+00:00' FROM n`
	if _, err := d.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAnOrderPastManyOtherRowsIsRefusedInWords(t *testing.T) {
	t.Parallel()
	d := farSite(t)
	p := d.list("o=name&status=failed")
	if !strings.Contains(p.body, "In the order that was asked for, what the filters leave lies too far apart: the list goes by Received.") {
		t.Errorf("the list begins with %s, and says nothing", p.names()[0])
	}
	if next := p.link("Older"); !strings.Contains(next, "o=-created_at") || slices.Contains(d.get(next).names(), p.names()[0]) {
		t.Errorf("the next page is %s", next)
	}
	if p := d.list("o=name&status=sent"); p.names()[0] != "Early 1" || strings.Contains(p.body, "too far apart") {
		t.Errorf("what lies near begins with %s", p.names()[0])
	}
}

func TestAnOrderIsFollowedFurtherWhereItsIndexTellsTheDates(t *testing.T) {
	t.Parallel()
	d := farSite(t)
	for _, query := range []string{"created_at__gte=2026-11-01&o=name", "created_at__year=2026&o=name"} {
		p := d.list(query)
		if names := append(p.names(), d.get(p.link("Next")).names()...); len(names) != 100 || !slices.IsSorted(names) || names[0] != "Name 1" {
			t.Errorf("%s: two pages are %v", query, names)
		}
	}
}

func TestFewOfManyRowsAreSortedInAnyOrder(t *testing.T) {
	t.Parallel()
	d := farSite(t)
	if _, err := d.db.ExecContext(t.Context(), "DELETE FROM contact_messages WHERE name = 'Name 5' OR name = 'Name 7'"); err != nil {
		t.Fatal(err)
	}
	first := d.list("o=name&status=failed")
	second := d.get(first.link("Next"))
	names := append(first.names(), second.names()...)
	if len(names) != 100 || !slices.IsSorted(names) || names[0] != "Name 1" {
		t.Errorf("two pages are %v", names)
	}
	if last := d.list("o=name&status=failed&page=last").names(); last[len(last)-1] != "Name 9999" {
		t.Errorf("the last page is %v", last)
	}
}

// What several filters leave is counted and listed the same, whichever of them leads to it.
func TestSeveralFiltersLeaveWhatEachOfThemDoes(t *testing.T) {
	t.Parallel()
	d := farSite(t)
	for _, statement := range []string{
		"UPDATE contact_messages SET sent_at = created_at WHERE name LIKE 'Early%'",
		"UPDATE contact_messages SET sent_at = '2026-11-21 10:00:00+00:00' WHERE name IN ('Early 1', 'Name 1', 'Name 2')",
	} {
		if _, err := d.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		"created_at__gte=2026-01-01&sent_at=any":                        "Name 2 Name 1",
		"created_at__lte=2021-01-01&sent_at__gte=2026-11-01":            "Early 1",
		"created_at__year=2026&sent_at__gte=2026-11-01":                 "Name 2 Name 1",
		"created_at__year=2020&created_at=30days":                       "",
		"created_at__year=2020&sent_at=30days&status=sent":              "Early 1",
		"o=name&sent_at=30days":                                         "Early 1 Name 1 Name 2",
		"o=-email&sent_at=30days&status=failed&created_at=30days":       "Name 2 Name 1",
		"is_spam=all&o=email&sent_at=30days&created_at__lte=2021-01-01": "Early 1",
	} {
		if got := strings.Join(d.list(query).names(), " "); got != want {
			t.Errorf("%s leaves %q, want %q", query, got, want)
		}
	}
}
