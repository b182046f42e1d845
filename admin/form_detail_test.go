package admin_test

import (
	"strings"
	"testing"

	"digitalpath/models"
)

func TestDetailPageShowsTheDeclaredFieldsets(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Ada", Email: "ada@example.com", Message: "Line one\nLine two", Status: models.ContactFailed, ErrorMessage: "550 no", IPAddress: "203.0.113.7"})
	p := d.get(listURL + "1/")
	if p.Find("h1").Text() != "Ada" || p.Find("h1 ~ [data-status=failed]").Length() != 1 {
		t.Errorf("title %q", p.Find("h1").Text())
	}
	if got := p.Find("details#fieldset-timestamps [data-field]").Length(); got != 3 {
		t.Errorf("the collapsed Timestamps hold %d fields", got)
	}
	if got := p.Find("[data-field=message]").Text(); !strings.Contains(got, "Line one\nLine two") {
		t.Errorf("message: %q", got)
	}
	if got := strings.TrimSpace(p.Find("[data-field=sent_at]").Text()); !strings.Contains(got, "—") {
		t.Errorf("a missing date is shown as %q", got)
	}
	if p.Find("a[href='mailto:ada@example.com']").Length() == 0 || p.link("Delete…") != listURL+"1/delete/" {
		t.Error("reply or deletion is missing")
	}
	if !strings.Contains(p.body, "Delivery") || p.Find("code").Text() != "550 no" {
		t.Error("the side panel is missing")
	}
	if p.Find("#detail[hx-get]").Length() != 0 {
		t.Error("a row that is not live fetches itself")
	}
}

func TestAddressAddsNothingToTheMailThatAnswersIt(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Name: "Bob", Email: "bob+x?bcc=eve&cc=mia#;%@example.com"})
	links := d.get(listURL + "1/").Find("a[href^='mailto:']")
	if links.Length() != 2 { // the address, and the button that answers
		t.Errorf("%d links", links.Length())
	}
	for _, link := range links.EachIter() {
		if href := link.AttrOr("href", ""); href != "mailto:bob%2Bx%3Fbcc%3Deve%26cc%3Dmia%23%3B%25@example.com" {
			t.Errorf("a link to %s", href)
		}
	}
}

func TestDetailPageOfALiveRowFetchesItself(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Status: models.ContactPending})
	if got := d.get(listURL+"1/").Find("#detail").AttrOr("hx-get", ""); got != listURL+"1/" {
		t.Errorf("it fetches %q", got)
	}
}

func TestMailLinkCannotCarryHeaders(t *testing.T) {
	t.Parallel()
	d := newSite(t, models.ContactMessage{Email: "a@example.com?bcc=all@example.com&subject=x"})
	if href := d.get(listURL+"1/").Find("#reply").AttrOr("href", ""); strings.Contains(href, "?") {
		t.Errorf("the link is %q", href)
	}
}

func TestStoredScriptsShowAsText(t *testing.T) {
	t.Parallel()
	attack := `"><img src=x onerror=alert(1)><script>alert(2)</script>'{{`
	d := newSite(t, models.ContactMessage{
		Name: attack, Email: attack, Message: attack, ErrorMessage: attack, IPAddress: `<b onclick=1>`, Status: models.ContactFailed,
	})
	for _, path := range []string{listURL, listURL + "1/", listURL + "1/delete/", listURL + "?q=%22%3E%3Cimg+src%3Dx"} {
		p := d.get(path)
		if p.Find("img, script:not([src]), [onerror], [onclick]").Length() != 0 {
			t.Errorf("%s: stored text became markup", path)
		}
		if !strings.Contains(p.body, "<img src=x onerror=alert(1)>") {
			t.Errorf("%s: stored text is not shown as it is", path)
		}
	}
}
