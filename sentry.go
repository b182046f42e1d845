package main

import (
	"context"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/getsentry/sentry-go"

	"digitalpath/config"
)

// flushTime is how long a process waits at its end for reports under way.
const flushTime = 800 * time.Millisecond

// newSentry is nil without SENTRY_DSN.
func newSentry(c *config.Config) (*sentry.Client, error) {
	if c.SentryDSN == "" {
		return nil, nil
	}
	return sentry.NewClient(sentry.ClientOptions{Dsn: c.SentryDSN, Release: "digitalpath@" + version(), Environment: c.SentryEnvironment})
}

// reporter is a log whose lines of level ERROR go to Sentry, too.
type reporter struct {
	slog.Handler
	sentry *sentry.Client
}

// Handle implements slog.Handler.
func (r reporter) Handle(ctx context.Context, record slog.Record) error {
	if record.Level >= slog.LevelError {
		r.sentry.CaptureEvent(eventOf(record), nil, nil)
	}
	return r.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (r reporter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return reporter{r.Handler.WithAttrs(attrs), r.sentry}
}

// WithGroup implements slog.Handler.
func (r reporter) WithGroup(name string) slog.Handler {
	return reporter{r.Handler.WithGroup(name), r.sentry}
}

// What may be about a person: addresses, queries of URLs, tokens, peers of connections.
var (
	personal = regexp.MustCompile(`[^\s<>"'(),:;=]+@[^\s<>"'(),:;]+|\?[^\s"']+|\beyJ[\w.-]+|->[^\s,]+`)
	digits   = regexp.MustCompile(`\d+`)
)

// eventOf takes of a line what is known to be about the program alone.
func eventOf(record slog.Record) *sentry.Event {
	event := sentry.NewEvent()
	event.Level, event.Timestamp = sentry.LevelError, record.Time
	fault := sentry.Exception{Type: record.Message, Stacktrace: sentry.NewStacktrace()}
	record.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "error", "cause", "panic", "reply":
			fault.Value = personal.ReplaceAllString(a.Value.String(), "[removed]")
		case "request_id", "mail", "kind", "job", "attempt":
			event.Tags[a.Key] = a.Value.String()
		}
		return true
	})
	frames := &fault.Stacktrace.Frames
	if i := slices.IndexFunc(*frames, func(f sentry.Frame) bool { return f.Module == "log/slog" }); i > 0 {
		*frames = (*frames)[:i]
	}
	// One place logs many faults, which their words tell apart; panics are told by the place.
	event.Fingerprint = []string{record.Message, digits.ReplaceAllString(fault.Value, "#"), (*frames)[len(*frames)-1].Function}
	event.Exception = []sentry.Exception{fault}
	return event
}
