package staff

import (
	"context"
	"fmt"
	"strings"
	"time"

	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Unsubscribe is the page behind the link in the waitlist's mails.
type Unsubscribe struct {
	Frame   layout.Frame
	URL     string // the button posts there; empty once it is done
	Address string
}

// Invite is the page that invites the first of the line and shows how far the
// invitations are.
type Invite struct {
	Frame   layout.Frame
	Tiles   []Tile
	URL     string // the form posts there; the page is at the same place
	Waiting int
	Once    string // makes a form that is sent twice count once
	Count   ui.Field
	Rounds  []InviteRound // newest first
}

// InviteRound is the people who were invited together.
type InviteRound struct {
	At                                 time.Time
	People, Delivered, Queued, Failing int
}

// live tells whether the page is about to change by itself.
func (i Invite) live() bool {
	for _, round := range i.Rounds {
		if round.Queued > 0 {
			return true
		}
	}
	return false
}

// summary is the round in words.
func (r InviteRound) summary(ctx context.Context) string {
	words := []string{i18n.T(ctx, "%d of %d mailed", r.Delivered, r.People)}
	if r.Queued > 0 {
		words = append(words, i18n.T(ctx, "%d under way", r.Queued))
	}
	if r.Failing > 0 {
		words = append(words, i18n.T(ctx, "%d not reached", r.Failing))
	}
	return strings.Join(words, " · ")
}

// Growth is the page of how the waitlist grows.
type Growth struct {
	Frame   layout.Frame
	Tiles   []Tile
	Spans   []Tab       // how far to look back
	Days    []GrowthDay // oldest first, without gaps
	Sources []Source    // the commonest first

	SourcesTitle string // whose sources they are
}

// GrowthDay is one day: who joined on it, and how many there were at its end.
type GrowthDay struct {
	Date          time.Time
	Joined, Total int
}

// Source is where people came from.
type Source struct {
	Name   string
	Joined int
}

// growthBar is one day in the plot's units.
type growthBar struct{ title, x, width, y, height string }

func growthBars(ctx context.Context, days []GrowthDay) []growthBar {
	most := 1
	for _, d := range days {
		most = max(most, d.Joined)
	}
	slot := float64(plotWidth) / float64(len(days))
	all := make([]growthBar, len(days))
	for i, d := range days {
		joined := height(d.Joined, float64(plotHeight)/float64(most))
		all[i] = growthBar{
			title: fmt.Sprintf("%s: %s", i18n.Day(ctx, d.Date), i18n.T(ctx, "%d joined, %d in all", d.Joined, d.Total)),
			x:     units(float64(i)*slot + slot/6), width: units(slot * 2 / 3),
			y: units(plotHeight - joined), height: units(joined),
		}
	}
	return all
}

// growthLine is the total as a path from the first day to the last, on a scale of
// its own.
func growthLine(days []GrowthDay) string {
	low, high := days[0].Total-days[0].Joined, max(days[len(days)-1].Total, 1)
	slot := float64(plotWidth) / float64(len(days))
	var path strings.Builder
	for i, d := range days {
		y := plotHeight - float64(d.Total-low)/float64(max(high-low, 1))*(plotHeight-barLeast)
		fmt.Fprintf(&path, "%c%s %s", "LM"[map[bool]int{true: 1}[i == 0]], units((float64(i)+0.5)*slot), units(y))
	}
	return path.String()
}
