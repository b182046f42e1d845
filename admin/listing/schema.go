package listing

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/models"
)

// Lacks names a column of the struct that the table does not have; empty: it has all.
func (t *Table) Lacks(db *bun.DB) (string, error) {
	stored, err := columnsOf(db, t.Schema.Name)
	if err != nil {
		return "", err
	}
	for _, field := range t.Schema.Fields {
		if !field.Tag.HasOption("scanonly") && !slices.Contains(stored, field.Name) {
			return field.Name, nil
		}
	}
	return "", nil
}

func columnsOf(db *bun.DB, table string) (columns []string, err error) {
	query := db.NewSelect().ColumnExpr("name").TableExpr("pragma_table_info(?)", table)
	if models.IsPostgres(db) {
		query = db.NewSelect().ColumnExpr("column_name").TableExpr("information_schema.columns").
			Where("table_schema = current_schema()").Where("table_name = ?", table)
	}
	if err = query.Scan(context.Background(), &columns); err != nil {
		return nil, fmt.Errorf("read columns of %s: %w", table, err)
	}
	return columns, nil
}

// FindSearch looks for what makes the search quick: SQLite's search table of exactly the
// searched columns, PostgreSQL's trigram index of them. It says what there should be where
// there is none.
func (t *Table) FindSearch(db *bun.DB) (lacking string, err error) {
	wanted := make([]string, len(t.Texts))
	for i, c := range t.Texts {
		wanted[i] = c.Field.Name
	}
	slices.Sort(wanted)
	list := " (" + strings.Join(wanted, ", ") + ")"
	if models.IsPostgres(db) {
		var indexes []string
		if err := db.NewSelect().ColumnExpr("indexdef").TableExpr("pg_indexes").Where("schemaname = current_schema()").Where("tablename = ?", t.Schema.Name).
			Where("indexdef LIKE '%gin_trgm_ops%'").Scan(context.Background(), &indexes); err != nil {
			return "", fmt.Errorf("look for indexes of %s: %w", t.Schema.Name, err)
		}
		if slices.ContainsFunc(indexes, func(index string) bool {
			return !slices.ContainsFunc(wanted, func(name string) bool { return !strings.Contains(index, "("+name+")") })
		}) {
			return "", nil
		}
		return "a GIN index with gin_trgm_ops of search_fold of each of" + list, nil
	}
	name := t.Schema.Name + "_search"
	columns, err := columnsOf(db, name)
	if err != nil {
		return "", err
	}
	if slices.Sort(columns); slices.Equal(columns, wanted) {
		t.FullText = name
		return "", nil
	}
	return "the FTS5 table " + name + " of exactly" + list, nil
}

// FindOrders finds the columns that a list may show whose order an index holds, behind the columns
// of the default filters.
func (t *Table) FindOrders(db *bun.DB, defaults []string) error {
	query := db.NewRaw("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = ? AND indexdef NOT LIKE '% WHERE %'", t.Schema.Name)
	if !models.IsPostgres(db) {
		query = db.NewRaw("SELECT (SELECT '(' || group_concat(i.name, ', ') || ')' FROM pragma_index_info(l.name) AS i) FROM pragma_index_list(?) AS l WHERE NOT l.partial", t.Schema.Name)
	}
	var indexes []string
	if err := query.Scan(context.Background(), &indexes); err != nil {
		return fmt.Errorf("find indexes of %s: %w", t.Schema.Name, err)
	}
	for _, index := range indexes {
		t.indexes = append(t.indexes, slices.DeleteFunc(columnsIn(index), func(name string) bool { return slices.Contains(defaults, name) }))
	}
	for _, name := range defaults {
		t.leading = append(t.leading, Where(fmt.Sprintf("%s.%s IN (FALSE, TRUE)", t.Schema.SQLAlias, name)))
	}
	for _, c := range t.Listable {
		var names []string
		for _, key := range t.natural(Key{c, false}) {
			names = append(names, key.Field.Name)
		}
		if c.Through == nil && slices.ContainsFunc(indexes, func(index string) bool { return holds(index, defaults, names) }) {
			t.Ordered = append(t.Ordered, c)
		}
	}
	return nil
}

// holds tells whether an index is of the columns of filters, then of those of an order.
// The last of these, the primary key, it need not name.
func holds(index string, filters, order []string) bool {
	columns := columnsIn(index)
	for len(columns) > 0 && slices.Contains(filters, columns[0]) && columns[0] != order[0] {
		columns, filters = columns[1:], slices.DeleteFunc(slices.Clone(filters), func(name string) bool { return name == columns[0] })
	}
	if i := slices.Index(filters, order[0]); i >= 0 {
		filters = slices.Delete(slices.Clone(filters), i, i+1)
	}
	return len(filters) == 0 && (slices.Equal(columns, order) || slices.Equal(columns, order[:len(order)-1]))
}

// columnsIn are those of an index, as its definition lists them.
func columnsIn(index string) []string {
	_, list, _ := strings.Cut(index, "(")
	list, _, _ = strings.Cut(strings.ReplaceAll(list, `"`, ""), ")")
	return strings.Split(list, ", ")
}

// together tells whether an index holds the rows that share a value of one column by another.
func (t *Table) together(shared, other *kinds.Column) bool {
	return slices.ContainsFunc(t.indexes, func(index []string) bool {
		return len(index) > 1 && index[0] == shared.Field.Name && index[1] == other.Field.Name
	})
}

// Unique are the columns of the table's unique indexes.
func (t *Table) Unique(db *bun.DB) (columns []string, err error) {
	query := db.NewRaw("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = ? AND indexdef LIKE 'CREATE UNIQUE%'", t.Schema.Name)
	if !models.IsPostgres(db) {
		query = db.NewRaw(`SELECT coalesce(m.sql, (SELECT '(' || group_concat(i.name, ', ') || ')' FROM pragma_index_info(l.name) AS i))
			FROM pragma_index_list(?) AS l LEFT JOIN sqlite_master AS m ON m.type = 'index' AND m.name = l.name WHERE l."unique"`, t.Schema.Name)
	}
	var definitions []string
	if err := query.Scan(context.Background(), &definitions); err != nil {
		return nil, fmt.Errorf("find unique columns of %s: %w", t.Schema.Name, err)
	}
	for _, definition := range definitions {
		_, list, _ := strings.Cut(definition, "(")
		columns = append(columns, identifier.FindAllString(list, -1)...)
	}
	return columns, nil
}

var identifier = regexp.MustCompile(`[a-z_][a-z0-9_]*`)
