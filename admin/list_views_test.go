package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"digitalpath/models"
)

// viewsSite is a back office of messages, of which 3 failed, and of a person who can
// have views.
func viewsSite(t *testing.T) *testSite {
	t.Helper()
	d := newSite(t, many(10, func(i int, m *models.ContactMessage) {
		if i < 3 {
			m.Status = models.ContactFailed
		}
		m.IsSpam = i == 9
	})...)
	d.become("ada", models.Rights{All: true})
	return d
}

// become lets another person of staff do what follows.
func (d *testSite) become(name string, rights models.Rights) {
	d.t.Helper()
	d.rights, d.user = rights, &models.User{Username: name, Email: name + "@example.com", DateJoined: noon}
	if _, err := d.db.NewInsert().Model(d.user).Exec(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

const messagesURL = "/admin/contact-messages/"

// save posts the form of the list's menu that saves a view, and returns the list that
// it leads to.
func (d *testSite) save(query, name string, more ...string) *page {
	d.t.Helper()
	form := hiddenOf(d.list(query).Find("#view-menu form[action='" + messagesURL + "views/']"))
	form.Set("name", name)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return d.follow(d.post(messagesURL+"views/", form))
}

// act presses a button of the view that is open.
func (d *testSite) act(p *page, act string, more ...string) *page {
	d.t.Helper()
	forms := p.Find("#view-menu form").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Find("[name=act][value="+act+"]").Length() > 0 })
	if forms.Length() != 1 {
		d.t.Fatalf("%d forms offer %q", forms.Length(), act)
	}
	form := hiddenOf(forms)
	form.Set("act", act)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	answer := d.post(forms.AttrOr("action", ""), form)
	if answer.status != http.StatusSeeOther {
		return answer
	}
	return d.follow(answer)
}

func hiddenOf(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input[type=hidden]").Each(func(_ int, s *goquery.Selection) { values.Add(s.AttrOr("name", ""), s.AttrOr("value", "")) })
	return values
}

func (d *testSite) follow(answer *page) *page {
	d.t.Helper()
	for range 3 {
		if answer.status != http.StatusSeeOther {
			return answer
		}
		answer = d.do(httptest.NewRequest(http.MethodGet, answer.header.Get("Location"), nil))
	}
	return answer
}

// tabs are the words of the tabs, the current one in brackets.
func (p *page) tabs() string {
	return strings.Join(p.Find("#views a").Map(func(_ int, s *goquery.Selection) string {
		words := strings.Join(strings.Fields(s.Text()), " ")
		if s.AttrOr("aria-current", "") == "true" {
			return "[" + words + "]"
		}
		return words
	}), ", ")
}

// tab is where a tab of those words leads.
func (p *page) tab(words string) string {
	p.t.Helper()
	var found string
	p.Find("#views a").Each(func(_ int, s *goquery.Selection) {
		if strings.Join(strings.Fields(s.Text()), " ") == words {
			found = s.AttrOr("href", "")
		}
	})
	if found == "" {
		p.t.Fatalf("no tab %q among %s", words, p.tabs())
	}
	return found
}

func TestAListIsSavedUnderANameAndOpensAsATab(t *testing.T) {
	t.Parallel()
	d := viewsSite(t)
	if p := d.list(""); p.Find("#views a").Length() != 0 {
		t.Error("there are tabs before there are views")
	}
	p := d.save("status=failed&created_at=7days&cols=name,status&o=name,-email&size=25&q=person&page=1", "Broken")
	if p.tabs() != "All 9, [Broken 3]" || len(p.ids()) != 3 || !slices.Equal(p.heads(), []string{"Name sorted by it as number 1 1", "Status"}) {
		t.Fatalf("the view opens with %q, %v, %v", p.tabs(), p.ids(), p.heads())
	}
	var stored models.SavedView
	if err := d.db.NewSelect().Model(&stored).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "cols=name%2Cstatus&created_at=7days&o=name%2C-email&q=person&size=25&status=failed"; stored.Query != want || stored.OwnerID != d.user.ID {
		t.Errorf("kept is %q of %d, want %q: days stay relative, and the reader's", stored.Query, stored.OwnerID, want)
	}
	if p = d.get(p.tab("All 9")); p.tabs() != "[All 9], Broken 3" || len(p.ids()) != 9 {
		t.Errorf("All: %s", p.tabs())
	}
	p = d.get(p.tab("Broken 3"))
	if p.Find("#view-menu [value=update]").Length() != 0 {
		t.Error("a view that was not touched can be updated")
	}
	p = d.act(d.get(p.Find("nav[aria-label=Filter] a").First().AttrOr("href", "")), "update") // of every status
	if p.tabs() != "All 9, [Broken 9]" || p.Find("#view-menu [value=update]").Length() != 0 {
		t.Errorf("updated: %s", p.tabs())
	}
	if p = d.act(p, "rename", "name", " Everything "); p.tabs() != "All 9, [Everything 9]" {
		t.Errorf("renamed: %s", p.tabs())
	}
	asks := d.act(p, "delete")
	if asks.status != http.StatusOK || !strings.Contains(asks.body, "Delete the view Everything?") {
		t.Fatalf("deletion does not ask: %d", asks.status)
	}
	p = d.follow(d.post(asks.Find("main form").Last().AttrOr("action", ""), hiddenOf(asks.Find("main form").Last())))
	if p.tabs() != "" || len(p.ids()) != 9 || d.count() != 10 {
		t.Errorf("deleted: %q, %d rows", p.tabs(), len(p.ids()))
	}
}

