package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
)

// Outbox keeps the messages. Its fields are set once.
type Outbox struct {
	DB         *bun.DB
	Kinds      map[models.MailKind]Kind
	Staff      []string          // addresses of notices to staff
	RetryDelay time.Duration     // between two attempts
	Hold       time.Duration     // what an act sends is due that much later, so that it can be undone
	MaxRetries int               // attempts after the first
	Domain     string            // right side of Message-IDs
	Wake       func(ids []int64) // tells a sender of messages that are due; must not block
}

// Kind is what the outbox must know of one kind of mail.
type Kind struct {
	// ToStaff: a message to each address of Outbox.Staff; else one, to whom the object
	// names.
	ToStaff bool
	// Apply tells the rows that such mail is about of a new state of it, by a statement
	// that the outbox narrows to their ids. Nil where a state changes nothing.
	Apply func(db bun.IDB, state models.MailState) *bun.UpdateQuery
}

// Enqueue writes the messages of each object, in the transaction of what causes them,
// and returns their ids, for Notify once tx is committed.
func (o *Outbox) Enqueue(ctx context.Context, tx bun.Tx, kind models.MailKind, objects ...int64) ([]int64, error) {
	var rows []models.OutboxMessage
	for _, object := range objects {
		rows = append(rows, o.messages(kind, object)...)
	}
	return o.insert(ctx, tx, rows)
}

// Due is a kind of mail that is due about a new object.
type Due struct {
	Kind   models.MailKind
	Unless string // a column of the object: not if that has a value; empty: always
}

// EnqueueWith stores the object that cause inserts, and the messages that are due about
// it. PostgreSQL does so in one statement, with the args of cause, SQLite in two, for
// which db must be a transaction. The object is 0 where cause inserts none.
func (o *Outbox) EnqueueWith(ctx context.Context, db bun.IDB, args *models.Args, cause *bun.InsertQuery, due ...Due) (object int64, ids []int64, err error) {
	columns := "id"
	for _, d := range due {
		if d.Unless != "" {
			columns += ", " + d.Unless
		}
	}
	from := schema.QueryAppender(cause)
	if len(due) > 0 && models.IsPostgres(db) {
		cause.Returning(columns)
	} else {
		err := cause.Returning("id").Scan(args.In(ctx), &object)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, nil, nil
		}
		if err != nil || len(due) == 0 {
			return object, nil, err
		}
		from = db.NewSelect().Table(cause.GetTableName()).ColumnExpr(columns).Where("id = ?", object)
	}
	insert, values := o.insertDue(db, args, due)
	var rows []struct{ ID, ObjectID int64 }
	if err := db.NewRaw("WITH cause AS (?) "+insert, append([]any{from}, values...)...).Scan(args.In(ctx), &rows); err != nil {
		return 0, nil, fmt.Errorf("store what to mail about: %w", err)
	}
	for _, row := range rows {
		object, ids = row.ObjectID, append(ids, row.ID)
	}
	return object, ids, nil
}

// insertDue is the statement that inserts the messages about the row of cause.
func (o *Outbox) insertDue(db bun.IDB, args *models.Args, due []Due) (statement string, values []any) {
	var selects []string
	now := models.Clock(db, 0)
	for _, d := range due {
		unless := ""
		if d.Unless != "" {
			unless = " WHERE " + d.Unless + " IS NULL"
		}
		for _, m := range o.messages(d.Kind, 0) {
			selects = append(selects, "SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM cause"+unless)
			values = append(values, m.Kind, args.Of(m.Recipient), args.Of(m.MessageID), m.State, m.MaxAttempts, now, now, now, now)
		}
	}
	return "INSERT INTO outbox_messages (object_id, kind, recipient, message_id, state, max_attempts, next_attempt_at, queued_at, created_at, updated_at) " +
		strings.Join(selects, " UNION ALL ") + " RETURNING id, object_id", values
}

// recipients are whom the messages of a kind are addressed to. Notices to staff go to
// nobody where no address is set: then the one message says so, and fails.
func (o *Outbox) recipients(kind models.MailKind) []string {
	if o.Kinds[kind].ToStaff && len(o.Staff) > 0 {
		return o.Staff
	}
	return []string{""}
}

func (o *Outbox) messages(kind models.MailKind, object int64) (rows []models.OutboxMessage) {
	for _, recipient := range o.recipients(kind) {
		rows = append(rows, o.message(kind, object, recipient))
	}
	return rows
}

func (o *Outbox) message(kind models.MailKind, object int64, recipient string) models.OutboxMessage {
	return models.OutboxMessage{
		Kind: kind, ObjectID: object, Recipient: recipient, MessageID: uuid.NewString() + "@" + o.Domain,
		State: models.MailPending, MaxAttempts: 1 + o.MaxRetries,
	}
}

// hold is how long what is done in ctx keeps its messages back.
func (o *Outbox) hold(ctx context.Context) time.Duration {
	if models.ActOf(ctx) == "" {
		return 0
	}
	return o.Hold
}

func (o *Outbox) insert(ctx context.Context, tx bun.Tx, rows []models.OutboxMessage) ([]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	for i := range rows {
		rows[i].Act = models.ActOf(ctx)
	}
	query := tx.NewInsert().Model(&rows).Value("next_attempt_at", "?", models.Clock(tx, o.hold(ctx)))
	for _, column := range []string{"queued_at", "created_at", "updated_at"} {
		query.Value(column, "?", models.Clock(tx, 0))
	}
	if _, err := query.Returning("id").Exec(ctx); err != nil {
		return nil, fmt.Errorf("enqueue mail: %w", err)
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return ids, nil
}

// Notify wakes a sender. It is called after the commit, never inside the transaction;
// where that was part of a larger one, which ctx carries, it waits for the end of that.
// What is held is for the sweeper to find in time.
func (o *Outbox) Notify(ctx context.Context, ids []int64) {
	if len(ids) > 0 && o.hold(ctx) == 0 {
		models.AfterCommit(ctx, func() { o.Wake(ids) })
	}
}

// apply tells the objects of a kind of a new state of their mail.
func (o *Outbox) apply(ctx context.Context, tx bun.Tx, kind models.MailKind, objects []int64, state models.MailState) error {
	update := o.update(tx, kind, state)
	if update == nil || len(objects) == 0 {
		return nil
	}
	if _, err := update.Where("id IN (?)", bun.List(objects)).Exec(ctx); err != nil {
		return fmt.Errorf("apply mail state: %w", err)
	}
	return nil
}

func (o *Outbox) update(db bun.IDB, kind models.MailKind, state models.MailState) *bun.UpdateQuery {
	if apply := o.Kinds[kind].Apply; apply != nil {
		return apply(db, state)
	}
	return nil
}
