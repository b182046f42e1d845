package listing

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/admin/kinds"
	"digitalpath/models"
)

const (
	// CountCap is where counting stops, so that a count costs the same on any table.
	CountCap = 1000

	// SortCap is how many rows a list may have that is sorted in an order that no index
	// holds.
	SortCap = 10_000

	// commonWord is from how many hits on a word is common: walking the list in its
	// order then meets a page of hits soon, while sorting all hits would be slow.
	commonWord = 5000

	// NewestRows is up to how many rows a table may have for words to be looked for in all
	// of it that no index knows. In longer ones, the newest rows alone are read.
	NewestRows = 2000

	// searchCap is where counting the hits of common words stops, and what two conditions
	// leave together that each leave many rows, as they may lie far apart.
	searchCap = 200

	// longHits is from how many hits counting takes long.
	longHits = 500
)

// Table is a table as much as reading lists of its rows needs to know of it.
type Table struct {
	Name     string // for errors
	Schema   *schema.Table
	PK       *kinds.Column
	List     []*kinds.Column                           // as declared
	Listable []*kinds.Column                           // List, and what else a list may show
	Ordered  []*kinds.Column                           // those of it whose order an index holds
	Key      *kinds.Column                             // by which people name a row; nil: by its id
	Texts    []*kinds.Column                           // that are searched
	FullText string                                    // SQLite's FTS5 table over Texts; empty without
	Dates    *kinds.Column                             // never null, of the drill-down; nil without
	Through  []*schema.Field                           // relations by which columns of other rows are reached
	Complete func(ctx context.Context, rows any) error // fills in what the table does not hold; rows is a slice of them; nil: nothing
	indexes  [][]string                                // the columns of each, but for those of the default filters
	leading  []Cond                                    // name all values of what indexes begin with: the default filters
}

// Cond is one condition of a WHERE clause; columns are qualified with the table's
// alias.
type Cond struct {
	SQL  string
	Args []any
	ids  string // the query of the rows' ids, where there is one that says the same
}

// Where is the condition sql with its args.
func Where(sql string, args ...any) Cond { return Cond{SQL: sql, Args: args} }

// Source is where a query looks for rows: the table, narrowed by conditions, or on
// SQLite led by the hits of the full-text table.
type Source struct {
	hits    *Cond            // a query of ids; nil: the table
	named   *kinds.Column    // whose choice names the hits; nil: words do
	begin   *bun.SelectQuery // the list's first rows, to look in alone; nil: all
	where   []Cond
	partial bool // there may be more rows than it leads to
	cap     int  // where counting them stops
	gather  bool // few rows are left: collect them all, then sort
	whole   bool // of gathered rows: none where there are as many as cap
	long    bool // counting its rows takes reading many of them
	Bounded bool // words that no index knows are looked for in the newest rows alone
}

// led is src from the rows that a choice of a column names, unless words lead to others.
func (src Source) led(c *kinds.Column, o kinds.Option) Source {
	if o.IDs != "" && src.hits == nil {
		src.hits, src.named = new(Where(o.IDs, o.Args...)), c
	}
	return src
}

// unnamed is src whatever choice of a column applies.
func (src Source) unnamed(c *kinds.Column) Source {
	if c != nil && src.named == c {
		src.hits, src.named = nil, nil
	}
	return src
}

// With is src under more conditions.
func (src Source) With(more ...Cond) Source {
	src.where = append(src.where[:len(src.where):len(src.where)], more...)
	return src
}

// SelectFrom starts a query over src, without columns.
func (t *Table) SelectFrom(db *bun.DB, src Source) *bun.SelectQuery {
	query := db.NewSelect()
	table := fmt.Sprintf("%s AS %s", t.Schema.SQLName, t.Schema.SQLAlias)
	switch {
	case src.begin != nil:
		query.TableExpr("(?) AS ?", src.begin, t.Schema.SQLAlias)
	case src.hits == nil:
		query.TableExpr(table)
	default:
		// CROSS JOIN makes SQLite start with the hits.
		query.TableExpr("("+src.hits.SQL+") AS hits CROSS JOIN "+table, src.hits.Args...)
		query.Where("hits.id = " + t.PK.SQL)
	}
	for _, c := range src.where {
		if src.hits == nil || src.begin != nil || c.ids != src.hits.SQL {
			query.Where(c.SQL, c.Args...)
		}
	}
	return query
}

