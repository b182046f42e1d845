package handlers_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// chromium is one browser for all tests, started by the first that needs it.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv("TEST_CHROMIUM"), "chromium"))
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("ignore-certificate-errors", true)) // of the fake providers
	allocated, _ := chromedp.NewExecAllocator(context.Background(), options...) // ends with closeChromium
	ctx, _ := chromedp.NewContext(allocated)
	closeChromium = func() error { return chromedp.Cancel(ctx) }
	return ctx, chromedp.Do(ctx)
})

var closeChromium = func() error { return nil }

func TestMain(m *testing.M) {
	code := m.Run()
	if err := closeChromium(); err != nil {
		fmt.Fprintln(os.Stderr, "close chromium:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// browser opens a page in chromium, with cookies of its own, that lives as long as the
// test.
func browser(t *testing.T, options ...chromedp.CreateBrowserContextOption) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a page looks the same under the race detector, only later")
	}
	started, err := chromium()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("needs chromium")
	} else if err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	ctx, closePage := chromedp.NewContext(started, chromedp.WithNewBrowserContext(options...))
	ctx, expire := context.WithTimeout(ctx, 5*time.Minute) // many share the processors
	t.Cleanup(func() { expire(); closePage() })
	return ctx
}

// do runs steps in the browser, and shows the page where one fails. A step whose element was
// replaced, as those of live lists are, before it could do anything is taken again.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for _, step := range steps {
		err := chromedp.Do(ctx, step)
		for try := 0; try < 5 && err != nil && strings.Contains(err.Error(), "node with given id"); try++ {
			err = chromedp.Do(ctx, step)
		}
		if err != nil {
			t.Fatalf("in the browser: %v\nat %s:\n%s", err, location(ctx), text(ctx, "body"))
		}
	}
}

// location and text are empty where the page doesn't tell.
func location(ctx context.Context) string {
	at, _ := chromedp.Run(ctx, chromedp.Location())
	return at
}

func text(ctx context.Context, selector string) string {
	shown, _ := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector)))
	return shown
}

// sees waits until the page shows it.
func sees(t *testing.T, ctx context.Context, what, script string) {
	t.Helper()
	deadline := time.Now().Add(handlerstest.StartTime)
	for {
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the page never shows: %s\nat %s:\n%s", what, location(ctx), text(ctx, "body"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// logIn logs the superuser in by the form.
func logIn(t *testing.T, ctx context.Context, app *handlerstest.App) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/login/"),
		chromedp.SendKeys("[name=username]", handlerstest.Username), chromedp.SendKeys("[name=password]", handlerstest.Password),
		chromedp.Submit("[name=password]"))
	sees(t, ctx, "the desk", "location.pathname === '/admin/'")
}

var setupLink = regexp.MustCompile(`http://\S+/admin/setup/\?token=\S+`)

func TestFirstSuperuserIsMadeByThePrintedLinkOnce(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	handlerstest.Eventually(t, 10*time.Second, "the link is printed", func() bool { return setupLink.MatchString(app.Log()) })
	link := setupLink.FindString(app.Log())
	do(t, ctx, chromedp.Navigate(link),
		chromedp.SendKeys("[name=username]", "grace"), chromedp.SendKeys("[name=email]", "grace@example.com"),
		chromedp.SendKeys("[name=password]", handlerstest.Password), chromedp.SendKeys("[name=password_again]", handlerstest.Password),
		chromedp.Submit("[name=password_again]"))
	sees(t, ctx, "the desk", "location.pathname === '/admin/'")
	do(t, ctx, chromedp.Navigate(link))
	sees(t, ctx, "no form any more", "document.querySelector('[name=password_again]') === null")
	var superusers []models.User
	if err := app.DB.NewSelect().Model(&superusers).Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(superusers) != 1 || superusers[0].Username != "grace" || !superusers[0].IsSuperuser || !superusers[0].IsActive {
		t.Errorf("the accounts are %+v", superusers)
	}
	app.Kill()
	app.Serve()
	handlerstest.Eventually(t, 10*time.Second, "the second start greets", func() bool { return strings.Contains(app.Log(), "API documentation") })
	if setupLink.MatchString(app.Log()) {
		t.Error("the second start prints a link, though there is a superuser")
	}
}

