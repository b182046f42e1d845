package handlers_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// arrives waits for a page with its scripts.
func arrives(t *testing.T, ctx context.Context, path string) {
	t.Helper()
	sees(t, ctx, path, fmt.Sprintf("location.pathname === %q && document.readyState === 'complete'", path))
}

// storedProject is the only one.
func storedProject(t *testing.T, app *handlerstest.App) models.Project {
	t.Helper()
	var all []models.Project
	if err := app.DB.NewSelect().Model(&all).Relation("AIIntegration").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("%d projects are stored", len(all))
	}
	return all[0]
}

// From the list to a new project, a change of it, and its end: every step is a key.
// The script puts the focus nowhere and clicks nothing.
func TestProjectFromAddLinkToDeletionByKeyboardAlone(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/projects/"))
	arrives(t, ctx, "/admin/projects/")

	tabTo(t, ctx, "main a[href^='/admin/projects/add/']")
	press(t, ctx, kb.Enter)
	arrives(t, ctx, "/admin/projects/add/")
	tabTo(t, ctx, "[name=name]")
	press(t, ctx, "Claims")
	tabTo(t, ctx, "[name=status]")
	press(t, ctx, "a") // a select takes the first letter of a choice
	tabTo(t, ctx, "[data-inline=data_sources] [data-add-row]")
	press(t, ctx, " ")
	sees(t, ctx, "the new row with the focus", "document.activeElement.name === 'data_sources.1.name'")
	press(t, ctx, "Lake")
	tabTo(t, ctx, "[name='data_sources.1.type']")
	press(t, ctx, "SQL")
	tabTo(t, ctx, "[name='ai_integration.0.enabled']")
	press(t, ctx, " ")
	tabTo(t, ctx, "[data-save-bar] button:not([name])")
	press(t, ctx, kb.Enter)
	arrives(t, ctx, "/admin/projects/")
	if p := storedProject(t, app); p.Name != "Claims" || p.Status != models.ProjectActive || p.AIIntegration == nil || !p.AIIntegration.Enabled || sources(t, app) != "Lake" {
		t.Fatalf("stored %+v with %s", p, sources(t, app))
	}

	tabTo(t, ctx, "tbody a[href^='/admin/projects/1/']")
	press(t, ctx, kb.Enter)
	arrives(t, ctx, "/admin/projects/1/")
	tabTo(t, ctx, "[name=name]") // which selects what is in it
	press(t, ctx, "Forecasts", kb.Enter)
	sees(t, ctx, "the new name in the list", "location.pathname === '/admin/projects/' && document.querySelector('tbody').textContent.includes('Forecasts')")
	if p := storedProject(t, app); p.Name != "Forecasts" || sources(t, app) != "Lake" {
		t.Fatalf("stored %+v with %s", p, sources(t, app))
	}

	arrives(t, ctx, "/admin/projects/")
	tabTo(t, ctx, "tbody a[href^='/admin/projects/1/']")
	press(t, ctx, kb.Enter)
	arrives(t, ctx, "/admin/projects/1/")
	deleteByKeyboard(t, ctx, 1)
	if n, err := app.DB.NewSelect().Model((*models.Project)(nil)).Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d projects are left (%v)", n, err)
	}
}

// deleteByKeyboard goes from the page of project 1, which has so many data sources, by
// its menu to its deletion.
func deleteByKeyboard(t *testing.T, ctx context.Context, sources int) {
	t.Helper()
	tabTo(t, ctx, "#more summary")
	press(t, ctx, " ")
	sees(t, ctx, "the menu", "document.querySelector('#more').open")
	tabTo(t, ctx, "a[href*='/1/delete/']")
	press(t, ctx, kb.Enter)
	arrives(t, ctx, "/admin/projects/1/delete/")
	sees(t, ctx, "what goes with it", fmt.Sprintf("document.querySelector('main').textContent.includes('Data sources: %d')", sources))
	tabTo(t, ctx, "main form button")
	press(t, ctx, " ")
	sees(t, ctx, "the list without it", "location.pathname === '/admin/projects/' && !document.querySelector('tbody tr')")
}

func TestControlKLeadsToTheSearchThroughEverything(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	app.MustSubmit("Grace Hopper")
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/groups/"))
	arrives(t, ctx, "/admin/groups/")
	do(t, ctx, chromedp.KeyEvent("k", chromedp.KeyModifiers(kb.ModifierCtrl)))
	press(t, ctx, "hopper"+kb.Enter)
	arrives(t, ctx, "/admin/search/")
	sees(t, ctx, "the message", "document.querySelector('main a[href^=\"/admin/contact-messages/1/\"]')?.textContent.includes('Grace Hopper')")
}

// What a list takes away with the focus on it gives the focus to what takes its place.
func TestFocusStaysWhereAListChanges(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	fill(t, app, 3, "Visitor", models.ContactFailed)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(app.URL+messagesURL))
	for _, step := range []struct{ reach, changed, focus string }{
		{"a[href*='status=failed']", "status=failed", "[aria-current][href*='status=failed']"},
		{"#filter-created_at > summary", "status=failed", "#filter-created_at > summary"},
		{"#filter-created_at li:nth-child(2) > a", "created_at=today", "#filter-created_at > summary"},
		{"th [href*='o=name']", "o=name", "th[aria-sort] a"},
		{"[aria-label^='Clear filter: Received']", "o=name", "#filter-created_at > summary"},
	} {
		tabTo(t, ctx, step.reach)
		press(t, ctx, kb.Enter)
		sees(t, ctx, step.focus+" with the focus", fmt.Sprintf("location.search.includes(%q) && document.activeElement.matches(%q)", step.changed, step.focus))
	}
}
