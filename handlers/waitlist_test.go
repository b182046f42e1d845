package handlers_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/waitlist"
)

const (
	waitlistJSON = `{"email":"Ann@Example.com","first_name":"Ann","last_name":"Lee","company":"Lee & Co","description":"One view of our clinics."}`
	// waitlistAnswer repeats what was submitted, and nothing else.
	waitlistAnswer = `{"success":true,"message":"Thank you! You are on the waitlist. We'll write to you when it is your turn.",` +
		`"email":"Ann@Example.com","first_name":"Ann","last_name":"Lee","company":"Lee & Co","description":"One view of our clinics."}`
	// theirSite is where links of the tests lead.
	theirSite = "http://backend.test"
)

// startWaitlist is the program with people: owner has an entry of their own, stranger
// has none, staff may do everything with the list, looker may look, clerk and alumna
// have no right in effect.
func startWaitlist(t *testing.T, env ...string) *cast {
	t.Helper()
	c := &cast{
		App: handlerstest.Start(t, slices.Concat([]string{
			"DJANGO_SECRET_KEY=" + projectsSecret, "RATE_LIMIT_API=off", "RATE_LIMIT_WAITLIST=off", "BACKEND_URL=" + theirSite,
		}, env)...),
		t: t, users: map[string]*models.User{}, tokens: map[string]string{"anonymous": ""},
	}
	for _, name := range []string{"owner", "stranger", "staff", "looker", "clerk", "alumna", "root"} {
		c.newClerk(name)
	}
	for name, verbs := range map[string][]models.Verb{"staff": models.Verbs, "alumna": models.Verbs, "looker": {models.View}} {
		for _, verb := range verbs {
			c.insert(&models.UserPermission{UserID: c.users[name].ID, Permission: models.PermissionOf(models.WaitlistSlug, verb)})
		}
	}
	return c
}

