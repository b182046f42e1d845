package handlers_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

const messagesURL = "/admin/contact-messages/"

// spam are the names of the messages that are spam, newest first.
func spam(t *testing.T, app *handlerstest.App) string {
	t.Helper()
	var names []string
	if err := app.DB.NewSelect().Model((*models.ContactMessage)(nil)).Column("name").Where("is_spam").OrderExpr("created_at DESC").Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, ", ")
}

// opened waits for the page of a message with its scripts.
func opened(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	sees(t, ctx, "the message of "+name, fmt.Sprintf("document.readyState === 'complete' && document.querySelector('#detail h1')?.textContent === %q", name))
}

// Ten messages are worked through with single keys: what is spam is marked, one of them
// by mistake, and the rest is read. One list holds the place all the while.
func TestTenMessagesAreTriagedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	fill(t, app, 10, "Visitor", models.ContactSent)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(app.URL+messagesURL))
	sees(t, ctx, "the list", "document.readyState === 'complete' && document.querySelectorAll('tbody tr').length === 10")
	press(t, ctx, "j", "j", "k", kb.Enter)
	opened(t, ctx, "Visitor 0")
	sees(t, ctx, "the list beside it", "document.querySelector('nav [aria-current=page] ').offsetParent && document.querySelectorAll('nav[aria-label=\"Contact messages\"] li').length === 10")
	press(t, ctx, "s") // goes on with the next one
	opened(t, ctx, "Visitor 1")
	press(t, ctx, "j")
	opened(t, ctx, "Visitor 2")
	press(t, ctx, "s")
	opened(t, ctx, "Visitor 3")
	if marked := spam(t, app); marked != "Visitor 0, Visitor 2" {
		t.Fatalf("spam: %s", marked)
	}
	press(t, ctx, "z")
	opened(t, ctx, "Visitor 2")
	if marked := spam(t, app); marked != "Visitor 0" {
		t.Fatalf("after the undo: %s", marked)
	}
	for i := 3; i < 10; i++ {
		press(t, ctx, "j")
		opened(t, ctx, fmt.Sprintf("Visitor %d", i))
	}
	press(t, ctx, "k")
	opened(t, ctx, "Visitor 8")
	press(t, ctx, "?")
	sees(t, ctx, "the help", "document.querySelector('#keys').matches(':popover-open')")
	press(t, ctx, kb.Escape)
	do(t, ctx, chromedp.Navigate(app.URL+messagesURL))
	sees(t, ctx, "the list without the spam", "document.readyState === 'complete' && document.querySelectorAll('tbody tr').length === 9")
	press(t, ctx, "j", "x", "j", "x", "s")
	sees(t, ctx, "two more are spam", "document.readyState === 'complete' && document.querySelector('[data-flash]')?.textContent.includes('2 messages marked as spam') && document.activeElement.matches('main h1')")
	press(t, ctx, "/", "jzsx")
	sees(t, ctx, "keys as text in the search", "document.querySelector('#q').value.endsWith('jzsx')")
	if marked := spam(t, app); marked != "Visitor 0, Visitor 1, Visitor 2" {
		t.Errorf("spam: %s", marked)
	}
}

// WCAG 2.1.4: whoever presses single keys unawares turns them off.
func TestSingleKeysCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	fill(t, app, 2, "Visitor", models.ContactSent)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(app.URL+messagesURL+"2/?from="), chromedp.Click("[data-key='?']"), chromedp.Click("#keys [name=keys]"))
	sees(t, ctx, "the page again", "document.readyState === 'complete' && document.querySelector('#keys [value=on]') !== null")
	opened(t, ctx, "Visitor 1")
	press(t, ctx, "s", "k", "?")
	do(t, ctx, chromedp.Click("[data-key='?']"), chromedp.Click("#keys [name=keys]"))
	sees(t, ctx, "the page again", "document.readyState === 'complete' && document.querySelector('#keys [value=off]') !== null")
	opened(t, ctx, "Visitor 1")
	if marked := spam(t, app); marked != "" {
		t.Errorf("spam: %s", marked)
	}
	press(t, ctx, "k")
	opened(t, ctx, "Visitor 0")
}