func TestViewsWithoutAGoodNameAreRefusedInWords(t *testing.T) {
	t.Parallel()
	d := viewsSite(t)
	d.save("status=failed", "Broken")
	for name, want := range map[string]string{
		"Broken": "There is a view of this name already.", "  ": "This field is required.", strings.Repeat("x", 51): "at most 50",
	} {
		d.save("status=sent", name)
		if said := d.flashes[len(d.flashes)-1]; !strings.Contains(said, want) {
			t.Errorf("%.10q: %q", name, said)
		}
	}
	for i := range models.MaxViews {
		d.save("status=sent", fmt.Sprint("View ", i))
	}
	if said := d.flashes[len(d.flashes)-1]; !strings.Contains(said, "There are 20 views already.") {
		t.Errorf("one too many: %q", said)
	}
	if n, err := d.db.NewSelect().Model((*models.SavedView)(nil)).Count(t.Context()); err != nil || n != models.MaxViews {
		t.Errorf("%d views, %v", n, err)
	}
}

func TestOnesOwnViewsAreOnesOwnAndSharingIsARight(t *testing.T) {
	t.Parallel()
	d := viewsSite(t)
	d.save("status=failed", "Mine")
	shared := d.save("status=sent", "Ours", "shared", "1")
	if shared.tabs() != "All 9, [Ours 6], Mine 3" {
		t.Fatalf("the tabs are %s", shared.tabs())
	}
	d.become("bob", models.Rights{Granted: []string{"contact-messages.view"}})
	p := d.list("")
	if p.tabs() != "[All 9], Ours 6" || p.Find("#view-menu [name=shared]").Length() != 0 {
		t.Fatalf("bob sees %s", p.tabs())
	}
	p = d.get(p.tab("Ours 6"))
	for _, act := range []string{"rename", "update", "delete", "first-for-all"} {
		if p.Find("#view-menu [value="+act+"]").Length() != 0 {
			t.Errorf("%s is offered to who may not", act)
		}
		for view := range 2 {
			want := []int{http.StatusNotFound, http.StatusForbidden}[view]
			if answer := d.post(fmt.Sprintf("%sviews/%d/", messagesURL, view+1), url.Values{"act": {act}, "name": {"X"}, "confirm": {"yes"}}); answer.status != want {
				t.Errorf("%s of view %d: %d", act, view+1, answer.status)
			}
		}
	}
	if answer := d.post(messagesURL+"views/", url.Values{"name": {"Theirs"}, "shared": {"1"}}); answer.status != http.StatusForbidden {
		t.Errorf("sharing without the right: %d", answer.status)
	}
	if mine := d.save("status=failed", "Mine"); mine.tabs() != "All 9, Ours 6, [Mine 3]" {
		t.Errorf("bob's own: %s", mine.tabs())
	}
	d.rights.Granted = append(d.rights.Granted, models.PermissionOf(models.SharedViewsSlug, models.Change))
	if p := d.act(d.get(d.list("").tab("Ours 6")), "rename", "name", "Everybody's"); !strings.Contains(p.tabs(), "[Everybody's 6]") {
		t.Errorf("with the right: %s", p.tabs())
	}
}

