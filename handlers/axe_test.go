package handlers_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// axePages are the pages that are held against axe's rules.
var axePages = []string{
	"/admin/", "/admin/contact-messages/?size=25", "/admin/contact-messages/1/", "/admin/contact-messages/1/erase/", "/admin/waitlist/?size=25", "/admin/projects/?size=25", "/admin/projects/add/", "/admin/projects/2/?from=o%3Dname",
	"/admin/contact-messages/2/?from=",
	"/admin/projects/1/history/", "/admin/projects/1/delete/", "/admin/projects/1/preview/?user=ada", "/admin/users/", "/admin/users/1/", "/admin/users/add/",
	"/admin/groups/", "/admin/groups/add/", "/admin/groups/trash/", "/admin/health/", "/admin/history/?size=25", "/admin/history/1/", "/admin/profile/", "/admin/queue/", "/admin/mail-queue/?size=25", "/admin/dead-letters/", "/admin/dead-letters/1/", "/admin/dead-letters/trash/", "/admin/contact-messages/1/?from=",
	"/admin/waitlist/invite/", "/admin/waitlist/import/", "/admin/waitlist/growth/", "/admin/social-accounts/", "/admin/jobs/", "/admin/jobs/1/", "/admin/jobs/2/",
}

// axeStates are what opens over pages: by a script, after which something is shown.
var axeStates = []struct{ path, open, shown string }{
	{"/admin/contact-messages/?status=failed", pressed("#filter-created_at > summary"), "#filter-created_at form"},
	{"/admin/contact-messages/?view=1&status=sent", pressed("#view-menu > summary"), "#view-menu form"},
	{"/admin/contact-messages/?view=1", pressed("#columns > summary"), "#columns form"},
	{"/admin/contact-messages/", pressed("tbody [name=id]"), "[data-clear]"},
	{"/admin/contact-messages/", pressed("#filter-is_spam > summary") + "; document.body.dispatchEvent(new CustomEvent('htmx:sendError', { bubbles: true, detail: { elt: document.body } }))", "[data-toast]"},
	{"/admin/contact-messages/1/?from=", pressed("#more > summary"), "#more button"},
	{"/admin/contact-messages/1/?from=", "document.querySelector('#keys').showPopover()", "#keys dl"},
	{"/admin/", pressed("#theme-menu > summary"), "#theme-menu button"},
	{"/admin/", pressed("#language-menu > summary"), "#language-menu button"},
	{"/admin/", "document.querySelector('#sidebar').showPopover(); " + pressed("#user-menu > summary"), "#user-menu button"},
	{"/admin/projects/?view=", "window.palette = document.querySelector('#palette [name=q]'); document.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true })); " +
		"palette.value = 'claims'; palette.dispatchEvent(new Event('input'))", "#palette mark"},
	{"/admin/", "window.palette = document.querySelector('#palette [name=q]'); document.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true })); " +
		"palette.value = 'invite 50'; palette.dispatchEvent(new Event('input'))", "#palette a[href$='=50']"},
	{"/admin/dead-letters/", pressed("tbody [name=id]") + "; " + pressed("[name=action][value=put-back]"), "main [data-left-out], main form:has([name=confirm])"},
	{"/admin/projects/2/", pressed("[data-inline=members] [data-remove]"), "[data-inline=members] [data-undo]"},
	{"/admin/projects/add/", pressed("[data-save-bar] button"), "[role=alert] a"},
	{"/admin/projects/", pressed("tbody [name=id]") + "; " + pressed("[name=action][value=delete]"), "main form:has([name=confirm]) button"},
}

// pressed is a script that presses the first of what selector finds.
func pressed(selector string) string {
	return fmt.Sprintf("document.querySelector(%q).click()", selector)
}

// axeScript is axe itself.
func axeScript(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("needs npm ci: axe-core is not installed")
	}
	return string(script)
}

