package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

// below is the page of a row of the inbox, opened from the list that query asks for.
func below(id int, query string) string {
	return fmt.Sprintf("%s%d/?from=%s", listURL, id, url.QueryEscape(query))
}

// walk follows the links to the next row from a page on, and then back.
func (d *testSite) walk(t *testing.T, from string) (there, back []string) {
	t.Helper()
	visit := func(selector string) (seen []string) {
		for from != "" {
			p := d.get(from)
			seen = append(seen, strings.TrimSpace(p.Find("h1").Text()+" "+p.Find("[data-place]").Text()))
			next := p.Find(selector).AttrOr("href", "")
			if next == "" || len(seen) > 20 {
				break
			}
			from = next
		}
		return seen
	}
	there = visit("a[rel=next]")
	return there, visit("a[rel=prev]")
}

func TestNextLeadsThroughTheListThatOneCameFromInItsOrder(t *testing.T) {
	t.Parallel()
	var rows []models.ContactMessage
	for i := range 6 {
		row := models.ContactMessage{Name: fmt.Sprintf("Row %d", i+1), Email: "a@example.com", Message: "lake", Status: models.ContactFailed, CreatedAt: noon.Add(-time.Duration(i) * time.Hour)}
		if i == 2 || i == 4 {
			row.SentAt, row.Status, row.Message = noon.Add(time.Duration(i)*time.Minute), models.ContactSent, "sea"
		}
		rows = append(rows, row)
	}
	rows[5].IsSpam = true
	d := newSite(t, rows...)
	for _, query := range []string{"", "o=created_at", "o=-name&is_spam=all", "status=failed", "q=lake&o=name", "o=sent_at", "o=-sent_at", "o=status", "status=sent&o=-sent_at", "q=nowhere"} {
		listed := d.list(query)
		var want []string
		for i, name := range listed.names() {
			want = append(want, fmt.Sprintf("%s %d of %d", name, i+1, len(listed.names())))
		}
		if len(want) == 0 {
			continue
		}
		there, back := d.walk(t, listed.Find("tbody a").AttrOr("href", ""))
		if !slices.Equal(there, want) {
			t.Errorf("%q: %q, the list shows %q", query, there, want)
		}
		if slices.Reverse(back); !slices.Equal(back, there) {
			t.Errorf("%q: back by %q", query, back)
		}
	}
	if p := d.get(listURL + "1/"); p.Find("a[rel=next]").Length() != 0 {
		t.Error("a row that was opened from no list has a next one")
	}
	if p := d.get(below(6, "status=failed")); p.Find("[data-place]").Length() != 0 || p.Find("a[rel=prev]").AttrOr("href", "") != below(4, "status=failed") {
		t.Error("a row that the list has no more has no place beside others")
	}
}

// What leaves the list makes room for the next of it; what stays is shown as it is now.
func TestAnActGoesOnInTheListThatOneCameFrom(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Third", CreatedAt: noon.Add(-2 * time.Hour)}, models.ContactMessage{Name: "Second", CreatedAt: noon.Add(-time.Hour)}, models.ContactMessage{Name: "First"})
	for _, step := range []struct {
		from, path string
		form       url.Values
		leads      string
	}{
		{"an act that changes nothing", below(3, "o=-created_at"), url.Values{"action": {"resend"}}, below(3, "o=-created_at")},
		{"an act that takes it out of the list", below(3, ""), url.Values{"action": {"spam"}}, below(2, "")},
		{"an act on what the list had not", below(3, ""), url.Values{"action": {"spam"}}, below(3, "")},
		{"a deletion", listURL + "2/delete/?from=o%3D-created_at", url.Values{"confirm": {"yes"}}, below(1, "o=-created_at")},
		{"a deletion of the last", listURL + "1/delete/?from=o%3D-created_at", url.Values{"confirm": {"yes"}}, listURL + "?o=-created_at"},
		{"a deletion from no list", listURL + "3/delete/", url.Values{"confirm": {"yes"}}, listURL},
	} {
		if p := d.post(step.path, step.form); p.status != http.StatusSeeOther || p.header.Get("Location") != step.leads {
			t.Errorf("%s: %d to %s, want %s", step.from, p.status, p.header.Get("Location"), step.leads)
		}
	}
}

func TestEveryPageBelowAListLeadsBackToWhereOneWas(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	const from = "?from=o%3D-name%26status%3Dplanning"
	const list = projectsURL + "?o=-name&status=planning"
	here := projectsURL + "1/" + from
	if got := o.get(list).Find("tbody a").AttrOr("href", ""); got != here {
		t.Fatalf("the list leads to %s", got)
	}
	p := o.get(here)
	if p.link("Cancel") != list || p.link("History") != projectsURL+"1/history/"+from || p.link("Delete…") != projectsURL+"1/delete/"+from || p.Find("#form").AttrOr("action", "") != here {
		t.Error("the page of a row forgets the list")
	}
	for button, next := range map[string]string{"": list, "continue": here, "another": projectsURL + "add/" + from} {
		if saved := o.post(here, typed(o.get(here), "_save", button)); saved.header.Get("Location") != next {
			t.Errorf("saved by %q: %s", button, saved.header.Get("Location"))
		}
	}
	if p := o.get(projectsURL + "add/" + from); p.link("Cancel") != list || p.Find("#form").AttrOr("action", "") != projectsURL+"add/"+from {
		t.Error("adding forgets the list")
	}
	if p := o.get(projectsURL + "1/history/" + from); p.link("Back") != here {
		t.Error("the history forgets the list")
	}
	if p := o.get(projectsURL + "1/delete/" + from); p.link("Cancel") != here {
		t.Error("the question before a deletion forgets the list")
	}
	for _, odd := range []string{"https://evil.example/", "//evil.example/x?y", strings.Repeat("a", 2500), "%zz;", `\`} {
		if back := o.get(projectsURL + "1/?from=" + url.QueryEscape(odd)).link("Cancel"); !strings.HasPrefix(back, projectsURL) {
			t.Errorf("%.20q leads to %s", odd, back)
		}
	}
}
