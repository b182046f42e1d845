package handlers_test

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// staying answers every question whether to leave with no, and counts them.
func staying(ctx context.Context) *atomic.Int32 {
	asked := new(atomic.Int32)
	dialogs := chromedp.Events(ctx, page.JavascriptDialogOpening)
	go func() {
		for _, err := range dialogs {
			if err != nil {
				return
			}
			asked.Add(1)
			_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: false}) // the test counts
		}
	}()
	return asked
}

func TestRefusedSaveWarnsWhoLeaves(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	logIn(t, ctx, app)
	asked := staying(ctx)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/projects/add/"), chromedp.SendKeys("#name", "Claims"), chromedp.SetValue("#progress", "165"))
	press(t, ctx, kb.Enter)
	sees(t, ctx, "the fault with the focus", "document.activeElement.id === 'faults' && document.querySelector('#progress').value === '165'")
	sees(t, ctx, "that nothing is saved", "!document.querySelector('[data-dirty-note]').hidden")
	tabTo(t, ctx, "[data-save-bar] a")
	press(t, ctx, kb.Enter)
	handlerstest.Eventually(t, handlerstest.StartTime, "the browser asks", func() bool { return asked.Load() == 1 })
	sees(t, ctx, "the form still", "location.pathname === '/admin/projects/add/' && document.querySelector('#name').value === 'Claims'")
	do(t, ctx, chromedp.SetValue("#progress", "16"), chromedp.Click("[data-save-bar] [value=continue]"))
	sees(t, ctx, "the stored project", "location.pathname === '/admin/projects/1/' && !document.querySelector('[data-dirty]')")
	do(t, ctx, chromedp.Click("[data-save-bar] a"))
	sees(t, ctx, "the list", "location.pathname === '/admin/projects/'")
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestSessionThatEndsDuringAnEditIsTakenUpOnThePage(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	logIn(t, ctx, app)
	asked := staying(ctx)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/projects/add/"), chromedp.SendKeys("#name", "Claims"), chromedp.SendKeys("#description", "Long\nwork"))
	endSessions(t, app)
	do(t, ctx, chromedp.Click("[data-save-bar] [value=continue]"))
	sees(t, ctx, "the login", "location.pathname === '/admin/projects/add/' && document.readyState === 'complete' && document.activeElement.closest('#login') !== null")
	press(t, ctx, handlerstest.Username, kb.Tab, handlerstest.Password, kb.Enter)
	sees(t, ctx, "what was typed, unsaved", "document.querySelector('#name')?.value === 'Claims' && document.querySelector('#description').value === 'Long\\nwork' && !document.querySelector('[data-dirty-note]').hidden")
	do(t, ctx, chromedp.Click("[data-save-bar] [value=continue]"))
	sees(t, ctx, "the stored project", "location.pathname === '/admin/projects/1/'")
	if stored := storedProject(t, app); stored.Name != "Claims" || asked.Load() != 0 {
		t.Errorf("stored %+v, asked %d times", stored, asked.Load())
	}
}

// Every step is a key, and a link that works without the script.
func TestListIsWalkedRowByRowByKeyboard(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	for _, name := range []string{"One", "Two", "Three"} {
		boss.Post(boss.Get("/admin/projects/add/"), "/admin/projects/add/", project(name))
	}
	logIn(t, ctx, app)
	const list = "/admin/projects/?o=name"
	do(t, ctx, chromedp.Navigate(app.URL+list))
	tabTo(t, ctx, "tbody a")
	press(t, ctx, kb.Enter)
	at := func(title, place string) {
		t.Helper()
		sees(t, ctx, title+" "+place, fmt.Sprintf("document.readyState === 'complete' && document.querySelector('h1').textContent === %q && document.querySelector('[data-place]').textContent === %q", title, place))
	}
	at("One", "1 of 3")
	sees(t, ctx, "an access key, which a browser without a window takes no notice of", "document.querySelector('#row-next').accessKey === 'n'")
	tabTo(t, ctx, "#row-next")
	press(t, ctx, kb.Enter)
	at("Three", "2 of 3")
	tabTo(t, ctx, "#row-next")
	press(t, ctx, kb.Enter)
	at("Two", "3 of 3")
	tabTo(t, ctx, "#row-prev")
	press(t, ctx, kb.Enter)
	at("Three", "2 of 3")
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/projects/3/delete/?from="+url.QueryEscape("o=name")))
	tabTo(t, ctx, "main form button")
	press(t, ctx, kb.Enter)
	at("Two", "2 of 2")
	tabTo(t, ctx, "[data-place]")
	press(t, ctx, kb.Enter)
	sees(t, ctx, "the list as it was", fmt.Sprintf("location.pathname + location.search === %q", list))
}

func TestTicksStayOverPagesFiltersAndARowAndGoWithTheAct(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	for i := range 60 {
		row := &models.ContactMessage{Name: fmt.Sprintf("Row %02d", i), Email: "a@example.com", Message: "Hello", Status: models.ContactSent, CreatedAt: time.Now(), UpdatedAt: time.Now()}
		if _, err := app.DB.NewInsert().Model(row).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/contact-messages/?o=name"), chromedp.Click("tr[data-id='1'] input[name=id]"), chromedp.Click("nav[aria-label=Pages] a:nth-of-type(1)"))
	sees(t, ctx, "the second page with one selected elsewhere", "document.querySelector('tr[data-id=\"60\"]') !== null && document.querySelector('[data-selected-count]').textContent === '1 selected'")
	do(t, ctx, chromedp.Click("tr[data-id='60'] input[name=id]"), chromedp.Click("tr[data-id='60'] a"))
	sees(t, ctx, "the row", "document.querySelector('h1').textContent === 'Row 59'")
	do(t, ctx, chromedp.Click("nav[aria-label=Breadcrumb] a"))
	sees(t, ctx, "the page with both", "document.querySelector('tr[data-id=\"60\"] input')?.checked === true && document.querySelector('[data-selected-count]').textContent === '2 selected'")
	do(t, ctx, chromedp.SendKeys("#q", "Row 3"))
	sees(t, ctx, "the filtered list with both", "document.querySelectorAll('tbody tr').length === 10 && document.querySelector('[data-selected-count]').textContent === '2 selected'")
	do(t, ctx, chromedp.Click("button[name=action][value=spam]"))
	sees(t, ctx, "what was done, and nothing selected", "document.body.innerText.includes('2 messages marked as spam') && document.querySelector('[data-away]') === null")
	var spam []int64
	if err := app.DB.NewSelect().Model((*models.ContactMessage)(nil)).Column("id").Where("is_spam").OrderExpr("id").Scan(t.Context(), &spam); err != nil || fmt.Sprint(spam) != "[1 60]" {
		t.Errorf("marked %v (%v)", spam, err)
	}
}
