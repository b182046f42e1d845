package records

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
	"digitalpath/problem"
)

// Keeper keeps the rows of one table, whose primary key is an int64. Columns named
// created_at and updated_at are its own to set.
type Keeper[T any] struct {
	DB    *bun.DB
	Now   func() time.Time // nil: the system's clock
	Slug  string           // of the model, in history and trash; empty: the table's name with hyphens
	Label func(*T) string  // names a row; nil: its first text column
	Hooks[T]
}

// Hooks are the rules that a model has of its own. All are optional.
type Hooks[T any] struct {
	New func() *T // what a new row starts with; nil: zeros
	// Read reads those of the rows that the actor may see, whole, by id; nil: all of
	// them. What it leaves out is not found.
	Read func(ctx context.Context, db bun.IDB, ids []int64) ([]*T, error)
	// Lock holds what must be locked before the rows are.
	Lock func(ctx context.Context, tx bun.Tx, ids []int64) error
	// May refuses, with problem.Forbidden, to change or delete a row that is there.
	May func(ctx context.Context, tx bun.Tx, verb models.Verb, row *T) error
	// Prepare tidies what edit made of a row, and does what would hold a transaction up,
	// such as hashing: it comes before that, and before Check. A row that somebody changes
	// meanwhile is left as it is. AddIn leaves it out.
	Prepare func(ctx context.Context, row *T) error
	// Check tidies after and adds to faults what is wrong with it beyond its validate
	// tags. before is nil for a new row.
	Check func(ctx context.Context, tx bun.Tx, before, after *T, faults problem.Fields) error
	// After does what follows from a stored change. before is nil for a new row, after
	// for a deleted one.
	After func(ctx context.Context, tx bun.Tx, before, after *T) error
	// UndoMail takes back what an act did to the mail about rows, before they are locked,
	// and returns the ids of those about which mail went out.
	UndoMail func(ctx context.Context, tx bun.Tx, act string, ids []int64) (gone []int64, err error)
	// Restored tidies rows that came back from the trash.
	Restored func(ctx context.Context, tx bun.Tx, rows []*T) error
	Children []Children[T]
	Owned    []Owned  // rows that are the row's without a foreign key that says so
	Discreet bool     // of a deleted row the history keeps the label alone
	Untold   []string // columns that change by themselves, or with one that the history tells of
}

// Of keeps the rows of a model without rules.
func Of[T any](db *bun.DB) *Keeper[T] { return &Keeper[T]{DB: db} }

// Load reads a row as Save's edit gets it.
func (k *Keeper[T]) Load(ctx context.Context, id int64) (*T, error) {
	return k.one(ctx, k.DB, id)
}

// LoadAll is Load for those of the rows that there are, by id.
func (k *Keeper[T]) LoadAll(ctx context.Context, ids []int64) ([]*T, error) {
	return k.read(ctx, k.DB, ids)
}

// Save is Add where id is 0, else Change.
func (k *Keeper[T]) Save(ctx context.Context, id int64, edit func(*T) error) (*T, error) {
	if id == 0 {
		return k.Add(ctx, edit)
	}
	return k.Change(ctx, id, edit)
}

// Add stores what edit makes of a new row, and records it. All faults come at once,
// those of fields that edit finds too.
func (k *Keeper[T]) Add(ctx context.Context, edit func(*T) error) (*T, error) {
	edit, err := k.prepare(ctx, 0, edit)
	if err != nil {
		return nil, err
	}
	return k.inTx(ctx, func(ctx context.Context, tx bun.Tx) (*T, error) { return k.AddIn(ctx, tx, edit) })
}

// AddIn is Add as a part of a transaction.
func (k *Keeper[T]) AddIn(ctx context.Context, tx bun.Tx, edit func(*T) error) (*T, error) {
	row := k.fresh()
	return row, k.save(ctx, tx, nil, row, edit)
}

func (k *Keeper[T]) fresh() *T {
	if k.New != nil {
		return k.New()
	}
	return new(T)
}

