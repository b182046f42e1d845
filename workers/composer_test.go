package workers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	netmail "net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"digitalpath/models"
	"digitalpath/views/mail"
)

func TestNameCannotAddAHeaderOrARecipient(t *testing.T) {
	f := newFixture(t)
	f.process(1)
	f.becomes(f.submit("Ada\r\nBcc: everybody@example.net\r\n\r\nX: y\u2028\u0085Z"), models.MailSent)
	mails := f.smtp.received()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m := mails[0]
	if strings.Join(m.to, " ") != "staff@example.org" || m.from != "office@example.org" || m.header.Get("Bcc") != "" || m.header.Get("X") != "" {
		t.Errorf("%+v", m)
	}
	box := Mailbox{t.TempDir()}
	if err := os.WriteFile(box.Dir+"/1.eml", []byte(m.source), 0o600); err != nil {
		t.Fatal(err)
	}
	mail, err := box.Open("1")
	if err != nil || mail.Subject != "New Contact Form Submission from Ada Bcc: everybody@example.net X: y Z" {
		t.Errorf("subject %q, %v", mail.Subject, err)
	}
}

func TestSubjectBeginsBehindItsColon(t *testing.T) {
	f := newFixture(t)
	f.process(1)
	for i, name := range []string{
		"Ada", "Ñandú Ñoño Müller-Ångström éééé öööö", strings.Repeat("日本語", 30), strings.Repeat("ñ", 60) + " 👩‍🚀👩‍🚀👩‍🚀", "a" + strings.Repeat("é", 99),
		strings.Repeat("Ada Lovelace ", 7) + "King", strings.Repeat("x", 100), "=?UTF-8?q?Ada?= Ñ", "=?UTF-8?q?Ada?=",
	} {
		f.becomes(f.submit(name), models.MailSent)
		source := f.smtp.received()[i].source
		_, subject, _ := strings.Cut("\n"+source, "\nSubject:")
		lines := strings.Split(subject, "\n")
		first := strings.TrimRight(lines[0], "\r")
		if !strings.HasPrefix(first, " ") || strings.TrimSpace(first) == "" {
			t.Errorf("%s: the subject's first line is %q", name, first)
		}
		for n, line := range lines {
			if n > 0 && !strings.HasPrefix(line, " ") {
				break
			}
			line = strings.TrimRight(line, "\r")
			if encoded := strings.Contains(line, "=?"); !isASCII(line) || strings.TrimSpace(line) == "" || encoded && len(line)+len("Subject:")*(1-min(n, 1)) > 76 {
				t.Errorf("%s: line %d of the subject is %q", name, n+1, line)
			}
		}
		message, err := netmail.ReadMessage(strings.NewReader(source))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil || got != "New Contact Form Submission from "+name {
			t.Errorf("%s: read as %q, %v", name, got, err)
		}
	}
}

