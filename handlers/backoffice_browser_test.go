package handlers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// press types keys at whatever has the focus.
func press(t *testing.T, ctx context.Context, keys ...string) {
	t.Helper()
	for _, key := range keys {
		do(t, ctx, chromedp.KeyEvent(key))
	}
}

// tabTo moves the focus forward until what has it matches selector, as somebody
// without a mouse does.
func tabTo(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	for range 150 {
		press(t, ctx, kb.Tab)
		at, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.activeElement.matches(%q)", selector)))
		if err == nil && at {
			return
		}
	}
	t.Fatalf("no way by keyboard to %s at %s", selector, location(ctx))
}

// sources are the names of a project's data sources, in their order.
func sources(t *testing.T, app *handlerstest.App) string {
	t.Helper()
	var names []string
	if err := app.DB.NewSelect().Model((*models.DataSource)(nil)).Column("name").OrderExpr(`"order"`).Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestProjectIsMadeReorderedAndDeletedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	ctx := browser(t)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/projects/add/"))
	tabTo(t, ctx, "[name=name]")
	press(t, ctx, "Claims")
	tabTo(t, ctx, "[name='data_sources.0.name']")
	press(t, ctx, "Lake")
	do(t, ctx, chromedp.Focus("[data-inline=data_sources] [data-add-row]"))
	press(t, ctx, kb.Enter)
	sees(t, ctx, "the new row with the focus", "document.activeElement.name === 'data_sources.1.name'")
	press(t, ctx, "Sea")
	sees(t, ctx, "the save bar in sight", "document.querySelector('[data-save-bar]').hasAttribute('data-dirty')")
	tabTo(t, ctx, "[data-save-bar] [value=continue]")
	press(t, ctx, kb.Enter)
	sees(t, ctx, "the stored project", "location.pathname === '/admin/projects/1/' && document.querySelector('h1').textContent === 'Claims'")
	if got := sources(t, app); got != "Lake Sea" {
		t.Fatalf("stored %s", got)
	}
	tabTo(t, ctx, "[data-move='1']")
	press(t, ctx, kb.Enter)
	sees(t, ctx, "where the row is now", "document.querySelector('[data-said]').textContent.includes('2')")
	tabTo(t, ctx, "[data-save-bar] [value=continue]")
	press(t, ctx, kb.Enter)
	sees(t, ctx, "the new order", "document.querySelector(\"[name='data_sources.0.name']\").value === 'Sea' && !document.querySelector('[data-dirty]')")
	if got := sources(t, app); got != "Sea Lake" {
		t.Fatalf("stored %s", got)
	}
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/projects/1/delete/"))
	sees(t, ctx, "what goes with it", "document.querySelector('main').textContent.includes('Data sources: 2')")
	tabTo(t, ctx, "main form button")
	press(t, ctx, kb.Enter)
	sees(t, ctx, "the list without it", "location.pathname === '/admin/projects/' && !document.querySelector('tbody tr')")
}

func TestEditInTwoWindowsLosesNothing(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	ctx := browser(t)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/groups/add/"), chromedp.SendKeys("#name", "Readers"), chromedp.Click("[data-save-bar] [value=continue]"))
	sees(t, ctx, "the stored group", "location.pathname === '/admin/groups/1/'")
	other, closeOther := chromedp.NewContext(ctx)
	defer closeOther()
	do(t, other, chromedp.Navigate(app.URL+"/admin/groups/1/"), chromedp.SendKeys("#name", " of theirs"), chromedp.Click("[data-save-bar] [value=continue]"))
	sees(t, other, "their save", "document.querySelector('h1').textContent.includes('of theirs')")
	do(t, ctx, chromedp.SendKeys("#name", " of mine"), chromedp.Click("[data-save-bar] [value=continue]"))
	sees(t, ctx, "both sides", "document.querySelector('#name').value.includes('of mine') && document.querySelector('[data-theirs]').textContent.includes('of theirs')")
	do(t, ctx, chromedp.Click("[name=_force]"))
	sees(t, ctx, "the chosen save", "location.pathname === '/admin/groups/' && document.querySelector('tbody').textContent.includes('of mine')")
}

func TestPageOfAJobFollowsItWithoutAReload(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	stoppedJobs(t, app)
	ctx := browser(t)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/jobs/2/"), chromedp.Evaluate[chromedp.Void]("window.sameDocument = true; undefined"))
	sees(t, ctx, "how far it is and how long it takes", "document.body.innerText.includes('12,500 of 60,000 rows') && document.body.innerText.includes('625 rows a second · about 77 s left')")
	if _, err := app.DB.NewUpdate().Model((*models.Job)(nil)).Set("seen = total, done = total, state = ?", models.JobDone).Where("id = 2").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	sees(t, ctx, "the end", "document.querySelector('#job [data-status=done]') !== null && document.body.innerText.includes('60,000 of 60,000 rows') && window.sameDocument === true")
	sees(t, ctx, "no more questions", "!document.querySelector('#job').hasAttribute('hx-get')")
}
