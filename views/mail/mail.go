// Package mail writes the mails, each as HTML and as plain text with the same words.
package mail

import (
	"fmt"
	"strings"
	"time"
)

// ContactNotice tells staff that somebody wrote.
type ContactNotice struct {
	Name, Email, Message string
	SubmittedAt          time.Time
	AdminURL             string // of the message in the back office
}

// submittedLine is worded as it always was: filters in people's mailboxes know it.
func (n ContactNotice) submittedLine() string {
	return "Submitted at: " + n.SubmittedAt.UTC().Format("2006-01-02 15:04:05 UTC")
}

// lines of the message; the HTML needs a break between them.
func (n ContactNotice) lines() []string {
	return strings.Split(strings.ReplaceAll(n.Message, "\r\n", "\n"), "\n")
}

// ContactNoticeText is the notice as plain text.
func ContactNoticeText(n ContactNotice) string {
	return fmt.Sprintf(`%s wrote through the contact form.

Name: %s
E-mail: %s

Message:
%s

%s

Open it in the back office: %s
Reply to this mail to answer %s directly.
`, n.Name, n.Name, n.Email, strings.Join(n.lines(), "\n"), n.submittedLine(), n.AdminURL, n.Name)
}

// TestMailText is the mail of "digitalpath sendtestmail" as plain text.
func TestMailText(sentAt time.Time) string {
	return testMailSentence + "\n\n" + sentLine(sentAt) + "\n"
}

const testMailSentence = "Mail from DigitalPath reaches you. Nothing else needs to be done."

func sentLine(at time.Time) string {
	return "Sent at: " + at.UTC().Format("2006-01-02 15:04:05 UTC")
}
