package waitlist

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/records"
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
	return s.Rows().Change(ctx, id, func(entry *models.WaitlistEntry) error {
		before := entry.Email
		if in.apply(entry); entry.Email == before {
			return nil
		}
		return mayReaddress(ctx, entry)
	})
}

// OldSpam are the entries that are spam since before a time.
func (s *Service) OldSpam(before time.Time) records.Aged {
	return s.Rows().OldSpam("Spam of the waitlist", before)
}

// Rows keeps entries, which are changed without mail and deleted with theirs.
func (s *Service) Rows() *records.Keeper[models.WaitlistEntry] {
	return &records.Keeper[models.WaitlistEntry]{DB: s.DB, Now: s.Now, Slug: models.WaitlistSlug, Hooks: records.Hooks[models.WaitlistEntry]{
		Read: func(ctx context.Context, db bun.IDB, ids []int64) (entries []*models.WaitlistEntry, err error) {
			query := db.NewSelect().Model(&entries).Where("id IN (?)", bun.List(ids)).OrderExpr("id")
			if err := s.visible(query, models.ActorOf(ctx)).Scan(ctx); err != nil {
				return nil, fmt.Errorf("read waitlist entries: %w", err)
			}
			return entries, nil
		},
		May: func(ctx context.Context, _ bun.Tx, verb models.Verb, entry *models.WaitlistEntry) error {
			actor := models.ActorOf(ctx)
			if !s.Owns(actor, entry) && !mayOnAll(actor, verb) {
				return problem.New(problem.Forbidden, "forbidden", "You may look at this entry but not change it.")
			}
			return nil
		},
		Lock: func(ctx context.Context, tx bun.Tx, ids []int64) error {
			for _, kind := range Mails {
				if err := s.Outbox.Lock(ctx, tx, ids, kind); err != nil {
					return err
				}
			}
			return nil
		},
		After: func(ctx context.Context, tx bun.Tx, before, entry *models.WaitlistEntry) error {
			if before == nil || entry == nil || before.CreatedAt.Equal(entry.CreatedAt) {
				return nil
			}
			if _, err := tx.NewUpdate().Model(entry).Column("created_at").WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("put entry where a robot's was in line: %w", err)
			}
			return nil
		},
		Check: s.check, Restored: restored, UndoMail: s.Outbox.UndoMail, Owned: []records.Owned{records.Mails(Mails...)}, Discreet: true,
	}}
}

// check puts a new address into its one spelling. That the old one unsubscribed says
// nothing of it.
func (s *Service) check(ctx context.Context, tx bun.Tx, before, entry *models.WaitlistEntry, faults problem.Fields) error {
	entry.Email = models.NormalizeEmail(entry.Email)
	if len(faults) > 0 || before != nil && entry.Email == before.Email {
		return nil
	}
	taken, err := tx.NewSelect().Model((*models.WaitlistEntry)(nil)).Where("lower(email) = ?", entry.Email).Where("id <> ?", entry.ID).Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for address: %w", err)
	}
	if taken {
		conflict := problem.New(problem.Conflict, "conflict", "This address is on the waitlist already.")
		conflict.Fields = problem.Fields{"email": {conflict.Message}}
		return conflict
	}
	entry.UnsubscribedAt = time.Time{}
	return keepOptout(ctx, tx, entry)
}

// restored marks entries that came back as unsubscribed where their address
// unsubscribed meanwhile.
func restored(ctx context.Context, tx bun.Tx, entries []*models.WaitlistEntry) error {
	if err := keepOptout(ctx, tx, entries...); err != nil {
		return err
	}
	for _, entry := range entries {
		if _, err := tx.NewUpdate().Model(entry).Column("unsubscribed_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("mark entry as unsubscribed: %w", err)
		}
	}
	return nil
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

// Leave takes one entry off the list on behalf of its owner or staff, and returns
// what it was.
func (s *Service) Leave(ctx context.Context, id int64) (*models.WaitlistEntry, error) {
	entry, err := s.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	removed, err := s.Rows().Delete(ctx, []int64{id})
	if err == nil && removed == 0 {
		err = problem.ErrNotFound() // somebody was faster
	}
	return entry, err
}
