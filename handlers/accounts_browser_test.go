package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"digitalpath/handlers/handlerstest"
)

// mailbox lets mails go to the mailbox of development, as on a machine where no mail
// server is set.
const mailbox = "EMAIL_HOST="

// openMail opens the newest mail with that subject in the mailbox of development, when
// it is there: the page is a list, which does not follow what arrives.
func (a *accountsApp) openMail(ctx context.Context, subject string) {
	a.t.Helper()
	row := fmt.Sprintf("[...document.querySelectorAll('main li')].find(r => r.innerText.includes(%q) && r.innerText.includes('ann@example.com'))", subject)
	handlerstest.Eventually(a.t, 20*time.Second, subject+" in the mailbox", func() bool {
		do(a.t, ctx, chromedp.Navigate(a.URL+"/dev/mailbox/"))
		there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](row+" !== undefined"))
		return err == nil && there
	})
	do(a.t, ctx, chromedp.Evaluate[chromedp.Void](row+".querySelector('a').click(); undefined"))
	sees(a.t, ctx, "the mail", fmt.Sprintf("document.querySelector('h1')?.innerText.includes(%q) && document.querySelector('iframe') !== null", subject))
}

// mailedQuery is what the link of the open mail hands to a page of the frontend.
func (a *accountsApp) mailedQuery(ctx context.Context, page string) url.Values {
	a.t.Helper()
	frame, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.querySelector('iframe').getAttribute('src')"))
	if err != nil {
		a.t.Fatal(err)
	}
	do(a.t, ctx, chromedp.Click(`nav a[href$="?as=text"]`))
	sees(a.t, ctx, "the text", `document.querySelector('nav a[href$="?as=text"][aria-current=page]') !== null`)
	target := "https://www.example.com/" + page + "?"
	href, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector('main a[href^=%q]')?.getAttribute('href') ?? ''`, target)))
	if err != nil || href == "" {
		a.t.Fatalf("no link to %s in the mail (%v):\n%s", target, err, text(ctx, "main"))
	}
	if html := a.Get(frame); html.Status != http.StatusOK || !strings.Contains(strings.ReplaceAll(html.Body, "&amp;", "&"), `href="`+href+`"`) {
		a.t.Errorf("the HTML in the frame lacks the link of the text (%d)", html.Status)
	}
	parsed, err := url.Parse(href)
	if err != nil {
		a.t.Fatal(err)
	}
	query := parsed.Query()
	a.keep(fields{"key": query.Get("key"), "token": query.Get("token")})
	return query
}

// The whole life of a sign-in on a developer's machine, whose mails are read in the
// browser.
func TestSignUpAndResetWithTheMailsOfTheDevelopmentMailbox(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	a := startAccounts(t, mailbox)
	a.signUp("ann")
	wantRefused(t, "before the address is verified", a.tryLogin("ann", goodPassword), http.StatusUnauthorized, "email_not_verified")
	a.openMail(ctx, "Confirm Your Email")
	key := a.mailedQuery(ctx, "verify-email").Get("key")
	wantOK(t, "the mailed key", a.post("/api/auth/verify-email", fields{"key": key}))
	first, second := a.logIn("ann", goodPassword), a.logIn("ann", goodPassword)
	a.wantAlive("the first login", first)

	wantAnswer(t, a.post("/api/auth/forgot-password", fields{"email": "ann@example.com"}), http.StatusOK, forgotAnswer)
	a.openMail(ctx, "Password Reset Request")
	link := a.mailedQuery(ctx, "reset-password")
	a.wantAlive("until the reset", second)
	wantAnswer(t, a.post("/api/auth/reset-password", resetOf(link, newPassword)), http.StatusOK, resetAnswer)
	a.wantDead("the first login after the reset", first)
	a.wantDead("the second login after the reset", second)
	wantRefused(t, "the old password", a.tryLogin("ann", goodPassword), http.StatusUnauthorized, "invalid_credentials")
	a.wantAlive("the new password", a.logIn("ann", newPassword))
	a.openMail(ctx, "Your Password Was Changed")
	if n := a.openLogins(""); n != 1 {
		t.Errorf("%d sessions, want the new one alone", n)
	}
	if mails := a.Mails.Accepted(); len(mails) != 0 {
		t.Errorf("%d mails went to a mail server", len(mails))
	}
}