// The same at 360 px by what can be pressed, without a script.
func TestTenMessagesAreTriagedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	fill(t, app, 10, "Visitor", models.ContactSent)
	staff := app.Login()
	page := staff.Get(staff.Get(messagesURL).Attribute("tbody a", "href"))
	for i := range 10 {
		if title := page.Part("h1", "Visitor").Text(); title != fmt.Sprintf("Visitor %d", i) {
			t.Fatalf("message %d is %s", i, title)
		}
		if i%3 > 0 && i < 9 {
			page = staff.Get(page.Attribute("#row-next", "href"))
			continue
		}
		page = staff.Post(page, page.Attribute("#detail form", "action"), url.Values{"action": {"spam"}})
	}
	if marked := spam(t, app); marked != "Visitor 0, Visitor 3, Visitor 6, Visitor 9" {
		t.Errorf("spam: %s", marked)
	}
	spammed := staff.Get(staff.Get(messagesURL+"?is_spam=1").Attribute("tbody a", "href"))
	if !strings.Contains(spammed.Part("#detail [data-status]", "").Text(), "Spam") || !spammed.Has("[value=not-spam]") || spammed.Has("[value=resend]") {
		t.Errorf("the page of spam does not say so: %s", spammed.Text())
	}
}

// No button of a message that was sent mails it again: each asks, and its answer leaves
// out what was sent. To reply is what comes first.
func TestWhatWasSentIsNotMailedAgainByOneClick(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "MAIL_UNDO_TIME=0")
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	app.CheckInvariants(20*time.Second, 0, "Ada")
	staff := app.Login()
	for _, path := range []string{messagesURL + "1/", messagesURL + "1/?from=", messagesURL} {
		page := staff.Get(path)
		if path != messagesURL && page.Attribute("#detail a[href^='mailto:'], #detail button", "id") != "reply" {
			t.Errorf("%s: to reply is not the first button", path)
		}
		for _, value := range []string{"resend", "delete", "export"} {
			ask := staff.Post(page, path, url.Values{"action": {value}, "id": {"1"}})
			if ask.Has("[name=also_sent]") {
				staff.Post(ask, path, ask.Form("main form"))
			}
		}
	}
	if n := rowsOf(t, app, (*models.OutboxMessage)(nil)); n != 1 || len(app.Mails.Accepted()) != 1 {
		t.Errorf("%d messages, %d mails", n, len(app.Mails.Accepted()))
	}
}

// Nor does any other button of the pages that mail is sent from, with every row ticked.
func TestNoButtonMailsAgainWhatWasSent(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	app.PostJSON("/api/waitlists/", `{"email":"ada@example.com"}`)
	handlerstest.Eventually(t, 20*time.Second, "all mails are sent", func() bool { return mailStates(t, app)[models.MailSent] == 3 })
	staff, pressed := app.Login(), map[string]bool{}
	for _, path := range []string{
		messagesURL, messagesURL + "?status=sent", messagesURL + "1/", messagesURL + "1/?from=", mailsURL, mailsURL + "?state=sent", mailsURL + "1/", mailsURL + "1/?from=",
		"/admin/queue/", "/admin/waitlist/", "/admin/waitlist/1/", "/admin/waitlist/invite/", "/admin/", "/admin/search/?q=Ada",
	} {
		for _, press := range staff.Get(path).Presses("main") {
			press.Form["id"] = []string{"1", "2", "3"}
			staff.Post(staff.Get(path), press.Path, press.Form)
			pressed[press.Form.Get("action")] = true
		}
	}
	for _, action := range []string{"resend", "retry", "spam", "not-spam", "invite"} {
		if !pressed[action] {
			t.Errorf("no page has a button of %s: %v", action, pressed)
		}
	}
	if n := rowsOf(t, app, (*models.OutboxMessage)(nil)); n != 3 || len(app.Mails.Accepted()) != 3 {
		t.Errorf("%d messages, %d mails", n, len(app.Mails.Accepted()))
	}
}

// On a phone the same buttons are there, and none is out of sight.
func TestAMessageIsTriagedOnAPhone(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	fill(t, app, 10, "Visitor", models.ContactSent)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.EmulateViewport(360, 780), chromedp.Navigate(app.URL+messagesURL), chromedp.Click("tbody tr a"))
	for i := range 9 {
		opened(t, ctx, fmt.Sprintf("Visitor %d", i))
		sees(t, ctx, "no scrolling sideways, and no list beside it", "document.documentElement.scrollWidth <= 360 && !document.querySelector('nav[aria-label=\"Contact messages\"]').offsetParent")
		do(t, ctx, chromedp.Click("#more summary"), chromedp.Click("#action-spam"))
	}
	opened(t, ctx, "Visitor 9")
	if n := strings.Count(spam(t, app), "Visitor"); n != 9 {
		t.Errorf("%d are spam", n)
	}
}
