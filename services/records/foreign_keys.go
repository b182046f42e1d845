package records

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// foreignKey is a reference of a table's column to the id of another table, and what
// becomes of it when that is deleted.
type foreignKey struct{ Table, Column, Parent, OnDelete string }

const (
	cascade = "CASCADE"
	setNull = "SET NULL"
)

// foreignKeys reads those of the schema; anything but cascade and setNull forbids to
// delete.
func foreignKeys(ctx context.Context, db bun.IDB) ([]foreignKey, error) {
	query := `SELECT m.name AS "table", f."from" AS "column", f."table" AS parent, f.on_delete
		FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' ORDER BY m.rowid, f.id`
	if models.IsPostgres(db) {
		query = `SELECT child.relname AS "table", a.attname AS "column", parent.relname AS parent,
			CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'RESTRICT' END AS on_delete
			FROM pg_constraint AS c JOIN pg_class AS child ON child.oid = c.conrelid JOIN pg_class AS parent ON parent.oid = c.confrelid
			JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
			WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY c.oid`
	}
	var keys []foreignKey
	if err := db.NewRaw(query).Scan(new(models.Args).In(ctx), &keys); err != nil {
		return nil, fmt.Errorf("read foreign keys: %w", err)
	}
	return keys, nil
}

// withParent leaves out the rows whose parent is gone or, where the key says so, empties
// the reference. The rows of a tree have their parents among themselves.
func (k foreignKey) withParent(ctx context.Context, tx bun.Tx, rows []map[string]json.RawMessage) ([]map[string]json.RawMessage, error) {
	var wanted, there []int64
	number := func(row map[string]json.RawMessage, column string) (id int64) {
		_ = json.Unmarshal(row[column], &id) // null, or a column of later, is 0
		return id
	}
	for _, row := range rows {
		wanted = append(wanted, number(row, k.Column))
	}
	if err := tx.NewSelect().Table(k.Parent).Column("id").Where("id IN (?)", bun.List(wanted)).Scan(ctx, &there); err != nil {
		return nil, fmt.Errorf("look for %s: %w", k.Parent, err)
	}
	known := map[int64]bool{0: true}
	for _, id := range there {
		known[id] = true
	}
	for all := 0; all != len(rows); { // what is left out leaves out what is below it
		all = len(rows)
		coming := map[int64]bool{}
		for _, row := range rows {
			coming[number(row, "id")] = k.Parent == k.Table
		}
		rows = slices.DeleteFunc(rows, func(row map[string]json.RawMessage) bool {
			id := number(row, k.Column)
			gone := !known[id] && !coming[id]
			if gone && k.OnDelete == setNull {
				row[k.Column] = json.RawMessage("null")
				return false
			}
			return gone
		})
	}
	return rows, nil
}

// Owned are the rows of a table that belong to those whose ids Column holds.
type Owned struct {
	Table, Column string
	Where         string // narrows them, with Args; empty: all
	Args          []any
}

// Mails are the mails of some kinds about the rows.
func Mails(kinds ...models.MailKind) Owned {
	return Owned{Table: "outbox_messages", Column: "object_id", Where: "kind IN (?)", Args: []any{bun.List(kinds)}}
}

type ownedRow struct {
	Parent int64
	Row    json.RawMessage
}

func (o Owned) read(ctx context.Context, tx bun.Tx, ids []int64) ([]ownedRow, error) {
	row := bun.SafeQuery("to_jsonb(owned)")
	if !models.IsPostgres(tx) {
		var columns []string
		if err := tx.NewRaw("SELECT name FROM pragma_table_info(?)", o.Table).Scan(ctx, &columns); err != nil {
			return nil, fmt.Errorf("read columns of %s: %w", o.Table, err)
		}
		pairs := make([]any, len(columns))
		for i, column := range columns {
			pairs[i] = bun.SafeQuery("?, ?", column, bun.Ident(column))
		}
		row = bun.SafeQuery("json_object("+strings.TrimSuffix(strings.Repeat("?, ", len(pairs)), ", ")+")", pairs...)
	}
	query := tx.NewSelect().TableExpr("? AS owned", bun.Ident(o.Table)).ColumnExpr("? AS parent", bun.Ident(o.Column)).ColumnExpr("? AS row", row).
		Where("? IN (?)", bun.Ident(o.Column), bun.List(ids)).OrderExpr("1")
	var rows []ownedRow
	if err := o.narrow(query).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("keep %s: %w", o.Table, err)
	}
	return rows, nil
}

func (o Owned) narrow(query *bun.SelectQuery) *bun.SelectQuery {
	if o.Where != "" {
		query.Where(o.Where, o.Args...)
	}
	return query
}

// Refusals are those of the rows that May, or a foreign key, keeps from what is to be done.
func (k *Keeper[T]) Refusals(ctx context.Context, verb models.Verb, ids []int64) (refused []models.Refusal, err error) {
	if k.May == nil && verb != models.Delete {
		return nil, nil
	}
	err = models.InTx(ctx, k.DB, func(ctx context.Context, tx bun.Tx) error {
		rows, err := k.read(ctx, tx, ids)
		if err != nil {
			return err
		}
		var used []int64
		if verb == models.Delete {
			if used, err = k.used(ctx, tx, ids); err != nil {
				return err
			}
		}
		seen := map[int64]bool{}
		for _, row := range rows {
			seen[k.id(row)] = true
			err := k.may(ctx, tx, verb, row)
			if err == nil && slices.Contains(used, k.id(row)) {
				err = problem.New(problem.Conflict, "conflict", "This is still in use and cannot be deleted.")
			}
			if why, ok := problem.As(err); ok {
				refused = append(refused, models.Refusal{ID: k.id(row), Label: k.label(row), Why: why})
			} else if err != nil {
				return err
			}
		}
		if len(rows) == len(ids) {
			return nil
		}
		all, err := k.Whole(ctx, tx, ids)
		for _, row := range all {
			if !seen[k.id(row)] {
				refused = append(refused, models.Refusal{ID: k.id(row), Label: k.label(row), Why: notSeen()})
			}
		}
		return err
	})
	return refused, err
}

// notSeen refuses what the actor may not even see.
func notSeen() *problem.Problem {
	return problem.New(problem.Forbidden, "forbidden", "You are not allowed to do this. A superuser can give you the right.")
}

// used are those of the rows that a foreign key keeps from being deleted.
func (k *Keeper[T]) used(ctx context.Context, tx bun.Tx, ids []int64) (used []int64, err error) {
	keys, err := foreignKeys(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if key.Parent != k.table().Name || key.OnDelete == cascade || key.OnDelete == setNull {
			continue
		}
		var some []int64
		if err := tx.NewSelect().Table(key.Table).ColumnExpr("DISTINCT ?", bun.Ident(key.Column)).
			Where("? IN (?)", bun.Ident(key.Column), bun.List(ids)).Scan(ctx, &some); err != nil {
			return nil, fmt.Errorf("look into %s: %w", key.Table, err)
		}
		used = append(used, some...)
	}
	return used, nil
}
