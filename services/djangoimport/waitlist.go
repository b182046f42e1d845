package djangoimport

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// waitlist is what is known of the entries so far.
type waitlist struct {
	kept  map[string]int64                 // ids here, by address
	added map[int64]bool                   // by this run
	later map[int64][]models.WaitlistEntry // of the batch: what else came for a kept entry
	above int64                            // ids of the second table begin above those of the first
}

// importWaitlist brings over both tables that a waitlist may be in: the Django program's
// own, which keeps its ids, and the one of its documentation. Entries of one address are
// one here: the oldest, with what only later ones say.
func (r *run) importWaitlist(ctx context.Context) error {
	w := &waitlist{kept: map[string]int64{}, added: map[int64]bool{}, later: map[int64][]models.WaitlistEntry{}}
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
			make:  func(from *row) made[models.WaitlistEntry] { return r.waitlistEntry(from, w) },
			after: w.fill,
		}.run(ctx, r)
		if err != nil {
			return err
		}
		last, err := r.source.lastID(ctx, table)
		if err != nil {
			return err
		}
		w.above += last
	}
	return nil
}

func (r *run) waitlistEntry(from *row, w *waitlist) made[models.WaitlistEntry] {
	entry := models.WaitlistEntry{
		ID: from.id("id") + w.above, Email: models.NormalizeEmail(from.text("email", 254)), FirstName: from.text("first_name", 150), LastName: from.text("last_name", 150),
		Company: from.text("company", 255), Description: from.text("description", 5000), UserID: from.id("user_id"),
		Notified: from.bool("notified"), CreatedAt: from.timeOr(r.at, "created_at", "timestamp"),
	}
	entry.UpdatedAt = from.timeOr(entry.CreatedAt, "updated_at", "updated", "created_at", "timestamp")
	if entry.Email == "" {
		return leave[models.WaitlistEntry]("it has no e-mail address")
	}
	if r.users[entry.UserID] == "" {
		entry.UserID = 0
	}
	if id, taken := w.kept[addressKey(entry.Email)]; taken {
		w.later[id] = append(w.later[id], entry)
		return made[models.WaitlistEntry]{outcome: Merged, notes: []string{fmt.Sprintf("entry %d has the same address and is kept", id)}}
	}
	w.kept[addressKey(entry.Email)] = entry.ID
	return made[models.WaitlistEntry]{row: entry}
}

// fill gives entries that this run added what only later ones of their address say.
func (w *waitlist) fill(ctx context.Context, tx bun.Tx, added []models.WaitlistEntry) error {
	for _, entry := range added {
		w.added[entry.ID] = true
	}
	for id, entries := range w.later {
		for _, e := range entries {
			if !w.added[id] {
				continue
			}
			query := tx.NewUpdate().Model((*models.WaitlistEntry)(nil)).Where("id = ?", id).Set("notified = notified OR ?", e.Notified)
			for column, text := range map[string]string{"first_name": e.FirstName, "last_name": e.LastName, "company": e.Company, "description": e.Description} {
				query.Set("?0 = CASE WHEN ?0 = '' THEN ?1 ELSE ?0 END", bun.Ident(column), text)
			}
			if e.UserID != 0 {
				query.Set("user_id = coalesce(user_id, ?)", e.UserID)
			}
			if _, err := query.Exec(ctx); err != nil {
				return fmt.Errorf("merge waitlist entries: %w", err)
			}
		}
	}
	clear(w.later)
	return nil
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
