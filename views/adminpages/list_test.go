package adminpages

import (
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"digitalpath/models"
	"digitalpath/views/layout"
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var html strings.Builder
	if err := c.Render(context.Background(), &html); err != nil {
		t.Fatal(err)
	}
	return html.String()
}

func sample() List {
	return List{
		Frame: layout.Frame{Title: "Messages", User: "Ada"}, Title: "Messages", URL: "/admin/messages/",
		Total: Count{N: 10000, Capped: true}, From: 1, To: 1, BadgesURL: "/admin/messages/badges/?id=7",
		Columns: []Column{{Name: "name", Label: "Name", SortURL: "?o=name", Sort: "ascending"}},
		Rows:    []Row{{ID: "7", URL: "/admin/messages/7/", Cells: []Cell{{Text: "<script>alert(1)</script>"}}}},
		Actions: []Action{{Name: "delete", Label: "Delete", Danger: true}},
		Params:  []Param{{Name: "status", Value: "failed"}},
	}
}

func TestListPageWorksWithoutJavaScript(t *testing.T) {
	html := render(t, ListPage(sample()))
	for _, part := range []string{
		`<form method="post" action="/admin/messages/"`, `name="id" value="7"`, `name="action" value="delete"`,
		`name="all" value="1"`, `name="status" value="failed"`, `href="/admin/messages/7/"`, `aria-sort="ascending"`, "10,000+",
	} {
		if !strings.Contains(html, part) {
			t.Errorf("no %s", part)
		}
	}
	if n := strings.Count(html, "<h1"); n != 1 {
		t.Errorf("%d headings of the first rank", n)
	}
}

func TestStoredMarkupIsShownAsText(t *testing.T) {
	if html := render(t, ListFragment(sample())); strings.Contains(html, "<script>alert") {
		t.Error("a cell became markup")
	}
}

func TestFragmentIsOnlyTheList(t *testing.T) {
	html := render(t, ListFragment(sample()))
	if strings.Contains(html, "<html") || strings.Contains(html, `id="q"`) {
		t.Error("the fragment brings the page or the search field along")
	}
	if !strings.Contains(html, `hx-get="/admin/messages/badges/?id=7"`) {
		t.Error("nothing asks for the badges of a list with a live row")
	}
}

func TestBadgesStopThePollerWhenNothingIsLive(t *testing.T) {
	const stop = `<div id="badge-poll" hidden hx-swap-oob="true">`
	live := Badge{ID: "badge-7", Value: "pending", Label: "Pending", Tone: models.ToneWarning, Live: true}
	if html := render(t, Badges(News{Badges: []Badge{live}})); strings.Contains(html, stop) || !strings.Contains(html, `data-status="pending"`) {
		t.Errorf("a live badge must keep the poller: %s", html)
	}
	live.Live = false
	if html := render(t, Badges(News{Badges: []Badge{live}})); !strings.Contains(html, stop) {
		t.Errorf("the poller goes on: %s", html)
	}
}

func TestDetailFetchesItselfOnlyWhileLive(t *testing.T) {
	d := Form{Title: "Ada", URL: "/admin/messages/7/", Closed: true, Live: true}
	if !strings.Contains(render(t, FormFragment(d)), `hx-trigger="every 2s"`) {
		t.Error("a live detail doesn't fetch itself")
	}
	d.Live = false
	if strings.Contains(render(t, FormFragment(d)), "hx-get") {
		t.Error("a settled detail still fetches itself")
	}
}
