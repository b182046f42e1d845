package admin_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"digitalpath/models"
)

const listURL = "/admin/contact-messages/"

// spam counts the rows marked as spam.
func (d *testSite) spam() int {
	d.t.Helper()
	n, err := d.db.NewSelect().Model((*models.ContactMessage)(nil)).Where("is_spam").Count(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return int(n)
}

func TestActions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		form     url.Values
		ran      []int64
		flash    string
		location string
	}{
		{"one row", url.Values{"action": {"resend"}, "id": {"2"}}, []int64{2}, "1 sent again.", listURL},
		{"the ticked rows, each once", url.Values{"action": {"resend"}, "id": {"3", "1", "3"}}, []int64{1, 3}, "2 sent again.", listURL},
		{"every row that matches", url.Values{"action": {"resend"}, "all": {"1"}, "id": {"1"}, "status": {"failed"}}, []int64{2, 4}, "2 sent again.", listURL + "?status=failed"},
		{"every row that matches a search", url.Values{"action": {"resend"}, "all": {"1"}, "q": {"bob"}}, []int64{2}, "1 sent again.", listURL + "?q=bob"},
		{"every row leaves spam out", url.Values{"action": {"resend"}, "all": {"1"}}, []int64{1, 2, 3, 4}, "4 sent again.", listURL},
		{"nothing selected is refused", url.Values{"action": {"resend"}, "o": {"name"}}, nil, "Select at least one row first.", listURL + "?o=name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newSite(t, models.ContactMessage{Name: "Ada"}, models.ContactMessage{Name: "Bob", Status: models.ContactFailed},
				models.ContactMessage{Name: "Cy"}, models.ContactMessage{Name: "Di", Status: models.ContactFailed},
				models.ContactMessage{Name: "Eve", Status: models.ContactFailed, IsSpam: true})
			p := d.post(listURL, c.form)
			if p.status != http.StatusSeeOther || p.header.Get("Location") != c.location {
				t.Errorf("answer %d to %s, want 303 to %s", p.status, p.header.Get("Location"), c.location)
			}
			if !slices.Equal(d.ran, c.ran) || !slices.Equal(d.flashes, []string{c.flash}) {
				t.Errorf("ran on %v and said %q, want %v and %q", d.ran, d.flashes, c.ran, c.flash)
			}
		})
	}
}

func TestActionOnAllRefusesWhatItCannotNarrowBy(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	this := strconv.Itoa(now.Year())
	for _, c := range []struct {
		narrowed url.Values
		ran      bool
	}{
		{url.Values{"status": {"failed"}}, true},
		{url.Values{"status": {"faild"}}, false},
		{url.Values{"status": {"FAILED"}}, false},
		{url.Values{"status": {"failed", "sent"}}, false},
		{url.Values{"status": {""}}, true},
		{url.Values{"status": {"all"}}, true},
		{url.Values{"is_spam": {"2"}}, false},
		{url.Values{"is_spam": {"true"}}, false},
		{url.Values{"is_spam": {"all"}}, true},
		{url.Values{"created_at": {"yesterday"}}, false},
		{url.Values{"created_at": {"today"}}, true},
		{url.Values{"created_at__year": {this}}, true},
		{url.Values{"created_at__year": {"x"}}, false},
		{url.Values{"created_at__year": {this}, "created_at__month": {"13"}}, false},
		{url.Values{"created_at__year": {this}, "created_at__month": {"2"}, "created_at__day": {"31"}}, false},
		{url.Values{"created_at__month": {"1"}}, false},
		{url.Values{"q": {"bob"}}, true},
		{url.Values{"q": {" bob "}}, true},
		{url.Values{"q": {strings.Repeat("b", 2000)}}, false},
		{url.Values{"q": {"bob", "ada"}}, false},
		{url.Values{"Status": {"failed"}}, false},
		{url.Values{"statuss": {"failed"}}, false},
		{url.Values{"status__gte": {"failed"}, "email": {"a@example.com"}}, false},
		{url.Values{"status": {"failed"}, "created_at__yaer": {this}}, false},
		{url.Values{"cols": {"none"}, "o": {"-none"}, "size": {"7"}, "tz": {"Nowhere"}, "page": {"x"}, "view": {"9"}}, true},
	} {
		d := newSite(t, models.ContactMessage{Name: "Ada", Email: "a@example.com"}, models.ContactMessage{Name: "Bob", Status: models.ContactFailed})
		form := url.Values{"action": {"resend"}, "all": {"1"}}
		maps.Copy(form, c.narrowed)
		want := http.StatusBadRequest
		if c.ran {
			want = http.StatusSeeOther
		}
		if p := d.post(listURL, form); p.status != want || !c.ran && len(d.ran) > 0 {
			t.Errorf("%.60v: %d on %v", c.narrowed, p.status, d.ran)
		}
	}
}

