package records

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
	"digitalpath/problem"
)

// Children are rows of another table that are read, checked and saved with the row P
// that they belong to: a List, a Single or Links.
type Children[P any] interface {
	read(ctx context.Context, db bun.IDB, parents map[int64]*P) error
	// check holds the rows against what is stored; of a new parent, whose id is 0, all
	// are new.
	check(db bun.IDB, parent int64, faults problem.Fields, before, after *P) error
	save(ctx context.Context, tx bun.Tx, parent int64, before, after *P) error
	changes(db bun.IDB, before, after *P) []models.FieldChange
	// fits names the list, and refuses columns that there are not.
	fits(db bun.IDB) (name string, err error)
}

// List is any number of rows. Faults are named by their place ("reports.0.name"),
// changes by the row ("reports.Sales.name").
type List[P, C any] struct {
	Name  string // of the list in faults and changes
	Key   string // column that holds the parent's id
	Order string // number column by which the rows stand; empty: by id
	Rows  func(*P) *[]C
	// Of names a row in history; nil: its first text column. Shown makes one value of a
	// row there; nil: each column is one.
	Of, Shown func(*C) string
}

func (l List[P, C]) id(db bun.IDB, row *C) int64 {
	return tableOf[C](db).PKs[0].Value(reflect.ValueOf(row).Elem()).Int()
}

func (l List[P, C]) read(ctx context.Context, db bun.IDB, parents map[int64]*P) error {
	return readChildren(ctx, db, l.Key, l.Order, parents, func(parent *P, child *C) {
		*l.Rows(parent) = append(*l.Rows(parent), *child)
	})
}

func (l List[P, C]) check(db bun.IDB, parent int64, faults problem.Fields, before, after *P) error {
	free := map[int64]bool{} // ids that a row of the list may still have
	for i := range *l.Rows(before) {
		free[l.id(db, &(*l.Rows(before))[i])] = true
	}
	for i := range *l.Rows(after) {
		row := &(*l.Rows(after))[i]
		if parent == 0 {
			setInt(tableOf[C](db).PKs[0], row, 0)
		}
		place, id := fmt.Sprintf("%s.%d.", l.Name, i), l.id(db, row)
		if id != 0 && !free[id] {
			faults.Add(place+"id", "There is no such item here.")
		}
		free[id] = false
		if err := checkRow(tableOf[C](db), faults, place, row); err != nil {
			return err
		}
	}
	return nil
}

// save deletes first and changes in the order of before, so that what only one row may
// have can pass from an earlier row to a later one.
func (l List[P, C]) save(ctx context.Context, tx bun.Tx, parent int64, before, after *P) error {
	table, left := tableOf[C](tx), map[int64]*C{}
	var added []*C
	for i := range *l.Rows(after) {
		row := &(*l.Rows(after))[i]
		setInt(table.FieldMap[l.Key], row, parent)
		if id := l.id(tx, row); id != 0 {
			left[id] = row
		} else {
			added = append(added, row)
		}
	}
	var gone, changed []*C
	for i := range *l.Rows(before) {
		old := &(*l.Rows(before))[i]
		now, there := left[l.id(tx, old)]
		if !there {
			gone = append(gone, old)
		} else if len(columnChanges(table, "", old, now)) > 0 {
			changed = append(changed, now)
		}
	}
	if len(gone) > 0 {
		if _, err := tx.NewDelete().Model(&gone).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("delete from %s: %w", table.Name, err)
		}
	}
	for _, row := range changed {
		if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("change %s: %w", table.Name, err)
		}
	}
	if len(added) > 0 {
		if _, err := tx.NewInsert().Model(&added).Exec(ctx); err != nil {
			return fmt.Errorf("add to %s: %w", table.Name, err)
		}
	}
	l.sort(tx, *l.Rows(after))
	return nil
}

func (l List[P, C]) sort(db bun.IDB, rows []C) {
	order := tableOf[C](db).FieldMap[l.Order]
	slices.SortStableFunc(rows, func(a, b C) int {
		byID := cmp.Compare(l.id(db, &a), l.id(db, &b))
		if order == nil {
			return byID
		}
		return cmp.Or(cmp.Compare(valueIn(order, &a).Int(), valueIn(order, &b).Int()), byID)
	})
}

