package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/waitlist"
)

// unsubscribeLink is the path behind the link of a mail to a person. It holds the
// mail against RFC 8058 and to its own words.
func unsubscribeLink(t *testing.T, mail handlerstest.Mail) string {
	t.Helper()
	link := strings.Trim(mail.Header.Get("List-Unsubscribe"), "<>")
	if !strings.HasPrefix(link, theirSite+"/waitlist/unsubscribe/?") || mail.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Fatalf("List-Unsubscribe: %q, List-Unsubscribe-Post: %q", link, mail.Header.Get("List-Unsubscribe-Post"))
	}
	if text := mail.Part(t, "text/plain"); !strings.Contains(text, link) {
		t.Errorf("the text lacks the link %s:\n%s", link, text)
	}
	if html := mail.Part(t, "text/html"); !strings.Contains(html, strings.ReplaceAll(link, "&", "&amp;")) {
		t.Errorf("the HTML lacks the link %s:\n%s", link, html)
	}
	return strings.TrimPrefix(link, theirSite)
}

func (c *cast) invite(addresses ...string) *handlerstest.Page {
	c.t.Helper()
	var ids []string
	for _, entry := range c.waitlisted() {
		for _, address := range addresses {
			if entry.Email == address {
				ids = append(ids, itoa(entry.ID))
			}
		}
	}
	return c.act("invite", ids...)
}

func TestOneClickUnsubscribesForEver(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.PostJSON("/api/waitlists/", waitlistJSON)
	link := unsubscribeLink(t, c.settled()["ann@example.com"][0])

	page := c.Get(link, "Accept-Language", "es")
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "<form") || !strings.Contains(page.Body, "ann@example.com") || !strings.Contains(page.Body, "Darse de baja") {
		t.Errorf("the page is %d %s", page.Status, page.Body)
	}
	if !c.waitlisted()[0].UnsubscribedAt.IsZero() {
		t.Fatal("looking at the page unsubscribed")
	}
	for range 2 { // as a mail program posts it, and once more
		if answer := c.Do(http.MethodPost, link, "List-Unsubscribe=One-Click", "Content-Type", "application/x-www-form-urlencoded"); answer.Status != http.StatusOK {
			t.Fatalf("got %d %s", answer.Status, answer.Body)
		}
	}
	if c.waitlisted()[0].UnsubscribedAt.IsZero() {
		t.Fatal("the click did not unsubscribe")
	}
	if told := c.waitlistHistory(c.waitlisted()[0].ID); len(told) != 1 || told[0].Summary != "Unsubscribed" || told[0].Action != models.HistoryChanged {
		t.Errorf("the history tells %+v", told)
	}

	c.invite("ann@example.com")
	c.act("resend", itoa(c.waitlisted()[0].ID))
	c.act("delete", itoa(c.waitlisted()[0].ID))
	if len(c.waitlisted()) != 0 {
		t.Fatalf("deleted, and there: %+v", c.waitlisted())
	}
	c.PostJSON("/api/waitlists/", strings.Replace(waitlistJSON, "Ann@Example.com", "ANN@example.com", 1))
	c.invite("ann@example.com")
	if mails := c.settled(); len(mails["ann@example.com"]) != 1 || len(mails[handlerstest.Recipient]) != 2 {
		t.Errorf("%d mails to who unsubscribed", len(mails["ann@example.com"]))
	}
	if entry := c.waitlisted()[0]; entry.UnsubscribedAt.IsZero() || !entry.InvitedAt.IsZero() {
		t.Errorf("joined again: %+v", entry)
	}
}

func TestUnsubscribeLinkOfAnotherIsRefused(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.PostJSON("/api/waitlists/", waitlistJSON)
	c.PostJSON("/api/waitlists/", `{"email":"bob@example.com"}`)
	link := unsubscribeLink(t, c.settled()["ann@example.com"][0])
	for _, forged := range []string{
		strings.Replace(link, "ann%40example.com", "bob%40example.com", 1), link[:len(link)-1], "/waitlist/unsubscribe/",
		"/waitlist/unsubscribe/?address=" + url.QueryEscape("bob@example.com"),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if answer := c.Do(method, forged, ""); answer.Status != http.StatusBadRequest || strings.Contains(answer.Body, "/admin/") {
				t.Errorf("%s %s: %d %s", method, forged, answer.Status, answer.Body)
			}
		}
	}
	for _, entry := range c.waitlisted() {
		if !entry.UnsubscribedAt.IsZero() {
			t.Errorf("%s was unsubscribed", entry.Email)
		}
	}
}

