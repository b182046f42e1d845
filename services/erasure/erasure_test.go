package erasure_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/erasure"
	"digitalpath/services/records"
)

// However many messages there are, and whatever was deleted, who is to be erased is found
// in any case of the address without reading them all.
func TestIndexesFindWhoIsErased(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	ctx := models.WithActor(t.Context(), models.Actor{Rights: models.Rights{All: true}})
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	messages := []models.ContactMessage{{Email: "ann@example.com"}, {Email: "Ann@Example.com", IsSpam: true}, {Email: "ann@example.com.example.net"}}
	for i := range messages {
		messages[i].Name, messages[i].Message, messages[i].Status, messages[i].CreatedAt, messages[i].UpdatedAt = "Ann", "Hello", models.ContactSent, now, now
	}
	if _, err := db.NewInsert().Model(&messages).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	var person *erasure.Person
	lines := modelstest.Plans(t, db, func(db *bun.DB) {
		s := &erasure.Service{
			DB: db, Users: &records.Keeper[models.User]{DB: db}, Messages: &records.Keeper[models.ContactMessage]{DB: db},
			Waitlist: &records.Keeper[models.WaitlistEntry]{DB: db, Slug: models.WaitlistSlug},
		}
		var err error
		if person, err = s.Of(ctx, "ANN@example.com"); err != nil {
			t.Fatal(err)
		}
	})
	if removes := person.Removes(); len(removes) != 1 || removes[0].Table != "contact_messages" || removes[0].Count != 2 {
		t.Errorf("found are %+v", removes)
	}
	for _, line := range lines {
		for _, table := range []string{"contact_message", "trash", "user", "waitlist_entr"} {
			if strings.HasPrefix(strings.TrimLeft(line, " ->"), "SCAN "+table) || strings.Contains(line, "Seq Scan on "+table) {
				t.Errorf("a whole table is read: %s", line)
			}
		}
	}
}
