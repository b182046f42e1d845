package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"digitalpath/handlers/handlerstest"
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
	if page := boss.Get("/admin/search/"); page.Status != http.StatusOK || !page.Part("section", "Pages").Has("a[href='/admin/users/']") || strings.Contains(page.Text(), "Zebra 4") {
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

// found asks for what the palette shows.
func (a *accountsApp) found(of *handlerstest.Staff, search string) string {
	a.t.Helper()
	page := a.Get("/admin/search/?q="+url.QueryEscape(search), "Cookie", of.CookieHeader(), "HX-Request", "true", "HX-Target", "palette-results")
	if page.Status != http.StatusOK || strings.Contains(page.Body, "<html") {
		a.t.Errorf("%q: %d, as a page %t", search, page.Status, strings.Contains(page.Body, "<html"))
	}
	return page.Body
}

func TestPaletteTellsNamesakesApartAndMarksWhatMatched(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	for name, address := range map[string]string{"ann": "ann@north.example", "bob": "bob@south.example"} {
		a.set(name, "first_name = ?", "Sam")
		a.set(name, "email = ?", address)
	}
	a.MustSubmit("Sam")
	found := a.found(boss, "sam")
	for _, want := range []string{"ann@north.example", "bob@south.example", ">Sam</mark>", `href="/admin/users/`, `href="/admin/contact-messages/`, "<time "} {
		if !strings.Contains(found, want) {
			t.Errorf("%q is not in what is found:\n%s", want, found)
		}
	}
	if found := a.found(boss, "sam north"); !strings.Contains(found, ">north</mark>") || strings.Contains(found, "south.example") {
		t.Errorf("with a word of the address:\n%s", found)
	}
	if found := a.found(boss, "SÁM"); !strings.Contains(found, ">Sam</mark>") {
		t.Errorf("in other letters:\n%s", found)
	}
}

func TestPaletteOffersActionsAndWhatOneChangedLast(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	if found := a.found(boss, "invite 50"); !strings.Contains(found, `href="/admin/waitlist/invite/?count=50"`) || !strings.Contains(found, "first 50…") {
		t.Errorf("an action with its number:\n%s", found)
	}
	if joined := a.post("/api/waitlists", fields{"email": "first@example.com"}); joined.Status >= http.StatusBadRequest {
		t.Fatalf("join: %d %s", joined.Status, joined.Body)
	}
	if page := boss.Get("/admin/waitlist/invite/?count=50"); !page.Has("[name=count][value='50']") {
		t.Errorf("the number is not in the form: %s", page.Text())
	}
	if found := a.found(boss, "add proj"); !strings.Contains(found, `href="/admin/projects/add/"`) {
		t.Errorf("an action:\n%s", found)
	}
	a.editUser(boss, "bob", url.Values{"last_name": {"Recent"}})
	mine := `href="/admin/users/` + itoa(a.user("bob").ID) + `/"`
	if found := a.found(boss, ""); !strings.Contains(found, mine) || !strings.Contains(found, "Changed by you") {
		t.Errorf("what one changed last:\n%s", found)
	}
	a.set("ann", "is_staff = ?", true)
	a.editUser(boss, "ann", url.Values{"is_staff": {"true"}, "permissions": {"projects.view"}})
	ann := enter(t, a.App, "ann", goodPassword)
	for _, search := range []string{"", "invite 50", "add proj", "bob", "recent"} {
		if found := a.found(ann, search); strings.Contains(found, "/admin/waitlist/") || strings.Contains(found, "/add/") || strings.Contains(found, mine) {
			t.Errorf("who may see projects alone finds for %q:\n%s", search, found)
		}
	}
}

func TestPaletteLeadsToARowByKeysAlone(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	app.MustSubmit("Zebra One")
	logIn(t, ctx, app)
	arrives(t, ctx, "/admin/")
	for _, key := range []string{"Zeb", kb.ArrowDown, kb.ArrowUp} {
		if key == "Zeb" {
			do(t, ctx, chromedp.KeyEvent("k", chromedp.KeyModifiers(kb.ModifierCtrl)))
			sees(t, ctx, "the palette with pages", "document.getElementById('palette').open && document.activeElement.name === 'q' && document.querySelectorAll('#palette [role=option]').length > 3")
		}
		press(t, ctx, key)
	}
	sees(t, ctx, "the row chosen", `document.querySelector('#palette [aria-selected=true]')?.id === document.querySelector('#palette input').getAttribute('aria-activedescendant') &&
		document.querySelector('#palette [aria-selected=true]').innerText.includes('Zebra One')`)
	press(t, ctx, kb.Escape)
	sees(t, ctx, "the page again", "!document.getElementById('palette').open")
	do(t, ctx, chromedp.KeyEvent("k", chromedp.KeyModifiers(kb.ModifierCtrl)))
	press(t, ctx, "zebra")
	sees(t, ctx, "the row", "document.querySelector('#palette [aria-selected=true]')?.innerText.includes('Zebra One')")
	press(t, ctx, kb.Enter)
	arrives(t, ctx, "/admin/contact-messages/1/")
}
