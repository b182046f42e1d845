package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// documentedContact is the request that the Django program's documentation shows, and
// documentedThanks its answer.
const (
	documentedContact = `{"name": "John Doe", "email": "john@example.com", "message": "I'm interested in your services..."}`
	documentedThanks  = `{"success":true,"message":"Thank you for your message! We'll get back to you within 24 hours."}`
)

// stored counts contact messages and the mails about them.
func stored(t *testing.T, app *handlerstest.App) (messages, mails int64) {
	t.Helper()
	messages, err := app.DB.NewSelect().Model((*models.ContactMessage)(nil)).Count(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	mails, err = app.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Count(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return messages, mails
}

// wantAnswer holds an answer against its status and exact JSON.
func wantAnswer(t *testing.T, answer handlerstest.Answer, status int, body string) {
	t.Helper()
	if answer.Status != status || strings.TrimSpace(answer.Body) != body {
		t.Errorf("got %d %s\nwant %d %s", answer.Status, answer.Body, status, body)
	}
}

func TestContactMessageIsAnsweredStoredAndMailed(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	before := time.Now().Add(-time.Second)
	wantAnswer(t, app.PostJSON("/api/contact", documentedContact), http.StatusOK, documentedThanks)
	wantAnswer(t, app.PostJSON("/api/contact/", strings.Replace(documentedContact, "John Doe", "Slash", 1)), http.StatusOK, documentedThanks)
	app.CheckInvariants(20*time.Second, 0, "John Doe", "Slash")
	if messages, mails := stored(t, app); messages != 2 || mails != 2 || len(app.Mails.Accepted()) != 2 {
		t.Errorf("%d messages, %d mails and %d mails, want 2 of each", messages, mails, len(app.Mails.Accepted()))
	}
	row := app.Message("John Doe")
	if row.Status != models.ContactSent || row.Email != "john@example.com" || row.Message != "I'm interested in your services..." ||
		row.IsSpam || row.IPAddress != "127.0.0.1" || row.CreatedAt.Before(before) || row.SentAt.Before(row.CreatedAt) {
		t.Errorf("stored %+v", row)
	}
	wantNotice(t, app.MailOf("John Doe"))
}

// wantNotice holds the mail against docs/contract.md section 4.
func wantNotice(t *testing.T, mail handlerstest.Mail) {
	t.Helper()
	if mail.From != "noreply@digitalpath.test" || len(mail.To) != 1 || mail.To[0] != handlerstest.Recipient {
		t.Errorf("the envelope is from %q to %q", mail.From, mail.To)
	}
	for header, want := range map[string]string{
		"Subject": "New Contact Form Submission from John Doe",
		"To":      "staff@digitalpath.test",
	} {
		if got := strings.Trim(mail.Header.Get(header), "<>"); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if replyTo, err := mail.Header.AddressList("Reply-To"); err != nil || len(replyTo) != 1 || replyTo[0].Address != "john@example.com" {
		t.Errorf("Reply-To: %v (%v)", replyTo, err)
	}
	if !strings.HasSuffix(mail.ID(), "@digitalpath.test") {
		t.Errorf("Message-ID %q is not of the sender's domain", mail.ID())
	}
	for _, kind := range []string{"text/plain", "text/html"} {
		part := mail.Part(t, kind)
		for _, want := range []string{"John Doe", "john@example.com", "interested in your services..."} {
			if !strings.Contains(part, want) {
				t.Errorf("the %s part lacks %q:\n%s", kind, want, part)
			}
		}
	}
	if text := mail.Part(t, "text/plain"); !submittedAt.MatchString(text) {
		t.Errorf("the text does not say when it was submitted:\n%s", text)
	}
}

var submittedAt = regexp.MustCompile(`Submitted at: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`)

func TestContactAnswerWaitsForNeitherMailServerNorRedis(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t)
	release := make(chan struct{})
	app.Mails.OnGreet = func(int) { <-release }
	app.Serve()
	if app.Redis != nil {
		app.Redis.Kill()
	}
	for i := range 5 {
		start := time.Now()
		app.MustSubmit(fmt.Sprintf("Patience %d", i))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("submit %d took %v", i, took)
		}
		if status := app.Message(fmt.Sprintf("Patience %d", i)).Status; status != models.ContactPending {
			t.Errorf("it is %s while the mail server says nothing", status)
		}
	}
	close(release)
	app.CheckInvariants(60*time.Second, 0, "Patience 0", "Patience 1", "Patience 2", "Patience 3", "Patience 4")
}

func TestRobotIsThankedAndKeptAsSpamWithoutMail(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	robot := strings.Replace(documentedContact, "{", `{"website":"https://spam.example",`, 1)
	wantAnswer(t, app.PostJSON("/api/contact", robot), http.StatusOK, documentedThanks)
	row := app.Message("John Doe")
	if !row.IsSpam || row.Status != models.ContactPending {
		t.Errorf("stored as spam: %v, status %s", row.IsSpam, row.Status)
	}
	app.MustSubmit("A person")
	app.CheckInvariants(20*time.Second, 0, "A person")
	if _, mails := stored(t, app); mails != 1 || len(app.Mails.Accepted()) != 1 {
		t.Errorf("%d mails and %d mails, want the person's alone", mails, len(app.Mails.Accepted()))
	}
}

func TestLineBreaksInANameCannotBecomeAHeader(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	name := `Eve\r\nBcc: victim@example.com\r\n\r\nInjected`
	answer := app.PostJSON("/api/contact", `{"name":"`+name+`","email":"eve@example.com","message":"hi"}`)
	if answer.Status == http.StatusBadRequest {
		return // refused is as good
	}
	app.CheckInvariants(20*time.Second, 0)
	mail := app.Mails.Accepted()[0]
	if len(mail.To) != 1 || mail.To[0] != handlerstest.Recipient || mail.Header.Get("Bcc") != "" {
		t.Errorf("the mail went to %v with Bcc %q", mail.To, mail.Header.Get("Bcc"))
	}
	if subject := mail.Header.Get("Subject"); strings.ContainsAny(subject, "\r\n") {
		t.Errorf("Subject: %q", subject)
	}
}

func TestNoRecipientFailsTheMessageWithThatReason(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "CONTACT_RECIPIENTS=")
	app.MustSubmit("Nobody reads")
	app.CheckInvariants(20*time.Second, 0, "Nobody reads")
	row := app.Message("Nobody reads")
	if row.Status != models.ContactFailed || !strings.Contains(row.ErrorMessage, "CONTACT_RECIPIENTS") {
		t.Errorf("it is %s: %q", row.Status, row.ErrorMessage)
	}
}

