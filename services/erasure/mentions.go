package erasure

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// erased stands where an address was.
const erased = "[erased]"

// textColumns are the columns of every table that can hold words, so that no table of
// later is forgotten.
func textColumns(ctx context.Context, db *bun.DB) (map[string][]string, error) {
	query := `SELECT m.name AS "table", c.name AS "column" FROM sqlite_master AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND m.name NOT LIKE '%\_search\_%' ESCAPE '\'
		AND (c.type LIKE '%char%' OR c.type LIKE '%text%' OR c.type LIKE '%json%')`
	if models.IsPostgres(db) {
		query = `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns JOIN information_schema.tables
			USING (table_schema, table_name) WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
			AND data_type IN ('text', 'character', 'character varying', 'json', 'jsonb')`
	}
	var found []struct{ Table, Column string }
	if err := db.NewRaw(query).Scan(ctx, &found); err != nil {
		return nil, fmt.Errorf("read columns: %w", err)
	}
	columns := map[string][]string{}
	for _, f := range found {
		columns[f.Table] = append(columns[f.Table], f.Column)
	}
	return columns, nil
}

// eraseMentions takes an address out of every text that holds it. It locks nothing but
// the rows that do.
func eraseMentions(ctx context.Context, db *bun.DB, address string) error {
	tables, err := textColumns(ctx, db)
	if err != nil {
		return err
	}
	mention := mentionOf(address)
	like := models.Like(address)
	for table, columns := range tables {
		for _, column := range columns {
			if err := eraseIn(ctx, db, table, column, like, mention); err != nil {
				return fmt.Errorf("erase from %s.%s: %w", table, column, err)
			}
		}
	}
	return nil
}

func eraseIn(ctx context.Context, db bun.IDB, table, column, like string, mention *regexp.Regexp) error {
	text := bun.SafeQuery("CAST(? AS text)", bun.Ident(column))
	var texts []string
	if err := db.NewSelect().Table(table).Distinct().ColumnExpr("?", text).Where(`lower(?) LIKE ? ESCAPE '\'`, text, like).Scan(ctx, &texts); err != nil {
		return err
	}
	for _, old := range texts {
		fresh := old
		for mention.MatchString(fresh) { // what parts two belongs to the first
			fresh = mention.ReplaceAllString(fresh, "${1}"+erased+"${2}")
		}
		if fresh == old { // another's address, of which this is a part
			continue
		}
		if _, err := db.NewUpdate().Table(table).Set("? = ?", bun.Ident(column), fresh).Where("? = ?", text, old).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mentionOf finds an address that is not a part of a longer one, in a text, in JSON and,
// escaped, in the query of a URL, where a + is a space.
func mentionOf(address string) *regexp.Regexp {
	before := `[^\pL\pN._+-]`
	if !strings.Contains(address, "@") {
		before = `[^\pL\pN._-]`
	}
	return regexp.MustCompile(`(?i)(^|\\[nrt]|%[0-9A-F]{2}|` + before + `)` + regexp.QuoteMeta(address) + `($|\.?$|\.?[^\pL\pN.-])`)
}
