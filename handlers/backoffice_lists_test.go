package handlers_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// A filter offers the first 50 people, and takes whoever is typed, also who is no member of
// staff any more.
func TestHistoryIsFilteredByAnybody(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	people := make([]models.User, 60)
	for i := range people {
		people[i] = models.User{Username: fmt.Sprintf("staff%02d", i), Email: fmt.Sprintf("%d@staff.test", i), IsActive: true, IsStaff: true}
	}
	changes := []models.HistoryEntry{
		{Username: "staff59", Model: "projects", ObjectLabel: "Claims", Action: models.HistoryAdded, Channel: models.ChannelAPI},
		{Username: "gone", Model: "projects", ObjectLabel: "Portal", Action: models.HistoryAdded, Channel: models.ChannelAPI},
	}
	for _, rows := range []any{&people, &changes} {
		if _, err := app.DB.NewInsert().Model(rows).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	staff := app.Login()
	list := staff.Get("/admin/history/")
	for who, what := range map[string]string{"staff59": "Claims", "gone": "Portal"} {
		form := list.Form("#filter-username form")
		form.Set("username", who)
		if found := staff.Get("/admin/history/?" + form.Encode()); !found.Row(what).Has("td") || found.Row("Claims").Has("td") == found.Row("Portal").Has("td") {
			t.Errorf("changes of %s:\n%s", who, found.Text())
		}
	}
}

// Columns, a view and its tab: every step is a key, and the page is loaded once between
// forms that are posted.
func TestAListIsArrangedSavedAndOpenedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	if demo := handlerstest.Spawn(t, app.Env(), "demo"); demo.Wait(handlerstest.StartTime) != 0 {
		t.Fatal(demo.Log())
	}
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/contact-messages/"), chromedp.Evaluate[chromedp.Void]("window.sameDocument = true; undefined"))
	tabTo(t, ctx, "#columns summary")
	press(t, ctx, kb.Enter)
	tabTo(t, ctx, "#columns [value=sent_at]")
	press(t, ctx, " ")
	tabTo(t, ctx, "#columns [value=error_message]")
	press(t, ctx, " ")
	tabTo(t, ctx, "#columns [name='place.error_message']")
	press(t, ctx, "1.5", kb.Enter)
	sees(t, ctx, "the columns", `[...document.querySelectorAll("thead th")].map(th => th.innerText.trim()).filter(Boolean).join() === "Selected,Name,Error,E-mail,Message,Status,Received"`+
		` && location.search === "?cols=name%2Cerror_message%2Cemail%2Cmessage%2Cstatus%2Ccreated_at" && window.sameDocument`)

	tabTo(t, ctx, "#filter-created_at summary")
	press(t, ctx, kb.Enter)
	tabTo(t, ctx, "#created_at__older")
	press(t, ctx, "3", kb.Enter)
	sees(t, ctx, "the range", `document.querySelector("#filter-created_at summary").innerText.includes("older than 3 days") && location.search.includes("error_message") && window.sameDocument`)

	tabTo(t, ctx, "#view-menu summary")
	press(t, ctx, kb.Enter)
	tabTo(t, ctx, "#view-name")
	press(t, ctx, "Triage", kb.Enter)
	sees(t, ctx, "the tab", `document.querySelector("#views a[aria-current]")?.innerText.startsWith("Triage")`)
	do(t, ctx, chromedp.Evaluate[chromedp.Void]("window.sameDocument = true; undefined"))
	tabTo(t, ctx, "#views a[href]:first-child")
	press(t, ctx, kb.Enter)
	sees(t, ctx, "the plain list", `document.querySelector("#views a[aria-current]").innerText.startsWith("All") && !document.querySelector("thead").innerText.includes("Error") && window.sameDocument`)
	tabTo(t, ctx, "#views a:last-child")
	press(t, ctx, kb.Enter)
	sees(t, ctx, "the view again", `document.querySelector("#views a[aria-current]").innerText.startsWith("Triage") && document.querySelector("thead").innerText.includes("Error") && window.sameDocument`)
}