func TestRepeatedSubmitUnderOneIdempotencyKeyIsStoredOnce(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	var together sync.WaitGroup
	for range 20 {
		together.Go(func() {
			wantAnswer(t, app.PostJSON("/api/contact", documentedContact, "Idempotency-Key", "one"), http.StatusOK, documentedThanks)
		})
	}
	together.Wait()
	wantAnswer(t, app.PostJSON("/api/contact/", documentedContact, "Idempotency-Key", "one"), http.StatusOK, documentedThanks)
	other := app.PostJSON("/api/contact", strings.Replace(documentedContact, "John", "Jane", 1), "Idempotency-Key", "one")
	if other.Status != http.StatusConflict || other.JSON()["code"] != "idempotency_conflict" {
		t.Errorf("another body under the key: %d %s", other.Status, other.Body)
	}
	wantAnswer(t, app.PostJSON("/api/contact", documentedContact, "Idempotency-Key", "two"), http.StatusOK, documentedThanks)
	app.CheckInvariants(20*time.Second, 0)
	if messages, mails := stored(t, app); messages != 2 || mails != 2 || len(app.Mails.Accepted()) != 2 {
		t.Errorf("%d messages, %d mails, %d mails; want 2 of each", messages, mails, len(app.Mails.Accepted()))
	}
}