func TestHistoryTellsWhatBecameOfEverybodysViews(t *testing.T) {
	t.Parallel()
	d := viewsSite(t)
	d.save("status=failed", "Mine")
	ours := d.save("status=sent", "Ours", "shared", "1")
	ours = d.act(ours, "first-for-all")
	ours = d.act(ours, "rename", "name", "Theirs")
	d.act(ours, "delete", "confirm", "yes")
	var entries []models.HistoryEntry
	if err := d.db.NewSelect().Model(&entries).Where("model = ?", models.SharedViewsSlug).OrderExpr("id").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range entries {
		told = append(told, fmt.Sprintf("%s %s %s %v", e.Username, e.Action, e.ObjectLabel, e.Changes))
	}
	want := []string{
		"ada added Contact messages: Ours [{name  Ours} {list_state  status=sent}]",
		"ada changed Contact messages: Ours [{default_for_everybody false true}]",
		"ada changed Contact messages: Theirs [{name Ours Theirs}]",
		"ada deleted Contact messages: Theirs [{name Theirs } {list_state status=sent } {default_for_everybody true false}]",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

func TestAListOpensWithTheViewThatIsTheDefault(t *testing.T) {
	t.Parallel()
	d := viewsSite(t)
	d.save("status=failed", "Mine")
	ours := d.save("status=sent", "Ours", "shared", "1")
	if p := d.get(messagesURL); p.tabs() != "[All 9], Ours 6, Mine 3" {
		t.Fatalf("without a default: %s", p.tabs())
	}
	d.act(ours, "first-for-all")
	bare := func() *page { return d.follow(d.do(httptest.NewRequest(http.MethodGet, messagesURL, nil))) }
	if p := bare(); p.tabs() != "All 9, [Ours 6], Mine 3" {
		t.Errorf("everybody's default: %s", p.tabs())
	}
	d.act(d.get(bare().tab("Mine 3")), "first")
	p := bare()
	if p.tabs() != "All 9, Ours 6, [Mine 3]" || !strings.Contains(p.body, "Your list opens with this view.") {
		t.Errorf("one's own default: %s", p.tabs())
	}
	if plain := d.get(p.link("Clear all")); plain.tabs() != "[All 9], Ours 6, Mine 3" || len(plain.ids()) != 9 {
		t.Errorf("the list without the default: %s", plain.tabs())
	}
	if p = d.get(d.get(p.tab("All 9")).link("Failed 3")); len(p.ids()) != 3 || !strings.HasPrefix(p.tabs(), "[All 9]") {
		t.Errorf("a filter of the plain list: %s", p.tabs())
	}
	d.act(d.get(p.tab("All 9")), "first")
	if p := bare(); p.tabs() != "[All 9], Ours 6, Mine 3" {
		t.Errorf("opening plainly, against everybody's default: %s", p.tabs())
	}
	d.become("bob", models.Rights{All: true})
	if p := bare(); p.tabs() != "All 9, [Ours 6]" {
		t.Errorf("bob's list: %s", p.tabs())
	}
}

func TestAStaleViewOpensAndSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	d := viewsSite(t)
	stale := models.SavedView{
		Model: "contact-messages", Name: "Old", OwnerID: d.user.ID, CreatedAt: noon, UpdatedAt: noon,
		Query: "cols=name%2Cbudget%2Cstatus&o=-budget%2Cname&status=lost&sent_at=none&rating__gte=3",
	}
	if _, err := d.db.NewInsert().Model(&stale).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := d.get(d.list("").tab("Old 9"))
	if !strings.Contains(p.body, "This view also asks for what this list does not have: Budget, Rating, Status.") || !slices.Equal(p.heads(), []string{"Name", "Status"}) {
		t.Errorf("%v; %s", p.heads(), p.Find("#view-menu").Text())
	}
	if p = d.act(p, "update"); strings.Contains(p.body, "does not have") {
		t.Error("an updated view is stale still")
	}
}

func TestTabsAreCountedWithTheBadges(t *testing.T) {
	t.Parallel()
	d := viewsSite(t)
	d.add(models.ContactMessage{Status: models.ContactPending})
	d.save("status=failed", "Broken")
	d.save("q=person+00", "Early")
	poll := d.list("").Find("#badge-poll").AttrOr("hx-get", "")
	d.add(models.ContactMessage{Name: "Person 001", Status: models.ContactFailed})
	counts := d.get(poll).Find("span[id^=view-count]").Map(func(_ int, s *goquery.Selection) string { return strings.TrimSpace(s.Text()) })
	if !slices.Equal(counts, []string{"11", "4", "10"}) {
		t.Errorf("%s answers %v", poll, counts)
	}
	r := httptest.NewRequest(http.MethodGet, messagesURL+"?status=failed", nil)
	r.Header.Set("HX-Request", "true")
	r.Header.Set("HX-Target", "list")
	if fragment := d.do(r); fragment.Find("#views[hx-swap-oob]").Length() != 1 {
		t.Error("the tabs do not come along with the list")
	}
}

func TestAPersonsViewsGoAndComeBackWithThem(t *testing.T) {
	t.Parallel()
	d := viewsSite(t)
	d.act(d.save("status=failed", "Mine"), "first")
	d.save("status=sent", "Ours", "shared", "1")
	if _, err := d.db.NewDelete().Model(d.user).WherePK().Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int64{"saved_views": 1, "saved_view_defaults": 0} {
		if n, err := d.db.NewSelect().Table(table).Count(t.Context()); err != nil || n != want {
			t.Errorf("%s has %d rows, %v", table, n, err)
		}
	}
}
