package doctor

import (
	"context"
	"strconv"

	"digitalpath/problem"
)

// mail connects, encrypts and logs in, and sends nothing.
func (d *Doctor) mail(ctx context.Context) []Finding {
	c := d.Config
	if c.Mailbox || c.Console {
		f := warn("Mail is not sent: EMAIL_BACKEND keeps it on this machine.").mend("EMAIL_BACKEND=smtp")
		if c.Debug {
			f = ok("Mail is not sent: EMAIL_BACKEND keeps it on this machine.")
		}
		return []Finding{f}
	}
	findings := make([]Finding, 0, 2)
	if server, err := d.Mail(ctx); err == nil {
		findings = append(findings, ok("%s takes mail of %s. Nothing was sent.", server, c.EmailFrom))
	} else {
		findings = append(findings, failed("%s", err.Error()).mend("EMAIL_HOST=%s\nEMAIL_PORT=%s\nEMAIL_USE_TLS=%s\nEMAIL_USE_SSL=%s\nEMAIL_HOST_USER=%s\nEMAIL_HOST_PASSWORD=...",
			c.EmailHost, strconv.Itoa(int(c.EmailPort)), onOff(c.EmailUseTLS), onOff(c.EmailUseSSL), c.EmailUser))
	}
	if len(c.ContactRecipients) == 0 {
		findings = append(findings, failed("Nobody gets the contact messages.").mend("CONTACT_RECIPIENTS=you@example.com"))
	}
	return findings
}

func onOff(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// TestMail is the finding about a mail that was really sent.
func TestMail(to, reply string, err error) Finding {
	f := ok("A test mail went to %s. The server said: %s", to, reply)
	if err != nil {
		f = failed("%s", err.Error())
	}
	f.Check, f.What = "test-mail", problem.Text{Format: "Test mail"}
	return f
}