// Who repeats a submit under its key gets the same answer, and uses up nothing of what
// their address may send; another submit does. A key that was used for another one is
// told so, limit or no limit.
func TestRepeatedSubmitIsNotHeldBackByTheLimitOfItsAddress(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "RATE_LIMIT_CONTACT=2/m/key")
	for range 6 {
		wantAnswer(t, app.PostJSON("/api/contact", documentedContact, "Idempotency-Key", "one"), http.StatusOK, documentedThanks)
	}
	wantAnswer(t, app.PostJSON("/api/contact", documentedContact), http.StatusOK, documentedThanks)
	for what, answer := range map[string]handlerstest.Answer{
		"another one":                   app.PostJSON("/api/contact", documentedContact),
		"another one under another key": app.PostJSON("/api/contact", documentedContact, "Idempotency-Key", "two"),
	} {
		if answer.Status != http.StatusTooManyRequests {
			t.Errorf("%s: %d %s", what, answer.Status, answer.Body)
		}
	}
	taken := app.PostJSON("/api/contact", strings.Replace(documentedContact, "John", "Jane", 1), "Idempotency-Key", "one")
	if taken.Status != http.StatusConflict {
		t.Errorf("another one under that key: %d %s", taken.Status, taken.Body)
	}
	wantAnswer(t, app.PostJSON("/api/contact", documentedContact, "Idempotency-Key", "one"), http.StatusOK, documentedThanks)
	if messages, mails := stored(t, app); messages != 2 || mails != 2 {
		t.Errorf("%d messages and %d mails, want 2 of each", messages, mails)
	}
}

// A refused request must not use up its key.
func TestIdempotencyKeyOfARefusedSubmitStaysFree(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	if answer := app.PostJSON("/api/contact", `{"name":"","email":"a@example.com","message":"x"}`, "Idempotency-Key", "k"); answer.Status != http.StatusBadRequest {
		t.Fatalf("got %d", answer.Status)
	}
	wantAnswer(t, app.PostJSON("/api/contact", documentedContact, "Idempotency-Key", "k"), http.StatusOK, documentedThanks)
}

func TestContactIsLimitedPerClientAndPerAddress(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "RATE_LIMIT_CONTACT=4/m/ip,2/m/key", "TRUSTED_PROXIES=127.0.0.1/32")
	submit := func(ip, address string) handlerstest.Answer {
		t.Helper()
		return app.PostJSON("/api/contact", `{"name":"N","email":"`+address+`","message":"m"}`, "X-Forwarded-For", "6.6.6.6, "+ip)
	}
	for _, step := range []struct {
		name, ip, address string
		status            int
	}{
		{"the first of an address passes", "9.9.9.1", "one@example.com", 200},
		{"so does the second, from elsewhere", "9.9.9.2", "ONE@example.com", 200},
		{"the third of an address is too often, whoever sends it", "9.9.9.3", "one@example.com", 429},
		{"the second of a client passes", "9.9.9.1", "two@example.com", 200},
		{"and the third", "9.9.9.1", "three@example.com", 200},
		{"and the fourth", "9.9.9.1", "four@example.com", 200},
		{"the fifth of a client is too often, whatever stands left in X-Forwarded-For", "9.9.9.1", "five@example.com", 429},
		{"another client is not held back", "9.9.9.4", "six@example.com", 200},
	} {
		answer := submit(step.ip, step.address)
		if answer.Status != step.status {
			t.Errorf("%s: got %d %s", step.name, answer.Status, answer.Body)
		}
		if answer.Status == http.StatusTooManyRequests {
			wantEnvelope(t, answer, "throttled")
			if wait := answer.Header.Get("Retry-After"); !regexp.MustCompile(`^[1-9][0-9]?$`).MatchString(wait) {
				t.Errorf("%s: Retry-After %q", step.name, wait)
			}
		}
	}
	if messages, _ := stored(t, app); messages != 6 {
		t.Errorf("%d messages are stored, want 6", messages)
	}
}

// wantEnvelope holds an error against docs/contract.md section 1.
func wantEnvelope(t *testing.T, answer handlerstest.Answer, code string) {
	t.Helper()
	body := answer.JSON()
	message, _ := body["message"].(string)
	if body["success"] != false || message == "" || body["detail"] != body["message"] || body["code"] != code {
		t.Errorf("the envelope of %s is %s", code, answer.Body)
	}
	if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("an error of the API is %q", kind)
	}
}
