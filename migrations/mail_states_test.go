package migrations_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/migrations"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// oldMail is a row as the release before the states wrote it; due tells whether it would
// still be tried, leased whether somebody does.
type oldMail struct {
	object      int64
	status      string
	due, leased bool
	reason      string
}

func (m oldMail) insert(t *testing.T, db *bun.DB) {
	t.Helper()
	now := time.Now().UTC()
	due, lease, token := bun.NullTime{}, bun.NullTime{}, any(nil)
	if m.due {
		due.Time = now
	}
	if m.leased {
		lease.Time, token = now, strings.Repeat("a", 32)
	}
	var count int64
	if err := db.NewRaw("SELECT count(*) FROM outbox_messages").Scan(context.Background(), &count); err != nil {
		t.Fatal(err)
	}
	if _, err := db.NewRaw(`INSERT INTO outbox_messages (kind, object_id, message_id, status, attempts, max_attempts, next_attempt_at, queued_at,
		lease_token, lease_until, error_message, created_at, updated_at) VALUES ('contact_notice', ?, ?, ?, 1, 4, ?, ?, ?, ?, NULLIF(?, ''), ?, ?)`,
		m.object, fmt.Sprint(count), m.status, due, now, token, lease, m.reason, now, now).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// states are those of all messages, oldest first; a superseded one has a dash before it.
func states(t *testing.T, db *bun.DB) []string {
	t.Helper()
	var messages []models.OutboxMessage
	if err := db.NewSelect().Model(&messages).OrderExpr("id").Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, message := range messages {
		state := string(message.State)
		if message.Superseded {
			state = "-" + state
		}
		all = append(all, state)
	}
	return all
}

func TestMailOfTheReleaseBeforeIsInItsState(t *testing.T) {
	ctx, db := context.Background(), modelstest.New(t)
	undone := []string{""}
	for undone[0] != "20261126000010" {
		var err error
		if undone, err = migrations.Down(ctx, db, 1); err != nil || len(undone) == 0 {
			t.Fatalf("%v %v", undone, err)
		}
	}
	if _, err := db.NewRaw(`INSERT INTO contact_messages (id, name, email, message, status, is_spam, ip_address, created_at, updated_at)
		VALUES (7, 'Bot', 'bot@example.com', 'x', 'pending', true, '', ?0, ?0)`, time.Now().UTC()).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	for _, mail := range []oldMail{
		{1, "pending", true, false, ""}, {2, "pending", true, true, ""}, {3, "failed", true, false, "451 later"},
		{4, "sent", false, false, ""}, {5, "failed", false, false, "550 never"}, {6, "failed", false, false, "Withdrawn: the message was marked as spam."},
		{5, "sent", false, false, ""}, {7, "failed", false, false, "550 never"},
	} {
		mail.insert(t, db)
	}
	if _, err := migrations.Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	want := []string{"pending", "sending", "retrying", "sent", "-failed", "cancelled", "sent", "-failed"}
	if got := states(t, db); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	var reason string
	if err := db.NewRaw("SELECT error_message FROM outbox_messages WHERE state = 'cancelled'").Scan(ctx, &reason); err != nil || reason != "Cancelled: the message was marked as spam." {
		t.Errorf("%q %v", reason, err)
	}
}

// While both releases run, the one before writes no states.
func TestWhatTheReleaseBeforeDoesWithMailKeepsTheStateTrue(t *testing.T) {
	const (
		lease    = "lease_token = 'a', lease_until = CURRENT_TIMESTAMP, attempts = attempts + 1"
		release  = "lease_token = NULL, lease_until = NULL"
		deferred = "status = 'failed', error_message = '451 later', next_attempt_at = CURRENT_TIMESTAMP, " + release
		over     = "next_attempt_at = NULL, "
	)
	for _, test := range []struct {
		name  string
		steps []string // what is set
		want  string
	}{
		{"claims", []string{lease}, "pending sending"},
		{"claims and extends", []string{lease, "lease_until = CURRENT_TIMESTAMP"}, "pending sending sending"},
		{"sends", []string{lease, "status = 'sent', sent_at = CURRENT_TIMESTAMP, error_message = NULL, " + over + release}, "pending sending sent"},
		{"defers and claims again", []string{lease, deferred, lease}, "pending sending retrying sending"},
		{"gives up", []string{lease, "status = 'failed', error_message = '550 no', " + over + release}, "pending sending failed"},
		{"withdraws", []string{"status = 'failed', error_message = 'Withdrawn: it is spam.', next_attempt_at = NULL"}, "pending cancelled"},
		{"makes it due anew", []string{lease, deferred, "status = 'pending', next_attempt_at = CURRENT_TIMESTAMP"}, "pending sending retrying pending"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := modelstest.New(t)
			oldMail{1, "pending", true, false, ""}.insert(t, db)
			story := states(t, db)
			for _, step := range test.steps {
				if _, err := db.ExecContext(context.Background(), "UPDATE outbox_messages SET "+step); err != nil {
					t.Fatal(err)
				}
				story = append(story, states(t, db)...)
			}
			if got := strings.Join(story, " "); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
