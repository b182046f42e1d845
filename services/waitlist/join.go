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
	"digitalpath/services/outbox"
)

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
	for range joinTries { // what was there may be gone before it is read
		stored := *entry
		if joined, err = s.joinOnce(ctx, &stored); !errors.Is(err, sql.ErrNoRows) {
			return &stored, joined, err
		}
	}
	return nil, false, errBusy()
}

// joinTries is how often an entry is stored where others come and go in its place.
const joinTries = 3

func errBusy() error {
	return problem.New(problem.Unavailable, "unavailable", "The service cannot answer right now. Please try again in a moment.")
}

// joinOnce stores the entry, or makes it what is stored of its address.
//
// Most are strangers and new: PostgreSQL stores theirs by a statement alone. It may still
// be committed after its request has timed out, but then, whoever joins again is there.
func (s *Service) joinOnce(ctx context.Context, entry *models.WaitlistEntry) (joined bool, err error) {
	var due []int64
	if models.IsPostgres(s.DB) && entry.UserID == 0 {
		if due, err = s.insert(ctx, s.DB, entry); err != nil || entry.ID != 0 {
			s.Outbox.Notify(ctx, due)
			return err == nil, err
		}
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if due, err = s.add(ctx, tx, entry); err != nil {
			return err
		}
		joined = entry.ID != 0
		if !joined {
			return s.adopt(ctx, tx, entry)
		}
		if entry.UserID != 0 {
			return s.recordJoin(ctx, tx, entry)
		}
		return nil
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

// recordJoin notes that somebody with an account joined, who is shown all of the entry.
func (s *Service) recordJoin(ctx context.Context, tx bun.Tx, entry *models.WaitlistEntry) error {
	if err := tx.NewSelect().Model(entry).Column("unsubscribed_at").WherePK().Scan(ctx); err != nil {
		return fmt.Errorf("read waitlist entry: %w", err)
	}
	return s.record(ctx, tx, models.HistoryAdded, "", []models.WaitlistEntry{*entry})
}

// add stores the entry with its mails unless its address is there: then it gets no id. Of
// parallel ones one succeeds.
func (s *Service) add(ctx context.Context, tx bun.Tx, entry *models.WaitlistEntry) (due []int64, err error) {
	if due, err = s.insert(ctx, tx, entry); entry.ID != 0 || err != nil || entry.IsSpam {
		return due, err
	}
	deleted, err := tx.NewDelete().Model((*models.WaitlistEntry)(nil)).Where("lower(email) = ?", entry.Email).Where("is_spam").Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("take the address from a robot: %w", err)
	}
	if n, err := deleted.RowsAffected(); err != nil || n == 0 {
		return nil, err
	}
	return s.insert(ctx, tx, entry)
}

// insert stores the entry, unsubscribed where its address was once, and enqueues the
// welcome and the notice to staff, unless the address is there. Who has unsubscribed
// before gets no welcome, and nobody hears of a robot.
func (s *Service) insert(ctx context.Context, db bun.IDB, entry *models.WaitlistEntry) (due []int64, err error) {
	args := new(models.Args)
	optout := db.NewSelect().Model((*models.WaitlistOptout)(nil)).Column("created_at").Where("address_hash = ?", args.Of(addressHash(entry.Email)))
	insert := args.Insert(db, entry).Value("unsubscribed_at", "(?)", optout).On("CONFLICT (lower(email)) DO NOTHING")
	mails := []outbox.Due{{Kind: MailWelcome, Unless: "unsubscribed_at"}, {Kind: MailNotice}}
	if entry.IsSpam {
		mails = nil
	}
	if entry.ID, due, err = s.Outbox.EnqueueWith(ctx, db, args, insert, mails...); err != nil {
		return nil, fmt.Errorf("store waitlist entry: %w", err)
	}
	return due, nil
}
