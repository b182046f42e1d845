package records

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// snapshot is a row with everything that its deletion takes along, as the database's
// foreign keys say: what they cascade to is kept, what they set to null is noted. Rows
// are objects by column, the first table's is the row itself, parents come before
// their children.
type snapshot struct {
	Tables []tableRows `json:"tables"`
	Links  []link      `json:"links,omitempty"`
}

type tableRows struct {
	Table string            `json:"table"`
	Rows  []json.RawMessage `json:"rows"`
}

// link is rows elsewhere that named a deleted one.
type link struct {
	Table  string  `json:"table"`
	Column string  `json:"column"`
	To     int64   `json:"to"`
	IDs    []int64 `json:"ids"`
}

func (s *snapshot) add(table string, row json.RawMessage) {
	i := slices.IndexFunc(s.Tables, func(t tableRows) bool { return t.Table == table })
	if i < 0 {
		i, s.Tables = len(s.Tables), append(s.Tables, tableRows{Table: table})
	}
	s.Tables[i].Rows = append(s.Tables[i].Rows, row)
}

func (s *snapshot) link(table, column string, to, id int64) {
	i := slices.IndexFunc(s.Links, func(l link) bool { return l.Table == table && l.Column == column && l.To == to })
	if i < 0 {
		i, s.Links = len(s.Links), append(s.Links, link{Table: table, Column: column, To: to})
	}
	s.Links[i].IDs = append(s.Links[i].IDs, id)
}

// read adds what a row of the trash holds.
func (s *snapshot) read(content json.RawMessage) error {
	more := new(snapshot)
	if err := json.Unmarshal(content, more); err != nil {
		return fmt.Errorf("read trash: %w", err)
	}
	for _, t := range more.Tables {
		for _, row := range t.Rows {
			s.add(t.Table, row)
		}
	}
	s.Links = append(s.Links, more.Links...)
	return nil
}

// collector makes the snapshots of several rows of a table at once.
type collector struct {
	tx   bun.Tx
	keys []foreignKey
	of   map[int64]*snapshot // by the row's id
	seen map[string]map[int64]bool
}

// collect takes snapshots of rows that are about to be deleted. It is a
// problem.Conflict where a foreign key forbids that.
func collect(ctx context.Context, tx bun.Tx, table string, ids []int64, owned []Owned) (map[int64]*snapshot, error) {
	keys, err := foreignKeys(ctx, tx)
	if err != nil {
		return nil, err
	}
	c := &collector{tx, keys, map[int64]*snapshot{}, map[string]map[int64]bool{}}
	owners := map[int64]int64{}
	for _, id := range ids {
		c.of[id], owners[id] = new(snapshot), id
	}
	if err := c.walk(ctx, Owned{Table: table, Column: "id"}, owners); err != nil {
		return nil, err
	}
	for _, owned := range owned {
		if err := c.walk(ctx, owned, owners); err != nil {
			return nil, err
		}
	}
	return c.of, nil
}

