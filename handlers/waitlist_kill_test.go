package handlers_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/waitlist"
)

// senderProcesses are who sends mail: two workers of one connection each where there
// is a Redis between them, else the web process itself, which has eight.
func (c *cast) senderProcesses() (senders []*handlerstest.Process, copies int, renew func() *handlerstest.Process) {
	c.t.Helper()
	if c.Redis == nil {
		c.Serve()
		return []*handlerstest.Process{c.Process}, 8, c.NewSender
	}
	c.Serve("WORKERS_IN_PROCESS=0")
	renew = func() *handlerstest.Process {
		worker := handlerstest.Spawn(c.t, c.Env(), "worker", "--concurrency=1")
		handlerstest.Eventually(c.t, handlerstest.StartTime, "the worker is ready", func() bool { return strings.Contains(worker.Log(), "working") })
		return worker
	}
	return []*handlerstest.Process{renew(), renew()}, 1, renew
}

func TestInvitationsSurviveKilledWorkers(t *testing.T) {
	t.Parallel()
	people, kills := handlerstest.Load(1_000, 10_000), 4
	c := &cast{t: t, App: handlerstest.Prepare(t, "PORT="+handlerstest.FreePort(t))}
	senders, copiesPerKill, renew := c.senderProcesses()
	c.CreateSuperuser()
	c.crowd(people)
	staff := c.Login()
	// On a machine that is busy a round of this size may run out of its request's time:
	// then it is asked for again under the same key.
	handlerstest.Eventually(t, time.Minute, "the invitation is accepted", func() bool {
		form := url.Values{"count": {strconv.Itoa(people)}, "once": {"once"}, "confirm": {"yes"}}
		return staff.Post(staff.Get("/admin/waitlist/invite/"), "/admin/waitlist/invite/", form).Has("#job")
	})
	for kill := range kills {
		handlerstest.Eventually(t, afterKill, "mails go on", func() bool { return c.Mails.Deliveries() >= (kill+1)*people/(kills+2) })
		victim := rand.IntN(len(senders))
		senders[victim].Kill()
		senders[victim] = renew()
	}
	if job := ended(t, c.App, 2*afterKill); job.ID != 1 || job.State != models.JobDone || job.Done != people {
		t.Errorf("the job ended as %+v", job)
	}
	handlerstest.Eventually(t, 2*afterKill, "every invitation is sent", func() bool {
		left, err := c.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("status <> ?", models.MailSent).Count(context.Background())
		return err == nil && left == 0
	})
	c.wantInvitedOnce(people, kills*copiesPerKill)
}

// wantInvitedOnce joins the list, the mails and what the mail server took: of
// everybody one of each, and not more copies in all than crashes explain.
func (c *cast) wantInvitedOnce(people, copies int) {
	c.t.Helper()
	received, extra := map[string]int{}, 0
	ids := map[string]string{} // Message-ID by person
	for _, mail := range c.Mails.Accepted() {
		person := mail.To[0]
		if received[person]++; received[person] > 1 {
			extra++
		}
		if id := ids[person]; id != "" && id != mail.ID() {
			c.t.Errorf("%s got two different mails", person)
		}
		ids[person] = mail.ID()
	}
	if extra > copies {
		c.t.Errorf("%d extra copies, want at most %d", extra, copies)
	}
	c.t.Logf("%d people, %d extra copies", people, extra)
	if mails := c.enqueued(waitlist.MailInvitation); mails != people || len(received) != people {
		c.t.Errorf("%d mails and %d people with a mail, want %d", mails, len(received), people)
	}
	entries := c.waitlisted()
	history, err := c.DB.NewSelect().Model((*models.HistoryEntry)(nil)).Where("summary = ?", "Invited").Count(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	if len(entries) != people || int(history) != people {
		c.t.Errorf("%d rows and %d entries of history, want %d", len(entries), history, people)
	}
	faults := 0
	for _, entry := range entries {
		if entry.InvitedAt.IsZero() || !entry.Notified || received[entry.Email] == 0 {
			faults++
		}
	}
	if faults > 0 {
		c.t.Error(fmt.Sprint(faults, " people are not shown as invited and mailed"))
	}
}