// Unsubscribing reaches mail that waits.
func TestUnsubscribingWithdrawsWhatWaits(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t, "MAIL_RETRY_DELAY=1h")
	c.CreateSuperuser()
	c.PostJSON("/api/waitlists/", waitlistJSON)
	link := unsubscribeLink(t, c.settled()["ann@example.com"][0])
	c.Mails.Refuse()
	c.invite("ann@example.com")
	var invitation models.OutboxMessage
	handlerstest.Eventually(t, handlerstest.StartTime, "the invitation failed once", func() bool {
		err := c.DB.NewSelect().Model(&invitation).Where("kind = ?", waitlist.MailInvitation).Where("state = ?", models.MailRetrying).Scan(context.Background())
		return err == nil
	})
	if answer := c.Do(http.MethodPost, link, ""); answer.Status != http.StatusOK {
		t.Fatalf("got %d %s", answer.Status, answer.Body)
	}
	c.settled()
	if entry := c.waitlisted()[0]; entry.Notified {
		t.Error("notified, though the invitation was withdrawn")
	}
}

// titles of the mails, by the language that the browser asked for.
var mailLanguages = []struct{ header, welcome, invitation, greeting string }{
	{"", "You are on the waitlist of DigitalPath AI", "Your invitation to DigitalPath AI", "Hello Ann Lee,"},
	{"de-DE,en;q=0.5", "You are on the waitlist of DigitalPath AI", "Your invitation to DigitalPath AI", "Hello Ann Lee,"},
	{"es-MX,es;q=0.9", "Estás en la lista de espera de DigitalPath AI", "Tu invitación a DigitalPath AI", "Hola, Ann Lee:"},
}

var htmlLanguage = regexp.MustCompile(`<html lang="(\w+)"`)

func TestWaitlistMailsSpeakThePersonsLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range mailLanguages {
		c := startWaitlist(t)
		c.CreateSuperuser()
		var headers []string
		if lang.header != "" {
			headers = []string{"Accept-Language", lang.header}
		}
		c.PostJSON("/api/waitlists/", waitlistJSON, headers...)
		c.settled()
		c.invite("ann@example.com")
		mails := c.settled()["ann@example.com"]
		if len(mails) != 2 {
			t.Fatalf("%d mails", len(mails))
		}
		for i, title := range []string{lang.welcome, lang.invitation} {
			subject, err := decodeHeader(mails[i].Header.Get("Subject"))
			if err != nil || subject != title {
				t.Errorf("%q: Subject %q, want %q (%v)", lang.header, subject, title, err)
			}
			unsubscribeLink(t, mails[i])
			wanted := map[bool]string{false: "en", true: "es"}[strings.HasPrefix(lang.header, "es")]
			if found := htmlLanguage.FindStringSubmatch(mails[i].Part(t, "text/html")); found == nil || found[1] != wanted {
				t.Errorf("%q: the HTML is %v", lang.header, found)
			}
			for _, part := range []string{"text/plain", "text/html"} {
				if text := mails[i].Part(t, part); !strings.Contains(text, lang.greeting) {
					t.Errorf("%q: the %s part lacks %q:\n%s", lang.header, part, lang.greeting, text)
				}
			}
		}
		if entry := c.waitlisted()[0]; entry.InvitedAt.IsZero() || !entry.Notified {
			t.Errorf("invited and mailed, and stored as %+v", entry)
		}
	}
}

func TestNoSecretOfALinkIsStored(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.PostJSON("/api/waitlists/", waitlistJSON)
	link, err := url.Parse(unsubscribeLink(t, c.settled()["ann@example.com"][0]))
	if err != nil {
		t.Fatal(err)
	}
	token := link.Query().Get("token")
	for _, table := range []string{"outbox_messages", "waitlist_entries", "mail_attempts"} {
		var rows []map[string]any
		if err := c.DB.NewSelect().TableExpr("?", bun.Ident(table)).Scan(context.Background(), &rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for column, value := range row {
				if text, ok := value.(string); ok && strings.Contains(text, token) {
					t.Errorf("%s.%s holds the token", table, column)
				}
			}
		}
	}
}
