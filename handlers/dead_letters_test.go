package handlers_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

const deadURL = "/admin/dead-letters/"

// lay makes dead letters and returns their ids.
func lay(t *testing.T, app *handlerstest.App, letters ...models.DeadLetter) (ids []string) {
	t.Helper()
	for i := range letters {
		letters[i].FailedAt = time.Now().UTC()
	}
	if _, err := app.DB.NewInsert().Model(&letters).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, letter := range letters {
		ids = append(ids, itoa(letter.ID))
	}
	return ids
}

// stray is the job of another program that shares the Redis database.
func stray(id string) models.DeadLetter {
	return models.DeadLetter{JobID: id, Job: "other", Arguments: "{}", Cause: "stray job"}
}

func TestDeadLettersAreNarrowedPutBackAndDeleted(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	app.CreateSuperuser()
	app.MustSubmit("Ada")
	var mail models.OutboxMessage
	if err := app.DB.NewSelect().Model(&mail).Limit(1).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	handlerstest.Eventually(t, 20*time.Second, "the job is queued", func() bool { return app.Redis.Do("LLEN", jobs) == int64(1) })
	app.Redis.Do("DEL", jobs)
	lay(t, app, models.DeadLetter{JobID: "mail7", Job: "mail", Arguments: fmt.Sprintf(`{"id":"%d"}`, mail.ID), Cause: "boom"}, stray("x"), stray("y"))
	staff := app.Login()
	link := staff.Get("/admin/queue/").Part("main li", "2 × other: stray job").Attribute("a", "href")
	narrowed := staff.Get(link)
	if rows := narrowed.Links("tbody a"); len(rows) != 2 || narrowed.Row("boom").Has("td") {
		t.Fatalf("%s shows %s", link, narrowed.Text())
	}
	if _, all := exported(t, staff, "dead-letters?q=boom"); len(all) != 1 || all[0]["arguments"] == "" {
		t.Errorf("exported: %q", all)
	}
	ask := staff.Post(narrowed, deadURL, url.Values{"action": {"put-back"}, "all": {"1"}})
	if text := ask.Text(); !strings.Contains(text, "other x: stray job") || !strings.Contains(text, "No worker knows this job.") || app.Redis.Do("LLEN", jobs) != int64(0) {
		t.Fatalf("what no worker knows is put back, or nobody asked: %s", text)
	}
	done := staff.Post(ask, deadURL, ask.Form("main form"))
	if again := staff.Get(deadURL); !strings.Contains(done.Text(), "1 job is queued again.") || len(again.Links("tbody a")) != 2 || app.Redis.Do("LLEN", jobs) != int64(1) {
		t.Errorf("put back: %s", done.Text())
	}
	ask = staff.Post(narrowed, deadURL, url.Values{"action": {"delete"}, "id": {narrowed.Attribute("tbody [name=id]", "value")}})
	done = staff.Post(ask, deadURL, ask.Form("main form"))
	if len(staff.Get(deadURL).Links("tbody a")) != 1 || !strings.Contains(staff.Get(deadURL+"trash/").Text(), ": stray job") {
		t.Errorf("deleted: %s", done.Text())
	}
	history := staff.Get("/admin/history/?model=dead-letters").Text()
	for _, want := range []string{"mail mail7: boom", "Put back", "stray job", "Deleted"} {
		if !strings.Contains(history, want) {
			t.Errorf("the history lacks %q: %s", want, history)
		}
	}
	app.Worker()
	handlerstest.Eventually(t, 30*time.Second, "the mail is sent", func() bool { return app.Message("Ada").Status == models.ContactSent })
	if n := len(app.Mails.Accepted()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// One row's page says why it cannot be put back, and while Redis is down, that.
func TestDeadLetterThatCannotBePutBackStays(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	app.CreateSuperuser()
	rows := lay(t, app, stray("x"), models.DeadLetter{JobID: "mail7", Job: "mail", Arguments: `{"id":"7"}`, Cause: "boom"})
	staff := app.Login()
	put := func(id, words string) {
		t.Helper()
		page := staff.Get(deadURL + id + "/")
		asked := staff.Post(page, deadURL+id+"/", url.Values{"action": {"put-back"}, "confirm": {"yes"}})
		if !strings.Contains(asked.Text(), words) || rowsOf(t, app, (*models.DeadLetter)(nil)) != 2 {
			t.Errorf("%d %s", asked.Status, asked.Text())
		}
	}
	put(rows[0], "No worker knows this job.")
	app.Redis.Kill()
	put(rows[1], "Redis does not answer.")
}