func (l List[P, C]) changes(db bun.IDB, before, after *P) []models.FieldChange {
	var changes []models.FieldChange
	left := map[int64]*C{}
	for i := range *l.Rows(after) {
		left[l.id(db, &(*l.Rows(after))[i])] = &(*l.Rows(after))[i]
	}
	for i := range *l.Rows(before) {
		old := &(*l.Rows(before))[i]
		changes = append(changes, l.rowChanges(db, old, left[l.id(db, old)])...)
		delete(left, l.id(db, old))
	}
	for i := range *l.Rows(after) {
		if row := &(*l.Rows(after))[i]; left[l.id(db, row)] != nil {
			changes = append(changes, l.rowChanges(db, nil, row)...)
		}
	}
	return changes
}

func (l List[P, C]) rowChanges(db bun.IDB, before, after *C) []models.FieldChange {
	table, row := tableOf[C](db), cmp.Or(before, after)
	name := l.Name + "." + firstText(table, row)
	if l.Of != nil {
		name = l.Name + "." + l.Of(row)
	}
	if l.Shown == nil {
		return columnChanges(table, name+".", before, after, l.Key)
	}
	change := models.FieldChange{Field: name}
	if before != nil {
		change.From = l.Shown(before)
	}
	if after != nil {
		change.To = l.Shown(after)
	}
	if change.From == change.To {
		return nil
	}
	return []models.FieldChange{change}
}

// Single is one row or none.
type Single[P, C any] struct {
	Name, Key string // as of List
	Row       func(*P) **C
}

func (s Single[P, C]) read(ctx context.Context, db bun.IDB, parents map[int64]*P) error {
	return readChildren(ctx, db, s.Key, "", parents, func(parent *P, child *C) { *s.Row(parent) = child })
}

func (s Single[P, C]) check(db bun.IDB, _ int64, faults problem.Fields, before, after *P) error {
	row := *s.Row(after)
	if row == nil {
		return nil
	}
	id := int64(0)
	if old := *s.Row(before); old != nil {
		id = valueIn(tableOf[C](db).PKs[0], old).Int()
	}
	setInt(tableOf[C](db).PKs[0], row, id)
	return checkRow(tableOf[C](db), faults, s.Name+".", row)
}

func (s Single[P, C]) save(ctx context.Context, tx bun.Tx, parent int64, before, after *P) (err error) {
	table, old, now := tableOf[C](tx), *s.Row(before), *s.Row(after)
	if now != nil {
		setInt(table.FieldMap[s.Key], now, parent)
	}
	switch {
	case now == nil && old != nil:
		_, err = tx.NewDelete().Model(old).WherePK().Exec(ctx)
	case now != nil && old == nil:
		_, err = tx.NewInsert().Model(now).Exec(ctx)
	case now != nil && len(columnChanges(table, "", old, now)) > 0:
		_, err = tx.NewUpdate().Model(now).WherePK().Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", table.Name, err)
	}
	return nil
}

func (s Single[P, C]) changes(db bun.IDB, before, after *P) []models.FieldChange {
	return columnChanges(tableOf[C](db), s.Name+".", *s.Row(before), *s.Row(after), s.Key)
}

// readChildren gives each of the parents' rows to add, in their order.
func readChildren[P, C any](ctx context.Context, db bun.IDB, key, order string, parents map[int64]*P, add func(*P, *C)) error {
	var rows []*C
	args := new(models.Args)
	query := db.NewSelect().Model(&rows).Where("? IN (?)", bun.Ident(key), args.Among(keysOf(parents)))
	if order != "" {
		query.OrderExpr("?", bun.Ident(order))
	}
	if err := query.OrderExpr("id").Scan(args.In(ctx)); err != nil {
		return fmt.Errorf("read %s: %w", tableOf[C](db).Name, err)
	}
	for _, row := range rows {
		add(parents[valueIn(tableOf[C](db).FieldMap[key], row).Int()], row)
	}
	return nil
}

func keysOf[P any](parents map[int64]*P) []int64 {
	ids := make([]int64, 0, len(parents))
	for id := range parents {
		ids = append(ids, id)
	}
	return ids
}

func setInt(field *schema.Field, row any, value int64) {
	field.Value(reflect.ValueOf(row).Elem()).SetInt(value)
}