func TestListOffersWhatFitsItsFilters(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Ada"}, models.ContactMessage{Name: "Eve", IsSpam: true})
	for query, want := range map[string]string{
		"": "resend spam export delete", "is_spam=1": "resend export delete", "is_spam=all": "resend spam export delete",
	} {
		buttons := d.list(query).Find("button[name=action]").Map(func(_ int, button *goquery.Selection) string { return button.AttrOr("value", "") })
		if got := strings.Join(buttons, " "); got != want {
			t.Errorf("?%s offers %s, want %s", query, got, want)
		}
	}
}

func TestActionOnAllReachesEveryRowWhileRowsLeaveTheList(t *testing.T) {
	t.Parallel()
	d := newSite(t)
	d.add(many(600, nil)...)
	d.add(many(650, nil)...)
	p := d.post(listURL, url.Values{"action": {"spam"}, "all": {"1"}})
	if d.spam() != 0 || !strings.Contains(p.Find("h1").Text(), "Mark as spam: all 1,250?") || !strings.Contains(p.Find("main li").Text(), "Person 001") {
		t.Fatalf("%d rows are spam; asked: %s", d.spam(), p.Find("main").Text())
	}
	p = d.answer(p)
	if d.spam() != 1250 || p.header.Get("Location") != "/admin/jobs/1/" || d.jobs[0].Total != 1250 || d.jobs[0].Done != 1250 {
		t.Errorf("%d of 1250 rows are spam; to %s; the job: %+v", d.spam(), p.header.Get("Location"), d.jobs)
	}
}

// answer says yes to a page that asks.
func (d *testSite) answer(p *page) *page {
	d.t.Helper()
	form := url.Values{}
	p.Find("main form input").Each(func(_ int, s *goquery.Selection) { form.Add(s.AttrOr("name", ""), s.AttrOr("value", "")) })
	return d.post(p.Find("main form").AttrOr("action", ""), form)
}

func TestRowsThatComeAfterTheQuestionAreNotMeant(t *testing.T) {
	t.Parallel()
	d := newSite(t)
	d.add(many(600, nil)...)
	p := d.post(listURL, url.Values{"action": {"spam"}, "all": {"1"}})
	d.add(many(10, nil)...)
	d.answer(p)
	if d.spam() != 600 || d.jobs[0].Total != 600 {
		t.Errorf("%d rows are spam, want the 600 that were there; the job meant %d", d.spam(), d.jobs[0].Total)
	}
}

func TestTickedRowsBeyondOneBatchAreAJobToo(t *testing.T) {
	t.Parallel()
	d := newSite(t)
	d.add(many(700, nil)...)
	form := url.Values{"action": {"resend"}, "confirm": {"yes"}}
	for id := range 620 {
		form.Add("id", strconv.Itoa(700-id))
	}
	d.post(listURL, form)
	if len(d.ran) != 620 || d.ran[0] != 81 || len(d.jobs) != 1 || d.jobs[0].Total != 620 {
		t.Errorf("ran on %d rows; jobs %+v", len(d.ran), d.jobs)
	}
}

func TestFilterThatIsNoneIsRefusedWhereSomethingIsDone(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{}, models.ContactMessage{})
	for _, wrong := range []url.Values{
		{"status": {"faild"}}, {"is_spam": {"maybe"}}, {"created_at": {"yesterdy"}}, {"created_at__year": {"20x6"}},
		{"created_at__year": {"2026"}, "created_at__month": {"13"}},
	} {
		wrong["action"], wrong["all"] = []string{"resend"}, []string{"1"}
		if p := d.post(listURL, wrong); p.status != http.StatusBadRequest {
			t.Errorf("%v: %d", wrong, p.status)
		}
	}
	for _, right := range []url.Values{
		{"status": {""}}, {"status": {"all"}, "is_spam": {"0"}}, {"is_spam": {"all"}}, {"created_at": {"today"}}, {"created_at__year": {"2026"}, "created_at__month": {"11"}},
	} {
		right["action"], right["id"] = []string{"resend"}, []string{"1"}
		if p := d.post(listURL, right); p.status != http.StatusSeeOther {
			t.Errorf("%v: %d", right, p.status)
		}
	}
	if len(d.ran) != 5 {
		t.Errorf("ran on %v", d.ran)
	}
}

func TestActionsRefuseWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{}, models.ContactMessage{})
	for _, c := range []struct {
		path   string
		form   url.Values
		status int
	}{
		{listURL, url.Values{"action": {"format"}, "id": {"1"}}, 400},
		{listURL, url.Values{"id": {"1"}}, 400},
		{listURL, url.Values{"action": {"resend"}, "id": {"x"}}, 404},
		{listURL, url.Values{"action": {"resend"}, "id": {"-1"}}, 404},
		{listURL, url.Values{"action": {"resend"}, "id": {"99999999999999999999"}}, 404},
		{listURL + "1/", url.Values{"action": {"format"}}, 400},
		{listURL + "3/", url.Values{"action": {"resend"}}, 404},
	} {
		if p := d.post(c.path, c.form); p.status != c.status {
			t.Errorf("%s %v: %d, want %d", c.path, c.form, p.status, c.status)
		}
	}
	// A form without a choice must not get one from the link that led to it.
	if p := d.post(listURL+"?action=resend&id=1&all=1", url.Values{}); p.status != 400 {
		t.Errorf("a URL chose an action: %d", p.status)
	}
	if len(d.ran) != 0 {
		t.Errorf("ran on %v", d.ran)
	}
}

func TestActionOnDetailPage(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{}, models.ContactMessage{})
	p := d.post(listURL+"2/", url.Values{"action": {"resend"}})
	if p.status != http.StatusSeeOther || p.header.Get("Location") != listURL+"2/" || !slices.Equal(d.ran, []int64{2}) {
		t.Errorf("%d to %s; ran on %v", p.status, p.header.Get("Location"), d.ran)
	}
}

func TestDeletingRowsAsksFirst(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Ada"}, models.ContactMessage{Name: "Bob"}, models.ContactMessage{Name: "Cy"})
	p := d.post(listURL, url.Values{"action": {"delete"}, "id": {"1", "2"}, "o": {"name"}})
	if p.status != http.StatusOK || d.count() != 3 {
		t.Fatalf("%d; %d rows left", p.status, d.count())
	}
	for _, words := range []string{"Ada", "Bob", "3 mails about them"} {
		if !strings.Contains(p.Find("li").Text(), words) {
			t.Errorf("the question does not name %q", words)
		}
	}
	p = d.answer(p)
	if p.status != http.StatusSeeOther || d.count() != 1 || p.header.Get("Location") != listURL+"?o=name" {
		t.Errorf("after the answer: %d to %s; %d rows left", p.status, p.header.Get("Location"), d.count())
	}
}

func TestDeletingEveryMatchAsksFirst(t *testing.T) {
	t.Parallel()
	d := newSite(t)
	d.add(many(700, func(i int, m *models.ContactMessage) {
		if i < 600 {
			m.Status = models.ContactFailed
		}
	})...)
	p := d.post(listURL, url.Values{"action": {"delete"}, "all": {"1"}, "status": {"failed"}})
	if d.count() != 700 || !strings.Contains(p.body, "600 rows will be deleted") {
		t.Fatalf("%d rows left; asked: %s", d.count(), p.Find("main").Text())
	}
	d.answer(p)
	if d.count() != 100 {
		t.Errorf("%d rows left, want 100", d.count())
	}
}

func TestDeletingOneRowAsksFirst(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Ada"}, models.ContactMessage{Name: "Bob"})
	p := d.get(listURL + "1/delete/")
	if !strings.Contains(p.body, "Delete Ada?") || !strings.Contains(p.body, "3 mails about them") {
		t.Errorf("asked: %s", p.Find("main").Text())
	}
	if p = d.post(listURL+"1/delete/", url.Values{}); p.status != http.StatusOK || d.count() != 2 {
		t.Errorf("a post without an answer: %d; %d rows left", p.status, d.count())
	}
	if p = d.post(listURL+"1/delete/", url.Values{"confirm": {"yes"}}); p.status != http.StatusSeeOther || p.header.Get("Location") != listURL || d.count() != 1 {
		t.Errorf("%d; %d rows left", p.status, d.count())
	}
}

func TestGetChangesNothing(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{})
	for _, path := range []string{
		listURL + "?action=delete&confirm=yes&id=1", listURL + "1/?action=spam", listURL + "1/delete/?confirm=yes",
		listURL + "?action=spam&all=1",
	} {
		d.get(path)
	}
	if d.count() != 1 || d.spam() != 0 || len(d.flashes) != 0 {
		t.Errorf("%d rows, %d of them spam; said %q", d.count(), d.spam(), d.flashes)
	}
}

func TestIdsThatCannotBeAreMissing(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{})
	for _, id := range []string{"2", "0", "-1", "x", "1x", "9223372036854775808", "99999999999999999999", "1%00", "add"} {
		for _, below := range []string{"/", "/delete/"} {
			if p := d.do(httptest.NewRequest(http.MethodGet, listURL+id+below, nil)); p.status != http.StatusNotFound {
				t.Errorf("%s%s: %d", id, below, p.status)
			}
		}
	}
}
