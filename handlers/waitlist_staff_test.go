package handlers_test

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

func decodeHeader(value string) (string, error) { return new(mime.WordDecoder).DecodeHeader(value) }

// act runs an action of the back office's list on entries.
func (c *cast) act(action string, ids ...string) *handlerstest.Page {
	c.t.Helper()
	staff := c.Login()
	page := staff.Post(staff.Get("/admin/waitlist/"), "/admin/waitlist/", url.Values{"action": {action}, "id": ids, "confirm": {"yes"}, "also_sent": {"yes"}})
	if page.Status != http.StatusOK {
		c.t.Fatalf("action %s: %d %s", action, page.Status, page.Text())
	}
	return page
}

func TestStaffSeesSearchesAndFiltersTheWaitlist(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.PostJSON("/api/waitlists/", waitlistJSON)
	c.PostJSON("/api/waitlists/", `{"email":"bob@example.com","company":"=HYPERLINK(1)"}`)
	c.PostJSON("/api/waitlists/", `{"website":"x","email":"robot@example.com"}`)
	c.settled()
	c.invite("bob@example.com")
	staff := c.Login()
	for path, want := range map[string]string{
		"/admin/waitlist/":                                              "ann bob",
		"/admin/waitlist/?q=one+view":                                   "ann",
		"/admin/waitlist/?invited_at=none":                              "ann",
		"/admin/waitlist/?invited_at=any":                               "bob",
		"/admin/waitlist/?is_spam=1":                                    "robot",
		"/admin/waitlist/?unsubscribed_at=any":                          "",
		"/admin/waitlist/?created_at__year=2001":                        "",
		"/admin/waitlist/?created_at=today":                             "ann bob",
		"/admin/waitlist/export/":                                       "ann bob",
		"/admin/waitlist/export/?invited_at=any":                        "bob",
		"/admin/waitlist/export/?q=lee":                                 "ann",
		fmt.Sprintf("/admin/waitlist/%d/", c.waitlisted()[0].ID):        "ann",
		fmt.Sprintf("/admin/waitlist/?o=-%s", "email"):                  "ann bob",
		fmt.Sprintf("/admin/waitlist/%d/delete/", c.waitlisted()[1].ID): "bob",
	} {
		page := staff.Get(path)
		for _, name := range []string{"ann", "bob", "robot"} {
			if page.Status != http.StatusOK || strings.Contains(page.Text(), name+"@example.com") != strings.Contains(want, name) {
				t.Errorf("%s (%d): should show %q of ann, bob and robot", path, page.Status, want)
			}
		}
	}
	if text := staff.Get("/admin/waitlist/export/").Text(); !strings.Contains(text, "'=HYPERLINK(1)") || strings.Contains(text, ",=HYPERLINK") {
		t.Errorf("a formula is exported as one:\n%s", text)
	}
	detail := staff.Get(fmt.Sprintf("/admin/waitlist/%d/", c.waitlisted()[1].ID)).Text()
	for _, panel := range []string{"Welcome mail", "Invitation", "Notice to staff"} {
		if !strings.Contains(detail, panel) {
			t.Errorf("the detail page lacks %q", panel)
		}
	}
}

func TestInviteSelectedMailsEachOnceAndRecordsIt(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	for _, name := range []string{"ann", "bob", "cleo"} {
		c.PostJSON("/api/waitlists/", fmt.Sprintf(`{"email":"%s@example.com"}`, name))
	}
	c.settled()
	c.invite("ann@example.com", "bob@example.com")
	c.invite("ann@example.com", "bob@example.com")
	mails := c.settled()
	for name, want := range map[string]int{"ann": 2, "bob": 2, "cleo": 1} {
		if got := len(mails[name+"@example.com"]); got != want {
			t.Errorf("%s got %d mails, want %d", name, got, want)
		}
	}
	for _, entry := range c.waitlisted()[:2] {
		history := c.waitlistHistory(entry.ID)
		if entry.InvitedAt.IsZero() || !entry.Notified || len(history) != 1 || history[0].Summary != "Invited" ||
			history[0].Username != handlerstest.Username || history[0].Channel != models.ChannelBackoffice {
			t.Errorf("%s: %+v, history %+v", entry.Email, entry, history)
		}
	}
	if cleo := c.waitlisted()[2]; !cleo.InvitedAt.IsZero() {
		t.Error("cleo was invited")
	}
	if position := c.entries("staff", "/api/waitlists/?search=cleo")[0]["position"]; position != 1.0 {
		t.Errorf("cleo's place in line is %v once the others are in", position)
	}
	c.act("resend", itoa(c.waitlisted()[0].ID))
	if got := len(c.settled()["ann@example.com"]); got != 3 {
		t.Errorf("send again: %d mails", got)
	}
}