// find says where rows with every word are: for the page of rows, and for the
// counts, which serves the page too where rows are few; of many hits that a full-text
// table finds, these are the newest. On PostgreSQL the planner knows how common a word is and chooses between
// the trigram index and walking the list; on SQLite we look at up to as many hits as look
// says, and choose for it.
func (t *Table) find(ctx context.Context, db *bun.DB, words []string, look int) (rows, counts Source, err error) {
	if len(words) == 0 {
		return Source{cap: CountCap}, Source{cap: CountCap}, nil
	}
	walk, indexed := Source{cap: searchCap, long: true}, Source{cap: searchCap}
	var quoted []string
	for _, word := range words {
		like := t.contains(word)
		walk.where = append(walk.where, like)
		if phrase, ok := models.TrigramPhrase(word); ok && t.FullText != "" {
			quoted = append(quoted, phrase)
		} else {
			indexed.where = append(indexed.where, like)
		}
	}
	few := db.NewSelect().ColumnExpr("1").TableExpr(string(t.Schema.SQLName)).Limit(NewestRows)
	if len(quoted) > 0 {
		table := bun.Ident(t.FullText)
		hits := Where("SELECT rowid AS id FROM ? WHERE ? MATCH ? LIMIT ?", table, table, strings.Join(quoted, " "), commonWord)
		indexed.hits = &hits
		few = db.NewSelect().ColumnExpr("1").TableExpr("("+hits.SQL+") AS hits", hits.Args...).Limit(int64(look))
	}
	var n int
	if err := db.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS few", few).Scan(ctx, &n); err != nil {
		return rows, counts, fmt.Errorf("search %s: %w", t.Name, err)
	}
	switch {
	case len(quoted) > 0 && n >= CountCap:
		newest := t.newestHits(quoted)
		counts = indexed
		counts.hits, counts.partial, counts.long = &newest, true, true
		if n < commonWord {
			walk = indexed
		}
		return walk, counts, nil
	case len(quoted) == 0 && n < NewestRows, len(quoted) > 0:
		indexed.cap, indexed.long = CountCap, len(quoted) > 0 && n >= longHits
		return indexed, indexed, nil
	case !t.searchable() || !slices.ContainsFunc(words, indexes(models.IsPostgres(db))):
		walk = t.newest(db, walk)
	}
	return walk, walk, nil
}

// indexes tells of a word whether a search index can find it: PostgreSQL's know all of
// three characters, SQLite's those of Latin letters.
func indexes(postgres bool) func(word string) bool {
	return func(word string) bool {
		_, latin := models.TrigramPhrase(word)
		return latin || postgres && utf8.RuneCountInString(models.Fold(word)) >= 3
	}
}

// searchable tells whether an index can hold all that is searched: not what other rows say.
func (t *Table) searchable() bool {
	return !slices.ContainsFunc(t.Texts, func(c *kinds.Column) bool { return c.Through != nil })
}

// contains is the condition that a word is in one of the search columns.
func (t *Table) contains(word string) Cond {
	columns := make([]string, len(t.Texts))
	for i, c := range t.Texts {
		columns[i] = c.SQL
	}
	sql, args := models.Contains(word, columns...)
	return Where(sql, args...)
}

// Fetch runs the query that build completes and returns its rows, each a pointer to the
// table's struct.
func (t *Table) Fetch(ctx context.Context, db *bun.DB, build func(*bun.SelectQuery)) ([]any, error) {
	slice := reflect.New(reflect.SliceOf(reflect.PointerTo(t.Schema.Type)))
	query := db.NewSelect().Model(slice.Interface())
	for _, field := range t.Through {
		query.Relation(field.GoName)
	}
	build(query)
	if err := query.Scan(ctx); err != nil {
		return nil, err
	}
	rows := make([]any, slice.Elem().Len())
	for i := range rows {
		rows[i] = slice.Elem().Index(i).Interface()
	}
	if t.Complete != nil && len(rows) > 0 {
		return rows, t.Complete(ctx, slice.Elem().Interface())
	}
	return rows, nil
}
