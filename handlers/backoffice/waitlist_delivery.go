package backoffice

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/services/outbox"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// waitlistMails shows what became of the mails about entries of the waitlist.
type waitlistMails struct{ outbox *outbox.Outbox }

// mailTitles are the panels beside an entry, in the order in which the mails go out.
var mailTitles = []struct {
	kind  models.MailKind
	title string
}{
	{models.MailWaitlistWelcome, "Welcome mail"},
	{models.MailWaitlistInvitation, "Invitation"},
	{models.MailWaitlistNotice, "Notice to staff"},
}

// related says what goes with deleted entries.
func (w waitlistMails) related(ctx context.Context, ids []int64) ([]string, error) {
	count, err := w.messages((*models.OutboxMessage)(nil), ids).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count promises of the waitlist: %w", err)
	}
	if count == 0 {
		return nil, nil
	}
	return []string{i18n.T(ctx, "%d mails about them, with every attempt to send", int(count))}, nil
}

func (w waitlistMails) messages(model any, ids []int64) *bun.SelectQuery {
	kinds := make([]models.MailKind, len(mailTitles))
	for i, mail := range mailTitles {
		kinds[i] = mail.kind
	}
	return w.outbox.DB.NewSelect().Model(model).Where("kind IN (?)", bun.List(kinds)).Where("object_id IN (?)", bun.List(ids))
}

// timeline tells of each kind of mail what became of it.
func (w waitlistMails) timeline(ctx context.Context, row *models.WaitlistEntry) ([]adminpages.Timeline, error) {
	var promises []models.OutboxMessage
	if err := w.messages(&promises, []int64{row.ID}).OrderExpr("id DESC").Limit(shownMails).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find promises of the entry: %w", err)
	}
	slices.Reverse(promises)
	var panels []adminpages.Timeline
	for _, mail := range mailTitles {
		var ofKind []models.OutboxMessage
		for _, promise := range promises {
			if promise.Kind == mail.kind {
				ofKind = append(ofKind, promise)
			}
		}
		if len(ofKind) == 0 {
			continue
		}
		events, err := mailEvents(ctx, w.outbox, ofKind)
		if err != nil {
			return nil, err
		}
		panels = append(panels, adminpages.Timeline{Title: i18n.T(ctx, mail.title), Events: events})
	}
	return panels, nil
}
