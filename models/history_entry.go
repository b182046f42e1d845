package models

import (
	"context"
	"digitalpath/problem"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// FieldChange is one field of a change, as people read its values.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// HistoryAction is what happened to an object.
type HistoryAction string

const (
	HistoryAdded   HistoryAction = "added"
	HistoryChanged HistoryAction = "changed"
	HistoryDeleted HistoryAction = "deleted"
)

// Choices are the actions of the history's filter.
func (HistoryAction) Choices() []Choice {
	return []Choice{
		{Value: string(HistoryAdded), Label: "Added", Tone: TonePositive},
		{Value: string(HistoryChanged), Label: "Changed", Tone: ToneNeutral},
		{Value: string(HistoryDeleted), Label: "Deleted", Tone: ToneNegative},
	}
}

// HistoryEntry is one change of one object: who, when, from where, what. It outlives
// both the object and the user.
type HistoryEntry struct {
	bun.BaseModel `bun:"table:history_entries,alias:history_entry"`

	ID          int64         `bun:"id,pk,autoincrement"`
	At          time.Time     `bun:"at,type:timestamptz"`
	UserID      int64         `bun:"user_id,nullzero"` // null: the user is deleted, or there was none
	Username    string        `bun:"username,type:varchar(150)"`
	IPAddress   string        `bun:"ip_address,type:varchar(45)"`
	Channel     Channel       `bun:"channel,type:varchar(20)"`
	Model       string        `bun:"model,type:varchar(50)"` // slug
	ObjectID    int64         `bun:"object_id"`
	ObjectLabel string        `bun:"object_label,type:varchar(255)"`
	Action      HistoryAction `bun:"action,type:varchar(20)"`
	Summary     string        `bun:"summary,type:varchar(255)"` // of actions such as "Send again"; else empty
	Changes     []FieldChange `bun:"changes,type:jsonb"`

	// Act is shared by all that one act did to several rows.
	Act string `bun:"act,nullzero,type:varchar(26)"`
	// Version is the row as the change left it, as JSON. Null: it is not kept.
	Version json.RawMessage `bun:"version,nullzero,type:jsonb"`

	// Folded entries are told of by the first one of their act, which counts all in ActRows.
	Folded  bool `bun:"folded"`
	ActRows int  `bun:"act_rows,nullzero,default:1"`
	// Before is what undoing the act gives the row's columns back, as long as those of
	// After are as the act left them. Before is null: this cannot be undone.
	Before Columns `bun:"before,nullzero,type:jsonb"`
	After  Columns `bun:"after,nullzero,type:jsonb"`
	Undoes string  `bun:"undoes,nullzero,type:varchar(26)"` // the act that this one undid
}

// Columns are values of a row by the names of their columns.
type Columns map[string]json.RawMessage

// ColumnsOf are values as Columns keep them, such as ColumnsOf("is_spam", true).
func ColumnsOf(pairs ...any) Columns {
	columns := Columns{}
	for i := 0; i < len(pairs); i += 2 {
		columns[fmt.Sprint(pairs[i])], _ = json.Marshal(pairs[i+1]) // of texts, numbers and times, which cannot fail
	}
	return columns
}

type (
	summaryKey struct{}
	undoesKey  struct{}
)

// Undoing makes what is done in ctx the undoing of an act: Record keeps which one.
func Undoing(ctx context.Context, act string) context.Context {
	return context.WithValue(WithSummary(ctx, "Undone"), undoesKey{}, act)
}

// Undone is what became of the rows of an act when it was undone.
type Undone struct {
	Rows     int                // are again what they were: there, or not there, too
	Restored int                // of them, from the trash
	Left     []string           // labels of those that somebody changed since: they stay
	Mailed   []int64            // ids of those about which mail went out before: they stay, too
	Refused  []*problem.Problem // what stands in the way of others
}

// Undoable finds what an act did to rows of a model that can be undone and was not.
func Undoable(db bun.IDB, slug, act string) *bun.SelectQuery {
	thrown := db.NewSelect().Model((*TrashedRow)(nil)).ColumnExpr("1").
		Where("trash.act = history_entry.act").Where("trash.model = history_entry.model").Where("trash.object_id = history_entry.object_id")
	return db.NewSelect().Model((*HistoryEntry)(nil)).Where("act = ?", act).Where("model = ?", slug).
		Where("before IS NOT NULL OR undoes IS NULL AND (action = ? OR action = ? AND EXISTS (?))", HistoryAdded, HistoryDeleted, thrown).
		Where("NOT EXISTS (?)", db.NewSelect().TableExpr("history_entries AS later").ColumnExpr("1").
			Where("later.undoes = history_entry.act").Where("later.model = history_entry.model").Where("later.object_id = history_entry.object_id"))
}

// BackupsSlug names backups in the history, where the doctor looks for them.
const BackupsSlug = "backups"

// The summaries of what was done with a backup.
const (
	BackupMade    = "Backed up"
	BackupDrilled = "Restored in a drill"
)

// WithSummary gives what is done in ctx a name, such as "Send again": Record keeps it.
func WithSummary(ctx context.Context, summary string) context.Context {
	return context.WithValue(ctx, summaryKey{}, summary)
}

// Record writes entries in the transaction of the change that they tell of. The
// actor comes from ctx, and so does a summary where WithSummary gave one and the
// entry has none; callers set the time, the object, the action and the changes.
func Record(ctx context.Context, tx bun.IDB, entries ...HistoryEntry) error {
	if len(entries) == 0 {
		return nil
	}
	actor := ActorOf(ctx)
	summary, _ := ctx.Value(summaryKey{}).(string)
	undoes, _ := ctx.Value(undoesKey{}).(string)
	begun, err := countInAct(ctx, tx, len(entries))
	if err != nil {
		return err
	}
	for i := range entries {
		entry := &entries[i]
		entry.UserID, entry.IPAddress, entry.Channel, entry.Act = actor.UserID(), actor.IP, actor.Channel, ActOf(ctx)
		if entry.Undoes = undoes; undoes != "" || entry.Act == "" {
			entry.Before, entry.After = nil, nil // nothing leads to its undoing
		}
		if entry.Folded = begun || entry.Act != "" && i > 0; !entry.Folded && entry.Act != "" {
			entry.ActRows = len(entries)
		}
		if actor.User != nil {
			entry.Username = actor.User.Username
		}
		if label := []rune(entry.ObjectLabel); len(label) > 255 {
			entry.ObjectLabel = string(label[:255])
		}
		if entry.Summary == "" {
			entry.Summary = summary
		}
		if entry.Changes == nil {
			entry.Changes = []FieldChange{}
		}
	}
	if _, err := tx.NewInsert().Model(&entries).Exec(ctx); err != nil {
		return fmt.Errorf("record history: %w", err)
	}
	return nil
}

// countInAct adds rows to what the first entry of the act of ctx counts; false where
// there is none yet.
func countInAct(ctx context.Context, tx bun.IDB, rows int) (begun bool, err error) {
	act := ActOf(ctx)
	if act == "" {
		return false, nil
	}
	result, err := tx.NewUpdate().Model((*HistoryEntry)(nil)).Set("act_rows = act_rows + ?", rows).Where("act = ?", act).Where("NOT folded").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("count the rows of an act: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// LatestHistory is what was changed last, newest first; of an act, its first entry.
func LatestHistory(ctx context.Context, db bun.IDB, limit int64) ([]HistoryEntry, error) {
	var entries []HistoryEntry
	if err := db.NewSelect().Model(&entries).Column("id", "at", "username", "model", "action", "object_label").Where("folded = ?", false).
		OrderExpr("at DESC, id DESC").Limit(limit).Scan(new(Args).In(ctx)); err != nil {
		return nil, fmt.Errorf("read recent changes: %w", err)
	}
	return entries, nil
}
