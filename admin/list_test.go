package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/models"
)

// many makes n messages, the oldest first, each a minute apart; change adapts them.
func many(n int, change func(i int, m *models.ContactMessage)) []models.ContactMessage {
	rows := make([]models.ContactMessage, n)
	for i := range rows {
		rows[i].Name = fmt.Sprintf("Person %03d", i)
		rows[i].CreatedAt = noon.Add(time.Duration(i-n) * time.Minute)
		if change != nil {
			change(i, &rows[i])
		}
	}
	return rows
}

func TestFiltersSearchAndPageCombine(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(240, func(i int, m *models.ContactMessage) {
		if i%2 == 0 {
			m.Status = models.ContactFailed
		}
		if i%4 < 2 {
			m.Message = "About an invoice"
		}
	})...)
	p := d.list("status=failed&q=invoice")
	if p.total() != "60" || len(p.names()) != 50 || p.names()[0] != "Person 236" {
		t.Fatalf("first page: %s rows, %v", p.total(), p.names())
	}
	p = d.get(p.link("Older"))
	if p.total() != "60" || len(p.names()) != 10 || p.names()[0] != "Person 036" || p.names()[9] != "Person 000" {
		t.Errorf("second page: %s rows, %v", p.total(), p.names())
	}
	if typed := d.list("status=failed&q=invoice&page=2"); !slices.Equal(typed.names(), p.names()) {
		t.Errorf("page=2 shows %v", typed.names())
	}
	if p.Find("#q").AttrOr("value", "") != "invoice" || p.Find("nav [aria-current=true]").First().Text() == "" {
		t.Error("the page does not say what it shows")
	}
	if p = d.get(p.link("Newer")); len(p.names()) != 50 || p.names()[0] != "Person 236" {
		t.Errorf("back on the first page: %v", p.names())
	}
}

func TestUnknownParametersAreIgnored(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(60, nil)...)
	bare := d.list("").names()
	for _, query := range []string{
		"status=lost", "status=", "is_spam=maybe", "created_at=never", "o=password", "o=message", "o=-", "o=name;drop",
		"page=0", "page=-1", "page=two", "page=99999999999999999999", "after=x", "before=bm9uc2Vuc2U", "after=W251bGwsbnVsbF0",
		"created_at__year=0", "created_at__year=x", "created_at__year=99999", "created_at__month=3", "sort=name", "id=1",
		"after=" + "W1wiMjAyNi0xMS0yM1wiXQ", "ip_address=1",
	} {
		if got := d.list(query).names(); !slices.Equal(got, bare) {
			t.Errorf("%s changes the list: %v", query, got)
		}
	}
	if got := d.list("page=7").names(); len(got) != 10 {
		t.Errorf("a page beyond the end shows %d rows, not the last page's 10", len(got))
	}
}

func TestCountsStopAtTheCap(t *testing.T) {
	t.Parallel()
	rows := many(1100, nil)
	d := newSite(t)
	d.add(rows[:550]...)
	d.add(rows[550:]...)
	p := d.list("")
	if p.total() != "1,000+" || !p.has("Sent 1,000+") || !p.has("Failed 0") {
		t.Errorf("total %q; segments %q", p.total(), p.Find("nav[aria-label=Filter]").Text())
	}
	if p = d.list("page=last"); len(p.ids()) != 50 || p.has("Older") || p.ids()[49] != "1" {
		t.Errorf("the last page of an uncounted list ends with %v", p.ids())
	}
	if p = d.list("page=22"); len(p.ids()) != 50 || p.ids()[49] != "1" {
		t.Errorf("page 22 ends with %v", p.ids())
	}
}

func TestListIsOneURLInTwoSizes(t *testing.T) {
	t.Parallel()
	d := newSite(t, many(3, nil)...)
	r := httptest.NewRequest(http.MethodGet, "/admin/contact-messages/?q=person", nil)
	r.Header.Set("HX-Request", "true")
	r.Header.Set("HX-Target", "list")
	fragment := d.do(r)
	if fragment.Find("title").Length() != 0 || len(fragment.ids()) != 3 || fragment.Find("[name=csrf_token]").AttrOr("value", "") != "token" {
		t.Error("the fragment is not the list alone with its token")
	}
	whole := d.list("q=person")
	if whole.Find("title").Length() != 1 || !slices.Equal(whole.ids(), fragment.ids()) {
		t.Error("the page is not the same list in a frame")
	}
	if whole.header.Get("Vary") != "HX-Request" || whole.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("headers: %v", whole.header)
	}
}

