package waitlist

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"digitalpath/models"
)

const (
	shownRounds  = 8
	shownSources = 8

	// SourcesOf is of how many people it is told where they came from.
	SourcesOf = 1000
)

// Counts is the list in numbers, spam left out.
type Counts struct {
	Total, Waiting, Invited, Unsubscribed int
}

// Counts counts the list.
func (s *Service) Counts(ctx context.Context) (Counts, error) {
	var counts Counts
	kept, err := models.KeptCounts(ctx, s.DB, countedTable, parts...)
	if err != nil {
		return counts, err
	}
	for text, count := range kept {
		p := part(text)
		counts.Total += count
		if p.invited() {
			counts.Invited += count
		}
		if p.unsubscribed() {
			counts.Unsubscribed += count
		}
		if !p.invited() && !p.unsubscribed() {
			counts.Waiting += count
		}
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
	Counts
	Days    []Day    // oldest first, one for each day
	Sources []Source // of the newest SourcesOf who joined in these days, the commonest first
}

// Day is one day, by its start: who joined on it, and how many had joined at its end (in
// Growth alone).
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
	days, err := s.Joined(ctx, count, zone)
	if err != nil {
		return nil, err
	}
	counts, err := s.Counts(ctx)
	if err != nil {
		return nil, err
	}
	for i, total := len(days)-1, counts.Total; i >= 0; i-- {
		days[i].Total = total
		total -= days[i].Joined
	}
	growth := &Growth{Days: days, Counts: counts}
	growth.Sources, err = s.sources(ctx, days[0].Date)
	return growth, err
}

// Joined counts who joined on each of the last days of a zone, today included.
func (s *Service) Joined(ctx context.Context, days int, zone *time.Location) ([]Day, error) {
	all, edges := make([]Day, days), make([]time.Time, days+1)
	first := models.StartOfDay(s.Now().In(zone)).AddDate(0, 0, 1-days)
	for i := range edges {
		edges[i] = first.AddDate(0, 0, i)
	}
	edges[days] = edges[days].AddDate(0, 0, 1) // midnight may pass meanwhile
	kept, err := models.KeptBetween(ctx, s.DB, countedTable, "joined", edges...)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i] = Day{Date: edges[i], Joined: kept[i]}
	}
	return all, nil
}

// sources tells people who joined since a time apart by the campaign's source, else by
// the site that they came from.
func (s *Service) sources(ctx context.Context, since time.Time) ([]Source, error) {
	newest := s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).Where("is_spam = ?", false).Where("created_at >= ?", since).
		ColumnExpr("CASE WHEN utm_source = '' THEN referrer ELSE utm_source END AS name").OrderExpr("created_at DESC, id DESC").Limit(SourcesOf)
	var groups []Source
	if err := s.DB.NewSelect().TableExpr("(?) AS newest", newest).ColumnExpr("name, count(*) AS joined").
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
