package djangoimport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/outbox"
)

// Importer writes what a source holds into the tables of this program.
type Importer struct {
	DB     *bun.DB
	Outbox *outbox.Outbox
	Notice models.MailKind // the mail about a contact message
	Now    func() time.Time

	// IsSamplePassword tells whether a hash is that of a password that the Django
	// program's own scripts set, so that everybody knows it.
	IsSamplePassword func(ctx context.Context, hash string) (bool, error)
	// ClientIDs are the credentials of social logins here.
	ClientIDs map[models.SocialProvider]string
	// Progress is told of each table that is begun, and its result of rows done.
	Progress func(table string, rows int64) func(rows int)

	DryRun      bool // everything is done, and then taken back
	SendPending bool // mails of contact messages that are pending are sent
}

// run is one import under way.
type run struct {
	*Importer
	source *Source
	tx     bun.Tx
	ledger *Ledger
	at     time.Time

	users  map[int64]string // usernames here, by id
	groups map[int64]bool
	due    []int64 // mails
}

// errDryRun takes everything back.
var errDryRun = errors.New("dry run")

// Run imports everything in one transaction: all of it, or nothing. Rows with a reason
// also go to report, as CSV; nil: nowhere.
func (i *Importer) Run(ctx context.Context, source *Source, report io.Writer) (*Ledger, error) {
	ledger, err := newLedger(report)
	if err != nil {
		return nil, err
	}
	r := &run{Importer: i, source: source, ledger: ledger, at: i.Now(), users: map[int64]string{}, groups: map[int64]bool{}}
	err = i.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		r.tx = tx
		for _, step := range []func(context.Context) error{
			r.importGroups, r.importUsers, r.importRights, r.importSocialAccounts, r.importContactMessages, r.importProjects,
			r.importWaitlist, r.importHistory, r.importTokens, r.leaveTheRest,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		if err := ledger.check(); err != nil {
			return err
		}
		if i.DryRun {
			return errDryRun
		}
		return r.raiseSequences(ctx)
	})
	if errors.Is(err, errDryRun) {
		return ledger, nil
	}
	if models.IsUniqueViolation(err) {
		return nil, fmt.Errorf("the target already holds rows that are not the source's (%w): import into an empty database, or into one that only earlier imports filled; nothing was imported", err)
	}
	if err != nil {
		return nil, err
	}
	i.Outbox.Notify(ctx, r.due)
	return ledger, nil
}

// open begins a table of the source in the ledger and on the screen. done is false where
// the source lacks it.
func (r *run) open(ctx context.Context, table string, needed ...string) (advance func(int), found bool, err error) {
	if !r.source.has(table, needed...) {
		return nil, false, nil
	}
	rows, err := r.source.count(ctx, table)
	if err != nil {
		return nil, false, err
	}
	r.ledger.open(table, rows)
	return r.Progress(table, rows), true, nil
}