func TestInviteTheFirstTakesTheLineInOrder(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.crowd(30)
	if _, err := c.DB.NewUpdate().Model((*models.WaitlistEntry)(nil)).Set("unsubscribed_at = created_at").Where("email = ?", "p00001@crowd.example").Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	staff := c.Login()
	form := staff.Get("/admin/waitlist/invite/")
	for _, bad := range []string{"0", "-1", "ten", "100001", ""} {
		if page := staff.Post(form, "/admin/waitlist/invite/", url.Values{"count": {bad}, "once": {"bad" + bad}}); page.Status != http.StatusBadRequest || !page.Has("#count-error") {
			t.Errorf("%q: %d", bad, page.Status)
		}
	}
	for range 2 { // a double click counts once
		staff.Post(form, "/admin/waitlist/invite/", url.Values{"count": {"10"}, "once": {"one click"}, "confirm": {"yes"}})
	}
	mails := c.settled()
	for i, entry := range c.waitlisted() {
		invited := i <= 10 && i != 1
		if entry.InvitedAt.IsZero() == invited || len(mails[entry.Email]) != map[bool]int{true: 1}[invited] {
			t.Errorf("%d in line: invited at %v, %d mails", i, entry.InvitedAt, len(mails[entry.Email]))
		}
	}
	if page := staff.Get("/admin/waitlist/invite/"); !page.Has("#rounds [data-status=done]") || !strings.Contains(page.Text(), "10 of 10 mailed") {
		t.Errorf("the progress is not shown:\n%s", page.Text())
	}
}

func TestExportCanBeImportedAgain(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.PostJSON("/api/waitlists/", `{"email":"ann@example.com","first_name":"+Ann","last_name":"＝1+1","company":"@Lee, \"Co\"","description":"two\nlines"}`)
	c.crowd(1200) // more than one batch
	c.settled()
	staff := c.Login()
	// One of everything that a row can hold.
	if _, err := c.DB.NewUpdate().Model((*models.WaitlistEntry)(nil)).Set("description = ?", "'=1, \"two\"\nthree").
		Set("utm_source = ?", "-news").Set("is_spam = TRUE").Set("referrer = 'https://blog.example/?a=1'").Set("language = 'es'").
		Set("invited_at = created_at").Set("unsubscribed_at = created_at").Where("email = 'p00003@crowd.example'").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := c.waitlisted()
	exported := staff.Step("/admin/waitlist/export/?is_spam=all&o=company").Body
	if !strings.Contains(exported, ",'＝1+1,") {
		t.Error("a wide equals sign is left for Excel to take for a formula")
	}
	if lines := strings.Count(exported, "@crowd.example"); lines != 1200 {
		t.Errorf("%d of 1200 rows are exported", lines)
	}
	i := bring(t, staff, "waitlist", []byte(exported))
	// A preview comes as far as its time allows.
	if page := i.preview(); !strings.HasPrefix(counts(page), "0 0 ") || !strings.HasSuffix(counts(page), " 0") {
		t.Errorf("an export is not what is stored: %s", counts(page))
	}
	i.start()
	if job := ended(t, c.App, time.Minute); job.State != models.JobDone || job.Done != 0 || job.Failed != 0 || job.Seen != 1201 {
		t.Errorf("the import did %d rows of %d, refused %d: %s", job.Done, job.Seen, job.Failed, job.State)
	}
	if after := c.waitlisted(); !reflect.DeepEqual(after, before) {
		t.Errorf("importing an export changed rows: %d, were %d", len(after), len(before))
	}
}

