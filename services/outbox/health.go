package outbox

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// Health is what operators want to know of the mail.
type Health struct {
	Waiting       Count         // open messages
	Failed        Count         // failed messages that somebody should look at
	OldestWaiting time.Duration // since the oldest open message became due; 0 where none is
	Dead          Count         // dead letters
	Failing       string        // the newest attempt's words where it could not be sent; else empty
}

// Count is a number of messages. Past CountCap it only says so: probes ask every few
// seconds, and must not cost more the more mail there is.
type Count int64

// CountCap is how far messages are counted.
const CountCap = 1000

// Exact is the number, and whether there are more.
func (c Count) Exact() (number int, more bool) { return int(min(c, CountCap)), c > CountCap }

// String is the number, or 1000+.
func (c Count) String() string {
	number, more := c.Exact()
	if more {
		return strconv.Itoa(number) + "+"
	}
	return strconv.Itoa(number)
}

// Capped counts the rows of a query as far as a Count goes.
func Capped(rows *bun.SelectQuery) *bun.SelectQuery {
	return rows.DB().NewSelect().TableExpr("(?) AS counted", rows.ColumnExpr("1").Limit(CountCap+1)).ColumnExpr("count(*)")
}

// Health reads the state of all mail.
func (o *Outbox) Health(ctx context.Context) (Health, error) {
	open := o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("next_attempt_at IS NOT NULL")
	newest := o.DB.NewSelect().Model((*models.MailAttempt)(nil)).Column("outcome", "reply").OrderExpr("id DESC").Limit(1)
	var found struct {
		Waiting, Failed, Dead Count
		Due                   time.Time `bun:",nullzero"`
		Now                   time.Time
		Failing               string
	}
	if err := o.DB.NewSelect().
		ColumnExpr("(?) AS waiting", Capped(open.Clone())).
		ColumnExpr("(?) AS due, ? AS now", open.Column("next_attempt_at").OrderExpr("next_attempt_at").Limit(1), models.Clock(o.DB, 0)).
		ColumnExpr("(?) AS failed", Capped(o.needed())).
		ColumnExpr("(?) AS dead", Capped(o.DB.NewSelect().Model((*models.DeadLetter)(nil)))).
		ColumnExpr("(SELECT reply FROM (?) AS newest WHERE outcome = ?) AS failing", newest, models.AttemptDeferred).
		Scan(new(models.Args).In(ctx), &found); err != nil {
		return Health{}, fmt.Errorf("read the state of mail: %w", err)
	}
	health := Health{Waiting: found.Waiting, Failed: found.Failed, Dead: found.Dead, Failing: found.Failing}
	if !found.Due.IsZero() {
		health.OldestWaiting = max(0, found.Now.Sub(found.Due))
	}
	return health, nil
}

// needed finds the messages that need somebody.
func (o *Outbox) needed() *bun.SelectQuery {
	return o.DB.NewSelect().Model((*models.OutboxMessage)(nil)).Where("state = ?", models.MailFailed).Where("NOT superseded")
}

// Known tells a message that is not due from one that never was: a deleted one was.
func (o *Outbox) Known(ctx context.Context, id int64) (bool, error) {
	last := "SELECT last_value FROM outbox_messages_id_seq"
	if !models.IsPostgres(o.DB) {
		last = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox_messages'"
	}
	var newest int64
	if err := o.DB.NewRaw(last).Scan(ctx, &newest); err != nil {
		return false, fmt.Errorf("find the newest mail: %w", err)
	}
	return id <= newest, nil
}

// QueueSlug names the mails in URLs and in the history.
const QueueSlug = "mail-queue"
