package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"digitalpath/admin/sheets"
	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// declared is a model as the site declares it, walked by who may do everything, without a
// script.
type declared struct {
	t     *testing.T
	app   *handlerstest.App
	boss  *handlerstest.Staff
	slug  string
	there map[string]bool // "POST add/" where that is one of its routes
}

// TestEveryDeclaredModelDoesWhatItOffers takes from the site's own routes which models
// there are and what each can do, and does all of it. A model that is declared later is
// walked, too, as far as that goes while the demo has no rows of it.
func TestEveryDeclaredModelDoesWhatItOffers(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	demo := handlerstest.Spawn(t, app.Env(), "demo")
	if code := demo.Wait(handlerstest.StartTime); code != 0 {
		t.Fatalf("demo ended with %d: %s", code, demo.Log())
	}
	app.MustSubmit("Ada") // which makes a mail
	handlerstest.Eventually(t, 20*time.Second, "no mail waits", func() bool {
		states := mailStates(t, app)
		return states[models.MailPending]+states[models.MailSending] == 0
	})
	account := &models.SocialAccount{UserID: 1, Provider: "google", Subject: "1", Email: "ada@example.com", CreatedAt: time.Now(), LastLogin: time.Now()}
	if _, err := app.DB.NewInsert().Model(account).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	boss, walked := app.Login(), map[string]*declared{}
	for _, route := range declaredRoutes(t) {
		if slug, below, ok := strings.Cut(strings.TrimPrefix(route.Path, "/admin/"), "/"); ok && slug == route.Slug {
			if walked[slug] == nil {
				walked[slug] = &declared{t: t, app: app, boss: boss, slug: slug, there: map[string]bool{}}
			}
			walked[slug].there[route.Method+" "+below] = true
		}
	}
	n := 0
	for _, m := range walked {
		if m.there["GET export/"] {
			if m.walk() {
				n++
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d models are declared and have rows", n)
	}
}

// walk does all that the model offers; false where it has no rows to do it with.
func (m *declared) walk() bool {
	list := m.list("")
	m.filters(list)
	m.sorts(list)
	m.view(list)
	m.files(list.total())
	if m.there["POST add/"] {
		m.refuse()
	}
	if len(list.ids()) == 0 {
		return false
	}
	m.search(list)
	m.neighbours(list)
	if m.boss.Get(m.url(list.ids()[0] + "/")).Has("button[form=form]") {
		m.edit(list.ids()[0])
	}
	if list.Find("[name=action][value=edit]").Length() > 0 {
		m.bulkEdit(list.ids())
	}
	if m.there["GET trash/"] {
		m.remove(list)
	}
	return true
}

func (m *declared) url(below string) string { return "/admin/" + m.slug + "/" + below }

// listed is a list page.
type listed struct{ *goquery.Document }

func (m *declared) list(query string) listed {
	m.t.Helper()
	page := m.boss.Get(m.url(query))
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page.Answer.Body))
	if err != nil || page.Status != http.StatusOK {
		m.t.Fatalf("%s%s: %d (%v)", m.slug, query, page.Status, err)
	}
	return listed{doc}
}

func (l listed) ids() []string {
	return l.Find("#list tbody tr[data-id]").Map(func(_ int, row *goquery.Selection) string { return row.AttrOr("data-id", "") })
}

func (l listed) total() int { return numberIn(l.Find("#list-total [aria-hidden]").Text()) }

// numberIn is -1 where a text is none.
func numberIn(text string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(text), ",", ""))
	if err != nil {
		return -1
	}
	return n
}

// filters opens every choice of every filter, which leaves as many rows as it says.
func (m *declared) filters(list listed) {
	list.Find("#list details[id^=filter-] li a, #list nav a:has([id^=segment-count-])").Each(func(_ int, choice *goquery.Selection) {
		href, says := choice.AttrOr("href", ""), numberIn(choice.Find("span").Last().Text())
		got := m.list(strings.TrimPrefix(href, m.url("")))
		if n := got.total(); says >= 0 && n != says || n > 0 != (len(got.ids()) > 0) {
			m.t.Errorf("%s says %d, and has %d rows, %d of them on the page", href, says, n, len(got.ids()))
		}
	})
}

