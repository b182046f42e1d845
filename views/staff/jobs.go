package staff

import (
	"context"
	"strconv"
	"time"

	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Jobs is the list of long work, newest first.
type Jobs struct {
	Frame layout.Frame
	Jobs  []JobView
}

// JobView is how far a job is.
type JobView struct {
	URL, Title string
	Badge      ui.Badge
	Open       bool
	Problem    string // why it failed
	Total      int    // rows that were meant
	Seen       int    // of them it came to
	Done       int    // of these it changed
	Import     bool   // it reads a file
	Added      int    // rows that are new, of an import
	Kept       int    // left as they were: there was nothing to do
	Failed     int    // refused
	Gone       int    // that it never met, because they don't match any more
	Left       int    // that it has not come to
	Rate       float64
	Who        string
	CreatedAt  time.Time
	FinishedAt time.Time // zero while it is open
}

// Job is the page of one.
type Job struct {
	JobView

	Frame    layout.Frame
	ListURL  string       // the list that it is about; empty where there is none
	ActURL   string       // of all that it did; empty: nothing yet
	UndoURL  string       // takes that back; empty: it cannot be
	FileURL  string       // the file that it made; empty where there is none
	Failures []JobFailure // the first ones
}

// JobFailure is one row that could not be done.
type JobFailure struct {
	ID            int64
	Label, Reason string
}

func (f JobFailure) label() string {
	if f.Label != "" {
		return f.Label
	}
	return "#" + strconv.FormatInt(f.ID, 10)
}

// pace is how fast it is and how long it will take.
func (j JobView) pace(ctx context.Context) string {
	if !j.Open || j.Rate <= 0 {
		return ""
	}
	left := int(float64(j.Left) / j.Rate)
	pace := i18n.T(ctx, "%d rows a second", int(j.Rate+0.5)) + " · "
	if left < 90 {
		return pace + i18n.T(ctx, "about %d s left", left+1)
	}
	return pace + i18n.T(ctx, "about %d min left", left/60+1)
}

func (j JobView) progress(ctx context.Context) string {
	return i18n.T(ctx, "%d of %d rows", j.Seen, j.Total)
}

// tiles are the rows by what became of them.
func (j JobView) tiles(ctx context.Context) []Tile {
	if j.Import {
		return importTiles(ctx, j.Added, j.Done-j.Added, j.Kept, j.Failed, j.Left)
	}
	all := []Tile{
		{Label: i18n.T(ctx, "Done"), Value: i18n.Number(ctx, j.Done)},
		{Label: i18n.T(ctx, "Left as they were"), Value: i18n.Number(ctx, j.Kept), Hint: i18n.T(ctx, "there was nothing to do")},
		{Label: i18n.T(ctx, "Not done"), Value: i18n.Number(ctx, j.Failed), Alarm: j.Failed > 0},
	}
	if j.Open || j.Left > 0 {
		return append(all, Tile{Label: i18n.T(ctx, "Not reached"), Value: i18n.Number(ctx, j.Left)})
	}
	return append(all, Tile{Label: i18n.T(ctx, "No longer there"), Value: i18n.Number(ctx, j.Gone), Hint: i18n.T(ctx, "changed or deleted meanwhile")})
}
