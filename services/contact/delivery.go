package contact

import (
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// severity orders the statuses of several mails about one message: the worst is shown.
var severity = map[models.ContactStatus]int{models.ContactSent: 1, models.ContactPending: 2, models.ContactFailed: 3}

// ApplyNotice makes messages tell what became of the mails about them: the worst status
// of those to each recipient, its error, and once all are sent, when the last one was.
// Where all were cancelled the status stays.
func ApplyNotice(db bun.IDB, _ models.MailState) *bun.UpdateQuery {
	var rank, status strings.Builder
	for _, choice := range models.MailState("").Choices() {
		fmt.Fprintf(&rank, " WHEN '%s' THEN %d", choice.Value, severity[models.MailState(choice.Value).DeliveryStatus()])
	}
	for _, choice := range models.ContactStatus("").Choices() {
		fmt.Fprintf(&status, " WHEN %d THEN '%s'", severity[models.ContactStatus(choice.Value)], choice.Value)
	}
	mails := func(expression string) *bun.SelectQuery {
		return db.NewSelect().TableExpr("outbox_messages AS mail").ColumnExpr(expression).Where("mail.kind = ?", MailNotice).
			Where("mail.object_id = contact_message.id").Where("NOT mail.superseded").Where("mail.state <> ?", models.MailCancelled)
	}
	worst := "max(CASE mail.state" + rank.String() + " END)"
	failing := mails("mail.error_message").Where("mail.state IN (?)", bun.List([]models.MailState{models.MailRetrying, models.MailFailed}))
	return db.NewUpdate().Model((*models.ContactMessage)(nil)).
		Set("status = coalesce((?), status)", mails("CASE "+worst+status.String()+" END")).
		Set("sent_at = (?)", mails(fmt.Sprintf("CASE %s WHEN %d THEN max(mail.sent_at) END", worst, severity[models.ContactSent]))).
		Set("error_message = (?)", failing.OrderExpr("mail.id DESC").Limit(1)).
		Set("updated_at = ?", models.Clock(db, 0))
}
