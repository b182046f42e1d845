package waitlist

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// place is where an entry stands, and from where on the line is counted to it.
type place struct {
	bun.BaseModel `bun:"alias:place"`

	ID     int64     `bun:"id"`
	At     time.Time `bun:"at,type:timestamptz"`
	FromID int64     `bun:"from_id"`
	FromAt time.Time `bun:"from_at,type:timestamptz"`
}

// Positions returns the places in line of those among the entries that wait; the first is
// 1. Who joined on an earlier day is counted already: only who joined on the same one is
// counted here, from one entry to the next.
func (s *Service) Positions(ctx context.Context, entries []models.WaitlistEntry) (map[int64]int, error) {
	waiting := slices.DeleteFunc(slices.Clone(entries), func(e models.WaitlistEntry) bool {
		return !e.InvitedAt.IsZero() || !e.UnsubscribedAt.IsZero() || e.IsSpam
	})
	if len(waiting) == 0 {
		return nil, nil
	}
	slices.SortFunc(waiting, func(a, b models.WaitlistEntry) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	places, edges, begins := make([]place, len(waiting)), []time.Time{time.Unix(0, 0)}, make([]bool, len(waiting))
	for i, entry := range waiting {
		places[i] = place{ID: entry.ID, At: entry.CreatedAt, FromAt: entry.CreatedAt.UTC().Truncate(24 * time.Hour)}
		if begins[i] = !places[i].FromAt.Equal(edges[len(edges)-1]); begins[i] {
			edges = append(edges, places[i].FromAt)
		} else {
			places[i].FromAt, places[i].FromID = waiting[i-1].CreatedAt, waiting[i-1].ID
		}
	}
	earlier, err := models.KeptBetween(ctx, s.DB, countedTable, "waiting", edges...)
	if err != nil {
		return nil, err
	}
	steps, err := s.steps(ctx, places)
	if err != nil {
		return nil, err
	}
	positions, before, within := map[int64]int{}, 0, 0
	for i, entry := range waiting {
		if begins[i] {
			before, within, earlier = before+earlier[0], 0, earlier[1:]
		}
		within += steps[entry.ID]
		positions[entry.ID] = before + within
	}
	return positions, nil
}

// steps counts who is in line up to each place, from where it says.
func (s *Service) steps(ctx context.Context, places []place) (map[int64]int, error) {
	step := s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).ColumnExpr("count(*)").Where(Waiting).
		Where("(waitlist_entry.created_at, waitlist_entry.id) > (places.from_at, places.from_id)").
		Where("(waitlist_entry.created_at, waitlist_entry.id) <= (places.at, places.id)")
	var rows []struct {
		ID    int64
		Steps int
	}
	args := new(models.Args)
	if err := s.DB.NewSelect().With("places", args.Rows(s.DB, &places)).TableExpr("places").ColumnExpr("places.id, (?) AS steps", step).Scan(args.In(ctx), &rows); err != nil {
		return nil, fmt.Errorf("find places in line: %w", err)
	}
	steps := map[int64]int{}
	for _, row := range rows {
		steps[row.ID] = row.Steps
	}
	return steps, nil
}

// countedTable is what the kept counts call the list.
const countedTable = "waitlist_entries"

// part is what all of the list is counted by: i for invited, u for unsubscribed and n for
// notified, each in its place, with - where not.
type part string

var parts = []string{"---", "--n", "-u-", "-un", "i--", "i-n", "iu-", "iun"}

func (p part) invited() bool      { return p[0] == 'i' }
func (p part) unsubscribed() bool { return p[1] == 'u' }
func (p part) notified() bool     { return p[2] == 'n' }