func TestBadgesFollowLiveRowsOnly(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{}, models.ContactMessage{Status: models.ContactPending}, models.ContactMessage{Status: models.ContactFailed})
	poll := d.list("").Find("#badge-poll").AttrOr("hx-get", "")
	if poll != "/admin/contact-messages/badges/?id=2" {
		t.Fatalf("the list polls %q", poll)
	}
	if got := d.get(poll).Find("#badge-contact-messages-2[data-status=pending]").Length(); got != 1 {
		t.Errorf("%d badges for the pending row", got)
	}
	if _, err := d.db.NewUpdate().Model((*models.ContactMessage)(nil)).Set("status = 'sent'").Where("id = 2").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := d.get(poll); p.Find("#badge-contact-messages-2[data-status=sent]").Length() != 1 || p.Find("#badge-poll").Length() != 1 {
		t.Error("the badge is not up to date, or the poller stays")
	}
	for _, query := range []string{"", "id=x", "id=0", "id=99999999999999999999", strings.Repeat("id=1&", 201)} {
		if p := d.do(httptest.NewRequest(http.MethodGet, "/admin/contact-messages/badges/?"+query, nil)); p.status != http.StatusNotFound {
			t.Errorf("badges of %.20q: %d", query, p.status)
		}
	}
	if strings.Contains(d.list("status=sent").Find("#list").Text(), "badge-poll") || d.list("status=sent").Find("#badge-poll").Length() != 0 {
		t.Error("a list without live rows polls")
	}
}

func TestMenuCountsWhatNeedsSomebody(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Status: models.ContactFailed}, models.ContactMessage{Status: models.ContactFailed, IsSpam: true}, models.ContactMessage{})
	menu, err := d.site.Menu(models.WithActor(t.Context(), models.Actor{Rights: d.rights}), "/admin/contact-messages/1/")
	if err != nil {
		t.Fatal(err)
	}
	if len(menu) != 3 || menu[0].Items[0].Label != "Dashboard" || menu[0].Items[0].Active || menu[2].Title != "System" {
		t.Fatalf("menu: %+v", menu)
	}
	if item := menu[1].Items[0]; item.Count != 1 || !item.Alarm || !item.Active {
		t.Errorf("contact messages: %+v", item)
	}
}

type holiday struct {
	bun.BaseModel `bun:"table:holidays,alias:holiday"`

	ID   int64     `bun:"id,pk,autoincrement"`
	Name string    `bun:"name,type:varchar(50)"`
	Day  time.Time `bun:"day,type:date"`
}

// A date is the same day everywhere.
func TestListByDatesGoesDownToTheDaysOfTheCalendarInEveryZone(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	if _, err := d.db.NewCreateTable().Model((*holiday)(nil)).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.site.Register(&admin.Model[holiday]{Slug: "holidays", Name: "Holiday", Plural: "Holidays", List: []string{"name", "day"}, Filters: []string{"day"}, Dates: "day"})
	d.mount(t)
	rows := []holiday{{Name: "New Year", Day: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}, {Name: "Silvester", Day: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}}
	if _, err := d.db.NewInsert().Model(&rows).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"UTC", "America/New_York", "Asia/Tokyo"} {
		for query, want := range map[string]string{
			"day__year=2027": "New Year", "day__year=2026&day__month=12&day__day=31": "Silvester", "day__year=2026&day__month=12&day__day=30": "", "": "New Year Silvester",
		} {
			p := d.get("/admin/holidays/?" + query + "&tz=" + zone)
			if got := strings.Join(p.names(), " "); got != want || query == "" && (!p.has("2027") || !p.has("2026")) {
				t.Errorf("%s in %s: %q", query, zone, got)
			}
		}
	}
}
