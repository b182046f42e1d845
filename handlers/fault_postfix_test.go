package handlers_test

import (
	"bufio"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// greylist is a policy server of Postfix that puts the first attempts off.
func greylist(t *testing.T, attempts int64) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // it may be closed already
	var asked atomic.Int64
	answer := func(conn net.Conn) {
		defer func() { _ = conn.Close() }() // likewise
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			if lines.Text() != "" {
				continue // an attribute; an empty line ends a question
			}
			action := "DUNNO"
			if asked.Add(1) <= attempts {
				action = "450 4.2.0 Greylisted, come again"
			}
			if _, err := conn.Write([]byte("action=" + action + "\n\n")); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go answer(conn)
		}
	}()
	return listener.Addr().String()
}

func TestPostfixGetsWhatItTakesAndItsWordsAreKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, recipient  string
		grey             int64
		settings         []string
		status           models.ContactStatus
		says             string
		attempts, copies int
	}{
		{"taken", "ada@example.test", 0, nil, models.ContactSent, "", 1, 1},
		{"a user that is not there: final, in the server's words", "nobody@example.test", 0, nil, models.ContactFailed, "User unknown", 1, 0},
		{"a domain that is another's: final", "ada@elsewhere.test", 0, nil, models.ContactFailed, "Relay access denied", 1, 0},
		{"greylisted twice: taken at the third try", "ada@example.test", 2, nil, models.ContactSent, "", 3, 1},
		{"put off for ever: given up", "ada@example.test", 1000, nil, models.ContactFailed, "Greylisted", 4, 0},
		{"a foreign address, SMTPUTF8 offered: taken", "josé@example.test", 0, []string{"smtputf8_enable = yes"}, models.ContactSent, "", 1, 1},
		{"a foreign address, SMTPUTF8 not offered: final, and it says why", "josé@example.test", 0, []string{"smtputf8_enable = no"}, models.ContactFailed, "SMTPUTF8", 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			postfix := handlerstest.NewPostfix(t, append(c.settings, "smtpd_recipient_restrictions = check_policy_service inet:"+greylist(t, c.grey))...)
			app := handlerstest.Start(t, "EMAIL_PORT="+postfix.Port, "CONTACT_RECIPIENTS="+c.recipient)
			app.MustSubmit("Zoë")
			handlerstest.Eventually(t, 30*time.Second, "it is done with", func() bool {
				message := app.Message("Zoë")
				return message.Status == c.status && len(app.Attempts("Zoë")) == c.attempts
			})
			if message := app.Message("Zoë"); !strings.Contains(message.ErrorMessage, c.says) {
				t.Errorf("it says %q", message.ErrorMessage)
			}
			handlerstest.Eventually(t, 30*time.Second, "the mail is in its box", func() bool { return len(postfix.Texts()) == c.copies })
		})
	}
}
