package waitlist

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

const (
	shownRounds  = 8
	shownSources = 8
)

// Counts is the list in numbers, spam left out.
type Counts struct {
	Total, Waiting, Invited, Unsubscribed int
}

// Counts counts the list.
func (s *Service) Counts(ctx context.Context) (Counts, error) {
	var counts Counts
	err := s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).
		ColumnExpr("count(*), count(*) FILTER (WHERE "+Waiting+"), count(invited_at), count(unsubscribed_at)").
		Where("NOT is_spam").Scan(ctx, &counts.Total, &counts.Waiting, &counts.Invited, &counts.Unsubscribed)
	if err != nil {
		return counts, fmt.Errorf("count the waitlist: %w", err)
	}
	return counts, nil
}

// Round is the people who were invited together.
type Round struct {
	At                        time.Time
	People, Delivered, Queued int // the rest of the people could not be reached
}

// Rounds returns the newest rounds of invitations, newest first, with how far their
// mails are.
func (s *Service) Rounds(ctx context.Context) ([]Round, error) {
	var rounds []Round
	if err := s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).
		ColumnExpr("invited_at AS at, count(*) AS people, count(*) FILTER (WHERE notified) AS delivered").
		Where("is_spam = ?", false).Where("invited_at IS NOT NULL").
		GroupExpr("invited_at").OrderExpr("invited_at DESC").Limit(shownRounds).Scan(ctx, &rounds); err != nil {
		return nil, fmt.Errorf("find rounds of invitations: %w", err)
	}
	var open []Round
	if err := s.DB.NewSelect().Model((*models.OutboxMessage)(nil)).ColumnExpr("e.invited_at AS at, count(*) AS queued").
		Join("JOIN waitlist_entries AS e ON e.id = outbox_message.object_id").
		Where("kind = ?", MailInvitation).Where("next_attempt_at IS NOT NULL").
		GroupExpr("e.invited_at").Scan(ctx, &open); err != nil {
		return nil, fmt.Errorf("find invitations under way: %w", err)
	}
	for _, round := range open {
		if i := slices.IndexFunc(rounds, func(r Round) bool { return r.At.Equal(round.At) }); i >= 0 {
			rounds[i].Queued = round.Queued
		}
	}
	return rounds, nil
}

// Growth is how the list grew over some days.
type Growth struct {
	Days    []Day    // oldest first, one for each day
	Sources []Source // of those who joined in these days, the commonest first
}

// Day is one day, by its start: who joined on it, and how many had joined at its end.
type Day struct {
	Date          time.Time
	Joined, Total int
}

// Source is where people came from; an empty Name is unknown.
type Source struct {
	Name   string
	Joined int
}

// Growth looks back over days of a zone, today included.
func (s *Service) Growth(ctx context.Context, count int, zone *time.Location) (*Growth, error) {
	first := models.StartOfDay(s.Now().In(zone)).AddDate(0, 0, 1-count)
	joined := func() *bun.SelectQuery {
		return s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).Where("is_spam = ?", false)
	}
	total, err := joined().Where("created_at < ?", first).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count who joined before: %w", err)
	}
	days, err := s.Joined(ctx, count, zone)
	if err != nil {
		return nil, err
	}
	growth := &Growth{Days: days}
	running := int(total)
	for i := range days {
		running += days[i].Joined
		days[i].Total = running
	}
	growth.Sources, err = s.sources(ctx, joined().Where("created_at >= ?", first))
	return growth, err
}

// Joined counts who joined on each of the last days of a zone, today included.
func (s *Service) Joined(ctx context.Context, days int, zone *time.Location) ([]Day, error) {
	first := models.StartOfDay(s.Now().In(zone)).AddDate(0, 0, 1-days)
	var groups []struct {
		Day    string
		Joined int
	}
	if err := s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).Where("is_spam = ?", false).ColumnExpr("? AS day, count(*) AS joined", models.DayOf(s.DB, "created_at", zone)).Where("created_at >= ?", first).
		GroupExpr("1").Scan(ctx, &groups); err != nil {
		return nil, fmt.Errorf("count who joined by day: %w", err)
	}
	byDay := map[string]int{}
	for _, group := range groups {
		byDay[group.Day] = group.Joined
	}
	all := make([]Day, days)
	for i := range all {
		date := first.AddDate(0, 0, i)
		all[i] = Day{Date: date, Joined: byDay[date.Format(time.DateOnly)]}
	}
	return all, nil
}

// sources tells people apart by the campaign's source, else by the site that they
// came from.
func (s *Service) sources(ctx context.Context, joined *bun.SelectQuery) ([]Source, error) {
	var groups []Source
	if err := joined.ColumnExpr("CASE WHEN utm_source = '' THEN referrer ELSE utm_source END AS name, count(*) AS joined").
		GroupExpr("1").OrderExpr("2 DESC").Limit(500).Scan(ctx, &groups); err != nil {
		return nil, fmt.Errorf("count where people came from: %w", err)
	}
	byName := map[string]int{}
	for _, group := range groups {
		name := group.Name
		if u, err := url.Parse(name); err == nil && u.Host != "" {
			name = strings.TrimPrefix(u.Host, "www.")
		}
		byName[name] += group.Joined
	}
	sources := make([]Source, 0, len(byName))
	for name, count := range byName {
		sources = append(sources, Source{name, count})
	}
	slices.SortFunc(sources, func(a, b Source) int {
		return cmp.Or(cmp.Compare(b.Joined, a.Joined), cmp.Compare(a.Name, b.Name))
	})
	return sources[:min(len(sources), shownSources)], nil
}
