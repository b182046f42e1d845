package contact

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/outbox"
	"digitalpath/services/ratelimit"
)

// MailNotice tells staff of a contact message; its object is the message.
const MailNotice models.MailKind = "contact_notice"

// Service is the story of a contact message, from the form to the back office.
type Service struct {
	DB      *bun.DB
	Outbox  *outbox.Outbox
	Limiter *ratelimit.Limiter
	Now     func() time.Time
}

// Input is one submit of the form.
type Input struct {
	Name, Email, Message string
	Website              string // hidden from people: only a robot fills it in
	IPAddress            string
	Idempotency          models.Idempotency
}

// Check tells what is wrong with it.
func (in Input) Check() error {
	_, err := in.message()
	return err
}

func (in Input) message() (*models.ContactMessage, error) {
	message := &models.ContactMessage{
		Name:      strings.TrimSpace(in.Name),
		Email:     strings.TrimSpace(in.Email),
		Message:   strings.TrimSpace(in.Message),
		Status:    models.ContactPending,
		IsSpam:    in.Website != "",
		IPAddress: in.IPAddress,
	}
	return message, models.Validate(message)
}

// contactRoute is where idempotency keys of the form belong.
const contactRoute = "POST /api/contact"

// Submit stores the message and the mail about it in one transaction, and waits for
// neither Redis nor SMTP. A robot's message is kept as spam without mail; the robot is
// not told.
func (s *Service) Submit(ctx context.Context, in Input) error {
	now := s.Now()
	message, err := in.message()
	if err != nil {
		return err
	}
	message.CreatedAt, message.UpdatedAt = now, now
	var due []int64
	// A statement of its own could still be committed when the request has timed out.
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		repeated, err := in.Idempotency.Claim(ctx, tx, contactRoute, now)
		if err != nil || repeated {
			return err
		}
		due, err = s.store(ctx, tx, message)
		return err
	})
	if err == nil {
		s.Outbox.Notify(ctx, due)
	}
	return err
}

// store stores a message and the mail about it: with PostgreSQL in one statement.
func (s *Service) store(ctx context.Context, tx bun.Tx, message *models.ContactMessage) ([]int64, error) {
	// Who mistypes, or sends the same again, does not use up what their address may.
	if err := s.Limiter.Allow(ctx, ratelimit.Contact, "", models.NormalizeEmail(message.Email)); err != nil {
		return nil, err
	}
	args := new(models.Args)
	mails := []outbox.Due{{Kind: MailNotice}}
	if message.IsSpam {
		mails = nil
	}
	_, due, err := s.Outbox.EnqueueWith(ctx, tx, args, args.Insert(tx, message), mails...)
	if err != nil {
		return nil, fmt.Errorf("store contact message: %w", err)
	}
	return due, nil
}
