package contact

import (
	"context"
	"fmt"
	"slices"
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
	var groups []struct {
		Day    string
		Status models.ContactStatus
		Number int
	}
	// Named, all of the statuses let an index tell everything that is asked.
	var statuses []string
	for _, choice := range models.ContactStatus("").Choices() {
		statuses = append(statuses, choice.Value)
	}
	if err := s.messages().ColumnExpr("? AS day, status, count(*) AS number", models.DayOf(s.DB, "created_at", zone)).
		Where("created_at >= ?", first.AddDate(0, 0, -overviewDays)).
		Where("status IN (?)", bun.List(statuses)).GroupExpr("1, 2").Scan(ctx, &groups); err != nil {
		return nil, fmt.Errorf("count messages by day: %w", err)
	}
	overview := &Overview{Days: make([]Day, overviewDays)}
	for i := range overview.Days {
		overview.Days[i].Date = first.AddDate(0, 0, i)
	}
	for _, group := range groups {
		if group.Day < first.Format(time.DateOnly) {
			overview.Before += group.Number
			continue
		}
		overview.Received += group.Number
		i := slices.IndexFunc(overview.Days, func(d Day) bool { return d.Date.Format(time.DateOnly) == group.Day })
		if i < 0 {
			i = overviewDays - 1 // midnight passed meanwhile
		}
		switch group.Status {
		case models.ContactSent:
			overview.Days[i].Sent += group.Number
		case models.ContactFailed:
			overview.Days[i].Failed += group.Number
		default:
			overview.Days[i].Pending += group.Number
		}
	}
	return overview, s.countFailed(ctx, overview)
}

// Latest are the newest messages.
func (s *Service) Latest(ctx context.Context, limit int64) ([]models.ContactMessage, error) {
	var messages []models.ContactMessage
	err := s.DB.NewSelect().Model(&messages).Column("id", "name", "message", "created_at").Where("is_spam = ?", false).
		OrderExpr("created_at DESC, id DESC").Limit(limit).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read latest messages: %w", err)
	}
	return messages, nil
}

func (s *Service) countFailed(ctx context.Context, overview *Overview) error {
	failed := s.messages().Where("status = ?", models.ContactFailed)
	var err error
	if overview.Failed, err = outbox.CountRows(ctx, failed.Clone()); err != nil {
		return fmt.Errorf("count failed messages: %w", err)
	}
	if overview.Failed == 0 {
		return nil
	}
	if err := failed.Column("created_at").OrderExpr("created_at").Limit(1).Scan(ctx, &overview.Oldest); err != nil {
		return fmt.Errorf("find the oldest failed message: %w", err)
	}
	return nil
}

func (s *Service) messages() *bun.SelectQuery {
	return s.DB.NewSelect().Model((*models.ContactMessage)(nil)).Where("is_spam = ?", false)
}
