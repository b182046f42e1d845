package workers

import (
	"bytes"
	"io"
	"mime"
	netmail "net/mail"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// Whatever a visitor writes, a mail has the headers that we set, one recipient and lines
// that servers take, and its subject reads as it was written.
func FuzzMail(f *testing.F) {
	f.Add("Ada", "ada@example.com", "Hello")
	f.Add("Ada\r\nBcc: all@example.net\r\n\r\nX: y", "a@b.c\r\nBcc: x@y.z", ".\r\n.\r\nQUIT\r\n")
	f.Add("=?UTF-8?B?QQ==?= \u00d1\u2028", "ann@b\u00fccher.example", strings.Repeat("x", 1200)+"\xff\x00")
	f.Add("", "", "\ufeff")
	config := MailConfig{From: "\"M\u00fcller & Co\" <office@example.org>"}
	f.Fuzz(func(t *testing.T, subject, replyTo, text string) {
		mail := &mailMessage{to: "staff@example.org", replyTo: replyTo, subject: "From " + subject, text: text, html: templ.Raw("<p>" + templ.EscapeString(text) + "</p>")}
		msg, err := config.compose(t.Context(), mail, "id@example.org", time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		source, err := sourceOf(msg)
		if err != nil {
			t.Fatal(err)
		}
		wantMail(t, source, subject)
	})
}

func wantMail(t *testing.T, source []byte, subject string) {
	t.Helper()
	for line := range bytes.SplitSeq(source, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Errorf("a line that no server takes: %q", line)
		}
	}
	read, err := netmail.ReadMessage(bytes.NewReader(source))
	if err != nil {
		t.Fatalf("%v: %q", err, source)
	}
	if _, err := io.Copy(io.Discard, read.Body); err != nil {
		t.Error(err)
	}
	for name := range read.Header {
		if !strings.Contains(" Auto-Submitted Content-Type Date From Message-Id Mime-Version Reply-To Subject To ", " "+name+" ") {
			t.Errorf("a header of the visitor's: %q in %q", name, source)
		}
	}
	if to, err := read.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "staff@example.org" {
		t.Errorf("it goes to %v, %v", to, err)
	}
	if shown, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject")); utf8.ValidString(subject) && (err != nil || shown != oneLine("From "+subject)) {
		t.Errorf("the subject %q reads %q, %v", subject, shown, err)
	}
}
