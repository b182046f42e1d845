package djangoimport

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// importWaitlist brings over both tables that a waitlist may be in: the Django program's
// own, which keeps its ids, and the one of its documentation. Entries of one address are
// one here, the oldest.
func (r *run) importWaitlist(ctx context.Context) error {
	kept := map[string]int64{} // ids here, by address
	var above int64            // ids of the second table begin above those of the first
	for _, table := range []string{"waitlists_waitlistentry", "waitlists_waitlist"} {
		if !r.source.has(table, "id", "email") {
			continue
		}
		query := "SELECT * FROM " + table + " ORDER BY id"
		for _, column := range []string{"timestamp", "created_at"} {
			if r.source.has(table, column) {
				query = "SELECT * FROM " + table + " ORDER BY " + quoted(column) + ", id"
			}
		}
		err := copying[models.WaitlistEntry]{
			table: table, query: query, find: findWaitlistEntries,
			make: func(from *row) made[models.WaitlistEntry] { return r.waitlistEntry(from, kept, above) },
		}.run(ctx, r)
		if err != nil {
			return err
		}
		last, err := r.source.lastID(ctx, table)
		if err != nil {
			return err
		}
		above += last
	}
	return nil
}

func (r *run) waitlistEntry(from *row, kept map[string]int64, above int64) made[models.WaitlistEntry] {
	entry := models.WaitlistEntry{
		ID: from.id("id") + above, Email: models.NormalizeEmail(from.text("email", 254)), FirstName: from.text("first_name", 150), LastName: from.text("last_name", 150),
		Company: from.text("company", 255), Description: from.text("description", 5000), UserID: from.id("user_id"),
		Notified: from.bool("notified"), CreatedAt: from.timeOr(r.at, "created_at", "timestamp"),
	}
	entry.UpdatedAt = from.timeOr(entry.CreatedAt, "updated_at", "updated", "created_at", "timestamp")
	if entry.Email == "" {
		return leave[models.WaitlistEntry]("it has no e-mail address")
	}
	if id, taken := kept[addressKey(entry.Email)]; taken {
		return made[models.WaitlistEntry]{outcome: Merged, notes: []string{fmt.Sprintf("entry %d has the same address and is kept", id)}}
	}
	kept[addressKey(entry.Email)] = entry.ID
	if r.users[entry.UserID] == "" {
		entry.UserID = 0
	}
	return made[models.WaitlistEntry]{row: entry}
}

// findWaitlistEntries looks for addresses too: somebody may have joined here meanwhile.
func findWaitlistEntries(ctx context.Context, tx bun.Tx, all []made[models.WaitlistEntry]) error {
	err := byID("waitlist_entries", func(e *models.WaitlistEntry) int64 { return e.ID }, func(have, want *models.WaitlistEntry) bool {
		return have.CreatedAt.Equal(want.CreatedAt) || have.Email == want.Email
	})(ctx, tx, all)
	if err != nil {
		return err
	}
	var addresses []string
	for _, m := range all {
		if m.outcome == Imported {
			addresses = append(addresses, addressKey(m.row.Email))
		}
	}
	if len(addresses) == 0 {
		return nil
	}
	var rows []models.WaitlistEntry
	if err := tx.NewSelect().Model(&rows).Column("id", "email").Where("lower(email) IN (?)", bun.List(addresses)).Scan(ctx); err != nil {
		return fmt.Errorf("look for waitlist entries: %w", err)
	}
	for _, row := range rows {
		for i := range all {
			if all[i].outcome == Imported && addressKey(all[i].row.Email) == addressKey(row.Email) {
				all[i].outcome, all[i].notes = Merged, []string{fmt.Sprintf("entry %d has the same address and is kept", row.ID)}
			}
		}
	}
	return nil
}
