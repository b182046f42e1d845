package backoffice

import (
	"strings"
	"testing"
	"time"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/contact"
	"digitalpath/services/outbox"
	"digitalpath/services/ratelimit"
)

func TestTimelineTellsWhatBecameOfAMessage(t *testing.T) {
	ctx, db := t.Context(), modelstest.New(t)
	messages := &outbox.Outbox{DB: db, RetryDelay: time.Minute, MaxRetries: 3, Domain: "example.com", Wake: func([]int64) {}}
	service := &contact.Service{DB: db, Outbox: messages, Limiter: new(ratelimit.Limiter), Now: time.Now}
	mails := delivery{messages, []models.MailKind{contact.MailNotice}}
	site := &admin.Site{DB: db, Now: time.Now}
	site.Register((&Backoffice{Contact: service, Outbox: messages}).contactModel())
	if err := site.Check(); err != nil {
		t.Fatal(err)
	}

	if err := service.Submit(ctx, contact.Input{Name: "Tom", Email: "tom@okafor.co", Message: "Hi", IPAddress: "203.0.113.7"}); err != nil {
		t.Fatal(err)
	}
	row := &models.ContactMessage{ID: 1}
	story := func() string {
		t.Helper()
		if err := db.NewSelect().Model(row).WherePK().Scan(ctx); err != nil {
			t.Fatal(err)
		}
		lines, err := mails.contactTimeline(ctx, row)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, e := range lines[0].Events {
			all = append(all, strings.TrimRight(e.Title+": "+e.Text+" "+e.Code, ": "))
		}
		return strings.Join(all, " | ")
	}
	expect := func(want, note string, live bool) {
		t.Helper()
		if got := story(); got != want {
			t.Errorf("story\n%s, want\n%s", got, want)
		}
		badges, err := mails.contactBadges(ctx, []*models.ContactMessage{row})
		if err != nil {
			t.Fatal(err)
		}
		if badge := badges[1]; badge.Note != note || badge.Live != live {
			t.Errorf("badge %+v, want %q, live %v", badge, note, live)
		}
	}

	// age lets time pass: the message is due earlier.
	age := func(d time.Duration) {
		t.Helper()
		message := &models.OutboxMessage{ID: 1}
		if err := db.NewSelect().Model(message).WherePK().Scan(ctx); err != nil {
			t.Fatal(err)
		}
		message.NextAttemptAt = message.NextAttemptAt.Add(-d)
		if _, err := db.NewUpdate().Model(message).Column("next_attempt_at").WherePK().Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	const start = "Received: From 203.0.113.7, saved with the mail about it | Queued"
	expect(start+" | Attempt 1 of 4", "", true)
	leased, err := messages.Claim(ctx, 1, "worker-2", "smtp.gmail.com:587")
	if err != nil {
		t.Fatal(err)
	}
	expect(start+" | Attempt 1 is being sent: worker-2 → smtp.gmail.com:587", "", true)
	if err := messages.Finish(ctx, leased, models.AttemptDeferred, "451 4.7.1 Greylisted"); err != nil {
		t.Fatal(err)
	}
	age(18 * time.Second)
	const first = start + " | Attempt 1 failed: worker-2 → smtp.gmail.com:587 451 4.7.1 Greylisted"
	expect(first+" | Attempt 2 of 4: Waits 60 seconds between attempts", "next try in 42 s", true)
	age(time.Minute)
	if leased, err = messages.Claim(ctx, 1, "worker-1", "smtp.gmail.com:587"); err != nil {
		t.Fatal(err)
	}
	if err := messages.Finish(ctx, leased, models.AttemptSent, "250 OK"); err != nil {
		t.Fatal(err)
	}
	const second = first + " | Attempt 2 sent: worker-1 → smtp.gmail.com:587 250 OK"
	expect(second, "", false)

	sarah := &models.User{Username: "sarah", Email: "sarah@example.com", DateJoined: time.Now().UTC()}
	if _, err := db.NewInsert().Model(sarah).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	by, _ := models.WithAct(models.WithActor(ctx, models.Actor{User: sarah, Rights: models.Rights{All: true}}))
	if _, err := service.Resend(by, []int64{1}, true); err != nil {
		t.Fatal(err)
	}
	const again = second + " | Sent again by sarah"
	expect(again+" | Attempt 3 of 6", "", true)
	if leased, err = messages.Claim(ctx, 2, "worker-1", "smtp.gmail.com:587"); err != nil {
		t.Fatal(err)
	}
	if err := messages.Finish(ctx, leased, models.AttemptSent, "250 OK"); err != nil {
		t.Fatal(err)
	}
	expect(again+" | Attempt 3 sent: worker-1 → smtp.gmail.com:587 250 OK", "", false)
}

func TestSpamIsNotLive(t *testing.T) {
	ctx, db := t.Context(), modelstest.New(t)
	messages := &outbox.Outbox{DB: db, Wake: func([]int64) {}}
	service := &contact.Service{DB: db, Outbox: messages, Limiter: new(ratelimit.Limiter), Now: time.Now}
	if err := service.Submit(ctx, contact.Input{Name: "Bot", Email: "b@example.com", Message: "x", Website: "x"}); err != nil {
		t.Fatal(err)
	}
	badges, err := delivery{messages, []models.MailKind{contact.MailNotice}}.contactBadges(ctx, []*models.ContactMessage{{ID: 1, Status: models.ContactPending}})
	if err != nil || badges[1].Live {
		t.Errorf("badge %+v, %v", badges[1], err)
	}
}
