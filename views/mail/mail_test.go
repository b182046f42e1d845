package mail

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestContactNoticeSaysTheSameInBothForms(t *testing.T) {
	notice := ContactNotice{
		Name: "Ada <b>", Email: "ada@example.org", Message: "First line\r\n<i>Second</i>",
		SubmittedAt: time.Date(2026, 11, 23, 17, 0, 0, 0, time.FixedZone("CET", 3600)), AdminURL: "https://example.org/admin/contact-messages/7/",
	}
	var html strings.Builder
	if err := ContactNoticeHTML(notice).Render(context.Background(), &html); err != nil {
		t.Fatal(err)
	}
	text := ContactNoticeText(notice)
	for _, part := range []string{"ada@example.org", "First line", "Submitted at: 2026-11-23 16:00:00 UTC", notice.AdminURL} {
		if !strings.Contains(text, part) || !strings.Contains(html.String(), part) {
			t.Errorf("%q is missing", part)
		}
	}
	if strings.Contains(html.String(), "<b>") || strings.Contains(html.String(), "<i>") {
		t.Error("submitted text became markup")
	}
	if !strings.Contains(text, "Ada <b>") || !strings.Contains(text, "<i>Second</i>") {
		t.Error("the plain text changed what was submitted")
	}
}

func TestAddressAddsNothingToTheMailThatAnswersIt(t *testing.T) {
	var html strings.Builder
	if err := ContactNoticeHTML(ContactNotice{Email: "bob?bcc=eve,mia@example.org"}).Render(context.Background(), &html); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(html.String(), `href="mailto:bob%3Fbcc%3Deve%2Cmia@example.org"`) {
		t.Errorf("the mail links\n%s", html.String())
	}
}
