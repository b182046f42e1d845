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

func TestDeadLettersAreNarrowedTriedAgainAndDiscarded(t *testing.T) {
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
	app.Redis.Do("ZADD", dead, 1, fmt.Sprintf(`{"name":"mail","id":"mail%[1]d","args":{"id":"%[1]d"},"err":"boom"}`, mail.ID))
	for _, id := range []string{"x", "y"} {
		app.Redis.Do("ZADD", dead, 2, fmt.Sprintf(`{"name":"other","id":%q,"err":"stray"}`, id))
	}
	staff := app.Login()
	queue := staff.Get("/admin/queue/")
	link := queue.Part("#dead nav a", "2 × other: stray").Attribute("a", "href")
	if link == "" {
		link = queue.Links("#dead nav a")[1]
	}
	narrowed := staff.Get(strings.TrimSuffix(link, "#dead"))
	if text := narrowed.Part("#dead tbody", "").Text(); !strings.Contains(text, "x") || strings.Contains(text, "boom") || !narrowed.Has("#dead nav [aria-current=true]") {
		t.Errorf("%s shows %s", link, text)
	}
	ask := staff.Post(queue, "/admin/queue/dead/", url.Values{"action": {"retry"}, "all": {"1"}})
	if form := ask.Form("main form"); len(form["key"]) != 1 || app.Redis.Do("ZCARD", dead) != int64(3) {
		t.Fatalf("what is no mail is tried again, or nobody asked: %v %s", form, ask.Text())
	}
	done := staff.Post(ask, "/admin/queue/dead/", ask.Form("main form"))
	if !strings.Contains(done.Text(), "1 dead letter is tried again.") || app.Redis.Do("ZCARD", dead) != int64(2) || app.Redis.Do("LLEN", jobs) != int64(1) {
		t.Errorf("tried again: %s", done.Text())
	}
	key := narrowed.Attribute("#dead [name=key]", "value")
	ask = staff.Post(narrowed, "/admin/queue/dead/", url.Values{"action": {"discard"}, "key": {key}, "job": {"other"}, "error": {"stray"}})
	done = staff.Post(ask, "/admin/queue/dead/", ask.Form("main form"))
	if !strings.Contains(done.Text(), "1 dead letter discarded.") || app.Redis.Do("ZCARD", dead) != int64(1) {
		t.Errorf("discarded: %s", done.Text())
	}
	history := staff.Get("/admin/history/?model=mail-queue").Text()
	for _, want := range []string{"boom", "stray", "Tried again", "Discarded"} {
		if !strings.Contains(history, want) {
			t.Errorf("the history lacks %q", want)
		}
	}
	app.Worker()
	handlerstest.Eventually(t, 30*time.Second, "the mail is sent", func() bool { return app.Message("Ada").Status == models.ContactSent })
	if n := len(app.Mails.Accepted()); n != 1 {
		t.Errorf("%d mails", n)
	}
}
