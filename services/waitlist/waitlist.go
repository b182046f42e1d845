package waitlist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/jobs"
	"digitalpath/services/outbox"
)

// waiting is the condition of being in line. The index waitlist_entries_waiting_idx
// is made of these words.
const waiting = "waitlist_entry.invited_at IS NULL AND waitlist_entry.unsubscribed_at IS NULL AND NOT waitlist_entry.is_spam"

// The mails of the waitlist; their object is the entry. The notice goes to staff, the
// others to the person.
const (
	MailWelcome    models.MailKind = "waitlist_welcome"
	MailNotice     models.MailKind = "waitlist_notice"
	MailInvitation models.MailKind = "waitlist_invitation"
)

// Mails are the kinds in the order in which they go out.
var Mails = []models.MailKind{MailWelcome, MailInvitation, MailNotice}

// Service is the story of those who want in, from the form to the invitation.
type Service struct {
	DB     *bun.DB
	Outbox *outbox.Outbox
	Jobs   *jobs.Jobs
	Links  UnsubscribeLinks
	Now    func() time.Time
}

// Input is one submit of the waitlist's form.
type Input struct {
	Email, FirstName, LastName, Company, Description string

	UTMSource, UTMMedium, UTMCampaign, UTMTerm, UTMContent, Referrer string

	Website   string // hidden from people: only a robot fills it in
	Language  string // of the mails; empty: unknown
	IPAddress string
}

// Check tells what is wrong with it.
func (in Input) Check() error { return models.Validate(in.entry(time.Time{})) }

func (in Input) entry(now time.Time) *models.WaitlistEntry {
	// Where somebody came from is no reason to turn them away: it is cut to fit.
	source := func(s string, length int) string { return models.Truncate(strings.TrimSpace(s), length) }
	return &models.WaitlistEntry{
		Email:     models.NormalizeEmail(in.Email),
		FirstName: strings.TrimSpace(in.FirstName), LastName: strings.TrimSpace(in.LastName),
		Company: strings.TrimSpace(in.Company), Description: strings.TrimSpace(in.Description),
		UTMSource: source(in.UTMSource, 255), UTMMedium: source(in.UTMMedium, 255), UTMCampaign: source(in.UTMCampaign, 255),
		UTMTerm: source(in.UTMTerm, 255), UTMContent: source(in.UTMContent, 255), Referrer: source(in.Referrer, 2000),
		IsSpam: in.Website != "", Language: in.Language, IPAddress: in.IPAddress, CreatedAt: now, UpdatedAt: now,
	}
}

// Join puts an address on the list and enqueues the mails to the person and to staff,
// all in one transaction. An address that is there already mails nobody, and nothing of
// its entry changes, but that it becomes the actor's where the address is proven to be
// theirs; joined then is false and entry what is stored. A robot's entry is kept as spam,
// without mail, and gives way to the person whose address it used.
func (s *Service) Join(ctx context.Context, in Input) (entry *models.WaitlistEntry, joined bool, err error) {
	entry = in.entry(s.Now())
	if err := models.Validate(entry); err != nil {
		return nil, false, err
	}
	if user := models.ActorOf(ctx).User; user != nil && !entry.IsSpam && holds(user, entry.Email) {
		entry.UserID = user.ID
	}
	for range 3 { // what was there may be gone before it is read
		stored := *entry
		if joined, err = s.joinOnce(ctx, &stored); !errors.Is(err, sql.ErrNoRows) {
			return &stored, joined, err
		}
	}
	return nil, false, problem.New(problem.Unavailable, "unavailable", "The service cannot answer right now. Please try again in a moment.")
}

// joinOnce stores the entry, or makes it what is stored of its address.
func (s *Service) joinOnce(ctx context.Context, entry *models.WaitlistEntry) (joined bool, err error) {
	var due []int64
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if joined, err = s.add(ctx, tx, entry); err != nil {
			return err
		}
		if !joined {
			return s.adopt(ctx, tx, entry)
		}
		if entry.IsSpam {
			return nil
		}
		if entry.UserID != 0 {
			if err := s.record(ctx, tx, models.HistoryAdded, "", []models.WaitlistEntry{*entry}); err != nil {
				return err
			}
		}
		due, err = s.enqueueWelcome(ctx, tx, entry)
		return err
	})
	if err != nil {
		return false, err
	}
	s.Outbox.Notify(ctx, due)
	return joined, nil
}

