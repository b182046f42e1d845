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
)

func TestTimelineTellsWhatBecameOfAMessage(t *testing.T) {
	ctx, db := t.Context(), modelstest.New(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	outbox := &outbox.Outbox{DB: db, Now: clock, RetryDelay: time.Minute, MaxRetries: 3, Domain: "example.com", Wake: func([]int64) {}}
	service := &contact.Service{DB: db, Outbox: outbox, Now: clock}
	delivery := contactDelivery{outbox}
	site := &admin.Site{DB: db, Now: clock}
	site.Register(contactModel(service, outbox))
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
		lines, err := delivery.timeline(ctx, row)
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
		badges, err := delivery.badges(ctx, []*models.ContactMessage{row})
		if err != nil {
			t.Fatal(err)
		}
		if badge := badges[1]; badge.Note != note || badge.Live != live {
			t.Errorf("badge %+v, want %q, live %v", badge, note, live)
		}
	}

	const start = "Received: From 203.0.113.7, saved with its promise to mail | Queued"
	expect(start+" | Attempt 1 of 4", "", true)
	claim, err := outbox.Claim(ctx, 1, "worker-2", "smtp.gmail.com:587")
	if err != nil {
		t.Fatal(err)
	}
	expect(start+" | Attempt 1 is being sent: worker-2 → smtp.gmail.com:587", "", true)
	if err := outbox.Finish(ctx, claim, models.AttemptDeferred, "451 4.7.1 Greylisted"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(18 * time.Second)
	const first = start + " | Attempt 1 failed: worker-2 → smtp.gmail.com:587 451 4.7.1 Greylisted"
	expect(first+" | Attempt 2 of 4: Waits 60 seconds between attempts", "next try in 42 s", true)
	now = now.Add(time.Minute)
	if claim, err = outbox.Claim(ctx, 1, "worker-1", "smtp.gmail.com:587"); err != nil {
		t.Fatal(err)
	}
	if err := outbox.Finish(ctx, claim, models.AttemptSent, "250 OK"); err != nil {
		t.Fatal(err)
	}
	expect(first+" | Attempt 2 sent: worker-1 → smtp.gmail.com:587 250 OK", "", false)

	if related, err := delivery.related(ctx, []int64{1}); err != nil || len(related) != 1 {
		t.Errorf("related: %q, %v", related, err)
	}
}

func TestSpamIsNotLive(t *testing.T) {
	ctx, db := t.Context(), modelstest.New(t)
	outbox := &outbox.Outbox{DB: db, Now: time.Now, Wake: func([]int64) {}}
	service := &contact.Service{DB: db, Outbox: outbox, Now: time.Now}
	if err := service.Submit(ctx, contact.Input{Name: "Bot", Email: "b@example.com", Message: "x", Website: "x"}); err != nil {
		t.Fatal(err)
	}
	badges, err := contactDelivery{outbox}.badges(ctx, []*models.ContactMessage{{ID: 1, Status: models.ContactPending}})
	if err != nil || badges[1].Live {
		t.Errorf("badge %+v, %v", badges[1], err)
	}
}
