package handlers_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"digitalpath/handlers/handlerstest"
)

func TestAPIDocumentationIsTriedOutAndAxeFindsNothing(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("needs npm ci: axe-core is not installed")
	}
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	ctx := browser(t)
	logIn(t, ctx, app)
	for _, look := range []struct {
		lang, title string
		width       int64
	}{{"en", "API documentation", 1280}, {"es", "Documentación de la API", 360}} {
		do(t, ctx, chromedp.Navigate(app.URL+"/admin/"), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector("[name=lang][value=%s]").click()`, look.lang)))
		sees(t, ctx, "the language", fmt.Sprintf("document.documentElement.lang === %q && document.readyState === 'complete'", look.lang))
		do(t, ctx, chromedp.EmulateViewport(look.width, 800), chromedp.Navigate(app.URL+"/api/docs#/Projects/project-create"))
		sees(t, ctx, "the opened operation", "document.querySelector('#operations-Projects-project-create .try-out__btn') !== null")
		do(t, ctx, chromedp.Evaluate[chromedp.Void]("document.querySelector('#operations-Projects-project-create .try-out__btn').click()"))
		sees(t, ctx, "the body to be sent", "document.querySelector('#operations-Projects-project-create textarea') !== null")
		do(t, ctx, chromedp.Evaluate[chromedp.Void](string(axe)+"; undefined"))
		for _, theme := range []string{"light", "dark"} { // one operation looks like another
			script := fmt.Sprintf("document.documentElement.dataset.theme = %q;", theme) + `axe.run({ exclude: ["[id^=operations-Projects]:not(.is-open)", "[id^=operations-Me-]"] })
				.then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).join(", ")).join("\n"))`
			found, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
			if err != nil || found != "" {
				t.Errorf("%s, %s, %d wide: %s %v", look.lang, theme, look.width, found, err)
			}
		}
		if page := text(ctx, "main"); !strings.Contains(page, look.title) {
			t.Errorf("the page lacks %q: %s", look.title, page)
		}
		sees(t, ctx, "the page within its width", "document.documentElement.scrollWidth <= innerWidth")
	}
	do(t, ctx, chromedp.EmulateViewport(1280, 800), chromedp.Evaluate[chromedp.Void]("document.querySelector('#operations-Projects-project-create .execute').click()"))
	sees(t, ctx, "the answer to what is tried out", "document.querySelector('.live-responses-table')?.innerText.includes('401')")
}
