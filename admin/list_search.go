package admin

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

const (
	// commonWord is from how many hits on a word is common: walking the list in its
	// order then meets a page of hits soon, while sorting all hits would be slow.
	commonWord = 5000

	// smallTable is up to how many rows a table may have for searches in it to be
	// counted as far as anything else. In larger ones the words may lie far apart,
	// and counting stops at searchCap.
	smallTable = 5000
	searchCap  = 200
)

// source is where a query looks for rows: the table, narrowed by conditions, or on
// SQLite led by the hits of the full-text table.
type source struct {
	hits    *cond
	where   []cond
	partial bool // there may be more rows than it leads to
	cap     int  // where counting them stops
	gather  bool // few rows are left: collect them all, then sort
}

// selectFrom starts a query over src, without columns.
func (r *resource) selectFrom(db *bun.DB, src source) *bun.SelectQuery {
	query := db.NewSelect()
	table := fmt.Sprintf("%s AS %s", r.table.SQLName, r.table.SQLAlias)
	if src.hits == nil {
		query.TableExpr(table)
	} else {
		// CROSS JOIN makes SQLite start with the hits.
		query.TableExpr("("+src.hits.sql+") AS hits CROSS JOIN "+table, src.hits.args...)
		query.Where("hits.id = " + r.pk.SQL)
	}
	for _, c := range src.where {
		query.Where(c.sql, c.args...)
	}
	return query
}

// with is src under more conditions.
func (src source) with(more ...cond) source {
	src.where = append(src.where[:len(src.where):len(src.where)], more...)
	return src
}

// find says where rows with every word are: for the page of rows, and for the
// counts. On PostgreSQL the planner knows how common a word is and chooses between
// the trigram index and walking the list; on SQLite we look, and choose for it.
func (q *request) find(ctx context.Context, db *bun.DB, words []string) (rows, counts source, err error) {
	r := q.resource
	if q.err != nil {
		return rows, counts, q.err
	}
	if len(words) == 0 {
		return source{cap: countCap}, source{cap: countCap}, nil
	}
	walk, indexed := source{cap: searchCap}, source{cap: searchCap}
	var quoted []string
	for _, word := range words {
		like := r.contains(word)
		walk.where = append(walk.where, like)
		if phrase, ok := models.TrigramPhrase(word); ok && r.fullText != "" {
			quoted = append(quoted, phrase)
		} else {
			indexed.where = append(indexed.where, like)
		}
	}
	few := db.NewSelect().ColumnExpr("1").TableExpr(string(r.table.SQLName)).Limit(smallTable)
	if len(quoted) > 0 {
		table := bun.Ident(r.fullText)
		indexed.hits = &cond{"SELECT rowid AS id FROM ? WHERE ? MATCH ? LIMIT ?",
			[]any{table, table, strings.Join(quoted, " "), commonWord}}
		few = db.NewSelect().ColumnExpr("1").TableExpr("("+indexed.hits.sql+") AS hits", indexed.hits.args...)
	}
	var n int
	if err := db.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS few", few).Scan(ctx, &n); err != nil {
		return rows, counts, fmt.Errorf("search %s: %w", r.slug, err)
	}
	switch {
	case len(quoted) == 0 && n < smallTable, len(quoted) > 0 && n < commonWord:
		indexed.cap = countCap
		return indexed, indexed, nil
	case len(quoted) == 0:
		return walk, walk, nil
	}
	indexed.partial = true
	return walk, indexed, nil
}

// contains is the condition that a word is in one of the search columns.
func (r *resource) contains(word string) cond {
	columns := make([]string, len(r.texts))
	for i, c := range r.texts {
		columns[i] = c.SQL
	}
	sql, args := models.Contains(word, columns...)
	return cond{sql, args}
}

// foundRows is how many rows of each model a search through all of them shows.
const foundRows = 5

// searchAll looks for words in every model that who asks may see, as the models'
// own lists do, and shows the first rows of each.
func (s *Site) searchAll(c *fiber.Ctx) error {
	ctx := c.UserContext()
	var page adminpages.Found
	for _, r := range s.visible(ctx) {
		q := r.read(ctx, s.Now(), url.Values{"q": {c.Query("q")}})
		if q.search == "" {
			continue // nothing is looked for, or nothing of the model can be
		}
		list, err := s.list(ctx, q)
		if err != nil {
			return err
		}
		page.Search = q.search
		if len(list.Rows) > 0 {
			list.Rows = list.Rows[:min(len(list.Rows), foundRows)]
			page.Lists = append(page.Lists, list)
		}
	}
	title := i18n.T(ctx, "Search")
	frame, err := s.Frame(c, title, layout.Crumb{Label: title})
	if err != nil {
		return err
	}
	frame.Search = page.Search
	page.Frame = frame
	return render(c, "", adminpages.FoundPage(page), nil)
}