// waitlisted reads the whole list in the order of joining.
func (c *cast) waitlisted() []models.WaitlistEntry {
	c.t.Helper()
	var entries []models.WaitlistEntry
	if err := c.DB.NewSelect().Model(&entries).OrderExpr("created_at, id").Scan(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	return entries
}

// enqueued counts the mails of a kind.
func (c *cast) enqueued(kind models.MailKind) int {
	c.t.Helper()
	count, err := c.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("kind = ?", kind).Count(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	return int(count)
}

// settled waits until no mail is under way, and returns what the server took, by
// recipient.
func (c *cast) settled() map[string][]handlerstest.Mail {
	c.t.Helper()
	handlerstest.Eventually(c.t, 30*time.Second, "no mail is under way", func() bool {
		open, err := c.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("next_attempt_at IS NOT NULL").Count(context.Background())
		return err == nil && open == 0
	})
	mails := map[string][]handlerstest.Mail{}
	for _, mail := range c.Mails.Accepted() {
		mails[mail.To[0]] = append(mails[mail.To[0]], mail)
	}
	return mails
}

func TestJoiningIsAnsweredStoredAndMailed(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	source := `{"utm_source":"newsletter","utm_medium":"mail","utm_campaign":"spring","utm_term":"` + strings.Repeat("x", 300) + `","utm_content":"top",` + waitlistJSON[1:]
	wantAnswer(t, c.PostJSON("/api/waitlists/", source, "Accept-Language", "es", "Referer", "https://blog.example/post"), http.StatusCreated, waitlistAnswer)
	entries := c.waitlisted()
	if len(entries) != 1 {
		t.Fatalf("%d entries", len(entries))
	}
	entry := entries[0]
	if entry.Email != "ann@example.com" || entry.FirstName != "Ann" || entry.Company != "Lee & Co" || entry.UserID != 0 || entry.IsSpam ||
		entry.UTMSource != "newsletter" || entry.UTMMedium != "mail" || entry.UTMCampaign != "spring" || len(entry.UTMTerm) != 255 ||
		entry.UTMContent != "top" || entry.Referrer != "https://blog.example/post" || entry.Language != "es" || entry.IPAddress != "127.0.0.1" {
		t.Errorf("stored %+v", entry)
	}
	mails := c.settled()
	if len(mails["ann@example.com"]) != 1 || len(mails[handlerstest.Recipient]) != 1 || len(mails) != 2 {
		t.Fatalf("mails went to %v", slices.Collect(maps.Keys(mails)))
	}
	notice := mails[handlerstest.Recipient][0].Part(t, "text/plain")
	for _, want := range []string{"ann@example.com", "Ann Lee", "Lee & Co", "newsletter", "One view of our clinics.", theirSite + "/admin/waitlist/"} {
		if !strings.Contains(notice, want) {
			t.Errorf("the notice lacks %q:\n%s", want, notice)
		}
	}
	if !c.waitlisted()[0].Notified {
		t.Error("the welcome was delivered, and notified is false")
	}
}

func TestNotifiedIsSetByDeliveryAlone(t *testing.T) {
	t.Parallel()
	refuse := true
	c := &cast{t: t}
	app := handlerstest.Prepare(t, "RATE_LIMIT_WAITLIST=off")
	var mu sync.Mutex
	app.Mails.OnMail = func(int) error {
		mu.Lock()
		defer mu.Unlock()
		if refuse {
			return handlerstest.Reply(450, "later")
		}
		return nil
	}
	app.Serve()
	c.App = app
	c.PostJSON("/api/waitlists/", waitlistJSON)
	handlerstest.Eventually(t, 30*time.Second, "two attempts were made", func() bool { return app.Mails.Deliveries() >= 4 })
	if c.waitlisted()[0].Notified {
		t.Error("notified, though the server took nothing")
	}
	mu.Lock()
	refuse = false
	mu.Unlock()
	c.settled()
	if !c.waitlisted()[0].Notified {
		t.Error("not notified, though the server took the mail")
	}
}

// spellings are one address in the eyes of the mail system.
var spellings = []string{
	"ana@españa.example", "ANA@ESPAÑA.example", " ana@españa.example ", "ana@xn--espaa-rta.example", "Ana@XN--ESPAA-RTA.EXAMPLE",
	"ana@ｅspaña.example", "ana@espan\u0303a.example",
}

func TestJoiningTwiceInAnySpellingIsOneRowOneMailAndTheSameAnswer(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	for i, spelling := range spellings {
		answer := c.PostJSON("/api/waitlists", fmt.Sprintf(`{"email":%q,"first_name":"Ana %d"}`, spelling, i))
		want := fmt.Sprintf(`{"success":true,"message":"Thank you! You are on the waitlist. We'll write to you when it is your turn.",`+
			`"email":%q,"first_name":"Ana %d","last_name":"","company":"","description":""}`, spelling, i)
		wantAnswer(t, answer, http.StatusCreated, want)
	}
	mails := c.settled()
	entries := c.waitlisted()
	if len(entries) != 1 || entries[0].FirstName != "Ana 0" || entries[0].Email != "ana@xn--espaa-rta.example" {
		t.Errorf("stored %+v", entries)
	}
	if len(mails["ana@xn--espaa-rta.example"]) != 1 || len(mails[handlerstest.Recipient]) != 1 || len(mails) != 2 {
		t.Errorf("mails went to %v", slices.Collect(maps.Keys(mails)))
	}
}

func TestParallelJoinsAreOneRowAndOneMail(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	var together sync.WaitGroup
	for i := range 20 {
		together.Go(func() {
			body := strings.Replace(waitlistJSON, "Ann@Example.com", []string{"ann@example.com", "ANN@EXAMPLE.COM"}[i%2], 1)
			if answer := c.PostJSON("/api/waitlists/", body); answer.Status != http.StatusCreated {
				t.Errorf("got %d %s", answer.Status, answer.Body)
			}
		})
	}
	together.Wait()
	mails := c.settled()
	if len(c.waitlisted()) != 1 || len(mails["ann@example.com"]) != 1 || len(mails[handlerstest.Recipient]) != 1 {
		t.Errorf("%d rows, %d welcomes, %d notices", len(c.waitlisted()), len(mails["ann@example.com"]), len(mails[handlerstest.Recipient]))
	}
}

func TestRobotOnTheWaitlistIsThankedAndGivesWayToThePerson(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	robot := `{"website":"https://spam.example",` + waitlistJSON[1:]
	for range 2 {
		wantAnswer(t, c.PostJSON("/api/waitlists/", robot), http.StatusCreated, waitlistAnswer)
	}
	if entries := c.waitlisted(); len(entries) != 1 || !entries[0].IsSpam || c.enqueued(waitlist.MailWelcome)+c.enqueued(waitlist.MailNotice) != 0 {
		t.Errorf("stored %+v", entries)
	}
	wantAnswer(t, c.PostJSON("/api/waitlists/", waitlistJSON), http.StatusCreated, waitlistAnswer)
	wantAnswer(t, c.PostJSON("/api/waitlists/", robot), http.StatusCreated, waitlistAnswer)
	mails := c.settled()
	if entries := c.waitlisted(); len(entries) != 1 || entries[0].IsSpam || len(mails["ann@example.com"]) != 1 {
		t.Errorf("the person's address: %+v, %d mails", entries, len(mails["ann@example.com"]))
	}
}

func TestBadWaitlistInputIsRefusedAndStoresNothing(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	for _, in := range []input{
		{"e-mail is required", `{"first_name":"Ann"}`, jsonType, 400, "invalid", "email"},
		{"e-mail may not be blank", `{"email":" "}`, jsonType, 400, "invalid", "email"},
		{"an e-mail address has a domain", `{"email":"ann@"}`, jsonType, 400, "invalid", "email"},
		{"one address, not two", `{"email":"a@example.com,b@example.com"}`, jsonType, 400, "invalid", "email"},
		{"an e-mail address has no line break", `{"email":"ann@example.com\r\nBcc: x@example.com"}`, jsonType, 400, "invalid", "email"},
		{"an e-mail address has no look-alike letters", `{"email":"ａｎｎ@example.com"}`, jsonType, 400, "invalid", "email"},
		{"nor invisible ones", `{"email":"ann\u200b@example.com"}`, jsonType, 400, "invalid", "email"},
		{"e-mail ends at 254 characters", `{"email":` + quoted(longEmail(255)) + `}`, jsonType, 400, "invalid", "email"},
		{"first name ends at 100 characters", `{"email":"ann@example.com","first_name":` + quoted(strings.Repeat("n", 101)) + `}`, jsonType, 400, "invalid", "first_name"},
		{"last name ends at 100 characters", `{"email":"ann@example.com","last_name":` + quoted(strings.Repeat("n", 101)) + `}`, jsonType, 400, "invalid", "last_name"},
		{"description ends at 2,000 characters", `{"email":"ann@example.com","description":` + quoted(strings.Repeat("n", 2001)) + `}`, jsonType, 400, "invalid", "description"},
		{"company ends at 200 characters", `{"email":"ann@example.com","company":` + quoted(strings.Repeat("n", 201)) + `}`, jsonType, 400, "invalid", "company"},
		{"a number is no company", `{"email":"ann@example.com","company":7}`, jsonType, 400, "invalid", "company"},
		{"malformed JSON is refused", `{"email":`, jsonType, 400, "malformed", ""},
		{"NUL is refused", `{"email":"ann@example.com","company":"\u0000"}`, jsonType, 400, "malformed", ""},
		{"a form is not JSON", "email=ann@example.com", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "unsupported_media_type", ""},
	} {
		answer := c.Do(http.MethodPost, "/api/waitlists/", in.body, in.headers...)
		if answer.Status != in.status {
			t.Errorf("%s: got %d %s", in.name, answer.Status, answer.Body)
			continue
		}
		wantEnvelope(t, answer, in.code)
		if faults, _ := answer.JSON()["errors"].(map[string]any); in.field != "" && faults[in.field] == nil {
			t.Errorf("%s: errors does not name %s: %s", in.name, in.field, answer.Body)
		}
		wantNoInternals(t, answer)
	}
	if entries := c.waitlisted(); len(entries) != 0 {
		t.Errorf("stored %+v", entries)
	}
}

func TestWaitlistIsLimitedPerClient(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t, "RATE_LIMIT_WAITLIST=2/m/ip")
	for i, status := range []int{201, 201, 429} {
		answer := c.PostJSON("/api/waitlists/", fmt.Sprintf(`{"email":"p%d@example.com"}`, i))
		if answer.Status != status || status == http.StatusTooManyRequests && answer.Header.Get("Retry-After") == "" {
			t.Errorf("join %d: got %d %s", i, answer.Status, answer.Body)
		}
	}
}

func TestCompatAddsTheOriginalsNames(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t, "DJANGO_COMPAT=1")
	answer := c.PostJSON("/api/waitlists/", waitlistJSON).JSON()
	if entry := c.waitlisted()[0]; answer["id"] != float64(entry.ID) || answer["timestamp"] == nil || answer["updated"] == nil || answer["position"] != nil {
		t.Errorf("answered %v", answer)
	}
}