// sorts sorts by each column that offers it, both ways.
func (m *declared) sorts(list listed) {
	list.Find("th a").Each(func(_ int, head *goquery.Selection) {
		one := m.list(strings.TrimPrefix(head.AttrOr("href", ""), m.url("")))
		name := strings.TrimPrefix(head.AttrOr("href", ""), m.url("?o="))
		way := one.Find("th[aria-sort]")
		other := m.list(strings.TrimPrefix(way.Find("a").AttrOr("href", ""), m.url("")))
		there, back := one.ids(), other.ids()
		slices.Reverse(back)
		if way.Length() != 1 || len(there) != len(list.ids()) || len(there) == list.total() && !slices.Equal(there, back) {
			m.t.Errorf("%s by %s: %v, the other way around %v", m.slug, name, there, back)
		}
	})
}

// search finds the first row by what its first cell says.
func (m *declared) search(list listed) {
	if list.Find("#q").Length() == 0 {
		return
	}
	row := list.Find("#list tbody tr[data-id]").First()
	title := strings.TrimSpace(row.Find("td a").First().Text())
	if found := m.list("?q=" + url.QueryEscape(title)).ids(); !slices.Contains(found, row.AttrOr("data-id", "")) {
		m.t.Errorf("%s: %q finds %v", m.slug, title, found)
	}
}

// neighbours goes from the first row to the next and back.
func (m *declared) neighbours(list listed) {
	ids := list.ids()
	if len(ids) < 2 {
		return
	}
	first := m.boss.Get(list.Find("#list tbody a").First().AttrOr("href", ""))
	next := first.Attribute("#row-next", "href")
	if back := m.boss.Get(next).Attribute("#row-prev", "href"); !strings.HasPrefix(next, m.url(ids[1]+"/")) || !strings.HasPrefix(back, m.url(ids[0]+"/")) {
		m.t.Errorf("%s %s: next is %q, and from there previous %q", m.slug, ids[0], next, back)
	}
}

// view saves the list in another order, which then is a tab of it.
func (m *declared) view(list listed) {
	state := strings.TrimPrefix(list.Find("th a").Last().AttrOr("href", ""), m.url(""))
	page := m.boss.Get(m.url(state))
	form := page.Form("#view-menu form[action='" + m.url("views/") + "']")
	form.Set("name", "Mine")
	m.boss.Post(page, m.url("views/"), form)
	if tab := m.boss.Get(m.url("")).Attribute("#views a:contains(Mine)", "href"); tab == "" {
		m.t.Errorf("%s: a view that is saved is no tab", m.slug)
	} else if got, want := m.list(strings.TrimPrefix(tab, m.url(""))).ids(), m.list(state).ids(); !slices.Equal(got, want) {
		m.t.Errorf("%s: the view has %v, want %v", m.slug, got, want)
	}
}

// files exports all rows as CSV and XLSX and, where the model takes files, finds that
// nothing in them is new.
func (m *declared) files(total int) {
	for _, format := range []string{"csv", "xlsx"} {
		file := []byte(m.boss.Get(m.url("export/?format=" + format)).Answer.Body)
		sheet, err := sheets.Read(file)
		if err != nil || len(sheet.Rows) != total || len(sheet.Header) < 2 {
			m.t.Errorf("%s: %s of %d rows (%v)", m.slug, format, len(sheet.Rows), err)
		}
		if m.there["POST import/"] && err == nil {
			if got, want := counts(bring(m.t, m.boss, m.slug, file).preview()), "0 0 "+strconv.Itoa(total)+" 0"; got != want {
				m.t.Errorf("%s: the export as %s is new, changed, unchanged and refused by %s, want %s", m.slug, format, got, want)
			}
		}
	}
}

// typing is the first control of a form that one types words into.
func typing(page *handlerstest.Page) string {
	return page.Attribute("#form input[type=text], #form input[type=email]", "name")
}

// refuse sends the form of a new row with nothing but a text that is too long.
func (m *declared) refuse() {
	before, page := m.list("").total(), m.boss.Get(m.url("add/"))
	name, long := typing(page), strings.Repeat("long ", 100)+"text"
	refused := m.boss.Post(page, m.url("add/"), url.Values{name: {long}})
	if refused.Status != http.StatusBadRequest || !refused.Has("#"+name+"[aria-invalid=true]") || refused.Attribute("#"+name, "value") != long || m.list("").total() != before {
		m.t.Errorf("%s: a %s of 504 letters: %d, given back %q", m.slug, name, refused.Status, refused.Attribute("#"+name, "value"))
	}
}

