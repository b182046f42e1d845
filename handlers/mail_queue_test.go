package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

const mailsURL = "/admin/mail-queue/"

// mailStates are the states of the mails that count, by how many there are of each.
func mailStates(t *testing.T, app *handlerstest.App) map[models.MailState]int {
	t.Helper()
	var all []models.OutboxMessage
	if err := app.DB.NewSelect().Model(&all).Where("NOT superseded").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	states := map[models.MailState]int{}
	for _, m := range all {
		states[m.State]++
	}
	return states
}

// Three mails are refused by one server: the queue tells them as one cause, whose list
// sends two again and gives one up. Both are taken back, too; all is in the history, and
// the messages know.
func TestFailedMailIsWorkedByItsCause(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t, "MAIL_UNDO_TIME=1h")
	app.Mails.OnMail = first(notHere, notHere, notHere)
	app.Serve()
	app.CreateSuperuser()
	for _, name := range []string{"Ada", "Bob", "Cyd"} {
		app.MustSubmit(name)
	}
	app.CheckInvariants(20*time.Second, 0, "Ada", "Bob", "Cyd")
	staff := app.Login()
	queue := staff.Get("/admin/queue/")
	cause := queue.Part("main li", "3 × 550 from ")
	link := cause.Attribute("a", "href")
	if link == "" || strings.Contains(strings.Join(queue.Links("main a"), " ")+" ", "/admin/queue/ ") {
		t.Fatalf("the queue tells no cause, or links to itself: %s", queue.Text())
	}
	list := staff.Get(link)
	if rows := list.Links("tbody a"); len(rows) != 3 {
		t.Fatalf("the list of the cause has %d rows: %s", len(rows), list.Text())
	}
	mail := staff.Get(list.Row("Ada").Attribute("a", "href"))
	if about := staff.Get(mail.Attribute("a[href*='/about/']", "href")); about.Part("h1", "Ada").Text() != "Ada" || about.Attribute("#reply", "id") == "" {
		t.Fatalf("the mail about Ada does not lead to the message of Ada: %s", mail.Text())
	}
	page := staff.Post(list, mailsURL, url.Values{"action": {"cancel"}, "id": {"1"}})
	if states := mailStates(t, app); !strings.Contains(page.Text(), "1 mail cancelled.") || states[models.MailFailed] != 2 {
		t.Fatalf("cancelled: %v, %s", states, page.Text())
	}
	page = staff.Post(page, page.Attribute("[role=status] form", "action"), url.Values{})
	if states := mailStates(t, app); !strings.Contains(page.Text(), "1 undone.") || states[models.MailFailed] != 3 {
		t.Fatalf("cancelled no more: %v, %s", states, page.Text())
	}
	staff.Post(page, mailsURL, url.Values{"action": {"cancel"}, "id": {"1"}})
	list = staff.Get(link)
	list = staff.Post(list, mailsURL, url.Values{"action": {"retry"}, "all": {"1"}, "cause": {list.Form("form[data-selection]").Get("cause")}, "id": {"1", "2", "3"}})
	if !strings.Contains(list.Text(), "2 mails will be sent, to:") || mailStates(t, app)[models.MailFailed] != 2 {
		t.Fatalf("mail is sent again without a question: %s", list.Text())
	}
	again := func() *handlerstest.Page {
		ask := staff.Post(staff.Get(link), mailsURL, url.Values{"action": {"retry"}, "id": {"2", "3"}})
		page := staff.Post(ask, mailsURL, ask.Form("main form"))
		if !strings.Contains(page.Text(), "2 mails will be sent again.") || held(t, app) != 2 || mailStates(t, app)[models.MailPending] != 2 {
			t.Fatalf("retried: %s, %d held", page.Text(), held(t, app))
		}
		return page
	}
	page = again()
	page = staff.Post(page, page.Attribute("[role=status] form", "action"), url.Values{})
	if states := mailStates(t, app); !strings.Contains(page.Text(), "2 undone.") || states[models.MailFailed] != 2 || states[models.MailPending] != 0 || app.Message("Bob").Status != models.ContactFailed {
		t.Fatalf("retried no more: %v, %s", states, page.Text())
	}
	page = again()
	release(t, app)
	handlerstest.Eventually(t, 20*time.Second, "both are sent", func() bool { return mailStates(t, app)[models.MailSent] == 2 })
	page = staff.Post(page, page.Attribute("[role=status] form", "action"), url.Values{})
	if !strings.Contains(page.Text(), "The mail of 2 went out already.") {
		t.Errorf("what was sent is undone: %s", page.Text())
	}
	var history []models.HistoryEntry
	if err := app.DB.NewSelect().Model(&history).Where("model = ?", "mail-queue").OrderExpr("id").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, entry := range history {
		told = append(told, entry.Username+" "+entry.Summary)
	}
	if got := strings.Join(slices.Compact(told), ", "); got != "ada Cancel, ada Undone, ada Cancel, ada Send again, ada Undone, ada Send again" {
		t.Errorf("history: %s", got)
	}
	sent := 0
	for _, name := range []string{"Ada", "Bob", "Cyd"} {
		if app.Message(name).Status == models.ContactSent {
			sent++
		}
	}
	if sent != 2 || len(app.Mails.Accepted()) != 2 {
		t.Errorf("%d messages are sent by %d mails", sent, len(app.Mails.Accepted()))
	}
	page = staff.Post(list, mailsURL, url.Values{"action": {"retry"}, "id": {"6", "7"}})
	if !strings.Contains(page.Text(), "0 mails will be sent again.") || rowsOf(t, app, (*models.OutboxMessage)(nil)) != 7 {
		t.Errorf("what was sent is sent again: %s", page.Text())
	}
}