// Change is Add for a row that is there. Two changes of a row follow each other.
func (k *Keeper[T]) Change(ctx context.Context, id int64, edit func(*T) error) (*T, error) {
	edit, err := k.prepare(ctx, id, edit)
	if err != nil {
		return nil, err
	}
	return k.inTx(ctx, func(ctx context.Context, tx bun.Tx) (*T, error) {
		if err := k.lock(ctx, tx, []int64{id}); err != nil {
			return nil, err
		}
		before, err := k.one(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if err := k.may(ctx, tx, models.Change, before); err != nil {
			return nil, err
		}
		after := copyOf(before)
		return after, k.save(ctx, tx, before, after, edit)
	})
}

func (k *Keeper[T]) inTx(ctx context.Context, do func(context.Context, bun.Tx) (*T, error)) (row *T, err error) {
	err = models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) (err error) {
		row, err = do(ctx, tx)
		return err
	})
	if err != nil {
		return nil, inWords(err)
	}
	return row, nil
}

// inWords says what of the table's own rules is in the way: somebody was faster than Check.
func inWords(err error) error {
	switch {
	case models.IsUniqueViolation(err):
		return problem.New(problem.Conflict, "conflict", "Something that has to be unique is taken already: %s.", models.Violated(err))
	case models.IsMissingReference(err):
		return problem.New(problem.Conflict, "conflict", "Something that this refers to is not there any more.")
	}
	return err
}

// lock makes other changes of these rows wait. It is a statement of its own: what is
// read behind it is then read as the change waited for left it.
func (k *Keeper[T]) lock(ctx context.Context, tx bun.Tx, ids []int64) error {
	if k.Lock != nil {
		if err := k.Lock(ctx, tx, ids); err != nil {
			return err
		}
	}
	if !models.IsPostgres(tx) {
		return nil // SQLite has one writer at a time
	}
	_, err := tx.NewSelect().Model((*T)(nil)).Column("id").Where("id IN (?)", bun.List(ids)).OrderExpr("id").For("UPDATE").Exec(ctx)
	if err != nil {
		return fmt.Errorf("lock %s: %w", k.table().Name, err)
	}
	return nil
}

func (k *Keeper[T]) one(ctx context.Context, db bun.IDB, id int64) (*T, error) {
	rows, err := k.read(ctx, db, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, problem.ErrNotFound()
	}
	return rows[0], nil
}

func (k *Keeper[T]) read(ctx context.Context, db bun.IDB, ids []int64) ([]*T, error) {
	if k.Read != nil {
		return k.Read(ctx, db, ids)
	}
	return k.Whole(ctx, db, ids)
}

// Whole reads rows with their children, whoever asks: what a Read begins with.
func (k *Keeper[T]) Whole(ctx context.Context, db bun.IDB, ids []int64) ([]*T, error) {
	var rows []*T
	args := new(models.Args)
	if err := db.NewSelect().Model(&rows).Where("?TableAlias.id IN (?)", args.Among(ids)).OrderExpr("?TableAlias.id").Scan(args.In(ctx)); err != nil {
		return nil, fmt.Errorf("read %s: %w", k.table().Name, err)
	}
	byID := map[int64]*T{}
	for _, row := range rows {
		byID[k.id(row)] = row
	}
	for _, children := range k.Children {
		if err := children.read(ctx, db, byID); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (k *Keeper[T]) may(ctx context.Context, tx bun.Tx, verb models.Verb, row *T) error {
	if k.May == nil {
		return nil
	}
	return k.May(ctx, tx, verb, row)
}

func (k *Keeper[T]) now() time.Time {
	if k.Now != nil {
		return k.Now()
	}
	return time.Now().UTC().Truncate(time.Microsecond) // as PostgreSQL keeps it
}

func (k *Keeper[T]) slug() string {
	if k.Slug != "" {
		return k.Slug
	}
	return strings.ReplaceAll(k.table().Name, "_", "-")
}

func (k *Keeper[T]) label(row *T) string {
	if k.Label != nil {
		return k.Label(row)
	}
	return firstText(k.table(), row)
}

// touch sets a time of the keeper's to now; false where the table has no such column.
func (k *Keeper[T]) touch(row *T, column string) bool {
	field, ok := k.table().FieldMap[column]
	if ok {
		field.Value(reflect.ValueOf(row).Elem()).Set(reflect.ValueOf(k.now()))
	}
	return ok
}

func (k *Keeper[T]) table() *schema.Table { return tableOf[T](k.DB) }

func (k *Keeper[T]) pk() *schema.Field { return k.table().PKs[0] }

func (k *Keeper[T]) id(row *T) int64 { return k.pk().Value(reflect.ValueOf(row).Elem()).Int() }

func orNew[T any](row *T) *T {
	if row == nil {
		return new(T)
	}
	return row
}