// edit changes a row and changes it back, reads that in its history, and finds the version
// in between there.
func (m *declared) edit(id string) {
	here := m.url(id + "/")
	page := m.boss.Get(here)
	name := typing(page)
	old := page.Form("#form").Get(name)
	history := func() *handlerstest.Page { return m.boss.Get(here + "history/") }
	versions := func() []string { return history().Links("main a[href*='?version=']") }
	before := versions()
	save := func(value string) {
		page := m.boss.Get(here)
		form := page.Form("#form")
		form.Set(name, value)
		saved := m.boss.Post(page, here, form)
		if got := m.boss.Get(here).Attribute("#form [name='"+name+"']", "value"); got != value {
			m.t.Errorf("%s: %s is %q, want %q: %s", here, name, got, value, saved.Part("[role=alert]", "").Text())
		}
	}
	save(old)
	if !slices.Equal(versions(), before) {
		m.t.Errorf("%s: a form that is sent as it came is a change", here)
	}
	save(old + "x")
	between := slices.DeleteFunc(versions(), func(version string) bool { return slices.Contains(before, version) })
	save(old)
	if told := history().Part("main", "").Text(); len(between) != 1 || !strings.Contains(told, old+"x") || len(versions()) != len(before)+2 {
		m.t.Errorf("%s: the history tells %s", here, told)
	} else if got := m.boss.Get(between[0]).Attribute("#form [name='"+name+"']", "value"); got != old+"x" {
		m.t.Errorf("%s: the version in between has %q", here, got)
	}
}

// bulkEdit gives the first rows the same value of the first choice or text that the form
// offers, and takes it back.
func (m *declared) bulkEdit(ids []string) {
	ids = ids[:min(len(ids), 3)]
	before := m.exported()
	asked := m.boss.Post(m.boss.Get(m.url("")), m.url(""), url.Values{"action": {"edit"}, "id": ids})
	control := asked.Attribute("[data-field] select, [data-field] input[type=text], [data-field] textarea", "name")
	value := "swept"
	if option := "select[name='" + control + "'] option:last-child"; asked.Has(option) {
		value = asked.Attribute(option, "value")
	}
	form := url.Values{"action": {"edit"}, "id": ids, "edit": {strings.TrimPrefix(control, "set.")}, control: {value}, "preview": {"1"}}
	answer := m.boss.Post(asked, m.url(""), form).Form("main form")
	answer.Set("confirm", "yes")
	done := m.boss.Post(asked, m.url(""), answer)
	undo := done.Attribute("[role=status] form", "action")
	if undo == "" || m.exported() == before {
		m.t.Errorf("%s: %s = %q: %s", m.slug, control, value, done.Part("main", "").Text())
		return
	}
	m.boss.Post(done, undo, url.Values{})
	if after := m.exported(); after != before {
		m.t.Errorf("%s: a bulk edit that is undone left\n%s\nwas\n%s", m.slug, after, before)
	}
}

// exported are all columns of the export of all rows, but when they were changed.
func (m *declared) exported() string {
	sheet, err := sheets.Read([]byte(m.boss.Get(m.url("export/")).Answer.Body))
	if err != nil {
		m.t.Fatalf("%s: %v", m.slug, err)
	}
	updated := slices.Index(sheet.Header, "updated_at")
	var lines []string
	for _, row := range sheet.Rows {
		if updated >= 0 && updated < len(row.Cells) {
			row.Cells[updated] = ""
		}
		lines = append(lines, strings.Join(row.Cells, "|"))
	}
	return strings.Join(lines, "\n")
}

// remove deletes the first row, undoes it, deletes it again and restores it from the trash.
func (m *declared) remove(list listed) {
	total, ids := list.total(), list.ids()
	id := ids[0]
	remove := func() *handlerstest.Page {
		here := m.url(id + "/delete/")
		return m.boss.Post(m.boss.Get(here), here, url.Values{"confirm": {"yes"}})
	}
	gone := remove()
	if n := m.list("").total(); n != total-1 {
		m.t.Errorf("%s %s: %d rows of %d once it is deleted: %s", m.slug, id, n, total, gone.Part("main", "").Text())
		return
	}
	m.boss.Post(gone, gone.Attribute("[role=status] form", "action"), url.Values{})
	if n := m.list("").total(); n != total {
		m.t.Errorf("%s %s: %d rows of %d once that is undone", m.slug, id, n, total)
	}
	remove()
	trash := m.boss.Get(m.url("trash/"))
	m.boss.Post(trash, m.url("trash/"), url.Values{"action": {"restore"}, "id": {trash.Attribute("main li [name=id]", "value")}})
	if restored := m.list(""); restored.total() != total || m.boss.Get(m.url(id+"/")).Status != http.StatusOK {
		m.t.Errorf("%s %s: %d rows of %d once it is restored", m.slug, id, restored.total(), total)
	}
}
