package contact

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"digitalpath/models"
)

// demoDomain marks demo data; RFC 2606 keeps it from being anybody's.
const demoDomain = "demo.example"

// demoMessages are the people of the demo and what they write.
var demoMessages = []struct{ name, mailbox, text string }{
	{"Amelia Nguyen", "amelia", "We run four clinics and want one view of claims and appointments.\n\nCould we talk next week?"},
	{"Marco Di Stefano", "marco", "Looking for a partner to replace our spreadsheet forecasts before the summer peak."},
	{"Priya Raman", "priya", "Could you send a case study from the insurance sector, please?"},
	{"Tom Okafor", "tom", "Hi team,\n\nBudget approved: when could a discovery workshop start? We would like two days on site.\n\nThanks,\nTom"},
	{"Lucía Fernández", "lucia", "Hola, ¿trabajáis con historias clínicas en HL7/FHIR? Somos una red de tres hospitales."},
	{"Ben Whitaker", "ben", "Contract review assistant: is an on-premise installation possible?"},
	{"Hana Suzuki", "hana", "Follow-up on the demo: pricing for 40 seats, and does the licence cover test systems?"},
	{"Greta Lindqvist", "greta", "We need reports for the regulator every quarter. What would a first step look like?"},
	{"Oliver Grant", "oliver", "Is there an API we could try before we talk?"},
	{"Fatima Zahra", "fatima", "Inventory analytics across 60 stores: who of your team has done that before?"},
	{"Jonas Weber", "jonas", "Our data sits in two clouds. Do you move it, or work with it where it is?"},
	{"Chloé Martin", "chloe", "Please call me about the training for our analysts."},
	{"Diego Rojas", "diego", "Queremos un panel de morosidad diario. ¿Cuánto tarda un piloto?"},
}

// demoFaults are replies of mail servers to the demo's failed mails.
var demoFaults = []string{
	"550 5.1.1 The e-mail account does not exist",
	"552 5.2.2 The recipient's mailbox is full",
	"554 5.7.1 Message refused by policy",
}

const demoCount = 130

// Demo loads contact messages of the last weeks with their mails' histories, sent
// and failed, and returns how many it added: none where they are there already.
func (s *Service) Demo(ctx context.Context) (int, error) {
	there, err := s.DB.NewSelect().Model((*models.ContactMessage)(nil)).Where("email LIKE ?", "%@"+demoDomain).Exists(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for demo data: %w", err)
	}
	if there {
		return 0, nil
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for i := range demoCount {
			if err := s.addDemo(ctx, tx, i); err != nil {
				return err
			}
		}
		return nil
	})
	return demoCount, err
}

// addDemo adds one message; the larger i, the older it is.
func (s *Service) addDemo(ctx context.Context, tx bun.Tx, i int) error {
	person := demoMessages[i%len(demoMessages)]
	at := s.Now().Add(-time.Duration(i*i%97+i*5) * 97 * time.Minute)
	message := &models.ContactMessage{
		Name: person.name, Email: person.mailbox + "@" + demoDomain, Message: person.text, IPAddress: "203.0.113.7",
		Status: models.ContactSent, CreatedAt: at, UpdatedAt: at.Add(2 * time.Second), SentAt: at.Add(2 * time.Second),
	}
	mail := &models.OutboxMessage{
		Kind: MailNotice, MessageID: uuid.NewString() + "@" + s.Outbox.Domain, State: models.MailSent,
		Attempts: 1, MaxAttempts: 1 + s.Outbox.MaxRetries, QueuedAt: at, CreatedAt: at, UpdatedAt: at, SentAt: message.SentAt,
	}
	attempt := &models.MailAttempt{
		Number: 1, Worker: "demo", Server: "smtp.demo.example:587", Outcome: models.AttemptSent, Reply: "250 2.0.0 OK",
		StartedAt: at.Add(time.Second), FinishedAt: message.SentAt,
	}
	switch {
	case i%29 == 7:
		message.IsSpam, message.Status, message.SentAt = true, models.ContactPending, time.Time{}
	case i%23 == 3:
		attempt.Outcome, attempt.Reply = models.AttemptRefused, demoFaults[i%len(demoFaults)]
		message.Status, message.SentAt, message.ErrorMessage = models.ContactFailed, time.Time{}, attempt.Reply
		mail.State, mail.SentAt, mail.ErrorMessage = models.MailFailed, time.Time{}, attempt.Reply
		mail.Cause = attempt.Reply[:3] + " from " + attempt.Server
	}
	if _, err := tx.NewInsert().Model(message).Exec(ctx); err != nil {
		return fmt.Errorf("add demo message: %w", err)
	}
	if message.IsSpam {
		return nil
	}
	mail.ObjectID, mail.Status = message.ID, mail.State.DeliveryStatus()
	if _, err := tx.NewInsert().Model(mail).Exec(ctx); err != nil {
		return fmt.Errorf("add demo mail: %w", err)
	}
	attempt.OutboxMessageID = mail.ID
	if _, err := tx.NewInsert().Model(attempt).Exec(ctx); err != nil {
		return fmt.Errorf("add demo attempt: %w", err)
	}
	return nil
}