// An entry that goes between the two looks at it, as where somebody leaves the list at
// that moment, is no fault of the program.
func TestJoinThatNeitherStoresNorFindsTheAddressMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	vanish, stay := "CREATE TRIGGER vanish BEFORE INSERT ON waitlist_entries BEGIN SELECT RAISE(IGNORE); END", "DROP TRIGGER vanish"
	if models.IsPostgres(c.DB) {
		vanish = "CREATE FUNCTION vanish() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';" +
			"CREATE TRIGGER vanish BEFORE INSERT ON waitlist_entries FOR EACH ROW EXECUTE FUNCTION vanish()"
		stay += " ON waitlist_entries"
	}
	if _, err := c.DB.ExecContext(t.Context(), vanish); err != nil {
		t.Fatal(err)
	}
	answer := c.PostJSON("/api/waitlists/", waitlistJSON)
	if answer.Status != http.StatusServiceUnavailable {
		t.Errorf("got %d %s", answer.Status, answer.Body)
	}
	wantEnvelope(t, answer, "unavailable")
	if _, err := c.DB.ExecContext(t.Context(), stay); err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, c.PostJSON("/api/waitlists/", waitlistJSON), http.StatusCreated, waitlistAnswer)
	if entries := c.waitlisted(); len(entries) != 1 || c.enqueued(waitlist.MailWelcome) != 1 {
		t.Errorf("stored %+v", entries)
	}
}