func TestGrowthCountsDaysAndSources(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.PostJSON("/api/waitlists/", `{"email":"a@example.com","utm_source":"newsletter"}`)
	c.PostJSON("/api/waitlists/", `{"email":"b@example.com","referrer":"https://www.blog.example/one"}`)
	c.PostJSON("/api/waitlists/", `{"email":"c@example.com","referrer":"https://blog.example/two"}`)
	staff := c.Login()
	for _, days := range []string{"", "?days=90", "?days=365", "?days=7"} {
		page := staff.Get("/admin/waitlist/growth/" + days)
		if page.Status != http.StatusOK || !page.Has("svg[role=img]") || !strings.Contains(page.Row("newsletter").Text(), "1") || !strings.Contains(page.Row("blog.example").Text(), "2") {
			t.Errorf("%s: %d\n%s", days, page.Status, page.Text())
		}
	}
}

func TestStaffAddsAndChangesEntriesByTheForm(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	staff := c.Login()
	form := staff.Get("/admin/waitlist/add/")
	staff.Post(form, "/admin/waitlist/add/", url.Values{"email": {" Ann@Example.com "}, "first_name": {"Ann"}, "notified": {"on"}})
	entries := c.waitlisted()
	if len(entries) != 1 || entries[0].Email != "ann@example.com" || entries[0].Notified || entries[0].CreatedAt.IsZero() {
		t.Fatalf("stored %+v", entries)
	}
	path := fmt.Sprintf("/admin/waitlist/%d/", entries[0].ID)
	form = staff.Get(path)
	staff.Post(form, path, url.Values{"_version": {form.Attribute("[name=_version]", "value")}, "email": {"ann@example.com"}, "first_name": {"Anna"}})
	history := c.waitlistHistory(entries[0].ID)
	if entry := c.waitlisted()[0]; entry.FirstName != "Anna" || len(history) != 2 || history[0].Action != models.HistoryAdded ||
		history[1].Changes[0] != (models.FieldChange{Field: "first_name", From: "Ann", To: "Anna"}) {
		t.Errorf("stored %+v, history %+v", entry, history)
	}
	if mails := c.settled(); len(mails) != 0 {
		t.Errorf("%d people were mailed", len(mails))
	}
}

func TestWaitlistPagesNeedTheRight(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	for _, path := range []string{"/admin/waitlist/", "/admin/waitlist/invite/", "/admin/waitlist/import/", "/admin/waitlist/growth/", "/admin/waitlist/export/"} {
		if answer := c.Get(path); answer.Status != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), "/admin/login/") {
			t.Errorf("%s: %d without a login", path, answer.Status)
		}
	}
}

func TestLongRoundOfInvitationsIsOneRoundHoweverOftenItIsAskedFor(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.crowd(1300)
	staff := c.Login()
	form := staff.Get("/admin/waitlist/invite/")
	for range 2 { // a double click counts once
		if page := staff.Post(form, "/admin/waitlist/invite/", url.Values{"count": {"1200"}, "once": {"one click"}, "confirm": {"yes"}}); !page.Has("#job") {
			t.Fatalf("%d: %s", page.Status, page.Text())
		}
	}
	if job := ended(t, c.App, time.Minute); job.ID != 1 || job.State != models.JobDone || job.Total != 1200 || job.Done != 1200 {
		t.Errorf("the job ended as %+v", job)
	}
	for i, entry := range c.waitlisted() {
		if invited := i < 1200; entry.InvitedAt.IsZero() == invited {
			t.Fatalf("%d in line: invited at %v", i, entry.InvitedAt)
		}
	}
	if rounds := staff.Get("/admin/waitlist/invite/"); !strings.Contains(rounds.Part("#rounds li", "1,200 people").Text(), "of 1,200 mailed") {
		t.Errorf("they are not one round:\n%s", rounds.Text())
	}
}
