package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSearchFindsWhatOneMaySeeAndNothingElse(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
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
	if !users.Has("a[href^='/admin/users/" + itoa(a.user("ann").ID) + "/']") {
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

func TestAccountIsFoundByWhatItIsCalledNow(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	link := "a[href^='/admin/users/" + itoa(a.user("ann").ID) + "/']"
	for _, name := range []string{"Zebra", "Okapi"} {
		a.editUser(boss, "ann", url.Values{"last_name": {name}})
		for _, word := range []string{"zebra", "okapi"} {
			if page := boss.Get("/admin/users/?q=" + word); page.Has(link) != strings.EqualFold(word, name) {
				t.Errorf("while ann is called %s, %s finds %s", name, word, page.Text())
			}
		}
	}
	if page := boss.Get("/admin/history/?q=ann"); !page.Has("tbody a[href^='/admin/history/']") {
		t.Errorf("what was changed of ann is not found: %s", page.Text())
	}
	page := boss.Post(boss.Get("/admin/users/"), "/admin/users/", url.Values{"action": {"delete"}, "id": {itoa(a.user("ann").ID)}})
	if !strings.Contains(page.Text(), "Delete ann?") {
		t.Errorf("before it deletes it says %s", page.Text())
	}
	boss.Post(page, "/admin/users/", url.Values{"action": {"delete"}, "confirm": {"yes"}, "id": {itoa(a.user("ann").ID)}})
	if page := boss.Get("/admin/users/?q=okapi"); page.Has(link) || !strings.Contains(page.Text(), "Nothing matches.") {
		t.Errorf("after ann is deleted, her name finds %s", page.Text())
	}
}

func TestRowsOfOneChoiceAreSortedByTime(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.set("ann", "date_joined = ?", time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	a.set("bob", "date_joined = ?", time.Date(2020, 5, 1, 0, 0, 0, 0, time.UTC))
	for order, want := range map[string]string{"is_staff": "bob ann ada", "-is_staff": "ada ann bob"} {
		text := boss.Get("/admin/users/?o="+order).Part("table", "ann").Text()
		names := []string{"ann", "bob", "ada"}
		slices.SortFunc(names, func(x, y string) int { return strings.Index(text, x+"@") - strings.Index(text, y+"@") })
		if got := strings.Join(names, " "); got != want {
			t.Errorf("by %s the accounts are %s, want %s", order, got, want)
		}
	}
}
