package contact

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/outbox"
)

// overviewDays is how far back the overview looks, today included.
const overviewDays = 14

// Overview is the contact messages at a glance. Spam is left out.
type Overview struct {
	Days     []Day        // oldest first, one for each day
	Received int          // in these days
	Before   int          // in as many days before
	Failed   outbox.Count // messages whose mail failed, of any age
	Oldest   time.Time    // of the failed ones; zero where none failed
}

// Day counts the messages received on one day by their status.
type Day struct {
	Date                  time.Time // its start
	Sent, Failed, Pending int
}

// Overview counts the messages of the last days, which are a zone's.
func (s *Service) Overview(ctx context.Context, zone *time.Location) (*Overview, error) {
	first := models.StartOfDay(s.Now().In(zone)).AddDate(0, 0, 1-overviewDays)
	overview, edges := &Overview{Days: make([]Day, overviewDays)}, []time.Time{first.AddDate(0, 0, -overviewDays)}
	for i := range overview.Days {
		overview.Days[i].Date = first.AddDate(0, 0, i)
		edges = append(edges, overview.Days[i].Date)
	}
	edges = append(edges, first.AddDate(0, 0, overviewDays+1)) // midnight may pass meanwhile
	received, err := models.KeptBetween(ctx, s.DB, "contact_messages", "received", edges...)
	if err != nil {
		return nil, err
	}
	// What is sent is the rest: of that there is most.
	others, err := s.unsent(ctx, edges[1:])
	if err != nil {
		return nil, err
	}
	overview.Before = received[0]
	for i := range overview.Days {
		day := &overview.Days[i]
		day.Failed, day.Pending = others[i].Failed, others[i].Pending
		day.Sent = max(0, received[i+1]-day.Failed-day.Pending)
		overview.Received += received[i+1]
	}
	return overview, s.countFailed(ctx, overview)
}

// unsent counts the messages that are not sent from each edge to the next.
func (s *Service) unsent(ctx context.Context, edges []time.Time) (counts []struct{ Failed, Pending int }, err error) {
	type span struct {
		Number      int64
		First, Next time.Time
	}
	spans := make([]span, len(edges)-1)
	for i := range spans {
		spans[i] = span{int64(i), edges[i], edges[i+1]}
	}
	within := func(status models.ContactStatus) *bun.SelectQuery {
		return s.messages().ColumnExpr("count(*)").Where("status = ?", status).Where("created_at >= spans.first").Where("created_at < spans.next")
	}
	if err := s.DB.NewSelect().With("spans", s.DB.NewValues(&spans)).TableExpr("spans").
		ColumnExpr("(?) AS failed, (?) AS pending", within(models.ContactFailed), within(models.ContactPending)).
		OrderExpr("spans.number").Scan(ctx, &counts); err != nil {
		return nil, fmt.Errorf("count messages by day: %w", err)
	}
	return counts, nil
}

// Latest are the newest messages.
func (s *Service) Latest(ctx context.Context, limit int64) ([]models.ContactMessage, error) {
	var messages []models.ContactMessage
	err := s.DB.NewSelect().Model(&messages).Column("id", "name", "message", "created_at").Where("is_spam = ?", false).
		OrderExpr("created_at DESC, id DESC").Limit(limit).Scan(new(models.Args).In(ctx))
	if err != nil {
		return nil, fmt.Errorf("read latest messages: %w", err)
	}
	return messages, nil
}

func (s *Service) countFailed(ctx context.Context, overview *Overview) error {
	failed := s.messages().Where("status = ?", models.ContactFailed)
	var found struct {
		Failed outbox.Count
		Oldest time.Time `bun:",nullzero"`
	}
	if err := s.DB.NewSelect().ColumnExpr("(?) AS failed", outbox.Capped(failed.Clone())).
		ColumnExpr("(?) AS oldest", failed.Column("created_at").OrderExpr("created_at").Limit(1)).
		Scan(new(models.Args).In(ctx), &found); err != nil {
		return fmt.Errorf("count failed messages: %w", err)
	}
	overview.Failed, overview.Oldest = found.Failed, found.Oldest
	return nil
}

func (s *Service) messages() *bun.SelectQuery {
	return s.DB.NewSelect().Model((*models.ContactMessage)(nil)).Where("is_spam = ?", false)
}
