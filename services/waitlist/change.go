package waitlist

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Change is what to change of an entry; nil leaves a field as it is.
type Change struct {
	Email, FirstName, LastName, Company, Description *string
}

// Check tells what is wrong with it, whatever entry it is for.
func (in Change) Check() error {
	entry := &models.WaitlistEntry{Email: "somebody@example.com"}
	in.apply(entry)
	entry.Email = models.NormalizeEmail(entry.Email)
	return models.Validate(entry)
}

// Change changes an entry on behalf of its owner or staff and returns it as it is
// then.
func (s *Service) Change(ctx context.Context, id int64, in Change) (*models.WaitlistEntry, error) {
	return s.edit(ctx, func(tx bun.Tx) (*models.WaitlistEntry, error) {
		return s.findFor(ctx, models.ForUpdate(tx.NewSelect()), id, models.Change)
	}, func(entry *models.WaitlistEntry) error {
		before := entry.Email
		if in.apply(entry); entry.Email == before {
			return nil
		}
		return mayReaddress(ctx, entry)
	})
}

// Save stores what edit makes of an entry or, where id is 0, of a new one. Nobody is
// mailed.
func (s *Service) Save(ctx context.Context, id int64, edit func(*models.WaitlistEntry) error) (*models.WaitlistEntry, error) {
	return s.edit(ctx, func(tx bun.Tx) (*models.WaitlistEntry, error) {
		if id == 0 {
			return &models.WaitlistEntry{CreatedAt: s.Now()}, nil
		}
		return s.findFor(ctx, models.ForUpdate(tx.NewSelect()), id, models.Change)
	}, edit)
}

// edit stores what change makes of the entry that get gives.
func (s *Service) edit(ctx context.Context, get func(bun.Tx) (*models.WaitlistEntry, error),
	change func(*models.WaitlistEntry) error,
) (entry *models.WaitlistEntry, err error) {
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if entry, err = get(tx); err != nil {
			return err
		}
		before := *entry
		if err := change(entry); err != nil {
			return err
		}
		entry.Email = models.NormalizeEmail(entry.Email)
		if err := models.Validate(entry); err != nil {
			return err
		}
		err := s.store(ctx, tx, &before, entry)
		if models.IsUniqueViolation(err) {
			taken := problem.New(problem.Conflict, "conflict", "This address is on the waitlist already.")
			taken.Fields = problem.Fields{"email": {taken.Message}}
			return taken
		}
		return err
	})
	return entry, err
}

// store writes an entry that differs from what it was, and says so in the history.
func (s *Service) store(ctx context.Context, tx bun.Tx, before, entry *models.WaitlistEntry) error {
	changes := changesOf(before, entry)
	if len(changes) == 0 {
		return nil
	}
	entry.UpdatedAt = s.Now()
	if entry.Email != before.Email {
		entry.UnsubscribedAt = time.Time{} // it was of the other address
		if err := keepOptout(ctx, tx, entry); err != nil {
			return err
		}
	}
	action := models.HistoryChanged
	if entry.ID == 0 {
		action = models.HistoryAdded
		if _, err := tx.NewInsert().Model(entry).Exec(ctx); err != nil {
			return fmt.Errorf("store waitlist entry: %w", err)
		}
	} else if _, err := tx.NewUpdate().Model(entry).
		Column("email", "first_name", "last_name", "company", "description", "unsubscribed_at", "updated_at").
		WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("change waitlist entry: %w", err)
	}
	return models.Record(ctx, tx, models.HistoryEntry{
		At: entry.UpdatedAt, Model: models.WaitlistSlug, ObjectID: entry.ID, ObjectLabel: entry.Email,
		Action: action, Changes: changes,
	})
}

func (in Change) apply(entry *models.WaitlistEntry) {
	for _, field := range []struct {
		to   *string
		from *string
	}{
		{&entry.FirstName, in.FirstName}, {&entry.LastName, in.LastName},
		{&entry.Company, in.Company}, {&entry.Description, in.Description},
	} {
		if field.from != nil {
			*field.to = strings.TrimSpace(*field.from)
		}
	}
	if in.Email != nil {
		entry.Email = models.NormalizeEmail(*in.Email)
	}
}

// mayReaddress holds a new address against who changes it: staff may enter any,
// others only the one that is proven to be theirs, or they would sign up strangers.
func mayReaddress(ctx context.Context, entry *models.WaitlistEntry) error {
	actor := models.ActorOf(ctx)
	if !mayOnAll(actor, models.Change) && !holds(actor.User, entry.Email) {
		return problem.Field("email", "Use the address of your account.")
	}
	return nil
}

// changesOf compares what people can change of an entry.
func changesOf(before, after *models.WaitlistEntry) []models.FieldChange {
	var changes []models.FieldChange
	for _, field := range []models.FieldChange{
		{Field: "email", From: before.Email, To: after.Email},
		{Field: "first_name", From: before.FirstName, To: after.FirstName},
		{Field: "last_name", From: before.LastName, To: after.LastName},
		{Field: "company", From: before.Company, To: after.Company},
		{Field: "description", From: before.Description, To: after.Description},
	} {
		if field.From != field.To {
			changes = append(changes, field)
		}
	}
	return changes
}

// Leave takes one entry off the list on behalf of its owner or staff, and returns
// what it was.
func (s *Service) Leave(ctx context.Context, id int64) (*models.WaitlistEntry, error) {
	var entry *models.WaitlistEntry
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		if entry, err = s.findFor(ctx, tx.NewSelect(), id, models.Delete); err != nil {
			return err
		}
		removed, err := s.remove(ctx, tx, []int64{id})
		if err == nil && removed == 0 {
			return problem.ErrNotFound() // somebody was faster
		}
		return err
	})
	return entry, err
}

// Delete removes entries with their mail and returns how many there were. Who has unsubscribed stays unsubscribed.
func (s *Service) Delete(ctx context.Context, ids []int64) (removed int, err error) {
	err = models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		removed, err = s.remove(ctx, tx, ids)
		return err
	})
	return removed, err
}

// remove deletes the mail before the entries: see Outbox.Delete.
func (s *Service) remove(ctx context.Context, tx bun.Tx, ids []int64) (int, error) {
	if err := s.Outbox.Delete(ctx, tx, ids, Mails...); err != nil {
		return 0, err
	}
	var removed []models.WaitlistEntry
	if _, err := tx.NewDelete().Model(&removed).Where("id IN (?)", bun.List(ids)).Returning("id, email").Exec(ctx); err != nil {
		return 0, fmt.Errorf("delete waitlist entries: %w", err)
	}
	return len(removed), s.record(ctx, tx, models.HistoryDeleted, "", removed)
}