// walk keeps the rows that name one of owners, which maps the ids that they may name to
// the snapshot that they belong to, and whatever goes with those.
func (c *collector) walk(ctx context.Context, rows Owned, owners map[int64]int64) error {
	found, err := rows.read(ctx, c.tx, slices.Collect(maps.Keys(owners)))
	if err != nil {
		return err
	}
	if c.seen[rows.Table] == nil {
		c.seen[rows.Table] = map[int64]bool{}
	}
	next := map[int64]int64{}
	for _, row := range found {
		var key struct{ ID int64 }
		if err := json.Unmarshal(row.Row, &key); err != nil {
			return fmt.Errorf("keep row of %s: %w", rows.Table, err)
		}
		if c.seen[rows.Table][key.ID] {
			continue
		}
		c.of[owners[row.Parent]].add(rows.Table, row.Row)
		if key.ID != 0 {
			c.seen[rows.Table][key.ID], next[key.ID] = true, owners[row.Parent]
		}
	}
	if len(next) == 0 {
		return nil
	}
	for _, key := range c.keys {
		if key.Parent == rows.Table {
			if err := c.follow(ctx, key, next); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *collector) follow(ctx context.Context, key foreignKey, owners map[int64]int64) error {
	switch key.OnDelete {
	case cascade:
		return c.walk(ctx, Owned{Table: key.Table, Column: key.Column}, owners)
	case setNull:
		var links []struct{ ID, Parent int64 }
		if err := c.tx.NewSelect().Table(key.Table).ColumnExpr("id, ? AS parent", bun.Ident(key.Column)).
			Where("? IN (?)", bun.Ident(key.Column), bun.List(slices.Collect(maps.Keys(owners)))).OrderExpr("id").Scan(ctx, &links); err != nil {
			return fmt.Errorf("read references of %s: %w", key.Table, err)
		}
		for _, l := range links {
			c.of[owners[l.Parent]].link(key.Table, key.Column, l.Parent, l.ID)
		}
		return nil
	}
	n, err := c.tx.NewSelect().Table(key.Table).Where("? IN (?)", bun.Ident(key.Column), bun.List(slices.Collect(maps.Keys(owners)))).Count(ctx)
	if err != nil {
		return fmt.Errorf("count references of %s: %w", key.Table, err)
	}
	if n > 0 {
		return problem.New(problem.Conflict, "in_use", "This is still in use and cannot be deleted.")
	}
	return nil
}

// putBack stores a snapshot again. What a foreign key would have done meanwhile is done
// now: rows whose parent is gone are left out, references to what is gone are emptied.
func (s *snapshot) putBack(ctx context.Context, tx bun.Tx) error {
	keys, err := foreignKeys(ctx, tx)
	if err != nil {
		return err
	}
	for i, t := range s.Tables {
		rows := make([]map[string]json.RawMessage, len(t.Rows))
		for j, row := range t.Rows {
			if err := json.Unmarshal(row, &rows[j]); err != nil {
				return fmt.Errorf("read trash: %w", err)
			}
		}
		for _, key := range keys {
			if key.Table != t.Table {
				continue
			}
			left, err := key.withParent(ctx, tx, rows)
			if err != nil {
				return err
			}
			if i == 0 && len(left) < len(rows) {
				return problem.New(problem.Conflict, "conflict", "It belongs to something that is not there any more.")
			}
			rows = left
		}
		if err := insertRows(ctx, tx, t.Table, rows); err != nil {
			return err
		}
	}
	for _, l := range s.Links {
		if _, err := tx.NewUpdate().Table(l.Table).Set("? = ?", bun.Ident(l.Column), l.To).Where("id IN (?)", bun.List(l.IDs)).
			Where("? IS NULL", bun.Ident(l.Column)).Exec(ctx); err != nil {
			return fmt.Errorf("restore references of %s: %w", l.Table, err)
		}
	}
	return nil
}

// insertRows stores rows, by their columns; those that the table has no more are left
// out.
func insertRows(ctx context.Context, tx bun.Tx, table string, rows []map[string]json.RawMessage) error {
	if len(rows) == 0 {
		return nil
	}
	var columns []bun.Ident
	query := `SELECT name FROM pragma_table_info(?)`
	if models.IsPostgres(tx) {
		query = `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position`
	}
	var all []string
	if err := tx.NewRaw(query, table).Scan(ctx, &all); err != nil {
		return fmt.Errorf("read columns of %s: %w", table, err)
	}
	for _, name := range all {
		if _, ok := rows[0][name]; ok {
			columns = append(columns, bun.Ident(name))
		}
	}
	list, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("restore into %s: %w", table, err)
	}
	insert := tx.NewRaw("INSERT INTO ?0 (?1) SELECT ?1 FROM jsonb_populate_recordset(NULL::?0, ?2)", bun.Ident(table), bun.List(columns), string(list))
	if !models.IsPostgres(tx) {
		values := make([]any, len(columns))
		for i, column := range columns {
			values[i] = bun.SafeQuery("json_extract(value, ?)", `$."`+string(column)+`"`)
		}
		insert = tx.NewRaw("INSERT INTO ? (?) SELECT ? FROM json_each(?)", bun.Ident(table), bun.List(columns), bun.List(values), string(list))
	}
	if _, err := insert.Exec(ctx); err != nil {
		return fmt.Errorf("restore into %s: %w", table, err)
	}
	return nil
}
