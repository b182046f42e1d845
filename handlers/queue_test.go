package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// wantFailed holds what the metrics and the queue page count as failed.
func wantFailed(t *testing.T, app *handlerstest.App, staff *handlerstest.Staff, what, count string) {
	t.Helper()
	if metrics := app.Get("/metrics").Body; !strings.Contains(metrics, "\nmail_failed "+count+"\n") {
		t.Errorf("%s: the metrics do not count %s", what, count)
	}
	if tile := staff.Get("/admin/queue/").Part("main li", "Failed"); !strings.Contains(tile.Text(), count) {
		t.Errorf("%s: the queue page says %q, want %s", what, tile.Text(), count)
	}
}

func TestOnlyMailThatNeedsSomebodyCountsAsFailed(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t, "MAIL_RETRY_DELAY=1h")
	app.Mails.OnMail = first(notHere, notHere, busy)
	app.Serve()
	app.CreateSuperuser()
	staff := app.Login()
	act := func(action, name string) {
		t.Helper()
		list := "/admin/contact-messages/"
		staff.Post(staff.Get(list), list, url.Values{"action": {action}, "confirm": {"yes"}, "id": {itoa(app.Message(name).ID)}})
	}
	becomes := func(name string, status models.ContactStatus) {
		t.Helper()
		handlerstest.Eventually(t, 20*time.Second, name+" is "+string(status), func() bool { return app.Message(name).Status == status })
	}
	for _, name := range []string{"Refused", "Refused spam", "Deferred"} {
		app.MustSubmit(name)
		becomes(name, models.ContactFailed)
	}
	wantFailed(t, app, staff, "two refused, one to be tried again", "2")
	act("spam", "Refused spam")
	wantFailed(t, app, staff, "one of the refused is spam", "1")
	act("spam", "Deferred")
	wantFailed(t, app, staff, "the deferred one is cancelled", "1")
	act("resend", "Refused")
	becomes("Refused", models.ContactSent)
	wantFailed(t, app, staff, "the refused one was sent again", "0")
}