func TestNoticeCarriesTheMessageAndTellsNothingOfUs(t *testing.T) {
	f := newFixture(t)
	f.process(1)
	p, _ := f.becomes(f.submit("Zoë <script>"), models.MailSent)
	m := f.smtp.received()[0]
	for name, want := range map[string]string{
		"From": `"DigitalPath" <office@example.org>`, "To": "<staff@example.org>", "Reply-To": "<ada@example.com>",
		"Message-Id": "<" + p.MessageID + ">", "User-Agent": "", "X-Mailer": "",
	} {
		if got := m.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if date, err := m.header.Date(); err != nil || time.Since(date) > time.Minute {
		t.Errorf("date %v, %v", date, err)
	}
	if host, err := os.Hostname(); err == nil && strings.Contains(m.source, host) {
		t.Error("the mail names this machine")
	}
	mail := MailFile{Source: m.source}
	if err := mail.readParts(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(mail.Text, "<b>bold</b>") || !strings.Contains(mail.Text, "Submitted at: ") ||
		!strings.Contains(mail.HTML, "&lt;b&gt;bold&lt;/b&gt;") || strings.Contains(mail.HTML, "<script>") ||
		!strings.Contains(mail.HTML, "https://office.example.org/admin/contact-messages/1/") {
		t.Errorf("text:\n%s\nHTML:\n%s", mail.Text, mail.HTML)
	}
}

// sendTo sends a mail from and to addresses, and returns why it was not taken.
func (f *fixture) sendTo(from, to, replyTo string) error {
	config := f.mail
	config.From = from
	now := time.Now()
	msg, err := config.compose(context.Background(), &mailMessage{
		to: to, replyTo: replyTo, subject: "Núñez, " + replyTo, html: mail.TestMailHTML(now), text: mail.TestMailText(now),
	}, "1@"+domainOf(from), now)
	if err != nil {
		return err
	}
	mailer := newSMTPMailer(config)
	defer mailer.Close()
	_, err = mailer.Send(context.Background(), msg)
	return err
}

func TestHeadersAreSevenBitWithDomainsInPunycode(t *testing.T) {
	f := newFixture(t)
	if err := f.sendTo("Compañía <oficina@españa.example>", "ana@españa.example", "Bob@BÜCHER.example"); err != nil {
		t.Fatal(err)
	}
	m := f.smtp.received()[0]
	head, _, _ := strings.Cut(m.source, "\r\n\r\n")
	if strings.ContainsFunc(head, func(r rune) bool { return r > 126 }) {
		t.Errorf("the head is not of 7 bits:\n%s", head)
	}
	if m.from != "oficina@xn--espaa-rta.example" || strings.Join(m.to, " ") != "ana@xn--espaa-rta.example" {
		t.Errorf("from %s to %v", m.from, m.to)
	}
	for name, want := range map[string]string{
		"From": "<oficina@xn--espaa-rta.example>", "To": "<ana@xn--espaa-rta.example>", "Reply-To": "<bob@xn--bcher-kva.example>", "Message-Id": "<1@xn--espaa-rta.example>",
	} {
		if got := m.header.Get(name); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestNoHeaderBeginsWithAFold(t *testing.T) {
	f := newFixture(t)
	names := []string{
		"DigitalPath", "Compañía", "Compañía Española de Caminos Digitales y Enseñanza Técnica, S. A.", strings.Repeat("日本語", 30), "ñ" + strings.Repeat("x", 120),
		strings.Repeat("x", 90), "Compañía, \"Núñez\" <jefa@example.net>", "=?UTF-8?q?Ada?= Ñ",
	}
	long := "ann." + strings.Repeat("x", 60) + "@" + strings.Repeat("mail.", 12) + "example.com"
	for _, name := range names {
		from := netmail.Address{Name: name, Address: "office@" + strings.Repeat("post.", 12) + "example.org"}
		if err := f.sendTo(from.String(), long, long); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range f.smtp.received() {
		head, _, _ := strings.Cut(strings.ReplaceAll(m.source, "\r\n", "\n"), "\n\n")
		for line := range strings.Lines(head) {
			line = strings.TrimRight(line, "\n")
			if !isASCII(line) || strings.HasSuffix(line, ":") || strings.TrimSpace(line) == "" || strings.Contains(line, "=?") && len(line) > 76 {
				t.Errorf("from %s: %q", names[i], line)
			}
		}
		from, err := netmail.ParseAddress(m.header.Get("From"))
		if err != nil || from.Name != names[i] || !strings.HasPrefix(from.Address, "office@post.") || strings.Count("\n"+head, "\nFrom:") != 1 {
			t.Errorf("from %s, read as %+v, %v", names[i], from, err)
		}
		if to, err := netmail.ParseAddress(m.header.Get("To")); err != nil || to.Address != long {
			t.Errorf("to %s: %v, %v", m.header.Get("To"), to, err)
		}
	}
}

func TestReplyAddressBeyondASCIIIsLeftOut(t *testing.T) {
	f := newFixture(t)
	for _, replyTo := range []string{"zoë@example.com", "nobody", ""} {
		if err := f.sendTo("office@example.org", "ann@example.com", replyTo); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range f.smtp.received() {
		head, _, _ := strings.Cut(m.source, "\r\n\r\n")
		if m.header.Get("Reply-To") != "" || strings.ContainsFunc(head, func(r rune) bool { return r > 126 }) {
			t.Errorf("the head is\n%s", head)
		}
	}
}

func TestAddressBeyondASCIIGoesOnlyWhereTheServerTakesIt(t *testing.T) {
	for _, offered := range []bool{false, true} {
		t.Run(fmt.Sprint("offered ", offered), func(t *testing.T) {
			f := newFixture(t)
			f.smtp.EnableSMTPUTF8 = offered
			for _, way := range [][2]string{{"office@example.org", "zoë@example.com"}, {"büro@example.org", "ann@example.com"}} {
				err := f.sendTo(way[0], way[1], "")
				refusal, _ := errors.AsType[*MailError](err)
				switch {
				case offered && err != nil:
					t.Errorf("%v: %v", way, err)
				case !offered && (refusal == nil || !refusal.Refused || !strings.Contains(refusal.Reply, "SMTPUTF8")):
					t.Errorf("%v, not offered: %v", way, err)
				}
			}
			if n := len(f.smtp.received()); (n == 2) != offered {
				t.Errorf("%d mails", n)
			}
			if err := f.sendTo("office@example.org", "ann@example.com", ""); err != nil { // others go as ever
				t.Error(err)
			}
		})
	}
}

func TestMailOfADeletedMessageIsRefused(t *testing.T) {
	f := newFixture(t)
	id := f.submit("Ada")
	if _, err := f.db.NewDelete().Model((*models.ContactMessage)(nil)).Where("true").Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	f.process(1).relay.handover.add(id)
	var p models.OutboxMessage
	f.until("refused", func() bool {
		if err := f.db.NewSelect().Model(&p).Where("id = ?", id).Scan(context.Background()); err != nil {
			t.Fatal(err)
		}
		return p.State == models.MailFailed
	})
	if p.ErrorMessage != "The message was deleted." || !p.NextAttemptAt.IsZero() || len(f.smtp.received()) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestMailboxKeepsMailsNewestFirst(t *testing.T) {
	f := newFixture(t)
	box := Mailbox{t.TempDir() + "/mail"}
	if mails, err := box.List(); err != nil || len(mails) != 0 {
		t.Fatalf("an empty mailbox: %v %v", mails, err)
	}
	f.process(1, func(_ *Workers, o *Options) { f.mail.Backend, f.mail.FilePath = BackendFile, box.Dir })
	_, attempts := f.becomes(f.submit("Ada"), models.MailSent)
	if attempts[0].Server != "file" {
		t.Errorf("server %s", attempts[0].Server)
	}
	f.becomes(f.submit("Grácé"), models.MailSent)
	mails, err := box.List()
	if err != nil || len(mails) != 2 || mails[0].Subject != "New Contact Form Submission from Grácé" || mails[0].HTML != "" {
		t.Fatalf("%+v %v", mails, err)
	}
	mail, err := box.Open(mails[1].ID)
	if err != nil || mail.To != "<staff@example.org>" || mail.Date.IsZero() ||
		!strings.Contains(mail.Text, "Name: Ada") || !strings.Contains(mail.HTML, "<html") || !strings.Contains(mail.Source, "MIME-Version") {
		t.Errorf("%+v %v", mail, err)
	}
	for _, id := range []string{"../secret", "..", "none", ""} {
		if _, err := box.Open(id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %q: %v", id, err)
		}
	}
}

func TestConsoleShowsTheMail(t *testing.T) {
	var out strings.Builder
	f := newFixture(t)
	f.process(2, func(w *Workers, o *Options) {
		f.mail.Backend = BackendConsole
		if w != nil {
			w.senders[0].mailer.(*consoleMailer).out = &out
		}
	})
	f.becomes(f.submit("Ada"), models.MailSent)
	if !strings.Contains(out.String(), "Subject: New Contact Form Submission from Ada") {
		t.Errorf("console:\n%s", out.String())
	}
}

func TestTestMailIsSentOrSaysWhyNot(t *testing.T) {
	f := newFixture(t)
	reply, err := NewComposer(f.db, f.mail).SendTest(t.Context(), "me@example.org")
	if err != nil || !strings.HasPrefix(reply, "250 ") || len(f.smtp.received()) != 1 {
		t.Fatalf("%q %v", reply, err)
	}
	f.smtp.answer(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "No swordfish here"})
	if _, err := NewComposer(f.db, f.mail).SendTest(t.Context(), "me@example.org"); err == nil || err.Error() != "550 5.7.1 No swordfish here" {
		t.Errorf("error: %v", err)
	}
	f.mail.Port = nobodysPort
	if _, err := NewComposer(f.db, f.mail).SendTest(t.Context(), "me@example.org"); err == nil || !strings.HasSuffix(err.Error(), " refused the connection.") {
		t.Errorf("error: %v", err)
	}
	if _, err := NewComposer(f.db, f.mail).SendTest(t.Context(), "nobody"); err == nil || !strings.Contains(err.Error(), "not an address") {
		t.Errorf("error: %v", err)
	}
}
