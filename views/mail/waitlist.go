package mail

import (
	"context"
	"strings"
	"time"

	"digitalpath/views/i18n"
)

// WaitlistMessage is a mail to somebody of the waitlist, in the language of the context.
type WaitlistMessage struct {
	Name           string // empty: unknown
	SiteURL        string
	UnsubscribeURL string
}

func (l WaitlistMessage) greeting(ctx context.Context) string {
	if l.Name == "" {
		return i18n.T(ctx, "Hello,")
	}
	return i18n.T(ctx, "Hello %s,", l.Name)
}

func welcomeSentences(ctx context.Context) []string {
	return []string{
		i18n.T(ctx, "You are on the waitlist of DigitalPath AI. We let people in step by step, and write to this address when it is your turn."),
		i18n.T(ctx, "There is nothing to do until then. If it was not you who joined, ignore this mail or unsubscribe."),
	}
}

func invitationSentences(ctx context.Context) []string {
	return []string{i18n.T(ctx, "It is your turn: your place on the waitlist has come up, and DigitalPath AI is open to you from now on.")}
}

// WaitlistWelcomeText is the welcome as plain text.
func WaitlistWelcomeText(ctx context.Context, l WaitlistMessage) string {
	return l.text(ctx, welcomeSentences(ctx)...)
}

// WaitlistInvitationText is the invitation as plain text.
func WaitlistInvitationText(ctx context.Context, l WaitlistMessage) string {
	return l.text(ctx, append(invitationSentences(ctx), i18n.T(ctx, "Open DigitalPath AI")+": "+l.SiteURL)...)
}

func (l WaitlistMessage) text(ctx context.Context, sentences ...string) string {
	paragraphs := append([]string{l.greeting(ctx)}, sentences...)
	return strings.Join(append(paragraphs, "-- \n"+i18n.T(ctx, "Unsubscribe")+": "+l.UnsubscribeURL), "\n\n") + "\n"
}

// WaitlistNotice tells staff that somebody joined.
type WaitlistNotice struct {
	Email, Name, Company, Description, Source string
	JoinedAt                                  time.Time
	AdminURL                                  string // of the entry in the back office
}

// facts are what is known, one line each.
func (n WaitlistNotice) facts() []string {
	lines := []string{"E-mail: " + n.Email}
	for _, fact := range []struct{ name, value string }{
		{"Name", n.Name}, {"Company", n.Company}, {"Came from", n.Source},
	} {
		if fact.value != "" {
			lines = append(lines, fact.name+": "+fact.value)
		}
	}
	return append(lines, "Joined at: "+n.JoinedAt.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// lines of what they look for; the HTML needs a break between them.
func (n WaitlistNotice) lines() []string {
	return strings.Split(strings.ReplaceAll(n.Description, "\r\n", "\n"), "\n")
}

// WaitlistNoticeText is the notice as plain text.
func WaitlistNoticeText(n WaitlistNotice) string {
	text := n.Email + " joined the waitlist.\n\n" + strings.Join(n.facts(), "\n") + "\n"
	if n.Description != "" {
		text += "\n" + strings.Join(n.lines(), "\n") + "\n"
	}
	return text + "\nOpen it in the back office: " + n.AdminURL + "\n"
}
