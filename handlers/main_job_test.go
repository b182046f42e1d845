package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// The main job on real parts: a mail server that is not ours, and with TEST_ servers
// one web process and two workers on PostgreSQL and Redis.
func TestMessageGoesFromTheFormToStaffsMailboxAndDesk(t *testing.T) {
	t.Parallel()
	server := handlerstest.NewRealServer(t)
	app := handlerstest.Prepare(t, "EMAIL_PORT="+server.Port)
	app.ServeWithSender()
	if app.Redis != nil {
		app.Worker()
	}
	app.CreateSuperuser()
	wantAnswer(t, app.PostJSON("/api/contact", documentedContact), http.StatusOK, documentedThanks)
	for i := range 20 {
		app.MustSubmit(fmt.Sprintf("Visitor %d", i))
	}
	handlerstest.Eventually(t, 30*time.Second, "21 mails are in the maildir", func() bool { return len(server.Mails()) == 21 })
	subjects := map[string]int{}
	for _, header := range server.Mails() {
		subjects[header.Get("Subject")]++
		if header.Get("X-RcptTo") != handlerstest.Recipient {
			t.Errorf("a mail went to %q", header.Get("X-RcptTo"))
		}
	}
	if subjects["New Contact Form Submission from John Doe"] != 1 || len(subjects) != 21 {
		t.Errorf("the subjects are %v", subjects)
	}
	handlerstest.Eventually(t, 10*time.Second, "all are sent", func() bool {
		unsent, err := app.DB.NewSelect().Model((*models.ContactMessage)(nil)).Where("status <> 'sent' OR sent_at IS NULL").Count(context.Background())
		return err == nil && unsent == 0
	})
	row := app.Login().Get("/admin/contact-messages/?q=John").Row("John Doe")
	if !row.Has("[data-status=sent]") {
		t.Errorf("the back office does not show it as sent: %+v", row)
	}
	if reply := app.Attempts("John Doe")[0].Reply; !strings.HasPrefix(reply, "250") {
		t.Errorf("the timeline keeps %q of the server's words", reply)
	}
}

func TestDevelopmentNeedsNoMailServer(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "EMAIL_HOST=", "CONTACT_RECIPIENTS=", "DEFAULT_FROM_EMAIL=")
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	handlerstest.Eventually(t, 5*time.Second, "it is sent", func() bool { return app.Message("Ada").Status == models.ContactSent })
	if box := app.Login().Get("/dev/mailbox/"); !box.Has("a[href*='/dev/mailbox/']") {
		t.Error("the dev mailbox shows no mail")
	}
	if hidden := production(t).Get("/dev/mailbox/", atHome...); hidden.Status != http.StatusNotFound {
		t.Errorf("with debug off the dev mailbox answers %d", hidden.Status)
	}
}
