package admin_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"digitalpath/models"
)

// heads are the words of a list's heads, the boxes left out.
func (p *page) heads() []string {
	heads := p.Find("thead th").Map(func(_ int, s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") })
	return slices.DeleteFunc(heads, func(head string) bool { return head == "Selected" })
}

func TestColumnsAreChosenAndOrdered(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Ada", ErrorMessage: "refused by the other side"})
	for query, want := range map[string]string{
		"":                                    "Name, Email, Message, Status, Received, Sent",
		"cols=name,status,email":              "Name, Status, Email",
		"cols=status,name,email":              "Name, Status, Email", // the first one stays
		"cols=error_message,sent_at":          "Name, Error message, Sent",
		"cols=name":                           "Name",
		"cols=status,status,password,,nosuch": "Name, Status",
		"cols=ip_address":                     "Name", // no page shows it
	} {
		p := d.list(query)
		if got := strings.Join(p.heads(), ", "); got != want {
			t.Errorf("%s shows %q, want %q", query, got, want)
		}
		if !strings.HasPrefix(p.Find("tbody tr td a").First().AttrOr("href", ""), "/admin/contact-messages/1/?from=") {
			t.Errorf("%s: the first column does not lead to the row", query)
		}
	}
	if p := d.list("cols=error_message&status=sent&o=name"); !strings.Contains(p.Find("tbody").Text(), "refused by the other side") ||
		!strings.Contains(p.link("Failed 0"), "cols=name%2Cerror_message") || !strings.Contains(p.link("Export…"), "cols=") {
		t.Error("the choice of columns gets lost")
	}
}

func TestTheChooserIsAFormThatNeedsNoScript(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{})
	form := d.list("status=sent&cols=name,sent_at").Find("#columns form")
	sent := url.Values{}
	form.Find("input[type=hidden], input[type=checkbox][checked], input[type=number]").Each(func(_ int, s *goquery.Selection) {
		sent.Add(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	if got := sent["col"]; !slices.Equal(got, []string{"name", "sent_at"}) || sent.Get("status") != "sent" {
		t.Fatalf("the form sends %v", sent)
	}
	sent["col"] = append(sent["col"], "error_message", "email")
	sent.Set("place.sent_at", "5")
	sent.Set("place.email", "1.5")
	answer := d.do(httptest.NewRequest(http.MethodGet, form.AttrOr("action", "")+"?"+sent.Encode(), nil))
	to := answer.header.Get("Location")
	if answer.status != http.StatusSeeOther || to != "/admin/contact-messages/?cols=name%2Cemail%2Csent_at%2Cerror_message&status=sent" {
		t.Fatalf("%d to %s", answer.status, to)
	}
	p := d.get(to)
	if got := strings.Join(p.heads(), ", "); got != "Name, Email, Sent, Error message" {
		t.Errorf("it shows %q", got)
	}
	if got := d.get(p.link("As declared")); len(got.heads()) != 6 {
		t.Errorf("the way back shows %v", got.heads())
	}
}

func TestPagesHaveTheSizeThatIsChosen(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(230, nil)...)
	p := d.list("")
	for size, want := range map[string]int{"25": 25, "50": 50, "100": 100, "200": 200} {
		chosen := d.get(p.link(size))
		if got := len(chosen.ids()); got != want {
			t.Errorf("%s rows: %d", size, got)
		}
		if rest := d.get(chosen.link("Older")); !strings.Contains(rest.body, "of 230") || len(rest.ids()) != min(want, 230-want) {
			t.Errorf("%s rows, second page: %d", size, len(rest.ids()))
		}
	}
	if got := len(d.list("size=7").ids()); got != 50 {
		t.Errorf("a size that is not offered shows %d rows", got)
	}
}

func TestTheDefaultFilterIsSeenAndTakenAway(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "junk", IsSpam: true}, models.ContactMessage{Name: "more junk", IsSpam: true})
	p := d.list("")
	chip := strings.Join(strings.Fields(p.Find("#filter-is_spam summary").Text()), " ")
	if chip != "Is spam No (default)" {
		t.Errorf("the chip says %q", chip)
	}
	if strings.Contains(p.body, "nothing here yet") || !strings.Contains(p.body, "Nothing matches.") {
		t.Error("the list says that there is nothing behind its filter")
	}
	if all := d.get(p.link("2 without the default filter")); len(all.ids()) != 2 {
		t.Errorf("without the filter: %v", all.names())
	}
	all := d.get(p.Find("a[aria-label='Clear filter: Is spam']").AttrOr("href", ""))
	if len(all.ids()) != 2 || all.Find("a[aria-label='Clear filter: Is spam']").Length() != 0 {
		t.Errorf("the chip taken away: %v", all.names())
	}
	if got := d.get(all.link("No 0")); len(got.ids()) != 0 {
		t.Errorf("the default again: %v", got.names())
	}
	if p := d.list("q=junk"); !p.has("2 without the default filter") {
		t.Error("a search does not say what the default filter hides")
	}
	if p := newSite(t).list(""); !strings.Contains(p.body, "There is nothing here yet.") {
		t.Error("an empty table does not say so")
	}
}

func TestRangesAreTypedAndStayRelative(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(3, func(i int, m *models.ContactMessage) { m.CreatedAt = noon.AddDate(0, 0, -20*i) })...)
	form := d.list("status=sent&created_at=today").Find("#filter-created_at form")
	if form.Find("input[type=date]").Length() != 2 || form.Find("input[type=number]").Length() != 1 || form.Find("input[name=status]").AttrOr("value", "") != "sent" ||
		form.Find("input[name=created_at]").Length() != 0 {
		t.Error("the form is not one of two days that keeps the other filters")
	}
	for query, want := range map[string][2]string{
		"created_at__gte=2026-11-01&created_at__lte=2026-11-10": {"Person 001", "1 Nov 2026 – 10 Nov 2026"},
		"created_at__gte=2026-11-01":                            {"Person 000 Person 001", "from 1 Nov 2026"},
		"created_at__lte=2026-11-10":                            {"Person 001 Person 002", "up to 10 Nov 2026"},
		"created_at__older=30":                                  {"Person 002", "older than 30 days"},
		"created_at__gte=2026-11-01&created_at__older=10":       {"Person 001", "from 1 Nov 2026, older than 10 days"},
	} {
		p := d.list(query)
		chip := strings.Join(strings.Fields(p.Find("#filter-created_at summary").Text()), " ")
		if got := strings.Join(p.names(), " "); got != want[0] || chip != "Received "+want[1] {
			t.Errorf("%s leaves %q and says %q", query, got, chip)
		}
		if !strings.Contains(p.link("Sent "+p.total()), strings.ReplaceAll(query, "&", "&")) || !strings.Contains(p.link("Sent "+p.total()), "tz=UTC") {
			t.Errorf("%s gets lost: %s", query, p.link("Sent "+p.total()))
		}
		if all := d.get(p.Find("a[aria-label='Clear filter: Received']").AttrOr("href", "")); len(all.ids()) != 3 {
			t.Errorf("%s cannot be taken away", query)
		}
	}
	for _, wrong := range []string{"created_at__gte=soon", "created_at__older=-1", "created_at__lte=2026-02-30", "created_at__older=1e9"} {
		p := d.list(wrong)
		if len(p.ids()) != 3 || !strings.Contains(p.body, "Left out, because this list has no such filter: Received.") {
			t.Errorf("%s: %d rows, and no word", wrong, len(p.ids()))
		}
		form, _ := url.ParseQuery(wrong + "&action=spam&all=1")
		if answer := d.post("/admin/contact-messages/", form); answer.status != http.StatusBadRequest || d.spam() != 0 {
			t.Errorf("an action behind %s: %d, %d rows", wrong, answer.status, d.spam())
		}
	}
}