// fill stores messages as they are after their mail failed, or was sent.
func fill(t *testing.T, app *handlerstest.App, count int, name string, status models.ContactStatus) {
	t.Helper()
	rows := make([]models.ContactMessage, count)
	for i := range rows {
		at := time.Now().UTC().Add(-time.Duration(i) * time.Minute).Truncate(time.Microsecond)
		rows[i] = models.ContactMessage{Name: fmt.Sprintf("%s %d", name, i), Email: "v@example.com", Message: "Hello", Status: status, CreatedAt: at, UpdatedAt: at}
	}
	if _, err := app.DB.NewInsert().Model(&rows).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestFilterSearchAndSecondPageHoldTogether(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	fill(t, app, 130, "Needle failed", models.ContactFailed)
	fill(t, app, 130, "Needle sent", models.ContactSent)
	fill(t, app, 130, "Hay failed", models.ContactFailed)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/contact-messages/"), chromedp.Evaluate[chromedp.Void]("window.sameDocument = true; undefined"))
	do(t, ctx, chromedp.Click(`a[href*="status=failed"]`))
	const rows = "[...document.querySelectorAll('tbody tr')].map(r => r.innerText)"
	sees(t, ctx, "failed ones alone", "location.search.includes('status=failed') && "+rows+".every(r => r.includes('failed'))")
	do(t, ctx, chromedp.SendKeys("#q", "needle"))
	sees(t, ctx, "needles alone", "location.search.includes('q=needle') && "+rows+".every(r => r.includes('Needle failed'))")
	if total := text(ctx, "#list-total"); !strings.Contains(total, "130") {
		t.Errorf("the total is %q", total)
	}
	const shown = "[...document.querySelectorAll('tbody a')].map(a => new URL(a.href).pathname).join()" // times go on
	page := func() string {
		links, err := chromedp.Run(ctx, chromedp.Evaluate[string](shown))
		if err != nil {
			t.Fatal(err)
		}
		return links
	}
	firstPage := page()
	do(t, ctx, chromedp.Click(`nav[aria-label="Pages"] a:nth-last-child(2)`))
	sees(t, ctx, "the second page", fmt.Sprintf("%s !== %q && %s.every(r => r.includes('Needle failed'))", shown, firstPage, rows))
	here, secondPage := location(ctx), page()
	if !strings.Contains(here, "status=failed") || !strings.Contains(here, "q=needle") {
		t.Errorf("the URL lost something: %s", here)
	}
	if same, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("window.sameDocument === true")); err != nil || !same {
		t.Errorf("the page was loaded anew on the way (%v)", err)
	}
	do(t, ctx, chromedp.Navigate(here))
	if again := page(); again != secondPage {
		t.Errorf("the URL shows something else:\n%s\nbefore:\n%s", again, secondPage)
	}
	do(t, ctx, chromedp.NavigateBack())
	sees(t, ctx, "the first page again", fmt.Sprintf("document.readyState === 'complete' && %s === %q && document.querySelector('#q')?.value === 'needle'", shown, firstPage))
	do(t, ctx, chromedp.NavigateForward())
	sees(t, ctx, "the second page once more", fmt.Sprintf("document.readyState === 'complete' && %s === %q && location.href === %q", shown, secondPage, here))
}

func TestFailedMessageIsSentAgainAndTurnsGreenWithoutAReload(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Prepare(t)
	release := make(chan struct{})
	app.Mails.OnMail = func(delivery int) error {
		if delivery == 1 {
			return notHere
		}
		<-release
		return nil
	}
	app.Serve()
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	app.CheckInvariants(20*time.Second, 0, "Ada")
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/contact-messages/"), chromedp.Click(`tbody tr a`))
	sees(t, ctx, "the failure in the server's words", `document.querySelector('#detail [data-status=failed]') !== null && document.body.innerText.includes('no such user here')`)
	do(t, ctx, chromedp.Click(`button[value=resend]`))
	sees(t, ctx, "whom it would mail", `document.querySelector('main [name=confirm]') !== null && document.body.innerText.includes('staff@digitalpath.test')`)
	do(t, ctx, chromedp.Click(`main form:has([name=confirm]) button`))
	sees(t, ctx, "that it waits", `document.querySelector('#detail [data-status=pending]') !== null`)
	do(t, ctx, chromedp.Evaluate[chromedp.Void]("window.sameDocument = true; undefined"))
	close(release)
	sees(t, ctx, "the green badge", `document.querySelector('#detail [data-status=sent]') !== null && window.sameDocument === true`)
	app.CheckInvariants(20*time.Second, 0)
	if copies := len(app.Mails.Accepted()); copies != 1 {
		t.Errorf("%d mails", copies)
	}
}

func TestLogoutEndsTheSessionOnOurSide(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	logIn(t, ctx, app)
	staff := app.Login()
	stolen := staff.Cookies()
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/admin/logout/"] button').click(); undefined`))
	sees(t, ctx, "the login form", "document.querySelector('[name=password]') !== null")
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/contact-messages/"))
	sees(t, ctx, "the login form again", "document.querySelector('[name=password]') !== null")

	staff.Post(staff.Get("/admin/contact-messages/"), "/admin/logout/", url.Values{})
	staff.SetCookies(stolen)
	if page := staff.Get("/admin/contact-messages/"); !page.Has("[name=password]") || page.Status != http.StatusOK {
		t.Errorf("the old cookie still opens the list (%d)", page.Status)
	}
}
