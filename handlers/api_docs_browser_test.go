package handlers_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"digitalpath/handlers/handlerstest"
)

func TestAPIDocumentationIsTriedOutAndAxeFindsNothing(t *testing.T) {
	t.Parallel()
	script := axeScript(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	ctx := browser(t)
	logIn(t, ctx, app)
	for _, look := range []struct {
		lang, title string
		width       int64
	}{{"en", "API documentation", 1280}, {"es", "Documentación de la API", 360}} {
		do(t, ctx, chromedp.Navigate(app.URL+"/admin/"))
		speaks(t, ctx, look.lang)
		do(t, ctx, chromedp.EmulateViewport(look.width, 800), chromedp.Navigate(app.URL+"/api/docs#/Projects/project-create"))
		sees(t, ctx, "the opened operation", "document.querySelector('#operations-Projects-project-create .try-out__btn') !== null")
		do(t, ctx, chromedp.Evaluate[chromedp.Void]("document.querySelector('#operations-Projects-project-create .try-out__btn').click()"))
		sees(t, ctx, "the body to be sent", "document.querySelector('#operations-Projects-project-create textarea') !== null")
		// One operation looks like another.
		holdAgainstAxe(t, ctx, script, look.title, "[id^=operations-Projects]:not(.is-open)", "[id^=operations-Me-]")
		if page := text(ctx, "main"); !strings.Contains(page, look.title) {
			t.Errorf("the page lacks %q: %s", look.title, page)
		}
	}
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Evaluate[chromedp.Void]("document.querySelector('#operations-Projects-project-create .execute').click()"))
	sees(t, ctx, "the answer to what is tried out", "document.querySelector('.live-responses-table')?.innerText.includes('401')")
}