// axe is the program with everything in it to look at, and the script that does.
func axe(t *testing.T) (*handlerstest.App, string) {
	t.Helper()
	if os.Getenv("TEST_DATABASE_URL") != "" {
		t.Skip("pages look the same on PostgreSQL: the other half of make test looks at them")
	}
	script := axeScript(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	if demo := handlerstest.Spawn(t, app.Env(), "demo"); demo.Wait(handlerstest.StartTime) != 0 {
		t.Fatal(demo.Log())
	}
	return app, script
}

func TestAxeFindsNothingOnAnyPage(t *testing.T) {
	t.Parallel()
	app, script := axe(t)
	stoppedJobs(t, app)
	lay(t, app, stray("x"), stray("y"))
	deleteByForm(app.Login(), deadURL+"2/")
	for some := range slices.Chunk(axePages, 8) { // a browser has so much time, and no more
		ctx := browser(t)
		logIn(t, ctx, app)
		for _, path := range some {
			do(t, ctx, chromedp.Navigate(app.URL+path))
			for _, width := range []int64{1280, 360} {
				do(t, ctx, chromedp.EmulateViewport(width, 800))
				holdAgainstAxe(t, ctx, script, fmt.Sprintf("%s, %d wide", path, width))
			}
		}
	}
}

func TestAxeFindsNothingInWhatOpens(t *testing.T) {
	t.Parallel()
	app, script := axe(t)
	lay(t, app, stray("x"), models.DeadLetter{JobID: "mail1", Job: "mail", Arguments: `{"id":"1"}`, Cause: "boom"})
	staff := app.Login()
	list := staff.Get("/admin/contact-messages/?status=failed&o=name,-email&cols=name,email,status,created_at")
	view := list.Form("#view-menu form")
	view.Set("name", "Triage")
	staff.Post(list, list.Attribute("#view-menu form", "action"), view)
	for lang, width := range map[string]int64{"en": 1280, "es": 360} {
		ctx := browser(t)
		logIn(t, ctx, app)
		do(t, ctx, chromedp.EmulateViewport(width, 800))
		speaks(t, ctx, lang)
		for _, s := range axeStates {
			do(t, ctx, chromedp.Navigate(app.URL+s.path), chromedp.Evaluate[chromedp.Void](s.open+"; undefined"))
			sees(t, ctx, s.shown, fmt.Sprintf("document.readyState === 'complete' && document.querySelector(%q)?.checkVisibility({ visibilityProperty: true })", s.shown))
			holdAgainstAxe(t, ctx, script, fmt.Sprintf("%s in %s with %s", s.path, lang, s.shown))
		}
	}
}

func TestAxeFindsNothingOnPagesOfErrors(t *testing.T) {
	t.Parallel()
	script := axeScript(t)
	app := handlerstest.Start(t, "RATE_LIMIT_LOGIN_FAILED=100/m/ip,1/5m/key")
	app.CreateSuperuser()
	ctx := browser(t)
	look := func(status, words string) {
		t.Helper()
		sees(t, ctx, status, fmt.Sprintf("document.readyState === 'complete' && document.querySelector('main').innerText.includes(%q)", words))
		for _, width := range []int64{1280, 360} {
			do(t, ctx, chromedp.EmulateViewport(width, 800))
			holdAgainstAxe(t, ctx, script, fmt.Sprintf("the page of %s, %d wide", status, width))
		}
	}
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/login/"), evaluate(`
		const form = document.querySelector("form:has([name=password])");
		form.username.value = "nobody";
		form.password.value = "wrong";
		const wrong = () => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
		wrong().then(wrong).then(wrong).then(() => form.submit())`))
	look("429", "Too many requests")
	logIn(t, ctx, app)
	if _, err := app.DB.ExecContext(t.Context(), "ALTER TABLE jobs RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/jobs/"))
	look("500", "Request id")
}

// speaks chooses the language of the page that is open, and waits until it is loaded anew.
func speaks(t *testing.T, ctx context.Context, lang string) {
	t.Helper()
	sees(t, ctx, "the whole page", "document.readyState === 'complete'")
	do(t, ctx, chromedp.Evaluate[chromedp.Void]("window.before = true; "+pressed("[name=lang][value="+lang+"]")+"; undefined"))
	sees(t, ctx, "the language", fmt.Sprintf("!window.before && document.readyState === 'complete' && document.documentElement.lang === %q", lang))
}

// holdAgainstAxe looks at what the browser shows but for what is excluded: by every rule in the
// light theme, by those of colour in the dark one, which changes nothing else.
func holdAgainstAxe(t *testing.T, ctx context.Context, axe, what string, excluded ...string) {
	t.Helper()
	exclude := make([]string, len(excluded))
	for i, selector := range excluded {
		exclude[i] = fmt.Sprintf("%q", selector)
	}
	findings := "axe.run({ exclude: [" + strings.Join(exclude, ", ") + "] }, %s)" + `.then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).join(", ")).join("\n"))`
	do(t, ctx, chromedp.Evaluate[chromedp.Void](axe+"; undefined"))
	for theme, rules := range map[string]string{"light": "{ resultTypes: ['violations'] }", "dark": "{ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] }"} {
		script := fmt.Sprintf("document.documentElement.dataset.theme = %q;"+findings, theme, rules)
		found, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
		if err != nil || found != "" {
			t.Errorf("%s, %s: %s %v", what, theme, found, err)
		}
	}
	sees(t, ctx, what+" within the screen", "document.documentElement.scrollWidth <= innerWidth")
}
