package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// release lets mail go that is held back, but for that about objects.
func release(t *testing.T, app *handlerstest.App, but ...int64) {
	t.Helper()
	query := app.DB.NewUpdate().Model((*models.OutboxMessage)(nil)).Set("next_attempt_at = ?", time.Now().UTC()).
		Set("queued_at = ?", time.Now().Add(-time.Hour).UTC()).Where("next_attempt_at IS NOT NULL")
	for _, object := range but {
		query.Where("object_id <> ?", object)
	}
	if _, err := query.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// held are the messages that wait for a time to come.
func held(t *testing.T, app *handlerstest.App) int64 {
	t.Helper()
	n, err := app.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("next_attempt_at > ?", time.Now().Add(time.Minute).UTC()).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int64(n)
}

func TestInvitationsSayToWhomTheyGoAndAreTakenBackWhileTheyWait(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t, "MAIL_UNDO_TIME=1h")
	c.CreateSuperuser()
	for _, name := range []string{"ann", "bob", "cleo"} {
		c.PostJSON("/api/waitlists/", `{"email":"`+name+`@example.com"}`)
	}
	c.settled()
	before := c.waitlisted()
	staff := c.Login()
	list := staff.Get("/admin/waitlist/")
	form := url.Values{"action": {"invite"}, "id": {itoa(before[0].ID), itoa(before[1].ID)}}
	ask := staff.Post(list, "/admin/waitlist/", form)
	if text := ask.Text(); !strings.Contains(text, "2 mails will be sent, to:") || !strings.Contains(text, "ann@example.com") || strings.Contains(text, "cleo@") {
		t.Fatalf("asked: %s", text)
	}
	if c.waitlisted()[0] != before[0] {
		t.Fatal("asking invited")
	}
	page := staff.Post(ask, "/admin/waitlist/", ask.Form("main form"))
	undo := page.Attribute("[role=status] form", "action")
	if !strings.Contains(page.Text(), "2 people invited.") || undo == "" || held(t, c.App) != 2 || c.waitlisted()[0].InvitedAt.IsZero() {
		t.Fatalf("invited: %s, Undo %q, %d held", page.Text(), undo, held(t, c.App))
	}
	page = staff.Post(page, undo, url.Values{})
	if !strings.Contains(page.Text(), "2 undone.") || held(t, c.App) != 0 {
		t.Errorf("undone: %s", page.Text())
	}
	for i, entry := range c.waitlisted() {
		if entry.UpdatedAt = before[i].UpdatedAt; entry != before[i] {
			t.Errorf("was %+v, is %+v", before[i], entry)
		}
	}
	release(t, c.App)
	if mails := c.settled(); len(mails["ann@example.com"]) != 1 {
		t.Errorf("ann got %d mails", len(mails["ann@example.com"]))
	}

	// Of a round one mail is on its way before somebody undoes it.
	ask = staff.Post(staff.Get("/admin/waitlist/invite/"), "/admin/waitlist/invite/", url.Values{"count": {"2"}, "once": {"one click"}})
	if !strings.Contains(ask.Text(), "Invite 2 people?") || !strings.Contains(ask.Text(), "bob@example.com") {
		t.Fatalf("asked: %s", ask.Text())
	}
	page = staff.Post(ask, "/admin/waitlist/invite/", ask.Form("main form"))
	undo = page.Attribute("[role=status] form", "action")
	release(t, c.App, before[0].ID)
	handlerstest.Eventually(t, 20*time.Second, "bob's is sent", func() bool { return c.waitlisted()[1].Notified && len(c.Mails.Accepted()) > 6 })
	page = staff.Post(page, undo, url.Values{})
	if text := page.Text(); !strings.Contains(text, "1 undone.") || !strings.Contains(text, "The mail of 1 went out already.") {
		t.Errorf("undone in part: %s", text)
	}
	release(t, c.App)
	mails, after := c.settled(), c.waitlisted()
	if !after[0].InvitedAt.IsZero() || after[1].InvitedAt.IsZero() || len(mails["ann@example.com"]) != 1 || len(mails["bob@example.com"]) != 2 {
		t.Errorf("ann %+v with %d mails, bob %+v with %d", after[0], len(mails["ann@example.com"]), after[1], len(mails["bob@example.com"]))
	}
}

