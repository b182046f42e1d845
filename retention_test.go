package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/contact"
	"digitalpath/services/records"
)

const day = 24 * time.Hour

// keepers are the parts of so many processes on the database of an app.
func keepers(t *testing.T, app *handlerstest.App, count int, settings ...string) []*deps {
	t.Helper()
	var all []*deps
	for range count {
		p := &program{environ: append([]string{"DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12)}, app.Env(settings...)...), out: t.Output(), errOut: t.Output()}
		d, err := p.open()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.db.Close() }) // the app's own tells what is there
		all = append(all, d)
	}
	return all
}

// housekeep lets all of them do at once what they do once an hour.
func housekeep(t *testing.T, all []*deps) {
	t.Helper()
	var together sync.WaitGroup
	for _, d := range all {
		together.Go(func() {
			if err := d.housekeep(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
}

// age makes rows older by setting times of theirs.
func age(t *testing.T, db *bun.DB, table, condition string, by time.Duration, columns ...string) {
	t.Helper()
	query := db.NewUpdate().Table(table).Where(condition)
	for _, column := range columns {
		query.Set("? = ?", bun.Ident(column), now().Add(-by))
	}
	if _, err := query.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *bun.DB, table, condition string) int64 {
	t.Helper()
	n, err := db.NewSelect().Table(table).Where(condition).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int64(n)
}

// removedByAge is what the history tells of it, such as "Spam 3".
func removedByAge(t *testing.T, db *bun.DB) string {
	t.Helper()
	var entries []models.HistoryEntry
	if err := db.NewSelect().Model(&entries).Where("model = ?", records.RetentionSlug).OrderExpr("object_label").OrderExpr("id").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.ObjectLabel+" "+entry.Changes[0].From)
	}
	return strings.Join(all, ", ")
}

func ageAll(t *testing.T, db *bun.DB) {
	t.Helper()
	age(t, db, "contact_messages", "1 = 1", 99*day, "created_at", "updated_at")
	age(t, db, "outbox_messages", "1 = 1", 99*day, "sent_at", "created_at", "updated_at")
	age(t, db, "sessions", "1 = 1", 199*day, "expires_at", "ended_at")
	age(t, db, "history_entries", "1 = 1", 99*day, "at")
}

func TestNothingIsRemovedByAgeUnlessASettingSaysSo(t *testing.T) {
	t.Parallel()
	app := stocked(t)
	ageAll(t, app.DB)
	before := rowsOf(t, app.DB)
	housekeep(t, keepers(t, app, 1, "RETENTION_SPAM_DAYS=", "RETENTION_HISTORY_DAYS=0"))
	for table, rows := range rowsOf(t, app.DB) {
		if rows != before[table] {
			t.Errorf("%s: were %s, are %s", table, before[table], rows)
		}
	}
}

func TestOldSpamIsRemovedWithAllThatIsItsOwn(t *testing.T) {
	t.Parallel()
	app := stocked(t)
	staff := app.Login()
	spam := app.Message("Ann").ID
	if _, err := keepers(t, app, 1)[0].contact.MarkSpam(t.Context(), []int64{spam, app.Message("Cem").ID}); err != nil {
		t.Fatal(err)
	}
	age(t, app.DB, "contact_messages", "1 = 1", 31*day, "created_at")
	age(t, app.DB, "contact_messages", "name <> 'Cem'", 31*day, "updated_at")
	const robots = 1100 // more than two batches
	rows := make([]models.ContactMessage, robots)
	for i := range rows {
		rows[i] = models.ContactMessage{Name: "Robot", Email: "r@example.com", Message: "Buy", Status: models.ContactPending, IsSpam: true, CreatedAt: now().Add(-40 * day), UpdatedAt: now().Add(-40 * day)}
	}
	if _, err := app.DB.NewInsert().Model(&rows).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	housekeep(t, keepers(t, app, 3, "RETENTION_SPAM_DAYS=30"))
	housekeep(t, keepers(t, app, 1, "RETENTION_SPAM_DAYS=30"))
	if left := count(t, app.DB, "contact_messages", "1 = 1"); left != 2 || app.Message("Bén").IsSpam || !app.Message("Cem").IsSpam {
		t.Errorf("%d messages are left: the one that is none and the one just marked were to stay", left)
	}
	mails := fmt.Sprintf("kind = '%s' AND object_id = %d", contact.MailNotice, spam)
	if count(t, app.DB, "outbox_messages", mails) != 0 || count(t, app.DB, "mail_attempts", "1 = 1") != 2 || count(t, app.DB, "trash", "1 = 1") != 0 {
		t.Error("mails of what was removed are left, or it is in the trash")
	}
	if count(t, app.DB, "history_entries", fmt.Sprintf("object_id = %d AND object_label = 'Ann'", spam)) != 0 || count(t, app.DB, "history_entries", fmt.Sprintf("object_id = %d AND object_label = '#%d'", spam, spam)) == 0 {
		t.Error("the history still tells who wrote the spam, or not that it was there")
	}
	total := 0
	for told := range strings.SplitSeq(removedByAge(t, app.DB), ", ") {
		n := 0
		if _, err := fmt.Sscanf(told, "Spam %d", &n); err != nil {
			t.Errorf("the history tells %q", told)
		}
		total += n
	}
	if total != robots+1 {
		t.Errorf("the history tells of %d", total)
	}
	if page := staff.Get("/admin/history/"); !strings.Contains(page.Row("Spam").Text(), "Removed by age") {
		t.Errorf("the history shows %s", page.Text())
	}
}

func TestOldSpamOfTheWaitlistIsRemoved(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	var rows []models.WaitlistEntry
	for _, row := range []struct {
		name     string
		spam     bool
		age, put time.Duration // since it came, and since it is spam
	}{{"robot", true, 31 * day, 31 * day}, {"marked-lately", true, 31 * day, day}, {"person", false, 31 * day, 31 * day}} {
		rows = append(rows, models.WaitlistEntry{Email: row.name + "@example.com", IsSpam: row.spam, CreatedAt: now().Add(-row.age), UpdatedAt: now().Add(-row.put)})
	}
	if _, err := app.DB.NewInsert().Model(&rows).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	housekeep(t, keepers(t, app, 2, "RETENTION_SPAM_DAYS=30"))
	if count(t, app.DB, "waitlist_entries", "email LIKE 'robot%'") != 0 || count(t, app.DB, "waitlist_entries", "1 = 1") != 2 {
		t.Errorf("%d entries are left", count(t, app.DB, "waitlist_entries", "1 = 1"))
	}
	if told := removedByAge(t, app.DB); told != "Spam of the waitlist 1" {
		t.Errorf("the history tells %q", told)
	}
}

func TestDeliveriesOfSentMailAreForgottenAndStatusesStay(t *testing.T) {
	t.Parallel()
	app := stocked(t)
	ann := app.Message("Ann")
	ageAll(t, app.DB)
	age(t, app.DB, "outbox_messages", fmt.Sprintf("object_id = %d", app.Message("Cem").ID), day, "sent_at")
	ben := models.OutboxMessage{
		Kind: contact.MailNotice, ObjectID: app.Message("Bén").ID, Recipient: "second@digitalpath.test", MessageID: "second@digitalpath.test",
		State: models.MailFailed, Status: models.ContactFailed, MaxAttempts: 1, QueuedAt: now(), CreatedAt: now(), UpdatedAt: now(),
	}
	if _, err := app.DB.NewInsert().Model(&ben).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := keepers(t, app, 2, "RETENTION_SENT_MAIL_DAYS=30")
	housekeep(t, all)
	if count(t, app.DB, "outbox_messages", fmt.Sprintf("object_id = %d", ann.ID)) != 0 || count(t, app.DB, "outbox_messages", "1 = 1") != 3 || count(t, app.DB, "mail_attempts", "1 = 1") != 2 {
		t.Error("the mail sent long ago was to go, with its attempts, and those sent yesterday or beside a failed one to stay")
	}
	if after := app.Message("Ann"); after.Status != models.ContactSent || !after.SentAt.Equal(ann.SentAt) {
		t.Errorf("the message is now %+v", after)
	}
	if page := app.Login().Get(fmt.Sprintf("/admin/contact-messages/%d/", ann.ID)); page.Status != http.StatusOK || !strings.Contains(page.Text(), "Sent") {
		t.Errorf("the page shows %d %s", page.Status, page.Text())
	}
	if told := removedByAge(t, app.DB); told != "Sent mails 1" {
		t.Errorf("the history tells %q", told)
	}
	if n, err := all[0].contact.Resend(t.Context(), []int64{ann.ID}, true); err != nil || n != 1 {
		t.Fatalf("sent again: %d, %v", n, err)
	}
	handlerstest.Eventually(t, handlerstest.StartTime, "it goes out again", func() bool { return len(app.Mails.Accepted()) == 4 })
}

func TestLoginsThatEndedLongAgoLeaveTheHistory(t *testing.T) {
	t.Parallel()
	app := stocked(t) // one live login
	user := new(models.User)
	if err := app.DB.NewSelect().Model(user).Limit(1).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	login := func(name string, expires, ended time.Duration) {
		session := &models.Session{
			UserID: user.ID, Channel: models.ChannelAPI, TokenHash: strings.Repeat("0", 64-len(name)) + name, UserAgent: name,
			CreatedAt: now().Add(-60 * day), LastSeenAt: now().Add(-60 * day), ExpiresAt: now().Add(expires), EndedAt: now().Add(ended),
		}
		if ended == 0 {
			session.EndedAt = time.Time{}
		}
		if _, err := app.DB.NewInsert().Model(session).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	login("ran-out", -40*day, 0)
	login("ended", -5*day, -40*day)
	login("ended-token-good", 5*day, -40*day)
	login("ended-lately", -5*day, -5*day)
	login("ran-out-lately", -5*day, 0)
	housekeep(t, keepers(t, app, 2, "RETENTION_LOGIN_DAYS=30"))
	if count(t, app.DB, "sessions", "user_agent IN ('ran-out', 'ended')") != 0 || count(t, app.DB, "sessions", "1 = 1") != 4 {
		t.Errorf("%d logins are left", count(t, app.DB, "sessions", "1 = 1"))
	}
	if told := removedByAge(t, app.DB); told != "Ended logins 2" {
		t.Errorf("the history tells %q", told)
	}
}

func TestOldHistoryIsForgotten(t *testing.T) {
	t.Parallel()
	app := stocked(t)
	d := keepers(t, app, 3, "RETENTION_HISTORY_DAYS=30")
	entries := make([]models.HistoryEntry, 1200)
	for i := range entries {
		entries[i] = models.HistoryEntry{At: now().Add(-31 * day), Model: models.ContactSlug, ObjectID: 1, ObjectLabel: "old", Action: models.HistoryChanged}
	}
	entries[0].At = now().Add(-29 * day)
	if err := models.Record(t.Context(), app.DB, entries...); err != nil {
		t.Fatal(err)
	}
	housekeep(t, d[:1])
	if told := removedByAge(t, app.DB); told != "History 1199" || count(t, app.DB, "history_entries", "object_label = 'old'") != 1 {
		t.Errorf("the history tells %q", told)
	}
	housekeep(t, d)
	if told := removedByAge(t, app.DB); told != "History 1199" {
		t.Errorf("a second time the history tells %q", told)
	}
}
