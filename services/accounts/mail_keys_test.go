package accounts

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

func TestLinksLiveAsLongAsTheirMailsSay(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	keys := &MailKeys{SecretKey: strings.Repeat("k", 40), FrontendURL: "https://www.example.com", Now: func() time.Time { return now }}
	user := &models.User{ID: 7, Email: "ann@example.com", Password: "hash"}
	query := func(link string) url.Values {
		parsed, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		return parsed.Query()
	}
	reset := query(keys.ResetLink(user))
	id, ok := parseUID(reset.Get("uid"))
	purpose, verified, stamp, good := parseConfirmKey(query(keys.VerificationLink(user)).Get("key"))
	if !ok || id != 7 || !good || purpose != verifyPurpose || verified != 7 {
		t.Fatalf("read %d %v, %s %d %v", id, ok, purpose, verified, good)
	}
	for _, at := range []struct {
		after          time.Duration
		resets, verify bool
	}{
		{0, true, true}, {24*time.Hour - time.Second, true, true}, {24 * time.Hour, false, true},
		{72*time.Hour - time.Second, false, true}, {72 * time.Hour, false, false},
	} {
		keys.Now = func() time.Time { return now.Add(at.after) }
		if got := keys.fresh(reset.Get("token"), resetPurpose, 7, resetLife, resetState(user)); got != at.resets {
			t.Errorf("the reset link after %v: %v", at.after, got)
		}
		if got := keys.fresh(stamp, verifyPurpose, 7, verificationLife, verificationState(user)); got != at.verify {
			t.Errorf("the verification after %v: %v", at.after, got)
		}
	}
}
