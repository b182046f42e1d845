package admin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

func TestListTellsOfRowsThatCameSinceOnceEach(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{}, models.ContactMessage{Status: models.ContactFailed})
	poll := d.list("status=failed").Find("#news-poll").AttrOr("hx-get", "")
	if !strings.HasPrefix(poll, "/admin/contact-messages/news/?newest=20") || !strings.HasSuffix(poll, "Z&status=failed") {
		t.Fatalf("the list asks for news at %q", poll)
	}
	if p := d.do(httptest.NewRequest(http.MethodGet, poll, nil)); p.status != http.StatusNoContent {
		t.Errorf("nothing new: %d", p.status)
	}
	later := time.Now().UTC().AddDate(1, 0, 0)
	for _, row := range []models.ContactMessage{
		{Status: models.ContactFailed, CreatedAt: later}, {Status: models.ContactSent, CreatedAt: later}, {Status: models.ContactFailed, IsSpam: true, CreatedAt: later},
		{Status: models.ContactFailed, CreatedAt: later.AddDate(-10, 0, 0)}, // imported, or back from the trash
	} {
		row.Name, row.Email, row.Message = "New", "new@example.com", "Hello"
		if _, err := d.db.NewInsert().Model(&row).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	news := d.get(poll)
	if said := news.Find("#news[hx-swap-oob]").Text(); !strings.Contains(said, "1 new: Contact messages") {
		t.Errorf("one of four is of the list, and it says %q", said)
	}
	if link := news.Find("#news a").AttrOr("href", ""); link != "/admin/contact-messages/?status=failed" || d.get(link).Find("tbody tr").Length() != 3 {
		t.Errorf("the news lead to %q", link)
	}
	if count := news.Find("#count-admin-contact-messages[hx-swap-oob]").Text(); strings.TrimSpace(strings.Split(strings.TrimSpace(count), "\n")[0]) == "" {
		t.Error("the menu's count does not come along")
	}
	again := news.Find("#news-poll").AttrOr("hx-get", "")
	if p := d.do(httptest.NewRequest(http.MethodGet, again, nil)); p.status != http.StatusNoContent {
		t.Errorf("it tells of the same again at %q: %d", again, p.status)
	}
	for _, query := range []string{"o=name", "q=new", "page=last", "created_at__year=2020"} {
		if d.list(query).Find("#news-poll").Length() != 0 {
			t.Errorf("a list that does not begin with the newest rows asks for news: %s", query)
		}
	}
	for _, query := range []string{"", "newest=x", "newest=2020"} {
		if p := d.do(httptest.NewRequest(http.MethodGet, "/admin/contact-messages/news/?"+query, nil)); p.status != http.StatusNotFound {
			t.Errorf("news since %q: %d", query, p.status)
		}
	}
}

func TestLastLiveBadgeBringsTheCountsAlong(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Status: models.ContactPending}, models.ContactMessage{Status: models.ContactFailed})
	page := d.list("")
	poll, failed := page.Find("#badge-poll").AttrOr("hx-get", ""), page.Find("[id^=segment-count-]").Length()
	if d.get(poll).Find("[id^=segment-count-]").Length() != 0 || failed == 0 {
		t.Fatal("a question for live badges counts the list each time, or the segments have no numbers")
	}
	if _, err := d.db.NewUpdate().Model((*models.ContactMessage)(nil)).Set("status = 'failed'").Where("id = 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := d.get(poll)
	if p.Find("[id^=segment-count-][hx-swap-oob]").Length() != failed || !strings.Contains(p.Find("[id^=segment-count-]").Text(), "2") || !strings.Contains(p.Find("#count-admin-contact-messages").Text(), "2") {
		t.Errorf("the counts are %q, of the menu %q", p.Find("[id^=segment-count-]").Text(), p.Find("#count-admin-contact-messages").Text())
	}
}
