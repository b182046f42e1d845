package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// Staff who paste a token are told what clients are not: why it is refused.
func TestStaffAreToldWhyATokenIsRefused(t *testing.T) {
	t.Parallel()
	c := startProjects(t)
	c.CreateSuperuser()
	staff := c.Login()
	good := c.tokens["owner"]
	page := staff.Get(staff.Get("/admin/health/").Attribute("a[href='/admin/health/token/']", "href"))
	for pasted, want := range map[string]string{
		good: "The token is good.", "Bearer " + good + "\n": "The token is good.", c.tokens["expired"]: "expired at",
		good[:len(good)-4] + "AAAA": "signed with another secret key", "hello": "This is no token", token(t, 4711, time.Hour): "is deleted",
	} {
		answer := staff.Post(page, "/admin/health/token/", url.Values{"token": {pasted}})
		if answer.Status != http.StatusOK || !strings.Contains(answer.Part("main li", "Token").Text(), want) {
			t.Errorf("%.20s: %d, want %q in %s", pasted, answer.Status, want, answer.Text())
		}
	}
	if asked := staff.Get("/admin/health/token/?token=" + good); asked.Has("main li") {
		t.Error("a token in an address is looked at")
	}
	if strings.Contains(c.Log(), good) {
		t.Error("the token is in the log")
	}
}

// A test of a frontend finds the links in mails without reading pages.
func TestMailboxTellsProgramsTheLinks(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "EMAIL_HOST=", "CONTACT_RECIPIENTS=", "DEFAULT_FROM_EMAIL=")
	for _, name := range []string{"ann", "bea"} {
		app.PostJSON("/api/auth/signup", `{"username":"`+name+`","email":"`+name+`@example.com","password":"correct horse battery"}`)
	}
	var mails []struct {
		To, Subject, Text string
		Date              time.Time
		Links             []string
	}
	handlerstest.Eventually(t, 20*time.Second, "both mails are there", func() bool {
		all := app.Get("/dev/mailbox/api")
		return all.Status == http.StatusOK && json.Unmarshal([]byte(all.Body), &mails) == nil && len(mails) == 2
	})
	if err := json.Unmarshal([]byte(app.Get("/dev/mailbox/api/?to=Bea@example.com").Body), &mails); err != nil || len(mails) != 1 {
		t.Fatalf("%v %v", mails, err)
	}
	key := ""
	for _, link := range mails[0].Links {
		if parsed, err := url.Parse(link); err == nil && strings.HasSuffix(parsed.Path, "/verify-email") {
			key = parsed.Query().Get("key")
		}
	}
	if mails[0].To != "bea@example.com" || key == "" || app.PostJSON("/api/auth/verify-email", `{"key":"`+key+`"}`).Status != http.StatusOK {
		t.Errorf("%+v", mails)
	}
	if hidden := production(t).Get("/dev/mailbox/api", atHome...); hidden.Status != http.StatusNotFound {
		t.Errorf("without debug: %d", hidden.Status)
	}
}
