package handlerstest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/contact"
)

// CheckInvariants waits until nothing is under way any more, and then joins the
// database with the mail that the server took, on Message-ID:
//
//	I1  every accepted submit ended sent or failed, none is lost
//	I2  no more than one extra copy per crash, under the same Message-ID: a kill
//	    between the server's 250 and the commit can't be told from one before
//	I3  sent only if the server took it, failed only if it did not
//	I4  all of this within the time
func (a *App) CheckInvariants(within time.Duration, crashes int, accepted ...string) {
	a.t.Helper()
	ctx, start := context.Background(), time.Now()
	Eventually(a.t, within, "I4: every mail is sent or given up", func() bool {
		open, err := a.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("next_attempt_at IS NOT NULL").Count(ctx)
		return err == nil && open == 0
	})
	a.figures.recovery = max(a.figures.recovery, time.Since(start))
	received := receivedCopies(a.Mails.Accepted())
	known, mails := map[string]bool{}, map[string]int{}
	copies := 0
	for _, row := range a.joined(ctx) {
		known[row.Outbox.MessageID] = true
		mails[row.Contact.Name]++
		copies += max(0, received[row.Outbox.MessageID]-1)
		row.check(a.t, received[row.Outbox.MessageID])
	}
	if copies > crashes {
		a.t.Errorf("I2: %d extra copies after %d crashes", copies, crashes)
	}
	for id := range received {
		if !known[id] {
			a.t.Errorf("I2: the server took %q, which nobody enqueued", id)
		}
	}
	lost := 0
	for _, name := range accepted {
		if mails[name] == 0 {
			lost++
		}
		if mails[name] != 1 {
			a.t.Errorf("I1: the submit of %s was accepted and has %d mails", name, mails[name])
		}
	}
	a.figures.submitted, a.figures.delivered, a.figures.lost, a.figures.copies = len(mails)+lost, len(received), lost, copies
}

// mailed is a contact message with a mail about it and its attempts.
type mailed struct {
	Contact  models.ContactMessage
	Outbox   models.OutboxMessage
	Newest   bool // of its message, which shows what became of this one
	Attempts []models.MailAttempt
}

// check holds one mail against how many copies of its mail were received.
func (p mailed) check(t testing.TB, copies int) {
	t.Helper()
	fault := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s (%s, %d copies, %q): %s", p.Contact.Name, p.Outbox.State, copies, p.Outbox.ErrorMessage, fmt.Sprintf(format, args...))
	}
	sent := 0
	for _, attempt := range p.Attempts {
		if attempt.Outcome == models.AttemptSent {
			sent++
		}
		if attempt.Outcome == models.AttemptRunning || attempt.FinishedAt.IsZero() {
			fault("I1: attempt %d never ended", attempt.Number)
		}
	}
	switch p.Outbox.State {
	case models.MailSent:
		if copies == 0 || sent == 0 || p.Outbox.SentAt.IsZero() {
			fault("I3: sent, with %d attempts that the server accepted, sent at %v", sent, p.Outbox.SentAt)
		}
	case models.MailFailed, models.MailCancelled:
		if copies > 0 || sent > 0 || p.Outbox.ErrorMessage == "" {
			fault("I3: failed, with %d attempts that the server accepted", sent)
		}
	default:
		fault("I1: neither sent nor failed")
	}
	if p.Newest && (p.Contact.Status != p.Outbox.State.DeliveryStatus() || p.Outbox.Status != p.Contact.Status || p.Contact.ErrorMessage != p.Outbox.ErrorMessage || !p.Contact.SentAt.Equal(p.Outbox.SentAt)) {
		fault("the message says %s, %q, sent at %v", p.Contact.Status, p.Contact.ErrorMessage, p.Contact.SentAt)
	}
	if len(p.Attempts) != p.Outbox.Attempts {
		fault("%d attempts are counted, %d are kept", p.Outbox.Attempts, len(p.Attempts))
	}
}

// joined reads every mail about a contact message.
func (a *App) joined(ctx context.Context) []mailed {
	a.t.Helper()
	var outbox []models.OutboxMessage
	var contacts []models.ContactMessage
	var attempts []models.MailAttempt
	for _, query := range []*bun.SelectQuery{
		a.DB.NewSelect().Model(&outbox).Where("kind = ?", contact.MailNotice).Order("id"),
		a.DB.NewSelect().Model(&contacts), a.DB.NewSelect().Model(&attempts).Order("number"),
	} {
		if err := query.Scan(ctx); err != nil {
			a.t.Fatal(err)
		}
	}
	newest, contactOf, attemptsOf := map[int64]int64{}, map[int64]models.ContactMessage{}, map[int64][]models.MailAttempt{}
	for _, message := range outbox {
		if !message.Superseded { // by another one, or undone
			newest[message.ObjectID] = message.ID
		}
	}
	for _, contact := range contacts {
		contactOf[contact.ID] = contact
	}
	for _, attempt := range attempts {
		attemptsOf[attempt.OutboxMessageID] = append(attemptsOf[attempt.OutboxMessageID], attempt)
	}
	all := make([]mailed, len(outbox))
	for i, message := range outbox {
		contact, kept := contactOf[message.ObjectID]
		if !kept {
			a.t.Fatalf("I1: mail %d has no message", message.ID)
		}
		all[i] = mailed{contact, message, newest[message.ObjectID] == message.ID, attemptsOf[message.ID]}
	}
	return all
}

func receivedCopies(mails []Mail) map[string]int {
	copies := map[string]int{}
	for _, mail := range mails {
		copies[mail.ID()]++
	}
	return copies
}

// Message reads the contact message of a name.
func (a *App) Message(name string) models.ContactMessage {
	a.t.Helper()
	var message models.ContactMessage
	if err := a.DB.NewSelect().Model(&message).Where("name = ?", name).Scan(context.Background()); err != nil {
		a.t.Fatalf("the message of %s: %v", name, err)
	}
	return message
}

// MailOf is the mail that the server took for the contact message of a name.
func (a *App) MailOf(name string) Mail {
	a.t.Helper()
	var id string
	if err := a.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Column("message_id").
		Where("kind = ?", contact.MailNotice).Where("object_id = ?", a.Message(name).ID).Scan(context.Background(), &id); err != nil {
		a.t.Fatalf("the mail about %s: %v", name, err)
	}
	for _, mail := range a.Mails.Accepted() {
		if mail.ID() == id {
			return mail
		}
	}
	a.t.Fatalf("the server took no mail of %s", name)
	return Mail{}
}

// Newest is the contact message that was stored last.
func (a *App) Newest() models.ContactMessage {
	a.t.Helper()
	var message models.ContactMessage
	if err := a.DB.NewSelect().Model(&message).OrderExpr("id DESC").Limit(1).Scan(context.Background()); err != nil {
		a.t.Fatalf("the newest message: %v", err)
	}
	return message
}

// Attempts are the tries to mail the contact message of a name, oldest first.
func (a *App) Attempts(name string) []models.MailAttempt {
	a.t.Helper()
	var attempts []models.MailAttempt
	if err := a.DB.NewSelect().Model(&attempts).
		Join("JOIN outbox_messages AS o ON o.id = mail_attempt.outbox_message_id AND o.kind = ?", contact.MailNotice).
		Join("JOIN contact_messages AS c ON c.id = o.object_id").
		Where("c.name = ?", name).OrderExpr("mail_attempt.id").Scan(context.Background()); err != nil {
		a.t.Fatalf("the attempts of %s: %v", name, err)
	}
	return attempts
}
