package djangoimport_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

func checkAccounts(t *testing.T, db *bun.DB) {
	t.Helper()
	var got []string
	for _, u := range all[models.User](t, db) {
		state := "active"
		if u.Waiting() {
			state = "waiting"
		} else if !u.DisabledAt.IsZero() {
			state = "disabled"
		}
		got = append(got, fmt.Sprintf("%d %s %s %s verified=%v staff=%v super=%v password=%v", u.ID, u.Username, u.Email, state,
			!u.EmailVerifiedAt.IsZero(), u.IsStaff, u.IsSuperuser, strings.HasPrefix(u.Password, "pbkdf2_sha256$")))
	}
	want := []string{
		"1 admin admin@digitalpath.test active verified=false staff=true super=true password=false",
		"2 Ann ann.lee@example.com active verified=true staff=false super=false password=true",
		"3 bob bob@example.com waiting verified=false staff=false super=false password=true",
		"4 carl carl@example.com disabled verified=true staff=false super=false password=true",
		"5 dora user-5@no-address.invalid active verified=false staff=false super=false password=true",
		"6 emil user-6@no-address.invalid active verified=false staff=false super=false password=true",
		"7 twin1 user-7@no-address.invalid active verified=false staff=false super=false password=true",
		"8 twin2 twin@example.com active verified=true staff=false super=false password=true",
		"9 ann-9 another.ann@example.com active verified=false staff=false super=false password=true",
		"10 gina gina@gmail.test active verified=true staff=false super=false password=false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	rights, err := models.RightsOf(context.Background(), db, &models.User{ID: 2})
	slices.Sort(rights.Granted)
	if want := []string{"contact-messages.change", "contact-messages.view", "users.view", "waitlist.view"}; err != nil || !slices.Equal(rights.Granted, want) {
		t.Errorf("Ann may %v (%v), want %v", rights.Granted, err, want)
	}
	var social []string
	for _, a := range all[models.SocialAccount](t, db) {
		social = append(social, fmt.Sprint(a.UserID, " ", a.Provider, " ", a.Subject, " ", a.Email))
	}
	if want := []string{"10 google g-new gina@gmail.test", "2 github 4711 "}; !slices.Equal(social, want) {
		t.Errorf("social accounts %q, want %q", social, want)
	}
	// The last id was given to a user who is deleted: tokens of theirs must stay nobody's.
	next := &models.User{Username: "next", Email: "next@example.com"}
	if _, err := db.NewInsert().Model(next).Exec(context.Background()); err != nil || next.ID != 12 {
		t.Errorf("the next user gets the id %d (%v), want 12", next.ID, err)
	}
}

func checkOtherRows(t *testing.T, db *bun.DB, shape, from string) {
	t.Helper()
	var got []string
	for _, m := range all[models.ContactMessage](t, db) {
		got = append(got, fmt.Sprint(m.ID, " ", models.Truncate(m.Name, 12), " ", m.Status, " ", m.SentAt.IsZero(), " ", m.ErrorMessage))
		if m.CreatedAt.Year() != 2026 {
			t.Errorf("message %d is of %v", m.ID, m.CreatedAt)
		}
	}
	for _, e := range all[models.WaitlistEntry](t, db) {
		got = append(got, fmt.Sprint(e.ID, " ", e.Email, " ", e.FirstName, " ", e.Company, " ", e.Description, " ", e.UserID, " ", e.Notified))
	}
	for _, e := range all[models.HistoryEntry](t, db) {
		got = append(got, fmt.Sprint(e.UserID, " ", e.Username, " ", e.Model, " ", e.ObjectID, " ", e.Action, " ", e.Summary))
	}
	third := "Failed"
	if from == "sqlite" {
		third = "long long lo"
	}
	want := []string{
		"1 Sent sent false ", "2 Pending pending true ", "3 " + third + " failed true SMTP said no", "4 Ünïcödé 🚀 sent false ", "5 Odd pending true ",
		"1 first@example.com   oldest 2 false", "3 second@example.com Sec   2 true", "6 third@example.com Thi Three & Co  0 true",
		"1 admin contact-messages 1 added ", "2 Ann contact-messages 3 changed Changed Status, Name", "2 Ann contact-messages 99 deleted ",
		"2 Ann contact-messages 1 changed Changed status, as Django 1.9 wrote it.",
	}
	if shape == "new" {
		for _, p := range all[models.Project](t, db) {
			got = append(got, fmt.Sprint(p.ID, " ", p.Name, " ", p.Status, " ", p.Progress, " ", p.TeamSize, " ", p.Budget))
		}
		for _, a := range all[models.AIIntegration](t, db) {
			got = append(got, fmt.Sprint(a.ProjectID, " ", a.Enabled, " ", a.Features, " ", a.Models))
		}
		for _, s := range all[models.DataSource](t, db) {
			got = append(got, fmt.Sprint(s.ProjectID, " ", s.Name, " ", s.Type, " ", s.Order))
		}
		want = append(want, "1 One active 40 1 AUD 240k", "2 Two on_hold 100 0 AUD 240k", "3 Three planning 0 1 AUD 240k",
			"1 true [chat 2] [gpt]", `2 false [{"odd":true}] []`, "1 CRM SQL 2", "1 ERP CSV 1")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	mails, err := db.NewSelect().Model((*models.OutboxMessage)(nil)).Count(context.Background())
	if err != nil || mails != 0 {
		t.Errorf("%d mails wait (%v)", mails, err)
	}
}
