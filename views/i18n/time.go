package i18n

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

var months = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// hourSpan is how far a time is told in hours rather than as a day, so that ten in
// the evening seen at one o'clock is "3 h ago" and not "Yesterday".
const hourSpan = 12 * time.Hour

type zoneKey struct{}

// InZone returns a context whose reader lives in zone.
func InZone(ctx context.Context, zone *time.Location) context.Context {
	return context.WithValue(ctx, zoneKey{}, zone)
}

// Zone is the reader's time zone; without InZone it is UTC.
func Zone(ctx context.Context) *time.Location {
	if zone, ok := ctx.Value(zoneKey{}).(*time.Location); ok {
		return zone
	}
	return time.UTC
}

// Ago tells how far t is from now, in the past or in the future: "just now",
// "2 min ago", "in 42 s", "Yesterday", "21 Nov", "21 Nov 2025".
func Ago(ctx context.Context, now, t time.Time) string {
	now, t = now.In(Zone(ctx)), t.In(Zone(ctx))
	if ahead := t.Sub(now); ahead > 0 {
		return until(ctx, now, t, ahead)
	}
	past := now.Sub(t)
	switch days := dayNumber(now) - dayNumber(t); {
	case past < time.Minute:
		return T(ctx, "just now")
	case past < time.Hour:
		return T(ctx, "%d min ago", int(past.Minutes()))
	case past < hourSpan || days == 0:
		return T(ctx, "%d h ago", int(past.Hours()))
	case days == 1:
		return T(ctx, "Yesterday")
	}
	return date(ctx, now, t)
}

func until(ctx context.Context, now, t time.Time, ahead time.Duration) string {
	switch days := dayNumber(t) - dayNumber(now); {
	case ahead < time.Minute:
		return T(ctx, "in %d s", int(math.Ceil(ahead.Seconds())))
	case ahead < time.Hour:
		return T(ctx, "in %d min", int(ahead.Minutes()))
	case ahead < hourSpan || days == 0:
		return T(ctx, "in %d h", int(ahead.Hours()))
	case days == 1:
		return T(ctx, "Tomorrow")
	}
	return date(ctx, now, t)
}

// date is "21 Nov", with the year where it isn't this one.
func date(ctx context.Context, now, t time.Time) string {
	if t.Year() == now.Year() {
		return Day(ctx, t)
	}
	return Date(ctx, t)
}

// Date is "21 Nov 2025" in the reader's language.
func Date(ctx context.Context, t time.Time) string {
	return fmt.Sprintf("%s %d", Day(ctx, t), t.Year())
}

// Day is "21 Nov" in the reader's language.
func Day(ctx context.Context, t time.Time) string {
	return fmt.Sprintf("%d %s", t.Day(), T(ctx, months[t.Month()-1]))
}

// dayNumber counts calendar days, so that "yesterday" is one less than today.
func dayNumber(t time.Time) int {
	year, month, day := t.Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// TimeWords is Ago's vocabulary as JSON, each number a 0, for admin.js, which tells the same times
// again.
func TimeWords(ctx context.Context) string {
	words := map[string]any{
		"now": T(ctx, "just now"), "yesterday": T(ctx, "Yesterday"), "tomorrow": T(ctx, "Tomorrow"),
		"minAgo": T(ctx, "%d min ago", 0), "hAgo": T(ctx, "%d h ago", 0),
		"inS": T(ctx, "in %d s", 0), "inMin": T(ctx, "in %d min", 0), "inH": T(ctx, "in %d h", 0),
	}
	names := make([]string, len(months))
	for i, name := range months {
		names[i] = T(ctx, name)
	}
	words["months"] = names
	text, err := json.Marshal(words)
	must(err)
	return string(text)
}