// Two mails failed, a third hangs at the mail server, and two jobs are none of ours.
func TestMailQueuePageTellsWhatIsInTheWayAndWhoWorks(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	goOn, release := context.WithCancel(t.Context())
	defer release()
	app.Mails.OnMail = func(delivery int) error {
		if delivery <= 2 {
			return notHere
		}
		<-goOn.Done()
		return nil
	}
	app.Serve()
	app.CreateSuperuser()
	for _, name := range []string{"Ada", "Bob"} {
		app.MustSubmit(name)
		app.CheckInvariants(20*time.Second, 0, name)
	}
	app.MustSubmit("Cyd")
	lay(t, app, stray("x"), stray("y"))
	staff := app.Login()
	var page *handlerstest.Page
	handlerstest.Eventually(t, 20*time.Second, "a worker is at the third mail", func() bool {
		page = staff.Get("/admin/queue/")
		row := page.Row("Cyd · Notice of a contact message")
		return row.Has("[data-status=busy]") && strings.Contains(row.Text(), "1 of ") && row.Has("time")
	})
	for words, rows := range map[string]int{"2 × 550 from ": 2, "2 × other: stray job": 2} {
		link := page.Part("main li", words).Attribute("a", "href")
		if list := staff.Get(link); len(list.Links("tbody a")) != rows || list.Row("Cyd").Has("td") {
			t.Errorf("%s leads to %s: %s", words, link, list.Text())
		}
	}
	if tile := page.Part("main li", "Failed").Text(); !strings.Contains(tile, "2") || page.Part("[data-chart] li", "Sent 1").Has("span") {
		t.Errorf("the tile says %s, and something is sent: %s", tile, page.Text())
	}
	release()
	handlerstest.Eventually(t, 20*time.Second, "the third mail is sent, and told", func() bool {
		page = staff.Get("/admin/queue/")
		return page.Part("[data-chart] li", "Sent 1").Has("span") && page.Has("tbody [data-status=idle]") && !page.Row("Cyd").Has("td")
	})
}

// Whoever may see mails alone is shown no link that refuses them: to the workers, or to what
// a mail is about.
func TestMailsLinkOnlyToWhatTheirReaderMaySee(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	boss := app.Login()
	app.MustSubmit("Visitor")
	clerk := newClerk(t, app, boss, "mail-queue.view")
	for _, staff := range []*handlerstest.Staff{clerk, boss} {
		mails := staff.Get(mailsURL).Links("tbody a")
		if len(mails) != 1 {
			t.Fatalf("mails: %v", mails)
		}
		for _, path := range append(mails, mailsURL) {
			for _, link := range staff.Get(path).Links("main a[href^='/admin/']") {
				if answer := staff.Get(link); answer.Status != http.StatusOK {
					t.Errorf("%s answers %d", link, answer.Status)
				}
			}
		}
	}
}

// A mail that its row says the address of is counted in the question, and is no empty line
// below it.
func TestSendingAgainAsksWithoutEmptyAddresses(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	app.Mails.OnMail = func(int) error { return notHere }
	app.Serve()
	app.CreateSuperuser()
	app.PostJSON("/api/waitlists/", `{"email":"waits@example.com"}`)
	staff := app.Login()
	handlerstest.Eventually(t, 20*time.Second, "the welcome and the notice failed", func() bool { return mailStates(t, app)[models.MailFailed] == 2 })
	ask := staff.Post(staff.Get(mailsURL), mailsURL, url.Values{"action": {"retry"}, "all": {"1"}})
	addresses := "ul[aria-label=Addresses] li"
	if !strings.Contains(ask.Text(), "2 mails will be sent, to:") || !ask.Has(addresses) || ask.Has(addresses+":empty") {
		t.Errorf("the question: %s", ask.Text())
	}
}
