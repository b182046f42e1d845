package waitlist

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/jobs"
	"digitalpath/services/outbox"
)

// Waiting is the condition of being in line. The index waitlist_entries_waiting_idx
// is made of these words.
const Waiting = "waitlist_entry.invited_at IS NULL AND waitlist_entry.unsubscribed_at IS NULL AND NOT waitlist_entry.is_spam"

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

// record notes in the history what happened to entries, all alike.
func (s *Service) record(ctx context.Context, tx bun.Tx, action models.HistoryAction, summary string, entries []models.WaitlistEntry) error {
	return s.recordUndoable(ctx, tx, action, summary, entries, nil)
}

// recordUndoable is record for what can be undone: before and after are columns of an
// entry as it was, and as it is left.
func (s *Service) recordUndoable(ctx context.Context, tx bun.Tx, action models.HistoryAction, summary string, entries []models.WaitlistEntry,
	columns func(*models.WaitlistEntry) (before, after models.Columns)) error {
	history := make([]models.HistoryEntry, len(entries))
	for i, entry := range entries {
		history[i] = models.HistoryEntry{
			At: s.Now(), Model: models.WaitlistSlug, ObjectID: entry.ID, ObjectLabel: entry.Email, Action: action, Summary: summary,
		}
		if columns != nil {
			history[i].Before, history[i].After = columns(&entry)
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
