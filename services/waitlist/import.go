package waitlist

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// Import is what becomes, or would become, of the rows of a file.
type Import struct {
	Header     []string      // the file's first line
	Added      []ImportedRow // new entries
	Merged     []ImportedRow // entries that were there and get what they lacked
	Same       int           // rows that say nothing new
	Duplicates int           // rows about an address that an earlier row has; what they add is in that
	Bad        []BadRow
}

// Rows is how many rows the file has.
func (p *Import) Rows() int {
	return len(p.Added) + len(p.Merged) + p.Same + p.Duplicates + len(p.Bad)
}

// ImportedRow is one row of a file that changes something.
type ImportedRow struct {
	Line    int
	Entry   *models.WaitlistEntry // as it is then
	Changes []models.FieldChange  // of an entry that was there
}

// PreviewImport says what Import would do with a CSV file. Its error is a problem
// where the file as a whole is no good.
func (s *Service) PreviewImport(ctx context.Context, file []byte) (*Import, error) {
	return s.plan(ctx, s.DB, file)
}

// Import takes a CSV file in, all good rows of it or, where it fails, none. Nobody is
// mailed. An address that is on the list keeps what is stored and gets what it lacks;
// who has unsubscribed stays so.
func (s *Service) Import(ctx context.Context, file []byte) (plan *Import, err error) {
	err = models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		if plan, err = s.plan(ctx, tx, file); err != nil {
			return err
		}
		if err := s.importNew(ctx, tx, plan); err != nil {
			return err
		}
		for _, row := range plan.Merged {
			row.Entry.UpdatedAt = s.Now()
			if _, err := tx.NewUpdate().Model(row.Entry).
				Column("first_name", "last_name", "company", "description", "updated_at").WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("merge imported row: %w", err)
			}
			if err := models.Record(ctx, tx, models.HistoryEntry{
				At: row.Entry.UpdatedAt, Model: models.WaitlistSlug, ObjectID: row.Entry.ID, ObjectLabel: row.Entry.Email,
				Action: models.HistoryChanged, Summary: "Imported", Changes: row.Changes,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return plan, err
}

// importNew stores the new entries of a plan. Who joins by the form at the same moment
// wins, and gets what is lacking as anybody who was there.
func (s *Service) importNew(ctx context.Context, tx bun.Tx, plan *Import) error {
	var added []ImportedRow
	for try := 0; len(plan.Added) > 0; try++ {
		if try == joinTries {
			return errBusy()
		}
		var late []importRow
		for batch := range slices.Chunk(plan.Added, inviteBatch) {
			stored, err := s.storeNew(ctx, tx, batch)
			if err != nil {
				return err
			}
			for _, row := range batch {
				if slices.ContainsFunc(stored, func(e models.WaitlistEntry) bool { return e.Email == row.Entry.Email }) {
					added = append(added, row)
				} else {
					late = append(late, importRow{line: row.Line, entry: row.Entry})
				}
			}
		}
		plan.Added = nil
		if err := plan.compare(ctx, tx, late); err != nil {
			return err
		}
	}
	plan.Added = added
	return nil
}

// storeNew stores those of some new entries that are new still.
func (s *Service) storeNew(ctx context.Context, tx bun.Tx, batch []ImportedRow) (stored []models.WaitlistEntry, err error) {
	rows := make([]*models.WaitlistEntry, len(batch))
	addresses := make([]string, len(batch))
	for i, row := range batch {
		rows[i], addresses[i] = row.Entry, row.Entry.Email
	}
	if _, err := tx.NewDelete().Model((*models.WaitlistEntry)(nil)).
		Where("lower(email) IN (?)", bun.List(addresses)).Where("is_spam").Exec(ctx); err != nil {
		return nil, fmt.Errorf("take addresses from robots: %w", err)
	}
	if err := keepOptout(ctx, tx, rows...); err != nil {
		return nil, err
	}
	if err := tx.NewInsert().Model(&rows).On("CONFLICT (lower(email)) DO NOTHING").Returning("id, email").Scan(ctx, &stored); err != nil {
		return nil, fmt.Errorf("store imported rows: %w", err)
	}
	return stored, s.record(ctx, tx, models.HistoryAdded, "Imported", stored)
}

// plan reads the file and compares it with the list.
func (s *Service) plan(ctx context.Context, db bun.IDB, file []byte) (*Import, error) {
	read, err := parseCSV(file, s.Now())
	if err != nil {
		return nil, err
	}
	plan := &Import{Header: read.header, Bad: read.bad}
	return plan, plan.compare(ctx, db, plan.withoutDuplicates(read.rows))
}

// compare plans what becomes of rows beside what is stored.
func (p *Import) compare(ctx context.Context, db bun.IDB, rows []importRow) error {
	for batch := range slices.Chunk(rows, inviteBatch) {
		addresses := make([]string, len(batch))
		for i, row := range batch {
			addresses[i] = row.entry.Email
		}
		var there []models.WaitlistEntry
		query := db.NewSelect().Model(&there).Where("lower(email) IN (?)", bun.List(addresses)).OrderExpr("id")
		if _, importing := db.(bun.Tx); importing {
			models.ForUpdate(query) // what staff save meanwhile waits, and is not written over
		}
		if err := query.Scan(ctx); err != nil {
			return fmt.Errorf("look for imported addresses: %w", err)
		}
		stored := map[string]*models.WaitlistEntry{}
		for i := range there {
			stored[strings.ToLower(there[i].Email)] = &there[i]
		}
		for _, row := range batch {
			known := stored[row.entry.Email]
			if known != nil && known.IsSpam && !row.entry.IsSpam {
				known = nil // the address is taken from robots
			}
			p.add(row, known)
		}
	}
	return nil
}

// add decides what becomes of a row whose address is stored as given, or not at all.
func (p *Import) add(row importRow, stored *models.WaitlistEntry) {
	if stored == nil {
		p.Added = append(p.Added, ImportedRow{Line: row.line, Entry: row.entry})
		return
	}
	before := *stored
	fillIn(stored, row.entry)
	if changes := changesOf(&before, stored); len(changes) > 0 {
		p.Merged = append(p.Merged, ImportedRow{row.line, stored, changes})
	} else {
		p.Same++
	}
}

// withoutDuplicates puts the rows of one address into the first of them.
func (p *Import) withoutDuplicates(rows []importRow) []importRow {
	first := map[string]*models.WaitlistEntry{}
	var kept []importRow
	for _, row := range rows {
		if known := first[row.entry.Email]; known != nil {
			fillIn(known, row.entry)
			p.Duplicates++
			continue
		}
		first[row.entry.Email] = row.entry
		kept = append(kept, row)
	}
	return kept
}

// fillIn gives an entry what it lacks and another knows.
func fillIn(entry, other *models.WaitlistEntry) {
	for _, field := range []struct{ to, from *string }{
		{&entry.FirstName, &other.FirstName}, {&entry.LastName, &other.LastName},
		{&entry.Company, &other.Company}, {&entry.Description, &other.Description},
	} {
		if *field.to == "" {
			*field.to = *field.from
		}
	}
}