func TestSentNoticesAreSentAgainOnlyWhereThatIsAsked(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "MAIL_UNDO_TIME=1h")
	app.CreateSuperuser()
	for _, name := range []string{"Ada", "Bob"} {
		app.MustSubmit(name)
	}
	app.CheckInvariants(20*time.Second, 0, "Ada", "Bob")
	before := app.Message("Ada")
	staff := app.Login()
	list := "/admin/contact-messages/"
	here := list + itoa(before.ID) + "/"
	detail := staff.Get(here)
	if button := detail.Attribute("button[value=resend]", "class"); !strings.Contains(button, "w-full") && detail.Has("form > button[value=resend]") {
		t.Errorf("a button to send again what was sent: %s", button)
	}
	ask := staff.Post(detail, here, url.Values{"action": {"resend"}})
	if text := ask.Text(); !strings.Contains(text, "Nobody is mailed.") || !ask.Has("[name=also_sent]:not([checked])") || !strings.Contains(text, "Also the one that was sent") {
		t.Fatalf("asked: %s", text)
	}
	page := staff.Post(ask, here, ask.Form("main form"))
	if !strings.Contains(page.Text(), "0 messages will be sent again.") || rowsOf(t, app, (*models.OutboxMessage)(nil)) != 2 {
		t.Errorf("without the box: %s", page.Text())
	}
	form := ask.Form("main form")
	form.Set("also_sent", "yes")
	page = staff.Post(ask, here, form)
	undo := page.Attribute("[role=status] form", "action")
	if !strings.Contains(page.Text(), "1 message will be sent again.") || undo == "" || app.Message("Ada").Status != models.ContactPending || held(t, app) != 1 {
		t.Fatalf("with the box: %s", page.Text())
	}
	page = staff.Post(page, undo, url.Values{})
	after := app.Message("Ada")
	if after.Status != before.Status || !after.SentAt.Equal(before.SentAt) || held(t, app) != 0 || !strings.Contains(page.Text(), "1 undone.") {
		t.Errorf("undone: %+v, was %+v: %s", after, before, page.Text())
	}
	if len(app.Mails.Accepted()) != 2 {
		t.Errorf("%d mails", len(app.Mails.Accepted()))
	}
}

func TestSpamIsTakenBackWithTheMailThatItEnded(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t, "MAIL_RETRY_DELAY=1h")
	app.Mails.OnMail = func(delivery int) error {
		if delivery == 1 {
			return handlerstest.Reply(450, "not now")
		}
		return nil
	}
	app.Serve()
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	handlerstest.Eventually(t, 20*time.Second, "the first try failed", func() bool { return app.Message("Ada").Status == models.ContactFailed })
	staff := app.Login()
	list := "/admin/contact-messages/"
	page := staff.Post(staff.Get(list), list, url.Values{"action": {"spam"}, "id": {itoa(app.Message("Ada").ID)}})
	if !app.Message("Ada").IsSpam || held(t, app) != 0 {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	staff.Post(page, page.Attribute("[role=status] form", "action"), url.Values{})
	if ada := app.Message("Ada"); ada.IsSpam || ada.Status != models.ContactFailed || held(t, app) != 1 {
		t.Errorf("%+v, %d wait for another try", ada, held(t, app))
	}
	release(t, app)
	handlerstest.Eventually(t, 20*time.Second, "the second try", func() bool { return app.Message("Ada").Status == models.ContactSent })
}

func TestLongActThatMailsSaysToWhom(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t, "MAIL_UNDO_TIME=1h")
	c.CreateSuperuser()
	c.crowd(560)
	staff := c.Login()
	list := "/admin/waitlist/"
	ask := staff.Post(staff.Get(list), list, url.Values{"action": {"invite"}, "all": {"1"}})
	if text := ask.Text(); !strings.Contains(text, "560 mails will be sent, to:") || !strings.Contains(text, "and 540 more") || !strings.Contains(text, "p00000@crowd.example") {
		t.Fatalf("%d %s", ask.Status, text)
	}
	staff.Post(ask, list, ask.Form("main form"))
	if job := ended(t, c.App, time.Minute); job.Done != 560 || held(t, c.App) != 560 {
		t.Fatalf("%+v, %d held", job, held(t, c.App))
	}
	staff.Post(ask, list+"acts/job-1/undo/", url.Values{})
	if job := ended(t, c.App, time.Minute); job.Kind != "undo" || job.Done != 560 || held(t, c.App) != 0 {
		t.Errorf("the undo ended as %+v, %d held", job, held(t, c.App))
	}
	for _, entry := range c.waitlisted() {
		if !entry.InvitedAt.IsZero() {
			t.Fatalf("%s is invited still", entry.Email)
		}
	}
	if page := staff.Get("/admin/waitlist/acts/nothing/"); page.Status != http.StatusNotFound {
		t.Errorf("an act that is none: %d", page.Status)
	}
}
