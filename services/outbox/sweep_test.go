package outbox_test

import (
	"testing"
	"time"

	"digitalpath/services/contact"
)

func TestDueMailIsLookedForAmongThatWhichIsNext(t *testing.T) {
	t.Parallel()
	o := newFixture(t)
	now := time.Now().UTC()
	due := func(rows int, next, queued time.Time) {
		if _, err := o.db.NewRaw(`INSERT INTO outbox_messages (kind, object_id, recipient, message_id, state, max_attempts, next_attempt_at, queued_at, created_at, updated_at)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?0)
			SELECT ?1, i, 'ada@example.com', 'm' || i || ?2, 'pending', 4, ?2, ?3, ?3, ?3 FROM n`, rows, contact.MailNotice, next, queued).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	due(50_001, now.Add(-time.Hour), now)
	due(1, now.Add(-time.Minute), now.Add(-time.Hour))
	found := func() int {
		ids, err := o.outbox.Due(t.Context(), 2*time.Hour, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(ids)
	}
	if n := found(); n != 0 {
		t.Errorf("%d are found behind 50,001 that wait in a queue", n)
	}
	if _, err := o.db.ExecContext(t.Context(), "UPDATE outbox_messages SET state = 'sent', next_attempt_at = NULL WHERE id IN (SELECT id FROM outbox_messages ORDER BY id LIMIT 2)"); err != nil {
		t.Fatal(err)
	}
	if n := found(); n != 1 {
		t.Errorf("%d are found behind 49,999", n)
	}
}
