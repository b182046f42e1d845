package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestSearchFindsWhatOneMaySeeAndNothingElse(t *testing.T) {
	t.Parallel()
	a, boss := startDesk(t)
	for _, name := range []string{"Grace Zebra", "Ann Zebra", "Bea", "Zebra 1", "Zebra 2", "Zebra 3", "Zebra 4"} {
		a.MustSubmit(name)
	}
	a.set("ann", "last_name = ?", "Zebra")
	a.set("ann", "is_staff = ?", true)
	page := boss.Get("/admin/search/?q=zebra")
	messages, users := page.Part("section", "Contact messages"), page.Part("section", "Users")
	if text := messages.Text(); !strings.Contains(text, "Zebra 4") || strings.Contains(text, "Grace") || strings.Contains(text, "Bea") || !messages.Has("a[href='/admin/contact-messages/?q=zebra']") {
		t.Errorf("of six messages it shows the newest five and where all are: %s", text)
	}
	if !users.Has("a[href='/admin/users/" + itoa(a.user("ann").ID) + "/']") {
		t.Errorf("the account is not found: %s", users.Text())
	}
	if page := boss.Get("/admin/search/?q=nothing+like+it"); page.Status != http.StatusOK || !strings.Contains(page.Text(), "Nothing matches.") {
		t.Errorf("without a match: %d %s", page.Status, page.Text())
	}
	if page := boss.Get("/admin/search/"); page.Status != http.StatusOK || page.Has("section") {
		t.Errorf("without words: %d %s", page.Status, page.Text())
	}
	a.editUser(boss, "ann", url.Values{"is_staff": {"true"}, "permissions": {"users.view"}})
	found := enter(t, a.App, "ann", goodPassword).Get("/admin/search/?q=zebra")
	if !found.Has("a[href^='/admin/users/']") || found.Has("a[href^='/admin/contact-messages/']") || strings.Contains(found.Text(), "Zebra 4") {
		t.Errorf("who may see accounts alone finds %s", found.Text())
	}
	if answer := a.Get("/admin/search/?q=zebra"); answer.Status != http.StatusSeeOther {
		t.Errorf("without a login: %d", answer.Status)
	}
}