// adopt reads the entry that is there in the place of a new one, and gives it to the
// user whose address it is.
func (s *Service) adopt(ctx context.Context, tx bun.Tx, entry *models.WaitlistEntry) error {
	owner, stored := entry.UserID, new(models.WaitlistEntry)
	err := models.ForUpdate(tx.NewSelect().Model(stored).Where("lower(email) = ?", entry.Email)).Scan(ctx)
	if err != nil {
		return fmt.Errorf("read waitlist entry: %w", err)
	}
	*entry = *stored
	if owner == 0 || owner == stored.UserID || stored.IsSpam {
		return nil
	}
	entry.UserID, entry.UpdatedAt = owner, s.Now()
	if _, err := tx.NewUpdate().Model(entry).Column("user_id", "updated_at").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("give waitlist entry to its owner: %w", err)
	}
	return s.record(ctx, tx, models.HistoryChanged, "Joined again by the owner of the address", []models.WaitlistEntry{*entry})
}

// add stores the entry unless its address is there. Of parallel ones one succeeds.
func (s *Service) add(ctx context.Context, tx bun.Tx, entry *models.WaitlistEntry) (bool, error) {
	if !entry.IsSpam {
		if _, err := tx.NewDelete().Model((*models.WaitlistEntry)(nil)).
			Where("lower(email) = ?", entry.Email).Where("is_spam").Exec(ctx); err != nil {
			return false, fmt.Errorf("take the address from a robot: %w", err)
		}
	}
	if err := keepOptout(ctx, tx, entry); err != nil {
		return false, err
	}
	result, err := tx.NewInsert().Model(entry).On("CONFLICT (lower(email)) DO NOTHING").Exec(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store waitlist entry: %w", err)
	}
	added, err := result.RowsAffected()
	return added == 1, err
}

// enqueueWelcome enqueues the welcome and the notice to staff. Who has unsubscribed before
// gets none.
func (s *Service) enqueueWelcome(ctx context.Context, tx bun.Tx, entry *models.WaitlistEntry) ([]int64, error) {
	due, err := s.Outbox.Enqueue(ctx, tx, MailNotice, entry.ID)
	if err != nil || !entry.UnsubscribedAt.IsZero() {
		return due, err
	}
	welcome, err := s.Outbox.Enqueue(ctx, tx, MailWelcome, entry.ID)
	return append(welcome, due...), err
}

// record notes in the history what happened to entries, all alike.
func (s *Service) record(ctx context.Context, tx bun.Tx, action models.HistoryAction, summary string, entries []models.WaitlistEntry) error {
	history := make([]models.HistoryEntry, len(entries))
	for i, entry := range entries {
		history[i] = models.HistoryEntry{
			At: s.Now(), Model: models.WaitlistSlug, ObjectID: entry.ID, ObjectLabel: entry.Email, Action: action, Summary: summary,
		}
	}
	return models.Record(ctx, tx, history...)
}

// ApplyWelcome and ApplyInvitation make entries tell whether the newest mail to their
// person arrived. A late welcome says nothing of the invitation.
func ApplyWelcome(db bun.IDB, state models.MailState) *bun.UpdateQuery {
	if update := ApplyInvitation(db, state); update != nil {
		return update.Where("invited_at IS NULL")
	}
	return nil
}

// ApplyInvitation is the outbox's Kind.Apply of the invitation.
func ApplyInvitation(db bun.IDB, state models.MailState) *bun.UpdateQuery {
	if state.DeliveryStatus() == models.ContactFailed {
		return nil
	}
	return db.NewUpdate().Model((*models.WaitlistEntry)(nil)).
		Set("notified = ?", state == models.MailSent).Set("updated_at = ?", models.Clock(db, 0))
}
