package handlers_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"digitalpath/handlers/handlerstest"
)

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

func TestAxeFindsNothingInTheMenusOfAList(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if os.Getenv("TEST_DATABASE_URL") != "" || err != nil {
		t.Skip("needs npm ci, and looks the same on PostgreSQL")
	}
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	if demo := handlerstest.Spawn(t, app.Env(), "demo"); demo.Wait(handlerstest.StartTime) != 0 {
		t.Fatal(demo.Log())
	}
	logIn(t, ctx, app)
	const save = `document.querySelector("#view-name").value = "Triage"; document.querySelector("#view-name").form.submit()`
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/contact-messages/?status=failed&o=name,-email&cols=name,email,status,created_at&rating=1"), chromedp.Evaluate[chromedp.Void](save+"; undefined"))
	sees(t, ctx, "the tab", `document.querySelector("#views a[aria-current]")?.innerText.startsWith("Triage")`)
	at := location(ctx)
	const findings = `axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).join(", ")).join("\n"))`
	for _, menu := range []string{"columns", "view-menu", "filter-created_at"} {
		for _, width := range []int64{1280, 360} {
			do(t, ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(at+"&status=sent"), chromedp.Evaluate[chromedp.Void](string(axe)+"; undefined"))
			for _, theme := range []string{"light", "dark"} {
				script := fmt.Sprintf("document.documentElement.dataset.theme = %q; document.getElementById(%q).open = true;", theme, menu) + findings
				found, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
				if err != nil || found != "" {
					t.Errorf("%s, %s, %d wide: %s %v", menu, theme, width, found, err)
				}
			}
			sees(t, ctx, fmt.Sprintf("%s within %d", menu, width), "document.documentElement.scrollWidth <= innerWidth")
		}
	}
}
